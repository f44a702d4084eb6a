"""Jacobi's methods for eigenvalues and singular values over any scalars, for exact evaluation.

Two more sweeps follow once all rotations are small: they square the error twice. With complex
scalars the rotations are complex orthogonal, not unitary, and continue the real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from symdl.language.primitives.base import Matrix

Root = Callable[[Any], Any]
_SWEEPS = 60


def finite(a: Matrix) -> bool:
    """Whether no entry is infinite or NaN."""
    return all(x - x == 0 for row in a for x in row)


def transposed(a: Matrix) -> Matrix:
    """The transpose of a matrix with at least one row."""
    return [list(column) for column in zip(*a, strict=True)]


def dot(a: list[Any], b: list[Any]) -> Any:
    """The inner product, without conjugation."""
    total: Any = 0
    for x, y in zip(a, b, strict=True):
        total = total + x * y
    return total


def epsilon(one: Any) -> Any:
    """The distance from 1 to the next number of its kind."""
    half = one / 2
    while one + half / 2 != one:
        half = half / 2
    return half


def symmetric_eigen(a: Matrix, sqrt: Root) -> tuple[list[Any], Matrix]:
    """The ascending eigenvalues and, as rows, the eigenvectors of a's symmetric part.

    Cyclic Jacobi (Golub & Van Loan, *Matrix Computations*, 4th ed., 8.5).
    """
    n = len(a)
    s = [[(a[i][j] + a[j][i]) / 2 for j in range(n)] for i in range(n)]
    v = [[s[0][0] * 0 + (i == j) for j in range(n)] for i in range(n)]
    for _ in _sweeps(lambda: all(_negligible(s[p][q] * s[p][q], s[p][p] * s[q][q])
                                 for p, q in _pairs(n))):
        for p, q in _pairs(n):
            if s[p][q] != 0:
                cosine, sine = _rotation((s[q][q] - s[p][p]) / (2 * s[p][q]), sqrt)
                _rotate(s, p, q, cosine, sine)
                for row in s:
                    row[p], row[q] = (cosine * row[p] - sine * row[q],
                                      sine * row[p] + cosine * row[q])
                _rotate(v, p, q, cosine, sine)
    order = sorted(range(n), key=lambda k: s[k][k].real)
    return [s[k][k] for k in order], [oriented(v[k]) for k in order]


def singular_values(a: Matrix, sqrt: Root) -> tuple[Matrix, list[Any], Matrix]:
    """The descending singular values with, as rows, the left and the right vectors.

    One-sided Jacobi (Golub & Van Loan, *Matrix Computations*, 4th ed., 8.6.3).
    """
    if len(a) < len(a[0]):
        left, s, right = _one_sided(a, sqrt)
    else:
        right, s, left = _one_sided(transposed(a), sqrt)
    signs = [_sign(u) for u in left]
    return ([[f * x for x in u] for f, u in zip(signs, left, strict=True)], s,
            [[f * x for x in u] for f, u in zip(signs, right, strict=True)])


def _one_sided(u: Matrix, sqrt: Root) -> tuple[Matrix, list[Any], Matrix]:
    """Right vectors, singular values and left vectors of the matrix with the columns u."""
    n, u = len(u), [list(column) for column in u]
    v = [[u[0][0] * 0 + (i == j) for j in range(n)] for i in range(n)]
    for _ in _sweeps(lambda: all(
            _negligible(dot(u[p], u[q]) ** 2, dot(u[p], u[p]) * dot(u[q], u[q]))
            for p, q in _pairs(n))):
        for p, q in _pairs(n):
            between = dot(u[p], u[q])
            if between != 0:
                cosine, sine = _rotation(
                    (dot(u[q], u[q]) - dot(u[p], u[p])) / (2 * between), sqrt)
                _rotate(u, p, q, cosine, sine)
                _rotate(v, p, q, cosine, sine)
    lengths = [sqrt(dot(column, column)) for column in u]
    order = sorted(range(n), key=lambda k: -lengths[k].real)
    s = [lengths[k] for k in order]
    smallest = s[0].real * len(u[0]) * epsilon(s[0] * 0 + 1).real
    left: Matrix = []
    for k, length in zip(order, s, strict=True):
        left.append([x / length for x in u[k]] if length.real > smallest
                    else _orthogonal(left, len(u[0]), sqrt, s[0] * 0))
    return [v[k] for k in order], s, left


def _orthogonal(vectors: Matrix, size: int, sqrt: Root, zero: Any) -> list[Any]:
    """A unit vector at right angles to some others: what is left of a unit vector, the longest."""
    best, longest = [zero] * size, zero
    for axis in range(size):
        x = [zero + (k == axis) for k in range(size)]
        for _ in range(2):
            for u in vectors:
                part = dot(u, x)
                x = [e - part * f for e, f in zip(x, u, strict=True)]
        length = sqrt(dot(x, x))
        if length.real > longest.real:
            best, longest = [e / length for e in x], length
    return best


def oriented(x: list[Any]) -> list[Any]:
    """Plus or minus x: its first entry of at least a tenth of the largest magnitude is positive."""
    sign = _sign(x)
    return [sign * e for e in x]


def _sign(x: list[Any]) -> int:
    largest = max((abs(e) for e in x), default=0)
    leading = next((e for e in x if 10 * abs(e) >= largest), 1)
    return -1 if leading.real < 0 else 1


def _pairs(n: int) -> Iterator[tuple[int, int]]:
    return ((p, q) for p in range(n) for q in range(p + 1, n))


def _sweeps(settled: Callable[[], bool]) -> Iterator[None]:
    """Count sweeps: until things have settled, and two more."""
    more = 2
    for _ in range(_SWEEPS):
        if settled():
            more -= 1
        if more < 0:
            return
        yield


def _negligible(x: Any, y: Any) -> bool:
    """Whether |x| is nothing beside |y|."""
    return bool(abs(y) + abs(x) == abs(y))


def _rotation(ratio: Any, sqrt: Root) -> tuple[Any, Any]:
    """Cosine and sine of the smaller angle with cot 2θ = ratio."""
    root = sqrt(ratio * ratio + 1)
    far = max(ratio + root, ratio - root, key=abs)
    tangent = 1 / far
    cosine = 1 / sqrt(tangent * tangent + 1)
    return cosine, tangent * cosine


def _rotate(rows: Matrix, p: int, q: int, cosine: Any, sine: Any) -> None:
    """Turn two rows into each other."""
    first, second = rows[p], rows[q]
    rows[p] = [cosine * x - sine * y for x, y in zip(first, second, strict=True)]
    rows[q] = [sine * x + cosine * y for x, y in zip(first, second, strict=True)]
