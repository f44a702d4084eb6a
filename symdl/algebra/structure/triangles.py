"""Terms beside the diagonal, and terms of a few rows or columns."""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from symdl.algebra.structure.bands import bounds, spans
from symdl.algebra.structure.frames import Frame
from symdl.algebra.structure.parts import Product, Term, separated
from symdl.language.bounds import nonnegative
from symdl.language.form import Form
from symdl.language.guard import Guard
from symdl.language.shaping import at, indicator


@dataclass(frozen=True)
class Triangle:
    """A term on one side of the diagonal: f(rows, r) g(columns, r) strictly there, and a band."""

    lower: bool
    strictly: Product
    band: tuple[Term, ...]


def triangle(term: Term, frame: Frame) -> Triangle | None:
    """A term of one place whose rows and columns are tied by one inequality alone."""
    (row,), (column,) = frame.axes[1:]
    ties = [g for g in term.pieces if isinstance(g, Guard) and {row, column} <= g.form.indices]
    if len(ties) != 1 or ties[0].relation != ">=":
        return None
    for lower, below in ((True, at(row) - at(column)), (False, at(column) - at(row))):
        c = (ties[0].form - below).constant
        rest = term.without(ties[0])
        if c is not None and (product := separated(rest, frame)) is not None:
            return Triangle(lower, product, _besides(rest, below, c))
    return None


def narrow(term: Term, frame: Frame) -> Product | None:
    """A term of one place of which only a few rows or columns aren't 0, as many as the rank.

    f(i, j) where a <= j < a + c is the sum over m < c of f(i, a + m) [j = a + m].
    """
    lead, (row,), (column,) = frame.axes
    for few, flip in ((column, False), (row, True)):
        low, high = bounds(term, few, None)
        found = [(a, b - a + 1) for b in high for a in low
                 if not spans(b - a, term.scheme.sizes[few]) and nonnegative(b - a + 1, ())]
        if found and few not in term.scheme.bound:
            first, many = min(found, key=lambda x: (x[1].constant is None, x[1].constant or 0))
            moved = term.moved(few, first, many)
            axes = [*lead, column, row] if flip else [*lead, row, column]
            sizes = (*frame.lead, term.scheme.sizes[few], many)
            here = Guard(at(len(lead)) - at(len(lead) + 1) - first, "==")
            unit, rest = indicator(sizes, (here,)), moved.tensor(axes)
            return Product(unit, rest) if flip else Product(rest, unit)
    return None


def _besides(rest: Term, below: Form, c: int) -> tuple[Term, ...]:
    """What `below + c >= 0` holds and `below >= 1` doesn't, or the other way round, by its sign."""
    first, last, sign = (-c, 0, 1) if c >= 0 else (1, -c - 1, -1)
    if first > last:
        return ()
    inside = (Guard(below - first, ">="), Guard(last - below, ">="))
    return (rest.only((*rest.pieces, *inside, *([sympy.Integer(-1)] if sign < 0 else []))),)
