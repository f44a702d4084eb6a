"""D + U Vᵀ against NumPy, with zeros in D, more columns than rows, and no rows."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl.algebra.structure.woodbury import split, split_determinant, split_solve

n, k, r = sd.dims("n k r")
D, B = sd.tensor("D", n), sd.tensor("B", n, k)


def system(rank, constant=False):
    u, v = sd.tensor("U", n, rank), sd.tensor("V", n, rank)
    h = split(D, u, v, constant)
    return sd.compile([split_solve(h, B), split_determinant(h).log], backend="numpy")


def compared(kernel, d, u, v):
    b = np.random.default_rng(9).normal(size=(len(d), 2))
    solution, determinant = kernel(D=d, U=u, V=v, B=b)
    full = np.diag(d) + u @ v.T
    np.testing.assert_allclose(solution, np.linalg.solve(full, b), rtol=1e-8, atol=1e-10)
    sign, expected = np.linalg.slogdet(full)
    assert np.isnan(determinant) if sign < 0 else np.isclose(determinant, expected)


ZEROS = {"none": [], "one": [2], "two": [0, 3]}


@pytest.mark.parametrize("small", [0.0, 1e-200, 1e-14])
@pytest.mark.parametrize("zeros", ZEROS)
@pytest.mark.parametrize("rank", [1, 2, r], ids=str)
def test_zeros_of_the_diagonal_wait(rank, zeros, small):
    kernel = system(rank)
    count = 3 if rank is r else rank
    if len(ZEROS[zeros]) > count:
        pytest.skip("the map is singular")
    rng = np.random.default_rng(count)
    d, (u, v) = rng.normal(size=5), rng.normal(size=(2, 5, count))
    d[ZEROS[zeros]] = small
    compared(kernel, d, u, v)


@pytest.mark.parametrize("size", [0, 1, 2, 3])
@pytest.mark.parametrize("rank", [1, 3], ids=str)
def test_the_rank_may_exceed_the_number_of_rows(rank, size):
    rng = np.random.default_rng(size)
    u, v = rng.normal(size=(2, size, rank))
    compared(system(rank), np.zeros(size) if rank >= size else rng.normal(size=size), u, v)


def test_the_smallest_entries_lose_no_digits():
    d = np.array([1e-9, 1.0, 1e9, 1e-3])
    u = np.array([[1e-6], [1.0], [1e3], [1e-3]])
    kernel = system(1)
    b = d[:, None] + u @ (u.T @ np.ones((4, 1)))
    np.testing.assert_allclose(kernel(D=d, U=u, V=u, B=b)[0], 1, rtol=1e-8)


def test_more_zeros_than_columns_have_no_solution():
    d, u = np.array([0.0, 0, 1]), np.ones((3, 1))
    solution, determinant = system(1)(D=d, U=u, V=u, B=np.ones((3, 1)))
    assert not np.isfinite(solution).all()
    assert not np.isfinite(determinant)


@pytest.mark.parametrize("size", [2, 50, 1000])
def test_the_covariance_of_a_softmax_is_singular_whatever_rounding_says(size):
    kernel = system(1)
    for seed in range(20):
        x = np.random.default_rng(seed).normal(size=size) * 3
        p = np.exp(x) / np.exp(x).sum()
        solution, determinant = kernel(D=p, U=p[:, None], V=-p[:, None], B=np.ones((size, 1)))
        assert not np.isfinite(solution).any()
        assert determinant == -np.inf
        near, _ = kernel(D=p + 1e-6, U=p[:, None], V=-p[:, None], B=np.ones((size, 1)))
        assert np.isfinite(near).all()
