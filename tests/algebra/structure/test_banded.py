"""Banded systems with a border against NumPy and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import solve_banded

import symdl as sd
from symdl.algebra.structure.banded import Bordered, banded_determinant, banded_solve
from symdl.language.form import Form

n, k = sd.dims("n k")
B = sd.tensor("B", n, k)


def system(below, above, rank):
    bands = sd.tensor("bands", n, below + above + 1)
    return Bordered(bands, Form.of(below), sd.tensor("U", n, rank), sd.tensor("V", n, rank))


def drawn(size, below, above, rank, seed):
    """Arrays for a system, and the matrix that they stand for."""
    rng = np.random.default_rng(seed)
    i, c = np.arange(size)[:, None], np.arange(-below, above + 1)
    bands = np.where((i + c >= 0) & (i + c < size), rng.normal(size=(size, len(c))), 0)
    full = np.zeros((size, size))
    for row, at in zip(*np.nonzero(bands), strict=True):
        full[row, row + at - below] = bands[row, at]
    u, v = rng.normal(size=(2, size, rank))
    return {"bands": bands, "U": u, "V": v, "B": rng.normal(size=(size, 2))}, full + u @ v.T


@pytest.mark.parametrize("case", [(1, 1, 0), (2, 2, 0), (0, 3, 0), (1, 2, 1), (2, 2, 3)], ids=str)
def test_a_system_is_solved(case):
    s = system(*case)
    kernel = sd.compile([banded_solve(s, B), banded_determinant(s).log], backend="numpy")
    names = {v.name for v in kernel.inputs}
    for size in (1, 2, 3, 7):
        at, full = drawn(size, *case, seed=size)
        solution, logdet = kernel(**{v: a for v, a in at.items() if v in names})
        np.testing.assert_allclose(solution, np.linalg.solve(full, at["B"]), rtol=1e-7, atol=1e-8)
        sign, expected = np.linalg.slogdet(full)
        assert np.isnan(logdet) if sign < 0 else np.isclose(logdet, expected)


def test_a_large_system_never_becomes_an_array():
    kernel = sd.compile(banded_solve(system(2, 3, 0), B))
    rng = np.random.default_rng(1)
    bands = rng.normal(size=(100_000, 6))
    bands[:, 2] += 20
    for c in range(6):
        i = np.arange(100_000) + c - 2
        bands[(i < 0) | (i >= 100_000), c] = 0
    above = np.array([np.roll(bands[:, c], c - 2) for c in range(6)])[::-1]
    b = np.ones((100_000, 2))
    np.testing.assert_allclose(kernel(bands=bands, B=b), solve_banded((2, 3), above, b), rtol=1e-9)
