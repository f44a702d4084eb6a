"""Banded systems with a border against NumPy and SciPy, those that need rows exchanged included."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import solve_banded

import symdl as sd
from symdl.algebra.structure.banded import banded_determinant, banded_solve
from symdl.algebra.structure.bordered import Bordered
from symdl.language.form import Form

n, k, r, p, q = sd.dims("n k r p q")
B = sd.tensor("B", n, k)


def system(below, above, rank):
    """The program's system, its numbers of diagonals and of border columns as sizes or numbers."""
    bands = sd.tensor("bands", n, Form.of(below) + above + 1)
    return Bordered(bands, Form.of(below), sd.tensor("U", n, rank), sd.tensor("V", n, rank))


def diagonals(size, below, above, seed, main=1.0):
    """Random bands, the main diagonal scaled; 0 outside of the matrix."""
    i, c = np.arange(size)[:, None], np.arange(-below, above + 1)
    rng = np.random.default_rng(seed)
    bands = np.where((i + c >= 0) & (i + c < size), rng.normal(size=(size, len(c))), 0)
    bands[:, below] *= main
    return bands


def drawn(size, below, above, rank, seed, main=1.0):
    """Arrays for a system, and the matrix that they stand for."""
    rng = np.random.default_rng(seed)
    bands, full = diagonals(size, below, above, seed, main), np.zeros((size, size))
    for row, c in zip(*np.nonzero(bands), strict=True):
        full[row, row + c - below] = bands[row, c]
    u, v = rng.normal(size=(2, size, rank))
    return {"bands": bands, "U": u, "V": v, "B": rng.normal(size=(size, 2))}, full + u @ v.T


def agrees(got, full, at):
    solution, determinant = got
    np.testing.assert_allclose(solution, np.linalg.solve(full, at["B"]), rtol=1e-7, atol=1e-9)
    sign, expected = np.linalg.slogdet(full)
    assert np.isnan(determinant) if sign < 0 else np.isclose(determinant, expected)


CASES = [(1, 1, 0), (2, 2, 0), (3, 1, 0), (0, 3, 0), (2, 0, 0), (1, 2, 1), (0, 0, 2), (2, 2, 3)]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_system_is_solved_with_rows_exchanged_where_need_be(case):
    s = system(*case)
    kernel = sd.compile([banded_solve(s, B), banded_determinant(s).log], backend="numpy")
    names = {v.name for v in kernel.inputs}
    for main in (1.0, 1e-12, 0.0):
        for size in (0, 1, 2, 3, 7):
            at, full = drawn(size, *case, seed=size, main=main)
            if size == 0 or np.linalg.cond(full) < 1e8:
                agrees(kernel(**{v: a for v, a in at.items() if v in names}), full, at)


def test_the_numbers_of_diagonals_may_be_sizes():
    s = system(p, q, r)
    kernel = sd.compile([banded_solve(s, B), banded_determinant(s).log])
    for size, *case in ((6, 2, 1, 1), (5, 0, 2, 2), (4, 1, 3, 0), (3, 0, 0, 0), (1, 2, 2, 3)):
        at, full = drawn(size, *case, seed=size)
        agrees(kernel(**at, p=case[0], q=case[1]), full, at)
    at = {"bands": diagonals(100_000, 2, 3, seed=1), "B": np.ones((100_000, 2))}
    at |= {"U": np.zeros((100_000, 0)), "V": np.zeros((100_000, 0))}
    at["bands"][:, 2] += 20
    above = np.array([np.roll(at["bands"][:, c], c - 2) for c in range(6)])[::-1]
    np.testing.assert_allclose(kernel(**at, p=2, q=3)[0], solve_banded((2, 3), above, at["B"]),
                               rtol=1e-10, atol=1e-12)


def test_a_singular_system_has_no_solution():
    s = system(1, 1, 0)
    path = np.array([[0.0, 1, -1], [-1, 2, -1], [-1, 1, 0]])
    at = {"bands": path, "B": np.array([[1.0], [0], [0]])}
    assert not np.isfinite(sd.evaluate(banded_solve(s, B), at)).all()
    assert sd.evaluate(banded_determinant(s).log, {"bands": path}) == -np.inf


def test_a_border_mends_a_singular_band():
    s = system(1, 1, 1)
    path = np.array([[0.0, 1, -1], [-1, 2, -1], [-1, 1, 0]])
    at = {"bands": path, "U": np.ones((3, 1)), "V": np.ones((3, 1)), "B": np.eye(3)}
    full = np.array([[1.0, -1, 0], [-1, 2, -1], [0, -1, 1]]) + 1
    np.testing.assert_allclose(sd.evaluate(banded_solve(s, B), at), np.linalg.inv(full), atol=1e-14)


def test_gradients_pass_through_the_elimination():
    s = system(1, 1, 1)
    b = sd.tensor("b", n)
    value = sd.dot(b, banded_solve(s, b[:, None])[:, 0]) + banded_determinant(s).log
    at, full = drawn(3, 1, 1, 1, seed=4)
    at = {name: at[name] for name in ("bands", "U", "V")}
    at["bands"][:, 1] += np.sign(np.linalg.det(full)) * 6
    assert sd.check_grad(value, [s.bands, s.left], at={**at, "b": np.arange(3.0)})
