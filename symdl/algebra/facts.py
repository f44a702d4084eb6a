"""Rules that use what was declared of the inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import product

import sympy

from symdl.algebra.bodies import entries, equation, rebuilt, zero
from symdl.algebra.rule import Network, Rule
from symdl.language.body import slot, substitute
from symdl.language.form import ONE, Atom, Form, Idx
from symdl.language.owners import Application
from symdl.language.primitives.inv import Inv
from symdl.language.primitives.matrix_function import MatrixFunction
from symdl.language.primitives.pinv import Pinv
from symdl.language.scheme import Access, Scheme, Value
from symdl.language.shaping import at
from symdl.language.solve import solved
from symdl.language.tensor import Equation, Part, Tensor, Variable

NONNEGATIVE = ("positive", "nonnegative", "unit_interval", "binary", "one_hot", "simplex")
"""Facts of tensors whose entries are at least 0."""


def holds(t: Tensor, *facts: str) -> bool:
    """Whether one of the facts was declared of a tensor."""
    return isinstance(t, Variable) and not t.facts.isdisjoint(facts)


def simplex(y: Equation, network: Network) -> Tensor | None:
    """sum_k c Y[i, k] = c where every row of Y sums to 1."""
    s = y.scheme
    if s.reduce != "sum":
        return None
    for k, x in entries(s):
        if not holds(x.tensor, "simplex", "one_hot") or x.mask:
            continue
        r = x.index[-1].atom
        rest = s.body / slot(k)
        if not isinstance(r, Idx) or r.position not in s.bound or slot(k) in rest.free_symbols:
            continue
        if s.sizes[r.position] != x.tensor.shape[-1] or _occurs_elsewhere(r.position, k, s):
            continue
        others = replace(s, body=rest, leaves=(*s.leaves[:k], Value(ONE), *s.leaves[k + 1:]))
        return without_index(y, others, r)
    return None


def without_index(y: Equation, s: Scheme, gone: Atom | None) -> Tensor:
    """The sum without a bound index that isn't read any more."""
    assert isinstance(gone, Idx)
    kept = [n for n in range(len(s.sizes)) if n != gone.position]
    place: dict[Atom, Form] = {Idx(n): at(m) for m, n in enumerate(kept)}
    sizes = tuple(s.sizes[n] for n in kept)
    return _summed(y, replace(s.substitute(place), sizes=sizes))


def _summed(y: Equation, s: Scheme) -> Tensor:
    if len(s.sizes) == s.axes:
        return rebuilt(y, replace(s, reduce="none"))
    return rebuilt(y, solved(s) or zero(y))


def _occurs_elsewhere(r: int, k: int, s: Scheme) -> bool:
    here = s.leaves[k]
    assert isinstance(here, Access)
    others = [f for n, leaf in enumerate(s.leaves) if n != k for f in leaf.forms]
    others += [*here.index[:-1], *(g.form for g in s.guards), *s.sizes]
    return any(r in f.indices for f in others)


def is_symmetric(t: Tensor) -> bool:
    """Whether a matrix is its own transpose: by declaration, by its form, or as a function."""
    if isinstance(t, Part) and isinstance(t.owner, Application) and (
            isinstance(t.owner.primitive, TRANSPOSABLE)):
        (a,) = t.owner.operands
        return is_symmetric(a) or (
            isinstance(a, Equation) and a.shape[-1] == a.shape[-2] and _is_own_transpose(a))
    return holds(t, *_SYMMETRIC)


TRANSPOSABLE = (Inv, Pinv, MatrixFunction)
"""Functions of matrices with f(A') = f(A)'."""
_SYMMETRIC = ("symmetric", "positive_definite", "diagonal")


@lru_cache(4096)
def _is_own_transpose(t: Equation) -> bool:
    """Whether a product under a sum, or a sum of such tensors, is its own transpose."""
    s = t.scheme
    here = tuple(at(k) for k in range(t.ndim))
    if s.guards or s.reduce not in ("none", "sum"):
        return False
    if s.reduce == "sum" or any(not isinstance(x, Access) or x.index != here for x in s.leaves):
        return _in_order(s) is _in_order(_transposed(s))
    own, other = ([_in_order(turn(_product_of(x))) for x in s.leaves if isinstance(x, Access)]
                  for turn in (lambda x: x, _transposed))
    return _added(s, own) is _added(s, other)


