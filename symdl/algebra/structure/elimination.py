"""Banded systems with a border, by Gaussian elimination with partial pivoting as a recurrence.

A system is A + U Vᵀ with A[i, j] = 0 unless -p <= j - i <= q, and U, V of r columns, maybe none:
the same as the bordered system

    [  A   U ] [x]   [b]
    [ -Vᵀ  I ] [y] = [0].

Step t eliminates x[t]. Its candidates for the pivot are the p rows of A that earlier steps left
over, row t + p, and the r border rows (Golub & Van Loan, *Matrix Computations*, 4th ed., 4.3;
LAPACK's `gbtrf` without the border). A row is written as its window, the entries in the columns t
to t + p + q; r multiples of the rows of Vᵀ, which say what it is right of the window; and its r
entries in the border's columns. A is divided by nowhere, so it may be singular alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from symdl.algebra.structure.bordered import Bordered, signed
from symdl.language.declare import indices
from symdl.language.define import define
from symdl.language.elementwise import equal_to, function
from symdl.language.form import Form, Free, fresh
from symdl.language.guard import Guard
from symdl.language.indexing import integer_entry
from symdl.language.recur import final, recur
from symdl.language.reductions import argmax, sum
from symdl.language.scheme import Access
from symdl.language.selection import where
from symdl.language.shaping import (
    at,
    concatenate,
    expand_dims,
    flip,
    squeeze,
    transpose,
    view,
    zeros,
)
from symdl.language.tensor import Tensor

_abs = function("abs")


@dataclass(frozen=True)
class Eliminated:
    """What elimination gives, time first.

    Attributes
    ----------
    pivots : Tensor, (n, ..., p + q + 1 + 2 r)
        The row that eliminates x[t].
    chosen : Tensor of int, (n, ...)
        Which candidate it was.
    factors : Tensor, (n, ..., p + r)
        By which multiple of it each of the others was reduced.
    border : Tensor, (..., r, r)
        What is left over for y.
    """

    pivots: Tensor
    chosen: Tensor
    factors: Tensor
    border: Tensor


def eliminated(system: Bordered) -> Eliminated:
    """All n steps."""
    p, r, sizes = system.below, system.rank, system.bands.shape[:-2]
    n, w = system.bands.shape[-2:]
    entering = time_first(_later(system.rows, p))
    beyond = time_first(_later(system.right, w - 1))
    lead = _batch(sizes)
    i, c = indices("i c", p + r, w + 2 * r)

    def step(t: Any, left: Tensor, *_: Tensor) -> tuple[Tensor, ...]:
        rows = _candidates(left, entering[t], beyond[t], p).named("rows")
        chosen = argmax(_abs(rows[..., 0]), axis=len(sizes))
        pivot = _picked(rows, chosen).named("pivot")
        other = _others(rows, chosen, lead, i)
        factor = define("factor", (*lead, i), where(
            equal_to(other(0), 0), 0, other(0) / pivot[(*lead, 0)]))
        return _reduced(other, factor, pivot, (*lead, i, c)), pivot, chosen, factor

    none = zeros(*sizes, w + 2 * r), zeros(*sizes), zeros(*sizes, p + r)
    left, pivots, chosen, factors = recur(("left", "pivot", "chosen", "factor"), n,
                                          init=(system.first, *none), step=step)
    return Eliminated(pivots, chosen, factors, final(left)[..., p:, w + r:])


def _candidates(left: Tensor, entering: Tensor, beyond: Tensor, p: Form) -> Tensor:
    """The rows left over, the window moved by a column, and the entering row after the first p."""
    lead, r = left.ndim - 2, beyond.shape[-1]
    w = left.shape[-1] - 2 * r
    batch, i, c = [at(k) for k in range(lead)], at(lead), at(lead + 1)
    fresh = squeeze(left[..., w:w + r] @ _column(beyond), -1)
    leaves = [(1, Access(entering, (*batch, c), (Guard(i - p, "=="),)))]
    for row, part in ((i, Guard(p - 1 - i, ">=")), (i - 1, Guard(i - p - 1, ">="))):
        leaves += [(1, Access(left, (*batch, row, c + 1), (part, Guard(w - 2 - c, ">=")))),
                   (1, Access(left, (*batch, row, c), (part, Guard(c - w, ">="))))]
        if r != 0:
            leaves += [(1, Access(fresh, (*batch, row), (part, Guard(c - w + 1, "=="))))]
    return signed((*left.shape[:lead], left.shape[lead] + 1, left.shape[-1]), leaves)


def forward(done: Eliminated, b: Tensor, p: Form) -> tuple[Tensor, Tensor]:
    """The right sides of the pivots, and those of what is left over for y."""
    rows, k = b.ndim - 2, b.shape[-1]
    r = done.border.shape[-1]
    entering = time_first(_later(b, p))
    sizes = b.shape[:rows]
    lead, (i, c) = _batch(sizes), indices("i c", p + r, k)

    def step(t: Any, left: Tensor, _: Tensor) -> tuple[Tensor, Tensor]:
        rows = concatenate([left[..., :p, :], row_of(entering[t]), left[..., p:, :]], -2)
        rows, chosen = rows.named("rows"), done.chosen[t]
        pivot = _picked(rows, chosen).named("pivot")
        other = _others(rows, chosen, lead, i)
        return _reduced(other, done.factors[t], pivot, (*lead, i, c)), pivot

    first = concatenate([view(b, (*sizes, p, k), [at(a) for a in range(b.ndim)], (
        Guard(b.shape[rows] - 1 - at(rows), ">="),)), zeros(*sizes, r, k)], -2)
    left, right = recur(("left", "right"), b.shape[rows], init=(first, zeros(*sizes, k)),
                        step=step)
    return right, final(left)[..., p:, :]


def back(pivots: Tensor, right: Tensor, v: Tensor) -> Tensor:
    """Back substitution: the window, and right of it multiples of the rows of Vᵀ."""
    n, *lead, m = pivots.shape
    r, k = v.shape[-1], right.shape[-1]
    w = m - 2 * r
    u, b = flip(pivots, 0), flip(right, 0)
    leaving = flip(time_first(_later(v, w - 1)), 0)
    batch, (a, i, c) = _batch(tuple(lead)), indices("a i c", r, w - 1, k)

    def step(t: Any, window: Tensor, _: Tensor, *beyond: Tensor) -> tuple[Tensor, ...]:
        row = u[(t, *batch)]
        known = sum(row[i + 1] * window[(*batch, i, c)], i)
        for z in beyond:
            known = known + sum(row[w + a] * z[(*batch, a, c)], a)
        x = define("x", (*batch, c), (b[(t, *batch, c)] - known) / row[0])
        gone = _last(x, window)
        after = (define(None, (*batch, a, c), z[(*batch, a, c)] + leaving[(t, *batch, a)]
                        * gone[(*batch, c)]) for z in beyond)
        return concatenate([row_of(x), window], -2)[..., :-1, :], x, *after

    init = [zeros(*lead, w - 1, k), zeros(*lead, k)] + [zeros(*lead, r, k)] * (r != 0)
    names = ("window", "x", "beyond")[:len(init)]
    x = flip(recur(names, n, init=init, step=step)[1], 0)
    return transpose(x, [*range(1, x.ndim - 1), 0, x.ndim - 1])


def _last(x: Tensor, window: Tensor) -> Tensor:
    """The entry that leaves the window as x enters it."""
    lead, n = x.ndim - 1, window.shape[-2]
    batch, c = [at(k) for k in range(lead)], at(lead)
    return signed(x.shape, [(1, Access(window, (*batch, n - 1, c), (Guard(n - 1, ">="),))),
                            (1, Access(x, (*batch, c), (Guard(n, "=="),)))])


def _others(rows: Tensor, chosen: Tensor, lead: tuple[Form, ...], i: Form,
            ) -> Callable[[Any], Tensor]:
    """The entries of the rows that weren't chosen; the first one stands where that was."""
    here = equal_to(i + 1, chosen[lead])
    return lambda column: where(here, rows[(*lead, 0, column)], rows[(*lead, i + 1, column)])


