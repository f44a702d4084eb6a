"""Where a 0 that a choice makes must win over an infinite factor.

    Y = where(c, sum_j log X[j], 0):     X̄[j] = S̄ / X[j]  with S̄ = 0 where c is false

The branch that isn't taken may lie behind a reduction, at a point where its derivative is
infinite. There the pull takes the product in which the adjoint's 0 wins. It does so only where
the derivative may be infinite, and only below a choice; it then hides a genuine 0 · ∞.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from functools import lru_cache

import sympy

from symdl.calculus.finite import REACH, infinite_somewhere
from symdl.calculus.scalar import has_zero_branch
from symdl.language.body import slots_of, strong_factor
from symdl.language.form import Idx
from symdl.language.scheme import Access, Scheme
from symdl.language.tensor import Equation, Part, Tensor


class Product(Enum):
    """How a cotangent or tangent meets a derivative: whose exact 0 wins."""

    PLAIN = "neither"
    STRONG = "the cotangent's"
    SELECTED = "the derivative's"


class Flow:
    """What is known of the adjoints or the tangents of one sweep.

    Attributes
    ----------
    steady : set of Tensor
        Those that no choice can make 0, starting with what the sweep starts with.
    partial : dict of Tensor to set of int
        Those with entries that are 0 for no other reason than that they aren't read, and the axes
        along which that is so: a sum along one of these isn't 0.
    wild : set of Tensor
        Those that may be infinite where a choice drops them.
    again : bool
        Whether the program is such a derivative itself.
    """

    def __init__(self, start: Iterable[Tensor], program: Iterable[Tensor]) -> None:
        self.steady: set[Tensor] = set(start)
        self.partial: dict[Tensor, frozenset[int]] = {}
        self.wild: set[Tensor] = set()
        self.again = any(isinstance(t, Equation) and zeros(t.scheme.body) for t in program)

    def follow(self, source: Iterable[Tensor], target: Tensor, wild: bool = False,
               chosen: bool = False) -> None:
        """Enter what a contribution from some tensors makes of the one it goes to."""
        known = list(source)
        if not chosen and any(t in self.steady for t in known):
            self.steady.add(target)
        elif not chosen and any(t in self.partial for t in known):
            self.partial.setdefault(target, frozenset())
        if wild or any(t in self.wild for t in known):
            self.wild.add(target)

    def _follow_reads(self, y: Equation, k: int, wild: bool, chosen: bool) -> None:
        """The same for y's adjoint and the tensor at leaf k, some entries of which aren't read."""
        target, missed = _tensor(y, k), unread(y, k)
        parts, moved = self.partial.get(y), _axes_at(y, k)
        joined = parts is not None and any(not moved[axis] for axis in parts)
        if not chosen and missed and (y in self.steady or joined):
            self.partial[target] = self.partial.get(target, frozenset()) | missed
        elif not chosen and joined:
            self.steady.add(target)
        elif not chosen and parts is not None:
            kept = frozenset[int]().union(*(moved[axis] for axis in parts))
            self.partial[target] = self.partial.get(target, frozenset()) | kept | missed
        else:
            self.follow([y], target, chosen=chosen)
        if wild or y in self.wild:
            self.wild.add(target)

    def backward(self, y: Equation, k: int, derivative: sympy.Expr) -> Product:
        """The product of y's adjoint and a derivative in leaf k; enters the contribution."""
        self._follow_reads(y, k, k in zeros(y.scheme.body),
                           self._drops(y, k, derivative) or skips(y, k))
        infinite = y not in self.steady and infinite_somewhere(derivative, y)
        return _product(derivative, y in self.wild, infinite)

    def forward(self, y: Equation, k: int, derivative: sympy.Expr) -> Product:
        """The product of the tangent at leaf k and a derivative of y; enters the contribution."""
        operand, infinite = _tensor(y, k), infinite_somewhere(derivative, y)
        dropped = self._drops(y, k, derivative) or skips(y, k) or bool(unread(y, k))
        self.follow([operand], y, infinite, dropped)
        wild = operand in self.wild and (self.again or has_zero_branch(derivative))
        return _product(derivative, wild, self.again and infinite and operand not in self.steady)

    def _drops(self, y: Equation, k: int, derivative: sympy.Expr) -> bool:
        """Whether a derivative is 0 by a choice."""
        known = zeros(y.scheme.body)
        return has_zero_branch(derivative) or (bool(known) and k not in known) or (
            self.again and any(vanishes(x, REACH) for x in _factors(y.scheme, derivative)))


def _product(derivative: sympy.Expr, wild: bool, infinite: bool) -> Product:
    """Whose 0 wins; a derivative with a 0 that wins is finite where it is 0."""
    selected = wild and not derivative.is_number
    if selected and (has_zero_branch(derivative) or zeros(derivative)):
        return Product.SELECTED
    return Product.STRONG if infinite else Product.SELECTED if selected else Product.PLAIN


def skips(y: Equation, k: int) -> bool:
    """Whether entries at leaf k may not count: by a guard or a mask, or for an extremum.

    Of what a primitive gives, an entry that a guard leaves out leaves others of its block.
    """
    s, leaf = y.scheme, y.scheme.leaves[k]
    guarded = bool(s.guards or leaf.mask) and not isinstance(_tensor(y, k), Part)
    return s.reduce in ("max", "min") or guarded


def unread(y: Equation, k: int) -> frozenset[int]:
    """The axes of the tensor at leaf k along which entries aren't read; none of a primitive's."""
    leaf = y.scheme.leaves[k]
    assert isinstance(leaf, Access)
    if isinstance(leaf.tensor, Part) or any(f.free for f in leaf.index):
        return frozenset()
    atoms = [f.atom for f in leaf.index]
    return frozenset(
        axis for axis, (a, n) in enumerate(zip(atoms, leaf.tensor.shape, strict=True)) if n != 1
        and not (isinstance(a, Idx) and y.scheme.sizes[a.position] == n and atoms.count(a) == 1))


def _axes_at(y: Equation, k: int) -> list[frozenset[int]]:
    """For each axis of an equation, the axes of leaf k that its index addresses."""
    leaf = y.scheme.leaves[k]
    assert isinstance(leaf, Access)
    return [frozenset(d for d, f in enumerate(leaf.index) if axis in f.indices)
            for axis in range(y.scheme.axes)]


@lru_cache(maxsize=1 << 12)
def vanishes(t: Tensor, reach: int) -> bool:
    """Whether a choice makes entries of a tensor 0, as far as its definitions within reach say."""
    if not isinstance(t, Equation) or not reach:
        return False
    s = t.scheme
    return bool(s.guards or zeros(s.body)) or has_zero_branch(s.body) or any(
        vanishes(x, reach - 1) for x in _factors(s, s.body))


def _factors(s: Scheme, product: sympy.Expr) -> list[Tensor]:
    """The tensors whose entries are factors of a product."""
    leaves = [s.leaves[k] for f in sympy.Mul.make_args(product) if f.is_Symbol
              for k in slots_of(f) if k >= 0]
    return [x.tensor for x in leaves if isinstance(x, Access)]


@lru_cache(maxsize=1 << 12)
def zeros(body: sympy.Expr) -> frozenset[int]:
    """The leaves of the factors whose 0 wins already: the body is a derivative itself."""
    factors = (strong_factor(node) for node in body.atoms(sympy.Piecewise))
    return frozenset(k for f in factors if f is not None for k in slots_of(f))


def _tensor(y: Equation, k: int) -> Tensor:
    leaf = y.scheme.leaves[k]
    assert isinstance(leaf, Access)
    return leaf.tensor
