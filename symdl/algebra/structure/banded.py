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

import sympy

from symdl.algebra.structure.determinants import Determinant, of_matrix, of_product
from symdl.algebra.structure.regimes import cut
from symdl.language import linalg
from symdl.language.body import slot
from symdl.language.bounds import nonnegative
from symdl.language.declare import indices
from symdl.language.define import define
from symdl.language.elementwise import equal_to, function
from symdl.language.form import Form, Free, fresh
from symdl.language.guard import Guard
from symdl.language.indexing import integer_entry
from symdl.language.recur import final, recur
from symdl.language.reductions import argmax, sum
from symdl.language.scheme import Access, Scheme
from symdl.language.selection import where
from symdl.language.shaping import (
    at,
    broadcast_to,
    concatenate,
    expand_dims,
    eye,
    flip,
    squeeze,
    transpose,
    view,
    zeros,
)
from symdl.language.tensor import Equation, Tensor

_abs = function("abs")


@dataclass(frozen=True)
class Bordered:
    """A + U Vᵀ for each index over some leading axes.

    Attributes
    ----------
    bands : Tensor, (..., n, p + q + 1)
        A[i, i + c] at [i, c + p]; 0 outside of A.
    below : Form
        How many diagonals are below the main one, p.
    left, right : Tensor, (..., n, r)
        U and V.
    """

    bands: Tensor
    below: Form
    left: Tensor
    right: Tensor

    @property
    def above(self) -> Form:
        """How many diagonals are above the main one, q."""
        return self.bands.shape[-1] - 1 - self.below

    @property
    def rank(self) -> Form:
        """The number of columns of the border, r."""
        return self.left.shape[-1]

    @property
    def width(self) -> Form:
        """How many entries a row of the eliminated system has beside its pivot."""
        return self.bands.shape[-1] - 1 + 2 * self.rank

    def cut(self, flag: Form) -> Bordered:
        """The whole system where a form is 1, and one without rows where it is 0."""
        n, w = self.bands.shape[-2:]
        n, w, r = n * flag, (w - 1) * flag + 1, self.rank * flag
        return Bordered(cut(self.bands, n, w), self.below * flag,
                        cut(self.left, n, r), cut(self.right, n, r))

    @property
    def turned(self) -> Bordered:
        """The same system with its rows and columns in the opposite order."""
        rows = self.bands.ndim - 2
        return Bordered(flip(self.bands, (rows, rows + 1)), self.above,
                        flip(self.left, rows), flip(self.right, rows))

    @property
    def leans(self) -> bool:
        """Whether more diagonals are known to be below than above the main one."""
        return self.above == 0 != self.below or nonnegative(self.below - self.above - 1, ())


    @property
    def plain(self) -> bool:
        """Whether there is nothing to be eliminated."""
        return self.below == 0 == self.rank


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


def banded_solve(system: Bordered, b: Tensor) -> Tensor:
    """X with (A + U Vᵀ) X = B, for B of shape (..., n, k)."""
    rows, r = b.ndim - 2, system.rank
    if system.leans:
        return flip(banded_solve(system.turned, flip(b, rows)), rows)
    if system.plain:
        return _back(_time_first(system.bands), _time_first(b), system.right)
    done = _eliminated(system)
    right, last = _forward(done, b, system.below)
    if r != 0:
        y = linalg.solve(done.border, last)
        right = right - squeeze(_row(done.pivots[..., done.pivots.shape[-1] - r:]) @ y, -2)
    return _back(done.pivots, right, system.right)


def banded_determinant(system: Bordered) -> Determinant:
    """Det (A + U Vᵀ), from the pivots and the exchanges of rows."""
    if system.leans:
        return banded_determinant(system.turned)
    if system.plain:
        return of_product(system.bands[..., 0])
    done = _eliminated(system)
    lead = done.chosen.ndim - 1
    chosen = transpose(done.chosen, [*range(1, lead + 1), 0])
    pivots = transpose(done.pivots[..., 0], [*range(1, lead + 1), 0])
    found = of_product(where(equal_to(chosen, 0), pivots, -pivots))
    return found if system.rank == 0 else found * of_matrix(done.border)


def _eliminated(system: Bordered) -> Eliminated:
    p, r, sizes = system.below, system.rank, system.bands.shape[:-2]
    n, w = system.bands.shape[-2:]
    entering = _time_first(_later(_sides(system), p))
    beyond = _time_first(_later(system.right, w - 1))
    lead = _batch(sizes)
    i, c, _ = indices("i c k", p + r, w + 2 * r, r)

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
                                          init=(_first(system), *none), step=step)
    return Eliminated(pivots, chosen, factors, final(left)[..., p:, w + r:])


