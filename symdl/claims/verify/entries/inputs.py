"""Inputs with facts as functions of free entries: every value has them, almost every one is met.

A positive definite matrix is L Lᵀ (Cholesky), an orthogonal one is Cayley's (I - K)(I + K)⁻¹
times a reflection, a probability vector t / Σt, a unit vector stereographic, a number within
(0, 1) is t / (1 + t).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations_with_replacement, product
from typing import Any

import numpy as np

from symdl.claims.verify.entries.field import Element, Field, Unsupported
from symdl.evidence.line import Array
from symdl.language.primitives.elimination import eliminated
from symdl.language.tensor import Variable

MOST_CASES = 64


def entry_count(v: Variable, shape: tuple[int, ...]) -> int:
    """How many free entries an input has, at most."""
    return int(np.prod(shape))


def cases_of(v: Variable, shape: tuple[int, ...]) -> list[Array | None]:
    """All values of an input that has finitely many; one None for others."""
    if "one_hot" in v.facts:
        rows: list[Any] = [list(row) for row in np.eye(shape[-1], dtype=int)]
        count = int(np.prod(shape[:-1]))
    elif "binary" in v.facts:
        rows, count = [0, 1], int(np.prod(shape))
    else:
        return [None]
    if len(rows) ** count > MOST_CASES:
        raise Unsupported("too many cases")
    return [np.array(case, object).reshape(shape) for case in product(rows, repeat=count)]


def signs_of(v: Variable) -> Iterator[int]:
    """The components that an input's values have: both signs of an orthogonal determinant."""
    yield from (1, -1) if "orthogonal" in v.facts else (1,)


def is_positive(v: Variable) -> bool:
    """Whether the free entries are positive."""
    return bool(v.facts & {"positive", "nonnegative", "unit_interval", "simplex"})


def may_be_zero(v: Variable) -> bool:
    """Whether entries that count as positive may be 0, or 1 less one of them."""
    return bool(v.facts & {"nonnegative", "unit_interval", "simplex"}) and (
        "positive" not in v.facts or bool(v.facts & {"unit_interval", "simplex"}))


def valued(v: Variable, free: list[Element], shape: tuple[int, ...], field: Field, sign: int,
           ) -> Array:
    """The value of an input over free entries.

    Raises
    ------
    Unsupported
        For facts that aren't known here.
    """
    facts = v.facts - {"positive", "nonnegative"}
    if facts - _KNOWN or v.dtype != "real" or (len(shape) > 2 and facts):
        raise Unsupported(f"an input that is {' and '.join(sorted(facts)) or v.dtype}")
    a = np.empty(shape, object)
    for x, i in zip(free, np.ndindex(shape), strict=True):
        a[i] = x
    if "unit_interval" in facts and "simplex" not in facts:
        return _each(a, lambda t: t / (1 + t))
    if "simplex" in facts:
        return _rows(a, lambda row: row / sum(row))
    if "unit_norm" in facts:
        return _rows(a, _on_sphere)
    return _matrix(a, facts, field, sign) if facts else a


_KNOWN = frozenset({"unit_interval", "simplex", "unit_norm", "symmetric", "positive_definite",
                    "diagonal", "lower_triangular", "upper_triangular", "orthogonal"})


def _matrix(a: Array, facts: frozenset[str], field: Field, sign: int) -> Array:
    zero, n = field.zero, len(a)
    if "diagonal" in facts:
        return np.array([[_square(a[i, i], facts) if i == j else zero for j in range(n)]
                         for i in range(n)], object)
    if "orthogonal" in facts:
        if facts != {"orthogonal"}:
            raise Unsupported("an orthogonal matrix with other facts")
        return _cayley(a, field, sign)
    if "lower_triangular" in facts or "upper_triangular" in facts:
        low = "lower_triangular" in facts
        return np.array([[a[i, j] if (i >= j if low else i <= j) else zero for j in range(n)]
                         for i in range(n)], object)
    out = np.empty((n, n), object)
    for i, j in combinations_with_replacement(range(n), 2):
        out[i, j] = out[j, i] = a[i, j] if "positive_definite" not in facts else sum(
            (a[i, k] * a[j, k] for k in range(i + 1)), zero)
    return out


def _square(x: Element, facts: frozenset[str]) -> Element:
    return x * x if "positive_definite" in facts else x


def _cayley(a: Array, field: Field, sign: int) -> Array:
    n = len(a)
    skew = [[field.zero if i == j else a[i, j] if i < j else -a[j, i] for j in range(n)]
            for i in range(n)]
    plus = [[x + (i == j) for j, x in enumerate(row)] for i, row in enumerate(skew)]
    minus = [[(i == j) - x for j, x in enumerate(row)] for i, row in enumerate(skew)]
    _, out = eliminated(plus, minus)
    return np.array([[x * sign if j == 0 else x for j, x in enumerate(row)] for row in out], object)


def _on_sphere(row: Array) -> Any:
    u = row[1:]
    square = sum(x * x for x in u) if len(u) else 0 * row[0]
    return np.array([*(2 * x / (square + 1) for x in u), (square - 1) / (square + 1)], object)


def _each(a: Array, change: Any) -> Array:
    out = np.empty(a.shape, object)
    for i in np.ndindex(a.shape):
        out[i] = change(a[i])
    return out


def _rows(a: Array, change: Any) -> Array:
    out = np.empty(a.shape, object)
    for i in np.ndindex(a.shape[:-1]):
        out[i] = change(a[i])
    return out
