"""Rules that see a softmax and call it P."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import permutations

import sympy

from symdl.algebra.bodies import (
    entries,
    equation,
    linear,
    moved,
    plus_leaves,
    powers,
    rebuilt,
    resolved,
    without,
)
from symdl.algebra.reading import in_place, is_factor
from symdl.algebra.rule import Network, Rule
from symdl.language.body import rebuild, slot, slots_of
from symdl.language.bounds import nonnegative, within
from symdl.language.form import Atom, Form, Idx
from symdl.language.guard import Conjunction
from symdl.language.scheme import Access, Leaf, Scheme
from symdl.language.shaping import at
from symdl.language.tensor import Equation, Tensor


def weights(y: Equation, network: Network) -> Tensor | None:
    """exp(Z[k]) / sum_j exp(Z[j]) = P[k], and exp(-Z[k]) sum_j exp(Z[j]) = 1 / P[k]."""
    for s in (y.scheme, *_exponentials_in_place(y.scheme), *_quotients_in_place(y.scheme),
              *_term_by_term(y.scheme)):
        for term in _products(s.body):
            for e, k, power in pairs(term, s):
                entry = _softmax(e**power, k, s, y, network)
                if entry is not None:
                    weight = slot(len(s.leaves)) ** power
                    new = _replaced(s.body, term, term / e * slot(k) ** power * weight)
                    out = plus_leaves(s, new, [entry])
                    return rebuilt(y, _unguarded(out, entry, power == 1 and term == s.body))
    return None


def _unguarded(s: Scheme, entry: Access, factor: bool) -> Scheme:
    """The scheme without the guards outside of which its factor P is 0 anyway."""
    known = entry.tensor
    assert isinstance(known, Equation)
    bare = all(isinstance(f.atom, Idx) for _, x in entries(s) for f in x.forms)
    if not factor or not bare:
        return s
    outside = {g.normal for g in known.scheme.place(s.sizes, s.axes, entry.index).guards}
    return replace(s, guards=tuple(g for g in s.guards if g.normal not in outside))


def _products(body: sympy.Expr) -> Iterator[sympy.Expr]:
    return (node for node in sympy.preorder_traversal(body) if node.is_Mul)


def pairs(term: sympy.Expr, s: Scheme) -> Iterator[tuple[sympy.Expr, int, int]]:
    """The exponentials of a product and the sums it is divided (1) or multiplied (-1) by."""
    _, found = powers(term)
    sums = {base: power for base, power in found.items() if base.is_Symbol and power.is_Integer
            and isinstance(x := s.leaves[slots_of(base)[0]], Access) and not x.mask}
    several = sum(map(abs, sums.values())) > 1
    for e in (f for f in found if isinstance(f, sympy.exp)):
        for base, power in sums.items():
            for root in _roots(e) if several else (e,):
                yield root, slots_of(base)[0], -1 if power > 0 else 1


def _roots(e: sympy.exp) -> Iterator[sympy.Expr]:
    """An exponential, and of exp(c u + v) with a whole number c also exp(u) and exp(v)."""
    yield e
    for term in sympy.Add.make_args(e.args[0]):
        c, u = term.as_coeff_Mul()
        if c.is_Integer and (c > 1 or u != e.args[0]):
            yield sympy.exp(u if c > 0 else -u)


def _softmax(e: sympy.Expr, k: int, s: Scheme, y: Equation, network: Network) -> Access | None:
    """The entry of the softmax that exp(..)/S is, where S sums this exponential."""
    total = s.leaves[k]
    if not isinstance(total, Access) or (guards := normaliser(e, total, s)) is None:
        return None
    if y.name is not None and s.body == e / slot(k):
        return None  # it is the softmax that has the name
    leaves: list[Leaf] = []
    body = moved(e / slot(k), s.leaves, leaves)
    order = _axes(leaves)
    place: dict[Atom, Form] = {Idx(i): at(n) for n, i in enumerate(order)}
    sizes = tuple(s.sizes[i] for i in order)
    scheme = Scheme(sizes, len(order), "none", guards, body, tuple(leaves)).substitute(place)
    if not all(within(f, n, sizes) for _, x in entries(scheme)
               for f, n in zip(x.index, x.tensor.shape, strict=True)):
        return None
    plain = equation(scheme)
    if not isinstance(plain, Equation) or (y.name is not None and plain is y.renamed(None)):
        return None
    return Access(network.shared(plain, "P"), tuple(at(i) for i in order))


def _axes(leaves: Sequence[Leaf]) -> list[int]:
    """The indices of the leaves, in the order of the entry that has most of them."""
    found = [[i for f in x.forms for i in sorted(f.indices)] for x in leaves]
    return list(dict.fromkeys(i for own in sorted(found, key=len, reverse=True) for i in own))


def normaliser(e: sympy.Expr, total: Access, s: Scheme) -> Conjunction | None:
    """The guards of the sum that an entry is of an exponential over some of the indices.

    None where it is no such sum, or where the equation's guards don't imply its guards.
    """
    o = total.tensor
    if not isinstance(o, Equation) or o.scheme.reduce != "sum":
        return None
    inner = o.scheme
    wanted = resolved(e, s.leaves)
    own = sorted({i for k in slots_of(e) for f in s.leaves[k].forms for i in f.indices})
    for chosen in permutations(own, len(inner.bound)):
        if [s.sizes[i] for i in chosen] != list(inner.sizes[inner.axes:]):
            continue
        if any(i in f.indices for f in total.index for i in chosen):
            continue
        placed = inner.place(s.sizes, s.axes, [*total.index, *map(at, chosen)])
        implied = {g.normal for g in placed.guards} <= {g.normal for g in s.guards}
        if implied and resolved(inner.body, placed.leaves) == wanted:
            return placed.guards
    return None


def _replaced(body: sympy.Expr, old: sympy.Expr, new: sympy.Expr) -> sympy.Expr:
    """The body with one product exchanged."""
    if body == old:
        return new
    if not body.args:
        return body
    args = [_replaced(a, old, new) for a in body.args]
    return body if all(a is b for a, b in zip(args, body.args, strict=True)) else (
        rebuild(body, args))


def weighted_sums(y: Equation, network: Network) -> Tensor | None:
    """(sum_k g[k] exp(Z[k])) / sum_j exp(Z[j]) = sum_k g[k] (exp(Z[k]) / sum_j exp(Z[j]))."""
    s = y.scheme
    if s.reduce != "none":
        return None
    for term in _products(s.body):
        found = powers(term)[1]
        for k, x in entries(s):
            if found.get(slot(k)) != 1 or not network.single(x.tensor) or not linear(s.body, k):
                continue
            for base, e in found.items():
                if base.is_Symbol and e.is_Integer and e < 0:
                    inner = _divided(x, s.leaves[slots_of(base)[0]], y)
                    if inner is not None:
                        body = _replaced(s.body, term, term * base * slot(len(s.leaves)) / slot(k))
                        return rebuilt(y, plus_leaves(s, body, [Access(inner, x.index)]))
    return None


def _divided(x: Access, total: Leaf, y: Equation) -> Tensor | None:
    """The sum x divided by a normaliser under the sum, where it has that exponential."""
    o = x.tensor
    if not isinstance(total, Access) or not isinstance(o, Equation) or x.mask or total.mask:
        return None
    inner = o.scheme
    axes = y.scheme.sizes[:y.scheme.axes]
    if inner.reduce != "sum" or not all(nonnegative(n - 1, axes) for n in inner.sizes[inner.axes:]):
        return None
    if any(f not in x.index for f in total.index):
        return None
    entry = Access(total.tensor, tuple(at(x.index.index(f)) for f in total.index))
    for written in (inner, *_exponentials_in_place(inner)):
        for e in powers(written.body)[1]:
            if isinstance(e, sympy.exp) and normaliser(e, entry, written) is not None:
                body = written.body / slot(len(written.leaves))
                return equation(plus_leaves(written, body, [entry]), o.dtype)
    return None


def _exponentials_in_place(s: Scheme) -> Iterator[Scheme]:
    """The equation with one of its operands read by its definition, an exponential."""
    for k, x in entries(s):
        t = x.tensor
        if isinstance(t, Equation) and t.name is None and t.scheme.reduce == "none" and (
                isinstance(t.scheme.body, sympy.exp)) and (
                    is_factor(s, k) or not (t.scheme.guards or x.mask)):
            yield in_place(s, k)


def _quotients_in_place(s: Scheme) -> Iterator[Scheme]:
    """The equation with an operand read in place that divides something beside an exponential."""
    if not s.body.has(sympy.exp):
        return
    for k, x in entries(s):
        t = x.tensor
        if isinstance(t, Equation) and t.name is None and t.scheme.reduce == "none" and not (
                t.scheme.guards or x.mask or t.scheme.body.is_Add) and any(
                    e < 0 for e in powers(t.scheme.body)[1].values()):
            yield in_place(s, k)


def _term_by_term(s: Scheme) -> Iterator[Scheme]:
    """The equation with a divisor brought into a sum of which all terms have an exponential."""
    for term in (t for t in _products(s.body) if any(f.is_Add for f in t.args)):
        for total in (f for f in term.args if f.is_Add and all(t.has(sympy.exp) for t in f.args)):
            for f in (f for f in term.args if f.is_Pow and f.base.is_Symbol and f.exp.is_negative):
                spread = sympy.Add(*(t / f.base for t in total.args))
                new = without(term, total) * f.base * spread
                yield replace(s, body=_replaced(s.body, term, new))


RULES = (
    Rule("softmax", "the divisor sums the same exponential", "an exponential less", weights),
    Rule("softmax in a sum", "the sum, read once, has the exponential that the divisor sums",
         "a divisor moves into a sum", weighted_sums),
)