def _candidates(left: Tensor, entering: Tensor, beyond: Tensor, p: Form) -> Tensor:
    """The rows left over, the window moved by a column, and the entering row after the first p."""
    lead, r = left.ndim - 2, beyond.shape[-1]
    w = left.shape[-1] - 2 * r
    batch, i, c = [at(k) for k in range(lead)], at(lead), at(lead + 1)
    leaves = [Access(entering, (*batch, c), (Guard(i - p, "=="),))]
    moves = Guard(w - 2 - c, ">=")
    for row, above in ((i, Guard(p - 1 - i, ">=")), (i - 1, Guard(i - p - 1, ">="))):
        leaves += [Access(left, (*batch, row, c + 1), (above, moves)),
                   Access(left, (*batch, row, c), (above, Guard(c - w, ">=")))]
        if r != 0:
            fresh = squeeze(left[..., w:w + r] @ _column(beyond), -1)
            leaves += [Access(fresh, (*batch, row), (above, Guard(c - w + 1, "==")))]
    shape = (*left.shape[:lead], left.shape[lead] + 1, left.shape[-1])
    return Equation.make(Scheme(shape, lead + 2, "none", (), sympy.Add(*map(slot, range(
        len(leaves)))), tuple(leaves)))


def _sides(system: Bordered) -> Tensor:
    """The rows of A: window, no multiple of Vᵀ, U."""
    n, r, sizes = system.bands.shape[-2], system.rank, system.bands.shape[:-2]
    return system.bands if r == 0 else concatenate(
        [system.bands, zeros(*sizes, n, r), system.left], -1)


def _first(system: Bordered) -> Tensor:
    """The first p rows of A and those of (-Vᵀ, -I, I), before the window's first move."""
    p, r, lead = system.below, system.rank, system.bands.ndim - 2
    n, w = system.bands.shape[-2:]
    sizes, (i, c) = system.bands.shape[:-2], (at(lead), at(lead + 1))
    batch = [at(k) for k in range(lead)]
    column = c - 1
    top = view(system.bands, (*sizes, p, w), [*batch, i, column - i + p], (
        Guard(n - 1 - i, ">="), Guard(column - i + p, ">="), Guard(i - column + w - 1 - p, ">=")))
    if r == 0:
        return top
    side = view(system.left, (*sizes, p, 2 * r), [*batch, i, c - r], (
        Guard(n - 1 - i, ">="), Guard(c - r, ">=")))
    below = view(system.right, (*sizes, r, w), [*batch, column, i], (
        Guard(n - 1 - column, ">="), Guard(column, ">=")))
    unit = broadcast_to(eye(r, 2 * r, r) - eye(r, 2 * r), (*sizes, r, 2 * r))
    return concatenate([concatenate([top, side], -1), concatenate([-below, unit], -1)], -2)


def _forward(done: Eliminated, b: Tensor, p: Form) -> tuple[Tensor, Tensor]:
    """The right sides of the pivots, and those of what is left over for y."""
    rows, k = b.ndim - 2, b.shape[-1]
    r = done.border.shape[-1]
    entering = _time_first(_later(b, p))
    sizes = b.shape[:rows]
    lead, (i, c) = _batch(sizes), indices("i c", p + r, k)

    def step(t: Any, left: Tensor, _: Tensor) -> tuple[Tensor, Tensor]:
        rows = concatenate([left[..., :p, :], _row(entering[t]), left[..., p:, :]], -2)
        rows, chosen = rows.named("rows"), done.chosen[t]
        pivot = _picked(rows, chosen).named("pivot")
        other = _others(rows, chosen, lead, i)
        return _reduced(other, done.factors[t], pivot, (*lead, i, c)), pivot

    first = concatenate([view(b, (*sizes, p, k), [at(a) for a in range(b.ndim)], (
        Guard(b.shape[rows] - 1 - at(rows), ">="),)), zeros(*sizes, r, k)], -2)
    left, right = recur(("left", "right"), b.shape[rows], init=(first, zeros(*sizes, k)),
                        step=step)
    return right, final(left)[..., p:, :]


def _back(pivots: Tensor, right: Tensor, v: Tensor) -> Tensor:
    """Back substitution: the window, and right of it multiples of the rows of Vᵀ."""
    n, *lead, m = pivots.shape
    r, k = v.shape[-1], right.shape[-1]
    w = m - 2 * r
    u, b = flip(pivots, 0), flip(right, 0)
    leaving = flip(_time_first(_later(v, w - 1)), 0)

    batch, (a, i, c) = _batch(tuple(lead)), indices("a i c", r, w - 1, k)

    def step(t: Any, window: Tensor, _: Tensor, *beyond: Tensor) -> tuple[Tensor, ...]:
        row = u[(t, *batch)]
        known = sum(row[i + 1] * window[(*batch, i, c)], i)
        for z in beyond:
            known = known + sum(row[w + a] * z[(*batch, a, c)], a)
        x = define("x", (*batch, c), (b[(t, *batch, c)] - known) / row[0])
        moved = concatenate([_row(x), window], -2)
        after = (z + _column(leaving[t]) * moved[..., -1:, :] for z in beyond)
        return moved[..., :-1, :], x, *after

    init = [zeros(*lead, w - 1, k), zeros(*lead, k)] + [zeros(*lead, r, k)] * (r != 0)
    names = ("window", "x", "beyond")[:len(init)]
    x = flip(recur(names, n, init=init, step=step)[1], 0)
    return transpose(x, [*range(1, x.ndim - 1), 0, x.ndim - 1])


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


def _time_first(x: Tensor) -> Tensor:
    """The rows of matrices before all other axes."""
    rows = x.ndim - 2
    return transpose(x, [rows, *range(rows), rows + 1])


def _row(x: Tensor) -> Tensor:
    return expand_dims(x, x.ndim - 1)


def _column(x: Tensor) -> Tensor:
    return expand_dims(x, x.ndim)
