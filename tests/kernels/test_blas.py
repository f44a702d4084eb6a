"""Matrix products called from compiled code, against NumPy, at every shape that is a case."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numba import njit

import symdl as sd
from symdl.kernels.numba_blas import gemm, gram


@njit
def _gemm(m, n, k, left_t, right_t, a, b, out, more):
    gemm(m, n, k, left_t, right_t, a, 0, b, 0, out, 0, more)


@njit
def _gram(m, k, left_t, right_t, a, b, out):
    gram(m, m, k, left_t, right_t, a, 0, b, 0, out, 0, False)


def stored(a, transposed):
    return np.ascontiguousarray(a.T if transposed else a)


@pytest.mark.parametrize("m", [0, 1, 2, 5])
def test_products_of_thin_and_empty_matrices(m):
    rng = np.random.default_rng(m)
    for n, k, left_t, right_t, more in product((0, 1, 2, 7), (0, 1, 3), *[(False, True)] * 3):
        a, b, out = rng.random((m, k)), rng.random((k, n)), rng.random((m, n))
        expected = a @ b + (out if more else 0)
        _gemm(m, n, k, left_t, right_t, stored(a, left_t), stored(b, right_t), out, more)
        np.testing.assert_allclose(out, expected)


@pytest.mark.parametrize("m", [0, 1, 47, 48, 49, 201, 300])
def test_a_symmetric_product_is_computed_in_panels(m):
    rng = np.random.default_rng(m)
    for k, left_t, right_t in product((1, 20), *[(False, True)] * 2):
        x, d = rng.random((k, m)), rng.normal(size=k)
        a, b, out = x.T, d[:, None] * x, np.empty((m, m))
        _gram(m, k, left_t, right_t, stored(a, left_t), stored(b, right_t), out)
        np.testing.assert_allclose(out, a @ b, rtol=1e-12, atol=1e-12)


n, d = sd.dims("n d")
X, Y, w = sd.tensor("X", n, d), sd.tensor("Y", n, d), sd.tensor("w", n)


@pytest.mark.parametrize(("formula", "halved"), [
    (X.T @ X, True), (X.T @ sd.diag(w) @ X, True), (X @ X.T, True), (X.T @ Y, False),
    (X.T @ (X * Y), False), (X.T @ sd.exp(X), False),
])
def test_only_a_matrix_weighted_by_rows_makes_a_symmetric_product(formula, halved):
    assert ("gram(" in sd.compile(formula).source) == halved
