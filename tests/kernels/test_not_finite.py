"""NaN and infinity in data: a kernel is finite, infinite or NaN where the oracle over mpf is.

A factor that is 0 by its definition, off the diagonal of `diag(x)` say, isn't multiplied: what
stands beside it may be anything.
"""

from __future__ import annotations

from functools import cache
from zlib import crc32

import numpy as np
import pytest

import symdl as sd
from symdl import nn
from symdl.kernels.kernel import compile as compiled
from symdl.kernels.oracle import oracle
from tests.kernels.cases import CASES, S, X, Y, u, x
from tests.values import assert_near

STRUCTURAL = {"diagonals", "triangles"}
NAMES = [name for name in CASES if name not in STRUCTURAL]
SIZES = {"n": 3, "m": 4, "d": 2, "k": 3, "T": 3}
SPOILED = [np.nan, np.inf, -np.inf, 0.0]


@cache
def spoiled(name, trial):
    """A program, its inputs with some entries spoiled, and the oracle's values."""
    case = CASES[name]
    roots = case.program()
    rng = np.random.default_rng(crc32(name.encode()) + trial)
    values = case.values(roots, SIZES, rng)
    for data in values.values():
        where = rng.random(data.shape) < 0.12
        if data.dtype.kind == "f":
            data[where] = rng.choice(SPOILED, where.sum())
    stated = {d for v in compiled(roots).inputs for f in v.shape for d in map(str, f.all_atoms)}
    extra = {str(d): SIZES[str(d)] for d in compiled(roots).sizes if str(d) not in stated}
    expected = oracle(roots, values, "mpf", **extra)
    return roots, {**values, **extra}, [np.asarray(a, float).reshape(a.shape) for a in expected]


def kinds(a):
    """0 where finite, the sign of an infinity, 9 for NaN."""
    a = np.asarray(a, float)
    return np.where(np.isnan(a), 9.0, np.where(np.isinf(a), np.sign(a), 0.0))


def check(name, trial, backend):
    roots, values, expected = spoiled(name, trial)
    for found, value in zip(compiled(roots, backend=backend)(**values), expected, strict=True):
        assert kinds(found).tolist() == kinds(value).tolist()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("backend", ["numpy", "python"])
def test_spoiled_data(name, backend):
    for trial in range(3):
        check(name, trial, backend)


@pytest.mark.parametrize("name", ["arithmetic", "three_factors"])
def test_spoiled_data_compiled(name):
    for trial in range(3):
        check(name, trial, "numba")


@pytest.mark.parametrize("backend", ["numpy", "python", "numba"])
def test_terms_that_cancel_keep_their_infinity(backend):
    f = compiled(X + u - 2 * Y - (-Y), backend=backend)
    inf = np.inf
    found = f(X=np.zeros((1, 2)), Y=np.array([[inf, 1.0]]), u=np.zeros(2))
    assert_near(found, [[np.nan, -1.0]])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("backend", ["numpy", "python"])
def test_a_large_number_beside_infinity_has_no_weight(backend, dtype):
    f = compiled([nn.softmax(u), nn.logsumexp(u)], dtype, backend)
    weights, total = f(u=np.array([1e4, np.inf, 0.0, -1e30], dtype))
    assert_near(weights, [0.0, np.nan, 0.0, 0.0])
    assert total == np.inf


@pytest.mark.parametrize("backend", ["numpy", "python"])
def test_what_a_guard_skips_spoils_nothing(backend):
    data, line = np.full((3, 3), np.nan), np.array([1.0, 2.0, 3.0])
    data[np.tril_indices(3)] = 1.0
    assert_near(compiled(sd.tril(S) @ x, backend=backend)(S=data, x=line), [1.0, 3.0, 6.0])


@pytest.mark.parametrize("backend", ["numpy", "python"])
def test_the_branch_not_taken_spoils_nothing(backend):
    loss = sd.sum(sd.where(x > 0, sd.log(x), 0))
    value, gradient = compiled([loss, sd.grad(loss, x)], backend=backend)(x=np.array([0.0, -1, 1]))
    assert value == 0
    assert_near(gradient, [0.0, 0.0, 1.0])
