"""Matrix helpers that generated kernels are made of; their source text is copied into kernels.

Each takes one batch entry and writes into its last arguments. A singular matrix gives NaN
or infinite entries, never an exception. Numerics: Gaussian elimination with partial pivoting
and Cholesky's factorisation by rows (Golub & Van Loan, *Matrix Computations*, 4th ed., 3.4
and 4.2). Where they are large, compiled kernels have LAPACK do it (`symdl.kernels.numba_lapack`).
"""

from typing import Any

import numpy as np

from symdl.kernels.prelude import log, nan, one, real, sqrt, zero

Array = Any


def gemm(m: int, n: int, k: int, left_t: bool, right_t: bool, a: Array, a_at: int, b: Array,
         b_at: int, out: Array, out_at: int, more: bool) -> None:
    """Write `op(a) op(b)` into out, or add it, as `symdl.kernels.numba_blas.gemm` does."""
    x = a.reshape(-1)[a_at:a_at + m * k].reshape((k, m) if left_t else (m, k))
    y = b.reshape(-1)[b_at:b_at + k * n].reshape((n, k) if right_t else (k, n))
    z = (x.T if left_t else x) @ (y.T if right_t else y)
    place = out.reshape(-1)[out_at:out_at + m * n]
    place[...] = place + z.reshape(-1) if more else z.reshape(-1)


def gram(m: int, n: int, k: int, left_t: bool, right_t: bool, a: Array, a_at: int, b: Array,
         b_at: int, out: Array, out_at: int, more: bool) -> None:
    """Write `op(a) op(b)`, which is symmetric, as `symdl.kernels.numba_blas.gram` does."""
    gemm(m, n, k, left_t, right_t, a, a_at, b, b_at, out, out_at, more)


large = 48


def lapack_solve(a: Array, b: Array) -> int:
    """Solve as `symdl.kernels.numba_lapack` does where compiled; plain Python declines."""
    return -1


def lapack_triangle(a: Array) -> int:
    """Factor as `symdl.kernels.numba_lapack` does where compiled; plain Python declines."""
    return 2


def lapack_cholesky(out: Array) -> bool:
    """Factor as `symdl.kernels.numba_lapack` does where compiled; plain Python declines."""
    return False


def lapack_triangular(lower: bool, a: Array, out: Array) -> bool:
    """Solve as `symdl.kernels.numba_lapack` does where compiled; plain Python declines."""
    return False


def _eliminate(a: Array, b: Array) -> bool:
    """Solve a x = b in place (x in b, a destroyed); False where a is singular."""
    n = a.shape[0]
    if n >= large:
        solved = lapack_solve(a, b)
        if solved >= 0:
            return solved == 1
    for k in range(n):
        p = k
        for i in range(k + 1, n):
            if abs(a[i, k]) > abs(a[p, k]):
                p = i
        if a[p, k] == zero:
            return False
        if p != k:
            for j in range(n):
                a[k, j], a[p, j] = a[p, j], a[k, j]
            for j in range(b.shape[1]):
                b[k, j], b[p, j] = b[p, j], b[k, j]
        for i in range(k + 1, n):
            f = a[i, k] / a[k, k]
            for j in range(k + 1, n):
                a[i, j] -= f * a[k, j]
            for j in range(b.shape[1]):
                b[i, j] -= f * b[k, j]
    for r in range(n):
        i = n - 1 - r
        for k in range(i + 1, n):
            for j in range(b.shape[1]):
                b[i, j] -= a[i, k] * b[k, j]
        for j in range(b.shape[1]):
            b[i, j] = b[i, j] / a[i, i]
    return True


def _copy(a: Array, out: Array) -> None:
    """Write a into out."""
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            out[i, j] = a[i, j]


def _inv(a: Array, out: Array) -> None:
    """Write the inverse of a into out."""
    n = a.shape[0]
    work = np.empty((n, n), real)
    _copy(a, work)
    for i in range(n):
        for j in range(n):
            out[i, j] = one if i == j else zero
    if not _eliminate(work, out):
        for i in range(n):
            for j in range(n):
                out[i, j] = nan


def _solve(a: Array, b: Array, out: Array) -> None:
    """Write the solution of a x = b into out."""
    n = a.shape[0]
    work = np.empty((n, n), real)
    _copy(a, work)
    _copy(b, out)
    if not _eliminate(work, out):
        for i in range(n):
            for j in range(out.shape[1]):
                out[i, j] = nan


