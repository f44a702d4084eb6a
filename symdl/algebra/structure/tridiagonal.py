"""Tridiagonal systems as recurrences: Gaussian elimination with partial pivoting.

Row t of the matrix has `lower[t]` before the diagonal, `main[t]` on it and `upper[t]` after it.
One step looks at the equation left over at t, `a x[t] + b x[t+1] = r`, and at the equation t + 1,
takes the one with the larger coefficient of x[t] as pivot and eliminates x[t] from the other
(LAPACK's `gtsv`; Anderson et al., *LAPACK Users' Guide*, 3rd ed., 1999).
"""

from __future__ import annotations

from typing import Any

import sympy

from symdl.language.body import slot
from symdl.language.elementwise import equal_to, function, greater_equal
from symdl.language.guard import Guard
from symdl.language.recur import recur
from symdl.language.reductions import prod, sum
from symdl.language.scheme import Access, Scheme
from symdl.language.selection import where
from symdl.language.shaping import at, expand_dims, flip, transpose, view, zeros
from symdl.language.solve import solved
from symdl.language.tensor import Equation, Tensor

_abs, _log, _sign = function("abs"), function("log"), function("sign")


def tridiagonal_solve(lower: Tensor, main: Tensor, upper: Tensor, b: Tensor) -> Tensor:
    """X with T X = B: diagonals of shape (..., N), B of shape (..., N, K)."""
    p0, p1, p2, q, _ = _eliminated(lower, main, upper, b)
    reverse = [_late(flip(x, 0)) for x in (p0, p1, p2)]
    right, none = flip(q, 0), zeros(*q.shape[1:])

    def step(t: Any, x: tuple[Tensor, Tensor]) -> Any:
        d, e, f = (p[t] for p in reverse)
        return (right[t] - e * x[0] - f * x[1]) / d

    x = recur("x", main.shape[-1], init=(none, none), step=step, lags=2)
    return transpose(flip(x, 0), [*range(1, x.ndim - 1), 0, x.ndim - 1])


def tridiagonal_logdet(lower: Tensor, main: Tensor, upper: Tensor) -> Tensor:
    """Log det T, from the pivots and the exchanges of rows."""
    b = zeros(*main.shape, 1)
    pivots, *_, signs = _eliminated(lower, main, upper, b)
    return sum(_log(_abs(pivots)), axis=0) + _log(prod(_sign(pivots) * signs, axis=0))


def _eliminated(lower: Tensor, main: Tensor, upper: Tensor, b: Tensor) -> tuple[Tensor, ...]:
    """The rows of U, their right sides, and -1 where rows were exchanged; time first."""
    low, mid, up = (_time_first(x, x.ndim - 1) for x in (lower, main, upper))
    right = _time_first(b, b.ndim - 2)
    low1, mid1, up1, right1 = (_next(x) for x in (low, mid, up, right))

    def step(t: Any, a: Tensor, b: Tensor, r: Tensor, *_: Tensor) -> tuple[Tensor, ...]:
        l, m, u, s = low1[t], mid1[t], up1[t], right1[t]
        keep = greater_equal(_abs(a), _abs(l))
        factor = where(keep, where(equal_to(a, 0), 0, l / a), a / l)
        swapped = expand_dims(keep, keep.ndim)
        scale = expand_dims(factor, factor.ndim)
        left = (where(keep, m - factor * b, b - factor * m), where(keep, u, -factor * u),
                where(swapped, s - scale * r, r - scale * s))
        row = (where(keep, a, l), where(keep, b, m), where(keep, 0 * u, u),
               where(swapped, r, s), where(keep, 1, -1) * (0 * a + 1))
        return (*left, *row)

    none = zeros(*mid.shape[1:])
    init = (_first(mid), _first(up), _first(right), none, none, none, zeros(*right.shape[1:]), none)
    names = ("a", "b", "r", "p0", "p1", "p2", "q", "sign")
    return tuple(recur(names, main.shape[-1], init=init, step=step)[3:])


def _time_first(x: Tensor, axis: int) -> Tensor:
    return transpose(x, [axis, *(k for k in range(x.ndim) if k != axis)])


def _late(x: Tensor) -> Tensor:
    return expand_dims(x, x.ndim)


def _next(x: Tensor) -> Tensor:
    """x[t+1], and 0 after the end."""
    later = at(0) + 1
    return view(x, x.shape, [later, *(at(k) for k in range(1, x.ndim))],
                (Guard(x.shape[0] - 1 - later, ">="),))


def _first(x: Tensor) -> Tensor:
    """x[0], and 0 where x has no entries."""
    n = x.ndim - 1
    index = (at(n), *(at(k) for k in range(n)))
    s = Scheme((*x.shape[1:], x.shape[0]), n, "sum", (Guard(at(n), "=="),), slot(0),
               (Access(x, index),))
    zero = Scheme(x.shape[1:], n, "none", (), sympy.S.Zero, ())
    return Equation.make(solved(s) or zero)
