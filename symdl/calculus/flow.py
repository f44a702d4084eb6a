"""Where a 0 that a choice makes must win over an infinite factor.

    Y = where(c, sum_j log X[j], 0):     X̄[j] = S̄ / X[j]  with S̄ = 0 where c is false

The branch that isn't taken may lie behind a reduction, at a point where its derivative is
infinite. There the pull takes the product in which the adjoint's 0 wins. It does so only where
the derivative may be infinite, and only below a choice; it then hides a genuine 0 · ∞.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

import sympy

from symdl.calculus.finite import infinite_somewhere
from symdl.calculus.scalar import has_zero_branch
from symdl.language.body import slots_of, strong_factor
from symdl.language.form import Idx
from symdl.language.scheme import Access, Scheme
from symdl.language.tensor import Equation, Tensor


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
    wild : set of Tensor
        Those that may be infinite where a choice drops them.
    """

    def __init__(self, start: Iterable[Tensor]) -> None:
        self.steady: set[Tensor] = set(start)
        self.wild: set[Tensor] = set()

    def follow(self, source: Iterable[Tensor], target: Tensor, chosen: bool, wild: bool) -> None:
        """Enter what a contribution from some tensors makes of the one it goes to."""
        known = list(source)
        if not chosen and any(t in self.steady for t in known):
            self.steady.add(target)
        if wild or (not chosen and any(t in self.wild for t in known)):
            self.wild.add(target)

    def backward(self, y: Equation, k: int, derivative: sympy.Expr) -> Product:
        """The product of y's adjoint and a derivative in leaf k; enters the contribution."""
        operand = _tensor(y, k)
        self.follow([y], operand, chooses(y, k, derivative), k in zeros(y.scheme.body))
        if y in self.wild and not derivative.is_number:
            return Product.SELECTED
        return self._of(y, y, derivative)

    def forward(self, y: Equation, k: int, derivative: sympy.Expr) -> Product:
        """The product of the tangent at leaf k and a derivative of y; enters the contribution."""
        operand, chosen = _tensor(y, k), chooses(y, k, derivative)
        self.follow([operand], y, chosen, infinite_somewhere(derivative, y))
        if operand in self.wild and chosen and not derivative.is_number:
            return Product.SELECTED
        return self._of(operand, y, derivative)

    def _of(self, source: Tensor, y: Equation, derivative: sympy.Expr) -> Product:
        strong = source not in self.steady and infinite_somewhere(derivative, y)
        return Product.STRONG if strong else Product.PLAIN


def chooses(y: Equation, k: int, derivative: sympy.Expr) -> bool:
    """Whether an entry at leaf k may be dropped: by a branch, a guard, an extremum, a 0."""
    s, leaf = y.scheme, y.scheme.leaves[k]
    assert isinstance(leaf, Access)
    zero = zeros(s.body)
    return (not _reads_all(s, leaf) or bool(s.guards or leaf.mask) or s.reduce in ("max", "min")
            or has_zero_branch(derivative) or (bool(zero) and k not in zero))


def _reads_all(s: Scheme, leaf: Access) -> bool:
    """Whether every entry of the leaf's tensor is read, or the one at free indices."""
    if any(f.free for f in leaf.index):
        return True
    atoms = [f.atom for f in leaf.index if isinstance(f.atom, Idx)]
    return len(set(atoms)) == leaf.tensor.ndim and all(
        s.sizes[a.position] == n for a, n in zip(atoms, leaf.tensor.shape, strict=True))


def zeros(body: sympy.Expr) -> frozenset[int]:
    """The leaves of the factors whose 0 wins already: the body is a derivative itself."""
    factors = (strong_factor(node) for node in body.atoms(sympy.Piecewise))
    return frozenset(k for f in factors if f is not None for k in slots_of(f))


def _tensor(y: Equation, k: int) -> Tensor:
    leaf = y.scheme.leaves[k]
    assert isinstance(leaf, Access)
    return leaf.tensor
