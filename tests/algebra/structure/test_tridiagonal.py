"""Tridiagonal systems against NumPy, those that need rows exchanged included."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl.algebra.structure.tridiagonal import tridiagonal_logdet, tridiagonal_solve

n, k = sd.dims("n k")
lower, main, upper, B = (sd.tensor(name, *shape) for name, shape in (
    ("lower", (n,)), ("main", (n,)), ("upper", (n,)), ("B", (n, k))))


@pytest.mark.parametrize("scale", [1.0, 1e-12, 0.0], ids=["", "tiny pivots", "no pivots"])
@pytest.mark.parametrize("size", [0, 1, 2, 6])
def test_a_system_is_solved_with_rows_exchanged_where_need_be(size, scale):
    rng = np.random.default_rng(size)
    at = {name: rng.normal(size=size) for name in ("lower", "main", "upper")}
    at["lower"][:1] = at["upper"][-1:] = 0
    at["main"] *= scale if size % 2 == 0 else 1
    at["B"] = rng.normal(size=(size, 2))
    full = np.diag(at["main"]) + np.diag(at["lower"][1:], -1)[:size, :size] + np.diag(
        at["upper"][:-1], 1)[:size, :size]
    np.testing.assert_allclose(sd.evaluate(tridiagonal_solve(lower, main, upper, B), at),
                               np.linalg.solve(full, at["B"]), rtol=1e-9, atol=1e-10)
    sign, expected = np.linalg.slogdet(full)
    found = sd.evaluate(tridiagonal_logdet(lower, main, upper), at)
    assert np.isnan(found) if sign < 0 else np.isclose(found, expected)