def _triangle(a: Array) -> float:
    """Eliminate below the diagonal and return the sign of the row exchanges; 0 if singular."""
    n = a.shape[0]
    if n >= large:
        exchanges = lapack_triangle(a)
        if exchanges != 2:
            return real(exchanges)
    sign = one
    for k in range(n):
        p = k
        for i in range(k + 1, n):
            if abs(a[i, k]) > abs(a[p, k]):
                p = i
        if a[p, k] == zero:
            return zero
        if p != k:
            sign = -sign
            for j in range(n):
                a[k, j], a[p, j] = a[p, j], a[k, j]
        for i in range(k + 1, n):
            f = a[i, k] / a[k, k]
            for j in range(k + 1, n):
                a[i, j] -= f * a[k, j]
    return sign


def _det(a: Array, out: Array) -> None:
    """Write the determinant of a into out[0]."""
    n = a.shape[0]
    work = np.empty((n, n), real)
    _copy(a, work)
    det = _triangle(work)
    for i in range(n):
        if det != zero:
            det = det * work[i, i]
    out[0] = det


def _logdet(a: Array, out: Array) -> None:
    """Write log det a into out[0]: NaN for a negative determinant."""
    n = a.shape[0]
    work = np.empty((n, n), real)
    _copy(a, work)
    sign = _triangle(work)
    total = zero if sign != zero else log(zero)
    for i in range(n):
        if sign != zero:
            sign = sign if work[i, i] > zero else -sign
            total += log(abs(work[i, i]))
    out[0] = nan if sign < zero else total


def _slogdet(a: Array, sign: Array, out: Array) -> None:
    """Write the sign of the determinant into sign[0] and log |det a| into out[0]."""
    n = a.shape[0]
    work = np.empty((n, n), real)
    _copy(a, work)
    s = _triangle(work)
    total = zero if s != zero else log(zero)
    for i in range(n):
        if s != zero:
            s = s if work[i, i] > zero else -s
            total += log(abs(work[i, i]))
    sign[0] = s if total == total else nan
    out[0] = total


def _cholesky(a: Array, out: Array) -> None:
    """Write the Cholesky factor of a into out, reading a's lower triangle."""
    n = a.shape[0]
    for i in range(n):
        for j in range(n):
            out[i, j] = a[i, j] if j <= i else zero
    if n >= large and lapack_cholesky(out):
        return
    for i in range(n):
        for j in range(i + 1):
            total = a[i, j]
            for k in range(j):
                total -= out[i, k] * out[j, k]
            out[i, j] = sqrt(total) if i == j else total / out[j, j]


def _solve_lower(a: Array, b: Array, out: Array) -> None:
    """Write the solution of a x = b into out, reading a's lower triangle."""
    if a.shape[0] >= large:
        _copy(b, out)
        if lapack_triangular(True, a, out):
            return
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            out[i, j] = b[i, j]
        for k in range(i):
            for j in range(b.shape[1]):
                out[i, j] -= a[i, k] * out[k, j]
        for j in range(b.shape[1]):
            out[i, j] = out[i, j] / a[i, i]


def _solve_upper(a: Array, b: Array, out: Array) -> None:
    """Write the solution of a x = b into out, reading a's upper triangle."""
    n = a.shape[0]
    if n >= large:
        _copy(b, out)
        if lapack_triangular(False, a, out):
            return
    for r in range(n):
        i = n - 1 - r
        for j in range(b.shape[1]):
            out[i, j] = b[i, j]
        for k in range(i + 1, n):
            for j in range(b.shape[1]):
                out[i, j] -= a[i, k] * out[k, j]
        for j in range(b.shape[1]):
            out[i, j] = out[i, j] / a[i, i]


def _before(x: float, y: float, sign: float) -> bool:
    """Whether x sorts strictly before y; NaN comes last."""
    return bool(sign * x < sign * y or (x == x and y != y))


def _order(a: Array, sign: float, out: Array) -> None:
    """Write the places of the sorted entries into out, equal ones as they stand (merge sort)."""
    n = a.shape[0]
    other = np.empty(n, np.int64)
    for i in range(n):
        out[i] = i
    width = 1
    while width < n:
        for start in range(0, n, 2 * width):
            i, j = start, min(start + width, n)
            middle, end = j, min(start + 2 * width, n)
            for k in range(start, end):
                if i < middle and (j >= end or not _before(a[out[j]], a[out[i]], sign)):
                    other[k] = out[i]
                    i += 1
                else:
                    other[k] = out[j]
                    j += 1
        for k in range(n):
            out[k] = other[k]
        width *= 2


def _argsort_ascending(a: Array, out: Array) -> None:
    """Write the places of the entries in ascending order into out."""
    _order(a, one, out)


def _argsort_descending(a: Array, out: Array) -> None:
    """Write the places of the entries in descending order into out."""
    _order(a, -one, out)