def _reduced(other: Callable[[Any], Tensor], factor: Tensor, pivot: Tensor,
             at: tuple[Form, ...]) -> Tensor:
    """Those rows less multiples of the pivot's."""
    *lead, i, c = at
    return define(None, at, other(c) - factor[(*lead, i)] * pivot[(*lead, c)])


def _batch(sizes: Sequence[Form]) -> tuple[Form, ...]:
    """An index for each leading axis."""
    return tuple(Form.of(Free(f"b{k}", fresh(), n)) for k, n in enumerate(sizes))


def _picked(x: Tensor, row: Tensor) -> Tensor:
    """One row of a matrix, by number."""
    batch = [at(k) for k in range(row.ndim)]
    return view(x, (*x.shape[:-2], x.shape[-1]),
                [*batch, integer_entry(row, batch), at(row.ndim)])


def _later(x: Tensor, steps: Form) -> Tensor:
    """The matrix whose row i is row i + steps, and 0 after the end."""
    rows = x.ndim - 2
    there = at(rows) + steps
    index = [there if k == rows else at(k) for k in range(x.ndim)]
    return view(x, x.shape, index, (Guard(x.shape[rows] - 1 - there, ">="),))


def time_first(x: Tensor) -> Tensor:
    """The rows of matrices before all other axes."""
    rows = x.ndim - 2
    return transpose(x, [rows, *range(rows), rows + 1])


def row_of(x: Tensor) -> Tensor:
    """A vector as a matrix of one row."""
    return expand_dims(x, x.ndim - 1)


def _column(x: Tensor) -> Tensor:
    return expand_dims(x, x.ndim)
