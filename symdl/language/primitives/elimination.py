"""Gaussian elimination and Cholesky's factorisation over any scalars, for exact evaluation."""

from __future__ import annotations

from typing import Any

from symdl.language.primitives.base import Matrix


def eliminated(a: Matrix, b: Matrix) -> tuple[Any, Matrix]:
    """The determinant of a, and the solution of `a x = b`.

    A singular matrix gives determinant 0 and a solution of None entries.
    Pivots are chosen by magnitude (Golub & Van Loan, *Matrix Computations*, 4th ed., 3.4).
    """
    n = len(a)
    rows = [[*a[i], *b[i]] for i in range(n)]
    det: Any = 1
    for k in range(n):
        pivot = max(range(k, n), key=lambda i: abs(rows[i][k]))
        if rows[pivot][k] == 0:
            return rows[pivot][k], [[None] * len(b[0]) for _ in range(n)]
        if pivot != k:
            rows[k], rows[pivot] = rows[pivot], rows[k]
            det = -det
        det = det * rows[k][k]
        for i in range(k + 1, n):
            factor = rows[i][k] / rows[k][k]
            rows[i] = [x - factor * y for x, y in zip(rows[i], rows[k], strict=True)]
    return det, upper_solved([r[:n] for r in rows], [r[n:] for r in rows])


def upper_solved(u: Matrix, b: Matrix) -> Matrix:
    """The solution of `u x = b` for an upper triangular u."""
    n = len(u)
    x: Matrix = [[] for _ in range(n)]
    for i in reversed(range(n)):
        x[i] = [(b[i][c] - _dot(u[i][i + 1:], [x[j][c] for j in range(i + 1, n)])) / u[i][i]
                for c in range(len(b[i]))]
    return x


def lower_solved(low: Matrix, b: Matrix) -> Matrix:
    """The solution of `low x = b` for a lower triangular matrix."""
    n = len(low)
    x: Matrix = [[] for _ in range(n)]
    for i in range(n):
        x[i] = [(b[i][c] - _dot(low[i][:i], [x[j][c] for j in range(i)])) / low[i][i]
                for c in range(len(b[i]))]
    return x


def cholesky_factor(a: Matrix, sqrt: Any) -> Matrix:
    """The lower triangular L with `L Lᵀ = a`, from a's lower triangle."""
    n = len(a)
    low: Matrix = [[0] * n for _ in range(n)]
    for j in range(n):
        low[j][j] = sqrt(a[j][j] - _dot(low[j][:j], low[j][:j]))
        for i in range(j + 1, n):
            low[i][j] = (a[i][j] - _dot(low[i][:j], low[j][:j])) / low[j][j]
    return low


def _dot(a: list[Any], b: list[Any]) -> Any:
    total: Any = 0
    for x, y in zip(a, b, strict=True):
        total = total + x * y
    return total
