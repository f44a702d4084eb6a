"""Rules for sums: merged, freed of what they don't range over, joined by a common factor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import permutations
from typing import NamedTuple

import sympy

from symdl.algebra.bodies import (
    Powers,
    elementwise_entry,
    entries,
    equation,
    indices,
    linear,
    moved,
    plus_leaves,
    powers,
    product,
    rebuilt,
    safe,
    scaled,
    zero,
)
from symdl.algebra.rule import Network, Rule
from symdl.language.body import slot, substitute
from symdl.language.bounds import nonnegative
from symdl.language.form import Atom, Form, Idx
from symdl.language.scheme import Access, Leaf, Scheme
from symdl.language.shaping import at
from symdl.language.solve import solved
from symdl.language.tensor import Equation, Tensor


def vanish(y: Equation, network: Network) -> Tensor | None:
    """sum_r 0 = 0, and sum_r [r = s] f(r) = f(s)."""
    s = y.scheme
    if s.reduce != "sum":
        return None
    new = solved(s)
    if new is None or new.body == 0:
        return rebuilt(y, zero(y))
    if len(new.sizes) == len(s.sizes):
        return None
    return rebuilt(y, new)


def merge(y: Equation, network: Network) -> Tensor | None:
    """sum_i c sum_j f = sum_{i,j} c f."""
    s = y.scheme
    if s.reduce != "sum":
        return None
    for k, x in entries(s):
        o = x.tensor
        if x.mask or not isinstance(o, Equation) or not (
                network.single(o) or (_is_short(o) and len(s.leaves) <= _CHAIN)):
            continue
        rest = s.body / slot(k)
        if o.scheme.reduce != "sum" or slot(k) in rest.free_symbols or indices(rest, s):
            continue
        if not all(safe(base, e, s, s.sizes) for base, e in powers(rest)[1].items()):
            continue
        inner = o.scheme
        first = len(s.sizes)
        bound = [at(first + n) for n in range(len(inner.bound))]
        placed = inner.place((), 0, [*x.index, *bound])
        sizes = [f.substitute({Idx(n): g for n, g in enumerate(x.index)})
                 for f in inner.sizes[inner.axes:]]
        leaves = list(s.leaves)
        body = rest * moved(inner.body, placed.leaves, leaves)
        return rebuilt(y, Scheme((*s.sizes, *sizes), s.axes, "sum",
                                 (*s.guards, *placed.guards), body, tuple(leaves)))
    return None


_CHAIN = 5
"""How many factors a product may have that gets further ones though they are read elsewhere."""


def _is_short(o: Equation) -> bool:
    """Whether a tensor without a name is the product of two matrices."""
    s = o.scheme
    return o.name is None and len(s.leaves) == s.axes == 2 and s.body.is_Mul and not s.guards


def hoist(y: Equation, network: Network) -> Tensor | None:
    """sum_r a(i) f(i, r) = a(i) sum_r f(i, r)."""
    s = y.scheme
    found = None if y.name is not None else _in_front(s, s.sizes[:s.axes], 1)
    if found is None:
        return None
    front, rest = found
    inner = equation(plus_leaves(s, rest, ()), y.dtype)
    entry = Access(inner, tuple(at(k) for k in range(s.axes)))
    body = slot(len(s.leaves)) * front
    return rebuilt(y, Scheme(y.shape, s.axes, "none", (), body, (*s.leaves, entry)))


def hoist_to_reader(y: Equation, network: Network) -> Tensor | None:
    """S[i] = sum_r a(i) f(i, r) makes g(j) S[i] = g(j) a(i) sum_r f(i, r)."""
    s = y.scheme
    if s.reduce != "none":
        return None
    for k, x in entries(s):
        o = x.tensor
        if x.mask or not isinstance(o, Equation) or not network.single(o):
            continue
        found = _in_front(o.scheme, s.sizes[:s.axes], 0) if linear(s.body, k) else None
        if found is None:
            continue
        front, rest = found
        leaves: list[Leaf] = list(s.leaves)
        leaves[k] = Access(equation(plus_leaves(o.scheme, rest, ()), o.dtype), x.index)
        placed = o.scheme.place((), 0, [*x.index, *(at(r) for r in o.scheme.bound)])
        outer = moved(front, placed.leaves, leaves)
        return rebuilt(y, plus_leaves(replace(s, leaves=tuple(leaves)), scaled(s.body, k, outer),
                                      ()))
    return None


def _in_front(s: Scheme, axes: Sequence[Form], least: int,
              ) -> tuple[sympy.Expr, sympy.Expr] | None:
    """The factors of a sum with at least so many indices, none of them bound, and the others.

    A divisor may leave the sum where it is a size in scope or the sum surely has terms.
    """
    if s.reduce != "sum":
        return None
    number, found = powers(s.body)
    filled = not s.guards and all(nonnegative(s.sizes[r] - 1, axes) for r in s.bound)
    front = Powers()
    for base, e in found.items():
        own = indices(base, s)
        if len(own) < least or own & set(s.bound):
            continue
        if filled or safe(base, e, s, axes):
            front[base] = e
    rest = number * product({b: e for b, e in found.items() if b not in front})
    return (product(front), rest) if front and rest.free_symbols else None


_MANY = 4


class _Term(NamedTuple):
    """One term of a sum of sums: `coefficient * S[index]`."""

    term: sympy.Expr
    coefficient: sympy.Expr
    access: Access
    scheme: Scheme


def common_factor(y: Equation, network: Network) -> Tensor | None:
    """sum_r a(r) b(r) + sum_r a(r) c(r) = sum_r a(r) (b(r) + c(r))."""
    s = y.scheme
    if s.reduce != "none":
        return None
    for total in (e for e in sympy.preorder_traversal(s.body) if e.is_Add):
        terms = list(_sums(total, y, network))
        for n, p in enumerate(terms):
            for q in terms[n + 1:]:
                joined = _joined(p, q, s)
                if joined is not None:
                    new = total - p.term - q.term + slot(len(s.leaves))
                    return rebuilt(y, plus_leaves(s, substitute(s.body, {total: new}), [joined]))
    return None


def _sums(total: sympy.Expr, y: Equation, network: Network) -> Iterator[_Term]:
    """The terms of a sum that are sums with a coefficient."""
    s = y.scheme
    for k, x in entries(s):
        o = x.tensor
        if x.mask or not isinstance(o, Equation) or not network.single(o):
            continue
        if o.scheme.reduce != "sum" or not linear(total, k) or s.body.count(slot(k)) > 1:
            continue
        terms = [t for t in total.args if slot(k) in sympy.Mul.make_args(t)]
        if len(terms) == 1 and not indices(terms[0] / slot(k), s):
            yield _Term(terms[0], terms[0] / slot(k), x, o.scheme)


def _joined(p: _Term, q: _Term, s: Scheme) -> Access | None:
    """The sum of two sums of the same shape and ranges that have a factor in common."""
    sizes, axes, bound = p.scheme.sizes, p.scheme.axes, q.scheme.bound
    if p.access.index != q.access.index or len(bound) > _MANY:
        return None
    for order in permutations(bound):
        if tuple(q.scheme.sizes[k] for k in (*range(axes), *order)) != sizes:
            continue
        place: dict[Atom, Form] = {Idx(k): at(axes + n) for n, k in enumerate(order)}
        turned = q.scheme.substitute(place)
        if {g.normal for g in turned.guards} != {g.normal for g in p.scheme.guards}:
            continue
        out = _factored(p, q._replace(scheme=turned), s)
        if out is not None:
            return Access(out, p.access.index)
    return None


def _factored(p: _Term, q: _Term, s: Scheme) -> Tensor | None:
    leaves: list[Leaf] = []
    parts = []
    for t in (p, q):
        outer = moved(t.coefficient, s.leaves, leaves)
        number, found = powers(moved(t.scheme.body, t.scheme.leaves, leaves))
        parts.append((outer * number, found))
    (c, a), (d, b) = parts
    scheme = replace(p.scheme, body=sympy.S.One, leaves=tuple(leaves))
    common = Powers({x: e for x, e in a.items() if b.get(x) == e and indices(x, scheme)})
    if not any(indices(x, scheme) & set(scheme.bound) for x in common):
        return None
    rest = [k * product({x: e for x, e in f.items() if x not in common})
            for k, f in ((c, a), (d, b))]
    inner = elementwise_entry(sympy.Add(*rest), scheme)
    body = product(common)
    if inner is None:
        return equation(replace(scheme, body=body * sympy.Add(*rest)))
    new = replace(scheme, body=body * slot(len(leaves)), leaves=(*leaves, inner))
    return equation(new)


RULES = (
    Rule("delta", "the sum is over nothing, or an equality fixes an index",
         "a bound index less", vanish),
    Rule("merge sums", "the inner sum has no name, is read once or short, and only scaled, by what "
         "is finite",
         "a sum less", merge),
    Rule("hoist", "a factor doesn't depend on the summed indices and is finite wherever the "
         "axes have entries", "fewer factors under the sum", hoist),
    Rule("hoist to the reader", "the same, where the reader is linear in the sum, which has no "
         "name and is read once", "fewer factors under the sum", hoist_to_reader),
    Rule("common factor", "two sums over the same ranges, read once each, share a factor",
         "a sum less", common_factor),
)
