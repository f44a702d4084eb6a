"""Exact points: every fact of an input holds without rounding."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import symdl as sd
from symdl.claims.verify.points import Numbers, draw
from symdl.language.errors import SymdlError

n, m = sd.dims("n m")


def entries(a: Any) -> list[Fraction]:
    return list(a.flat)


def eye(a: Any) -> Any:
    return np.eye(len(a), dtype=int)


HOLDS: dict[str, tuple[Callable[[Any], bool], int]] = {
    "positive": (lambda a: all(x > 0 for x in entries(a)), 2),
    "nonnegative": (lambda a: all(x >= 0 for x in entries(a)), 2),
    "unit_interval": (lambda a: all(0 <= x <= 1 for x in entries(a)), 1),
    "binary": (lambda a: all(x in (0, 1) for x in entries(a)), 1),
    "simplex": (lambda a: all(x >= 0 for x in entries(a)) and a.sum() == 1, 1),
    "one_hot": (lambda a: sorted(entries(a))[-2:] == [0, 1] and a.sum() == 1, 1),
    "unit_norm": (lambda a: (a * a).sum() == 1, 1),
    "symmetric": (lambda a: (a == a.T).all(), 2),
    "positive_definite": (lambda a: (a == a.T).all() and
                          np.linalg.eigvalsh(a.astype(float)).min() > 0, 2),
    "orthogonal": (lambda a: (a @ a.T == eye(a)).all(), 2),
    "diagonal": (lambda a: (a * (1 - eye(a)) == 0).all(), 2),
    "lower_triangular": (lambda a: (np.triu(a, 1) == 0).all(), 2),
    "upper_triangular": (lambda a: (np.tril(a, -1) == 0).all(), 2),
    "idempotent": (lambda a: (a @ a == a).all(), 2),
}


@pytest.mark.parametrize("fact", HOLDS)
def test_a_fact_holds_exactly(fact: str) -> None:
    holds, rank = HOLDS[fact]
    v = sd.tensor("v", *(n,) * rank, **{fact: True})
    (size,) = v.shape[0].atoms
    for seed in range(8):
        a = draw(v, v, {size: 3}, Numbers(seed))
        assert all(isinstance(x, Fraction) for x in a.flat)
        assert holds(a)


@pytest.mark.parametrize("fact", ["nonnegative", "unit_interval", "simplex"])
def test_the_border_of_a_range_is_met(fact: str) -> None:
    v = sd.tensor("v", n, **{fact: True})
    (size,) = v.shape[0].atoms
    assert any(0 in entries(draw(v, v, {size: 3}, Numbers(seed))) for seed in range(20))


def test_idempotent_matrices_are_not_all_symmetric() -> None:
    v = sd.tensor("v", n, n, idempotent=True)
    (size,) = v.shape[0].atoms
    assert any((a != a.T).any() for s in range(4) for a in [draw(v, v, {size: 2}, Numbers(s))])


def test_what_cannot_be_drawn_is_refused() -> None:
    v = sd.tensor("v", n, n, orthogonal=True, positive=True)
    (size,) = v.shape[0].atoms
    with pytest.raises(SymdlError, match="no way is known"):
        draw(v, v, {size: 2}, Numbers(0))
