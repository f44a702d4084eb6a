"""Inverses and determinants of small matrices of numeric size, written out by cofactors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import permutations

import sympy
from sympy.combinatorics import Permutation

from symdl.algebra.bodies import entries, powers, product
from symdl.algebra.matrices import inverse_of
from symdl.algebra.terms import Term, Terms, times
from symdl.algebra.unrolling import entry
from symdl.language.body import slot
from symdl.language.linalg import det
from symdl.language.owners import Application
from symdl.language.primitives.det import Det
from symdl.language.scheme import Access
from symdl.language.tensor import Part, Tensor

Polynomial = Callable[[Tensor], Terms]
MOST_ROWS = 4
"""Of how many rows a matrix is written out."""


def without_inverses(terms: Terms, whole: Polynomial) -> Terms:
    """A⁻¹[i, j] = cofactor(j, i) / det A, in a polynomial without indices."""
    return _everywhere(terms, lambda x: _inverse_entry(x, whole))


def without_determinants(terms: Terms, whole: Polynomial) -> Terms:
    """Det A as the sum over permutations of signed products of entries (Leibniz)."""
    return _everywhere(terms, lambda x: _determinant(x, whole))


def _everywhere(terms: Terms, change: Callable[[Access], Terms | None]) -> Terms:
    """The polynomial with entries changed wherever they have a positive whole power."""
    out: Terms = []
    todo = list(terms)
    while todo:
        t = todo.pop()
        found = powers(t.scheme.body)[1]
        for k, x in entries(t.scheme):
            e = found.get(slot(k), sympy.S.Zero)
            new = change(x) if e.is_Integer and e > 0 else None
            if new is not None:
                rest = t.number * powers(t.scheme.body)[0]
                body = product({b: p - 1 if b == slot(k) else p for b, p in found.items()})
                todo += times([Term(rest, replace(t.scheme, body=body))], new)
                break
        else:
            out.append(t)
    return out


def _inverse_entry(x: Access, whole: Polynomial) -> Terms | None:
    base = inverse_of(x.tensor)
    rows = None if base is None or base.ndim != 2 else base.shape[0].constant
    if base is None or rows is None or rows > MOST_ROWS:
        return None
    i, j = (int(f) for f in x.index)
    others, columns = ([k for k in range(rows) if k != gone] for gone in (j, i))
    minor = _leibniz(base, others, columns, whole)
    sign, below = sympy.Integer((-1) ** (i + j)), Access(det(base), ())
    return times(minor, [Term.of(sign, (), below, sympy.S.NegativeOne)])


def _determinant(x: Access, whole: Polynomial) -> Terms | None:
    t = x.tensor
    if not isinstance(t, Part) or not isinstance(t.owner, Application) or not isinstance(
            t.owner.primitive, Det):
        return None
    (base,) = t.owner.operands
    rows = base.shape[0].constant if base.ndim == 2 else None
    if rows is None or rows > MOST_ROWS:
        return None
    return _leibniz(base, range(rows), range(rows), whole)


def _leibniz(a: Tensor, rows: Sequence[int], columns: Sequence[int], whole: Polynomial) -> Terms:
    """The determinant of a part of a matrix."""
    out: Terms = []
    for order in permutations(range(len(rows))):
        sign = sympy.Integer(Permutation(order).signature() if order else 1)
        found = [Term.of(sign, ())]
        for k, c in enumerate(order):
            found = times(found, entry(whole(a), (rows[k], columns[c])))
        out += found
    return out
