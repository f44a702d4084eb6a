"""Bodies as products and sums of factors, and the equations they stand in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import sympy

from symdl.language.body import rename, slot, slots_of, substitute
from symdl.language.bounds import nonnegative
from symdl.language.form import Form
from symdl.language.scheme import Access, Leaf, Scheme, Value
from symdl.language.shaping import at
from symdl.language.tensor import Equation, Tensor

Powers = dict[sympy.Expr, sympy.Expr]


def equation(s: Scheme, dtype: str = "real", name: str | None = None) -> Tensor:
    """The equation of a scheme."""
    return Equation.make(s, dtype, name)


def rebuilt(y: Equation, s: Scheme) -> Tensor:
    """An equation of the same shape and name."""
    return equation(s, y.dtype, y.name)


def zero(y: Equation) -> Scheme:
    """Zeros of an equation's shape."""
    return Scheme(y.shape, y.ndim, "none", (), sympy.S.Zero, ())


def plus_leaves(s: Scheme, body: sympy.Expr, leaves: Sequence[Leaf]) -> Scheme:
    """Another body, which may also read further leaves."""
    return replace(s, body=body, leaves=(*s.leaves, *leaves))


@lru_cache(maxsize=1 << 12)
def length(body: sympy.Expr) -> int:
    """How many operations a body has."""
    return int(body.count_ops())


def powers(term: sympy.Expr) -> tuple[sympy.Expr, Powers]:
    """A product as its number and the rational powers of its other factors."""
    number, out = sympy.S.One, Powers()
    for f in sympy.Mul.make_args(term):
        if f.is_number:
            number = number * f
        elif f.is_Pow and f.exp.is_Rational:
            out[f.base] = f.exp
        else:
            out[f] = sympy.S.One
    return number, out


def without(term: sympy.Expr, factor: sympy.Expr) -> sympy.Expr:
    """A product without one of its factors."""
    return sympy.Mul(*(f for f in sympy.Mul.make_args(term) if f != factor))


def product(factors: Mapping[sympy.Expr, sympy.Expr]) -> sympy.Expr:
    """The product of powers."""
    return sympy.Mul(*(base**e for base, e in factors.items()))


def indices(expr: sympy.Expr, s: Scheme) -> frozenset[int]:
    """The indices that an expression depends on."""
    return frozenset[int]().union(
        *(f.indices for k in slots_of(expr) for f in s.leaves[k].forms))


def linear(body: sympy.Expr, k: int) -> bool:
    """Whether a body is linear in leaf k, terms without the leaf allowed."""
    x = slot(k)
    if body == x:
        return True
    parts = [a for a in body.args if x in a.free_symbols]
    if body.is_Mul:
        return len(parts) == 1 and linear(parts[0], k)
    return bool(body.is_Add and parts) and all(linear(a, k) for a in parts)


def scaled(body: sympy.Expr, k: int, factor: sympy.Expr) -> sympy.Expr:
    """The body with leaf k times a factor."""
    return substitute(body, {slot(k): slot(k) * factor})


def safe(base: sympy.Expr, exponent: sympy.Expr, s: Scheme, scope: Sequence[Form]) -> bool:
    """Whether a factor is finite wherever indices over the sizes in scope have values."""
    if exponent > 0:
        return _is_finite(base)
    if not base.is_Symbol:
        return False
    leaf = s.leaves[slots_of(base)[0]]
    return isinstance(leaf, Value) and not leaf.mask and nonnegative(leaf.form - 1, scope)


def _is_finite(expr: sympy.Expr) -> bool:
    """Whether an expression of finite entries is finite."""
    if expr.is_Pow:
        return bool(expr.exp.is_Rational and expr.exp > 0) and _is_finite(expr.base)
    return isinstance(expr, _ENTIRE) and all(map(_is_finite, expr.args))


_ENTIRE = (sympy.Symbol, sympy.Rational, sympy.core.numbers.NumberSymbol, sympy.Add, sympy.Mul,
           sympy.exp, sympy.tanh, sympy.sin, sympy.cos, sympy.erf, sympy.Abs, sympy.sign)


def resolved(expr: sympy.Expr, leaves: Sequence[Leaf]) -> sympy.Expr:
    """The expression with each placeholder named after its leaf, to be compared."""
    names = {slot(k): sympy.Symbol(repr(leaves[k].token), real=True) for k in slots_of(expr)}
    return substitute(expr, names)


def moved(expr: sympy.Expr, leaves: Sequence[Leaf], into: list[Leaf]) -> sympy.Expr:
    """The expression over another list of leaves, which gets those that are missing."""
    new: dict[Any, Any] = {}
    for k in slots_of(expr):
        if leaves[k] not in into:
            into.append(leaves[k])
        new[slot(k)] = slot(into.index(leaves[k]))
    return substitute(expr, new)


def entries(s: Scheme) -> Iterable[tuple[int, Access]]:
    """The numbers and accesses of the leaves that are entries of tensors."""
    return ((k, x) for k, x in enumerate(s.leaves) if isinstance(x, Access))


def elementwise_entry(expr: sympy.Expr, s: Scheme) -> Access | None:
    """An elementwise equation for an expression, read at the indices it depends on."""
    own = sorted(indices(expr, s))
    if not own:
        return None
    first = next((x for k in slots_of(expr) if isinstance(x := s.leaves[k], Access)
                  and {f.indices for f in x.index} == {frozenset({i}) for i in own}), None)
    if first is not None:
        own = [next(iter(f.indices)) for f in first.index]
    place = {i: n for n, i in enumerate(own)}
    index = [at(place.get(k, 0)) for k in range(len(s.sizes))]
    sizes = tuple(s.sizes[i] for i in own)
    used = slots_of(expr)
    small = replace(s, leaves=tuple(s.leaves[k] for k in used), guards=(),
                    body=rename(expr, {k: n for n, k in enumerate(used)}))
    placed = replace(small.place(sizes, len(own), index), reduce="none")
    return Access(equation(placed), tuple(at(i) for i in own))
