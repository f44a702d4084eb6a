"""Inverses of sums: V = (A + B)⁻¹ makes B V = 1 - A V and V B = 1 - V A."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy

from symdl.algebra.bodies import entries, powers, product
from symdl.algebra.matrices import inverse_of
from symdl.algebra.terms import Sizes, Term, Terms, as_term, itself, placed, summed, times
from symdl.algebra.words import Word, exchanged, followed, transposed, word_of
from symdl.language.body import slot, slots_of
from symdl.language.form import Idx
from symdl.language.guard import Guard
from symdl.language.scheme import Access, Scheme
from symdl.language.shaping import at
from symdl.language.tensor import Equation, Tensor


def without_leading_word(t: Term) -> Terms | None:
    """With V = (a L + R)⁻¹ and the longest product L, V L = (1 - V R) / a."""
    s = t.scheme
    for k, x in entries(s):
        base = inverse_of(x.tensor)
        if not isinstance(base, Equation) or x.tensor.ndim != 2 or x.mask or (
                powers(s.body)[1].get(slot(k)) != 1):
            continue
        lead = _leading(base)
        if lead is None:
            continue
        key, word = lead
        for end, way in ((1, word), (0, transposed(word))):
            for last, used in followed(s, k, x.index[end], way):
                rest = _rest(base, x.tensor, key, end)
                return exchanged(t, {k, *used}, rest, (x.index[1 - end], last))
    return None


def summands(base: Equation) -> list[tuple[sympy.Expr, Tensor]]:
    """The numbers and products of a matrix in normal form; none where it has another form."""
    s = base.scheme
    if s.reduce == "sum":
        return [(sympy.S.One, base)]
    here = tuple(at(n) for n in range(base.ndim))
    terms = [t.as_coeff_Mul() for t in sympy.Add.make_args(s.body)]
    leaves = [s.leaves[slots_of(e)[0]] if e.is_Symbol else None for _, e in terms]
    if s.reduce != "none" or s.guards or not all(
            isinstance(x, Access) and x.index == here and not x.mask for x in leaves):
        return []
    return [(c, x.tensor) for (c, _), x in zip(terms, leaves, strict=True)
            if isinstance(x, Access)]


def polynomial(t: Tensor) -> Terms:
    """A matrix in normal form as a polynomial over its axes."""
    own = summands(t) if isinstance(t, Equation) else []
    return [as_term(c, key) for c, key in own] if own else itself(t)


def _leading(base: Equation) -> tuple[Tensor, Word] | None:
    """The longest product among the terms of a sum, and its factors."""
    found = [(key, word) for _, key in summands(base)
             if (word := word_of(as_term(sympy.S.One, key).scheme)) is not None]
    if not found:
        return None
    return max(found, key=lambda item: (len(item[1]), item[0].digest))


def _rest(base: Equation, inverse: Tensor, lead: Tensor, end: int) -> Terms:
    """(1 - V R) / a over the two indices that V L leads between, or of L V where end is 0."""
    n = base.shape[0]
    (a,) = (c for c, key in summands(base) if key is lead)
    one = Term(1 / a, Scheme((n, n), 2, "none", (Guard(at(0) - at(1), "=="),), sympy.S.One, ()))
    out = [one]
    v = Access(inverse, (at(0), at(2)) if end else (at(2), at(0)))
    for c, key in summands(base):
        if key is not lead:
            other = placed([as_term(sympy.S.One, key)], (n, n, n),
                           (at(2), at(1)) if end else (at(1), at(2)))
            out += summed(times([Term.of(-c / a, (n, n, n), v)], other), 2)
    return out


def beside(terms: Terms, sizes: Sizes) -> Iterator[tuple[Terms, Sizes]]:
    """Polynomials that make a polynomial 0 where they are 0, each over its context.

    These are its products with the matrices whose inverses stand at its first or last axis; of a
    number sum_i u[i] v(i) also v, for a u that all its terms have. There are none where only
    inputs are inverted, which cancel by themselves.
    """
    inverted = {inverse_of(x.tensor) for t in terms for _, x in entries(t.scheme)}
    if not any(isinstance(x, Equation) for x in inverted):
        return
    if not sizes:
        yield from _opened(terms)
    seen: set[tuple[int, Tensor, bool]] = set()
    for axis in {0, len(sizes) - 1} if 0 < len(sizes) < 3 else ():
        for t in terms:
            for _, x in entries(t.scheme):
                base = inverse_of(x.tensor)
                if base is None or base.ndim != 2 or x.mask or at(axis) not in x.index or (
                        base.shape[0] != sizes[axis]):
                    continue
                turned = x.index[1] == at(axis)
                if (axis, base, turned) not in seen:
                    seen.add((axis, base, turned))
                    yield _multiplied(terms, sizes, axis, base, turned), sizes


def _multiplied(terms: Terms, sizes: Sizes, axis: int, base: Tensor, turned: bool) -> Terms:
    """sum_r M[i, r] E[r, ...], or M[r, i] where M is turned."""
    wide = (*sizes, sizes[axis])
    new, old = at(axis), at(len(sizes))
    here = [old if k == axis else at(k) for k in range(len(sizes))]
    matrix = placed(polynomial(base), wide, (old, new) if turned else (new, old))
    return summed(times(matrix, placed(terms, wide, here)), len(sizes))


def _opened(terms: Terms) -> Iterator[tuple[Terms, Sizes]]:
    """A number without one entry of a matrix or vector that stands beside an inverse."""
    near = dict.fromkeys(
        z.tensor for t in terms for _, x in entries(t.scheme) if inverse_of(x.tensor) is not None
        for _, z in entries(t.scheme) if z is not x and set(z.index) & set(x.index))
    for tensor in near:
        parts = [_without_entry(t, tensor) for t in terms]
        found = [p for p in parts if p is not None]
        if len(found) == len(terms):
            yield found, tensor.shape


def _without_entry(t: Term, tensor: Tensor) -> Term | None:
    """A sum over the places of an entry as a product at them, without the entry."""
    s = t.scheme
    number, found = powers(s.body)
    for k, x in entries(s):
        order = [f.atom.position for f in x.index if isinstance(f.atom, Idx)]
        if x.tensor is not tensor or x.mask or found.get(slot(k), 0) < 1 or (
                len(set(order)) < len(x.index)):
            continue
        left = [r for r in s.bound if r not in order]
        place = {p: n for n, p in enumerate((*order, *left))}
        body = number * product({b: e - 1 if b == slot(k) else e for b, e in found.items()})
        moved = replace(s, body=body).place(
            [s.sizes[p] for p in place], len(order), [at(place[p]) for p in range(len(s.sizes))])
        return Term(t.number, replace(moved, reduce="sum" if left else "none"))
    return None
