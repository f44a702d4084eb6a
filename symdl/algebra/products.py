"""Rules for products: read in place where that shows their structure, turned, cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import sympy

from symdl.algebra.bodies import (
    entries,
    equation,
    indices,
    linear,
    moved,
    plus_leaves,
    powers,
    rebuilt,
    resolved,
)
from symdl.algebra.reading import in_place
from symdl.algebra.rule import Network, Rule
from symdl.language.body import slot, substitute
from symdl.language.form import Idx
from symdl.language.scheme import Access, Scheme
from symdl.language.shaping import at
from symdl.language.tensor import Equation, Tensor


def structured(y: Equation, network: Network) -> Tensor | None:
    """F[r, i] = f(r) g(r, i) makes sum_r a(r) F[r, i] = sum_r a(r) f(r) g(r, i)."""
    s = y.scheme
    if s.reduce != "sum":
        return None
    factors = sympy.Mul.make_args(s.body)
    for k, x in entries(s):
        if slot(k) in factors and len(factors) > 1 and _is_structured(x, s, network):
            return rebuilt(y, in_place(s, k))
    return None


def _is_structured(x: Access, reader: Scheme, network: Network) -> bool:
    """Whether an entry is defined as a product of factors that have different indices.

    Of u v' that is u v' A = u (A' v)' with a u that is computed.
    """
    o = x.tensor
    if x.mask or not isinstance(o, Equation) or o.name is not None:
        return False
    s = o.scheme
    if not network.single(o) and (len(s.leaves) > _FEW or not s.body.is_Mul):
        return False
    if s.reduce != "none" or s.guards or s.body.is_Add or any(leaf.mask for leaf in s.leaves):
        return False
    _, found = powers(s.body)
    kinds = {indices(base, s) for base in found}
    if len(kinds) < 2 or max(map(len, kinds)) > 2:
        return False
    return max(map(len, kinds)) == 2 or _is_computed(x, set(reader.bound))


def _is_computed(x: Access, bound: set[int]) -> bool:
    """Whether of an outer product the one index isn't summed over, and its factor no input."""
    left = {n for n, f in enumerate(x.index) if not f.indices & bound}
    assert isinstance(x.tensor, Equation)
    return len(left) == 1 and any(isinstance(leaf.tensor, Equation) and not left.isdisjoint(
        k for f in leaf.index for k in f.indices) for _, leaf in entries(x.tensor.scheme))


_FEW = 2


def turned(y: Equation, network: Network) -> Tensor | None:
    """S[i, j] = f(i, j) and T[j, i] = f(i, j) make g(S[j, i]) = g(T[i, j])."""
    s = y.scheme
    if s.reduce != "none":
        return None
    for k, x in entries(s):
        o = x.tensor
        order = [f.atom.position if isinstance(f.atom, Idx) else -1 for f in x.index]
        if not isinstance(o, Equation) or not (network.single(o) or _is_light(o)):
            continue
        if o.name is not None or len(set(order)) < len(order) or -1 in order or (
                order == sorted(order)) or o.scheme.reduce == "none":
            continue
        ascending = sorted(order)
        other = equation(_permuted(o.scheme, [ascending.index(p) for p in order]), o.dtype)
        leaves = (*s.leaves[:k], Access(other, tuple(map(at, ascending)), x.mask),
                  *s.leaves[k + 1:])
        return rebuilt(y, replace(s, leaves=leaves))
    return None


def _permuted(s: Scheme, order: list[int]) -> Scheme:
    """The scheme with axis k at place order[k]."""
    sizes = list(s.sizes)
    for k, place in enumerate(order):
        sizes[place] = s.sizes[k]
    return s.place(sizes, s.axes, [*map(at, order), *map(at, s.bound)])


def _is_light(o: Equation) -> bool:
    """Whether a sum is the product of two matrices."""
    return o.scheme.reduce == "sum" and len(o.scheme.leaves) <= 2


def cancel(y: Equation, network: Network) -> Tensor | None:
    """X (Y / X + Z) = Y + X Z."""
    s = y.scheme
    body = s.body
    for term in _products_of_sums(body):
        short = sympy.Mul(*(f for f in term.args if not f.is_Add))
        sums = [f for f in term.args if f.is_Add]
        if len(sums) != 1:
            continue
        spread = sympy.Add(*(short * t for t in sums[0].args))
        if _divisors(spread) < _divisors(term):
            return rebuilt(y, plus_leaves(s, body.xreplace({term: spread}), ()))
    return None


def _products_of_sums(body: sympy.Expr) -> Iterator[Any]:
    terms = sympy.Add.make_args(body)
    return (t for t in terms if t.is_Mul and any(f.is_Add for f in t.args))


def _divisors(expr: sympy.Expr) -> int:
    return sum(1 for p in expr.atoms(sympy.Pow) if p.exp.is_negative)


def cancel_in_place(y: Equation, network: Network) -> Tensor | None:
    """F = Y / X makes X F = Y."""
    s = y.scheme
    if s.reduce not in ("none", "sum"):
        return None
    mine = {resolved(slot(k), s.leaves) for k, _ in entries(s)}
    for k, x in entries(s):
        o = x.tensor
        if x.mask or o.name is not None or not isinstance(o, Equation) or not linear(s.body, k):
            continue
        if o.scheme.reduce != "none" or o.scheme.guards or o.scheme.body.is_Add:
            continue
        placed = o.scheme.place(s.sizes, s.axes, x.index)
        below = {resolved(b, placed.leaves) for b, e in powers(placed.body)[1].items() if e < 0}
        if not below & mine:
            continue
        leaves = list(s.leaves)
        inner = moved(placed.body, placed.leaves, leaves)
        body = sympy.expand_mul(substitute(s.body, {slot(k): inner}))
        if _divisors(body) <= _divisors(s.body):
            return rebuilt(y, replace(s, body=body, leaves=tuple(leaves)))
    return None


RULES = (
    Rule("turn", "the operand is a sum without a name, read once or short",
         "the indices of a read come into order", turned),
    Rule("structured product", "the operand has no name, is read once, and its factors have "
         "different indices", "an equation less", structured),
    Rule("cancel", "the product divides less often than before", "a division less", cancel),
    Rule("cancel in place", "the operand divides by an entry that the reader has as a factor",
         "a division less", cancel_in_place),
)
