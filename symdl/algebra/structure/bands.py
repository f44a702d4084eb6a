"""Terms near the diagonal: how far from it they reach, and the diagonals they fill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce as fold

from symdl.algebra.structure.frames import Frame, Place
from symdl.algebra.structure.parts import Term, added, zero
from symdl.language.bounds import attained_minimum, guard_range, nonnegative
from symdl.language.form import ONE, ZERO, Form, Idx, Read, least, quotient, remainder
from symdl.language.guard import Guard
from symdl.language.shaping import at, view, zeros
from symdl.language.solve import solved
from symdl.language.tensor import Equation, Tensor

Interval = tuple[Form, Form]


def reach(terms: Sequence[Term], frame: Frame) -> Interval | None:
    """How many diagonals a sum of terms may fill below and above the main one.

    With several places the diagonals are those of the merged rows and columns: a step along one
    passes as many entries as the later ones hold. None where the first one has no bound.
    """
    below: list[Form] = []
    above: list[Form] = []
    for t in terms:
        far = _merged(t, frame)
        if far is None:
            return None
        below.append(-far[0])
        above.append(far[1])
    return _number(below, frame), _number(above, frame)


def _merged(term: Term, frame: Frame) -> Interval | None:
    """The least and the greatest offset of a column from its row, places merged."""
    low = high = ZERO
    for k, p in enumerate(frame.open):
        here = _offsets(term, p)
        if here is None and k == 0:
            return None
        first, last = here or (1 - p.height, p.height - 1)
        low, high = low * p.height + first, high * p.height + last
    return low, high


def _offsets(term: Term, p: Place) -> Interval | None:
    """The least and the greatest offset in one place, by guards; None where they don't say."""
    if p in term.shared:
        return ZERO, ZERO
    assert p.row is not None
    assert p.column is not None
    low, high = bounds(term, p.column, p.row)
    for k in (None, *term.scheme.bound):
        (first, last), (left, right) = (bounds(term, x, k) for x in (p.row, p.column))
        low += [a - b for a in left for b in last]
        high += [a - b for a in right for b in first]
    facts = _facts(term)
    low += [f - g for f in low for g in facts]
    high += [f + g for f in high for g in facts]
    near = [[f for f in found if not spans(f, p.height)] for found in (low, high)]
    if not all(near):
        return None
    return -_tightest([-f for f in near[0]]), _tightest(near[1])


def bounds(term: Term, k: int, other: int | None) -> tuple[list[Form], list[Form]]:
    """What guards say that an index, less another one, is at least and at most."""
    size = term.scheme.sizes[k]
    low, high = ([ZERO], [size - 1]) if other is None else ([], [])
    for g in term.pieces:
        parts = g.form.split(Idx(k)) if isinstance(g, Guard) and g.relation != "!=" else None
        if not parts or (sign := parts[0].constant) not in (1, -1):
            continue
        bound = -sign * parts[1] - (ZERO if other is None else at(other))
        if (sign == 1 or g.relation == "==") and (f := _least(bound, term, other)) is not None:
            low.append(f)
        if (sign == -1 or g.relation == "==") and (f := _least(-bound, term, other)) is not None:
            high.append(-f)
    return low, high


def _least(bound: Form, term: Term, other: int | None) -> Form | None:
    """The least value of a bound; of a difference of two indices it must be the same for all."""
    if any(isinstance(a, Read) for a in bound.all_atoms) or (other is not None and bound.indices):
        return None
    return attained_minimum(bound, term.scheme.sizes)


def _facts(term: Term) -> list[Form]:
    """Forms in sizes, at least 0 wherever the term isn't 0: the most that a guard can be."""
    found = (attained_minimum(-g.form, term.scheme.sizes) for g in term.pieces
             if isinstance(g, Guard) and g.relation == ">=" and not g.reads)
    return [-f for f in found if f is not None and f.terms]


def spans(form: Form, size: Form) -> bool:
    """Whether a form grows as a size does, or falls as it grows."""
    factors = {m for m, _ in size.terms if m}
    return bool(factors) and factors <= {m for m, _ in form.terms}


def _tightest(bounds: Sequence[Form]) -> Form:
    """One of several upper bounds: the least number, else the first."""
    numbers = [f for f in bounds if f.constant is not None]
    return min(numbers, key=int) if numbers else bounds[0]


def _greater(a: Form, b: Form, sizes: Sequence[Form]) -> Form:
    """max(a, b), one of the two where that is known."""
    if nonnegative(a - b, sizes):
        return a
    return b if nonnegative(b - a, sizes) else a + b - least(a, b)


def _number(bounds: Sequence[Form], frame: Frame) -> Form:
    """The greatest of some bounds, and 0 at least; as it is while there are rows at all."""
    sizes = [p.height for p in frame.open]
    most = fold(lambda a, b: _greater(a, b, sizes), bounds, ZERO)
    return most if nonnegative(most, ()) else most + 1 - least(ONE, most + 1)


def diagonals(terms: Sequence[Term], frame: Frame, far: Interval) -> Tensor:
    """The entries of a sum of terms by row and diagonal, the lowest diagonal first."""
    none = zeros(*frame.lead, frame.rows, far[0] + far[1] + 1)
    return added([_diagonals(t, frame, far) for t in terms] or [none])


def _diagonals(term: Term, frame: Frame, far: Interval) -> Tensor:
    lead, rows, columns = frame.axes
    t = term.spelt(frame).tensor([*lead, *rows, *columns])
    n, width = frame.rows, far[0] + far[1] + 1
    row, column = at(len(lead)), at(len(lead)) + at(len(lead) + 1) - far[0]
    index = [*map(at, range(len(lead))), *_digits(row, frame), *_digits(column, frame)]
    sizes = (*frame.lead, n, width)
    inside = tuple(guard_range(column, n, sizes))
    if not isinstance(t, Equation) or t.scheme.reduce not in ("none", "sum"):
        return view(t, sizes, index, inside)
    s = t.scheme
    bound = [at(len(sizes) + k) for k in range(len(s.bound))]
    placed = s.place((*sizes, *s.sizes[s.axes:]), len(sizes), [*index, *bound])
    whole = solved(replace(placed, guards=(*placed.guards, *inside)))
    return Equation.make(whole or zero(sizes))


def _digits(form: Form, frame: Frame) -> list[Form]:
    """The index in each place of a row or column, by number."""
    found: list[Form] = []
    for p in reversed(frame.open[1:]):
        found.append(remainder(form, p.height))
        form = quotient(form, p.height)
    return [form, *reversed(found)]
