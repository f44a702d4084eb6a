"""Functions of matrices by iteration over any scalars, for exact evaluation.

None stands for a value that doesn't exist.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symdl.language.primitives.base import Matrix
from symdl.language.primitives.elimination import eliminated
from symdl.language.primitives.jacobi import (
    Root,
    dot,
    epsilon,
    finite,
    symmetric_eigen,
    transposed,
)

_STEPS = 200


def product(a: Matrix, b: Matrix) -> Matrix:
    """The matrix product."""
    columns = transposed(b)
    return [[dot(row, column) for column in columns] for row in a]


def combined(x: Any, a: Matrix, y: Any, b: Matrix) -> Matrix:
    """The sum x a + y b for numbers x and y."""
    return [[x * e + y * f for e, f in zip(r, s, strict=True)] for r, s in zip(a, b, strict=True)]


def identity(a: Matrix) -> Matrix:
    """The identity of a's size and kind of numbers."""
    return [[x * 0 + (i == j) for j, x in enumerate(row)] for i, row in enumerate(a)]


def size(a: Matrix) -> Any:
    """The largest sum of magnitudes of a row."""
    return max(sum(abs(x) for x in row) for row in a)


def exponential(a: Matrix, exp: Root) -> Matrix:
    """e^a = e^μ e^(a - μ), μ the mean of the eigenvalues: a power series, and repeated squaring.

    Squared is e^x - 1, which loses no digits of a small x (Higham, *Functions of Matrices*, 2008,
    10.3).
    """
    one = identity(a)
    mean = sum(a[i][i] for i in range(len(a))) / len(a)
    x, squarings = combined(1, a, -mean, one), 0
    while size(x) > 1:
        x, squarings = combined(one[0][0] / 2, x, 0, x), squarings + 1
    total = _series(x, lambda term, n: [[e / (n + 1) for e in row] for row in product(term, x)])
    for _ in range(squarings):
        total = combined(2, total, 1, product(total, total))
    return combined(exp(mean), total, exp(mean), one)


def square_root(a: Matrix, sqrt: Root) -> Matrix | None:
    """The principal square root: by eigenvalues where a is symmetric, else by iteration.

    Iannazzo's form of Newton's iteration, X_0 = A, E_0 = (I - A)/2, X_{k+1} = X_k + E_k,
    E_{k+1} = -E_k X_{k+1}⁻¹ E_k / 2 (Higham, *Functions of Matrices*, 2008, eq. 6.20).
    """
    if a == transposed(a):
        w, vectors = symmetric_eigen(a, sqrt)
        least = -max(abs(x) for x in w) * len(w) * epsilon(w[0] * 0 + 1).real
        if any(x.real < least for x in w):
            return None
        return _spectral([sqrt(x) if x.real > 0 else x * 0 for x in w], vectors)
    one = identity(a)
    scale = max(abs(a[i][i]) for i in range(len(a))) or abs(one[0][0])
    x = [[e / scale for e in row] for row in a]
    step = combined(one[0][0] / 2, one, -one[0][0] / 2, x)
    more = 2
    for _ in range(_STEPS):
        x = combined(1, x, 1, step)
        more -= size(step) ** 2 + size(x) ** 2 == size(x) ** 2
        if more < 0:
            root = sqrt(one[0][0] * scale)
            return [[root * e for e in row] for row in x]
        _, correction = eliminated(x, step)
        if correction[0][0] is None or not finite(correction):
            return None
        step = [[-e / 2 for e in row] for row in product(step, correction)]
    return None


def logarithm(a: Matrix, sqrt: Root, log: Root) -> Matrix | None:
    """The principal logarithm: by eigenvalues where a is symmetric, else 2^k log a^(1/2^k).

    log a = 2 artanh((a + 1)⁻¹ (a - 1)), a power series once square roots have made the argument
    small (Higham, *Functions of Matrices*, 2008, section 11.5 and eq. 11.24).
    """
    if a == transposed(a):
        w, vectors = symmetric_eigen(a, sqrt)
        return _spectral(list(map(log, w)), vectors) if all(x.real > 0 for x in w) else None
    one, root, factor = identity(a), a, 2
    for _ in range(_STEPS):
        _, x = eliminated(combined(1, root, 1, one), combined(1, root, -1, one))
        if x[0][0] is not None and 4 * size(x) <= 1:
            break
        found = square_root(root, sqrt)
        if found is None:
            return None
        root, factor = found, 2 * factor
    else:
        return None
    square = product(x, x)
    powers = [x]

    def following(term: Matrix, n: int) -> Matrix:
        powers[0] = product(powers[0], square)
        return [[e / (2 * n + 1) for e in row] for row in powers[0]]

    return [[factor * e for e in row] for row in _series(x, following)]


def _series(first: Matrix, following: Callable[[Matrix, int], Matrix]) -> Matrix:
    """The sum of terms, until they change nothing."""
    total, term = first, first
    for n in range(1, _STEPS):
        term = following(term, n)
        before, total = total, combined(1, total, 1, term)
        if total == before:
            break
    return total


def _spectral(values: list[Any], vectors: Matrix) -> Matrix:
    """Σ values_k v_k v_kᵀ."""
    columns = transposed(vectors)
    return product([[x * e for x, e in zip(values, row, strict=True)] for row in columns], vectors)