def _added(s: Scheme, terms: Sequence[Tensor]) -> Tensor:
    here = tuple(at(k) for k in range(s.axes))
    return equation(replace(s, leaves=tuple(Access(x, here) for x in terms)))


def _product_of(x: Access) -> Scheme:
    """A tensor as a scheme over its axes."""
    t = x.tensor
    if isinstance(t, Equation) and t.name is None and t.scheme.reduce in ("none", "sum"):
        return t.scheme
    return Scheme(t.shape, t.ndim, "none", (), slot(0), (x,))


def _transposed(s: Scheme) -> Scheme:
    """The scheme of the transpose over the last two of its axes."""
    i, j = s.axes - 2, s.axes - 1
    place = [at({i: j, j: i}.get(k, k)) for k in range(len(s.sizes))]
    moves: dict[Atom, Form] = {Idx(k): f for k, f in enumerate(place)}
    return s.place([f.substitute(moves) for f in s.sizes], s.axes, place)


def _in_order(s: Scheme) -> Tensor:
    """The tensor of a scheme, the entries of symmetric matrices in their order."""
    turnable = [k for k, x in entries(s) if holds(x.tensor, *_SYMMETRIC)
                and x.index[-1] != x.index[-2]]
    return least_turned(s, turnable) if len(turnable) <= MOST_TURNS else equation(s)


def symmetric(y: Equation, network: Network) -> Tensor | None:
    """A[j, i] = A[i, j] for a symmetric A."""
    return in_order(y, lambda x: is_symmetric(x.tensor))


def in_order(y: Equation, wanted: Callable[[Access], bool]) -> Tensor | None:
    """The equation with entries of symmetric matrices turned so that it is the least one."""
    s = y.scheme
    turnable = [k for k, x in entries(s) if wanted(x) and x.index[-1] != x.index[-2]]
    if not 0 < len(turnable) <= MOST_TURNS:
        return None
    least = least_turned(s, turnable, y)
    return None if least is y else least


def least_turned(s: Scheme, turnable: Sequence[int], y: Equation | None = None) -> Tensor:
    """Of the ways to turn some entries' last two indices the one that gives the least tensor."""
    ways = []
    for choice in product((False, True), repeat=len(turnable)):
        turned = {k for k, turn in zip(turnable, choice, strict=True) if turn}
        leaves = tuple(_turned(x) if k in turned and isinstance(x, Access) else x
                       for k, x in enumerate(s.leaves))
        new = replace(s, leaves=leaves)
        ways.append(equation(new) if y is None else rebuilt(y, new))
    return min(ways, key=lambda t: (
        len(t.scheme.leaves) if isinstance(t, Equation) else 0, t.digest))


MOST_TURNS = 4
"""Of how many entries all ways to turn them are tried."""


def _turned(x: Access) -> Access:
    return Access(x.tensor, (*x.index[:-2], x.index[-1], x.index[-2]), x.mask)


def binary(y: Equation, network: Network) -> Tensor | None:
    """y**n = y for y in {0, 1} and n >= 1."""
    s = y.scheme
    new = {}
    for k, x in entries(s):
        if holds(x.tensor, "binary", "one_hot"):
            for node in s.body.atoms(sympy.Pow):
                if node.base == slot(k) and node.exp.is_Integer and node.exp > 1:
                    new[node] = slot(k)
    return rebuilt(y, replace(s, body=substitute(s.body, new))) if new else None


RULES = (
    Rule("simplex", "Y is declared simplex or one_hot and r occurs nowhere else",
         "a bound index less", simplex),
    Rule("symmetric", "A is declared symmetric, positive definite or diagonal",
         "the least of the ways to turn its indices is taken", symmetric),
    Rule("binary", "y is declared binary or one_hot", "a power less", binary),
)
