"""Matrix functions of large matrices, which compiled kernels leave to LAPACK, against NumPy."""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_triangular

import symdl as sd
from symdl.kernels.kernel import compile as compiled
from tests.values import assert_near

b, n, m = sd.dims("b n m")
A, R = sd.tensor("A", b, n, n), sd.tensor("R", b, n, m)
PROGRAM = {
    "inv": sd.inv(A), "det": sd.det(A), "logdet": sd.logdet(A), "cholesky": sd.cholesky(A),
    "solve": sd.solve(A, R), "lower": sd.triangular_solve(A, R),
    "upper": sd.triangular_solve(A, R, lower=False),
}


def random(size, dtype="float64"):
    """Two positive definite matrices of a determinant near 1, and right-hand sides."""
    rng = np.random.default_rng(size)
    low = np.tril(rng.normal(size=(2, size, size))) / size
    low[:, range(size), range(size)] = rng.uniform(0.9, 1.1, (2, size))
    return (low @ low.swapaxes(1, 2)).astype(dtype), rng.normal(size=(2, size, 3)).astype(dtype)


def test_values():
    f = compiled(PROGRAM)
    for size in (47, 48, 65):
        a, r = random(size)
        for given in (a, a[:, np.random.default_rng(0).permutation(size)]):
            found = f(A=given, R=r)
            sign, logdet = np.linalg.slogdet(given)
            assert_near(found["inv"], np.linalg.inv(given))
            assert_near(found["det"], sign * np.exp(logdet))
            assert_near(found["logdet"], np.where(sign > 0, logdet, np.nan))
            assert_near(found["solve"], np.linalg.solve(given, r))
        found = f(A=a, R=r)
        assert_near(found["cholesky"], np.linalg.cholesky(a))
        for k in range(2):
            assert_near(found["lower"][k], solve_triangular(a[k], r[k], lower=True))
            assert_near(found["upper"][k], solve_triangular(a[k], r[k]))


def test_single_precision():
    f = compiled([PROGRAM["solve"], PROGRAM["cholesky"]], "float32")
    a, r = random(60, "float32")
    solved, low = f(A=a, R=r)
    assert_near(solved, np.linalg.solve(a.astype("float64"), r), 1e-4)
    assert_near(low, np.linalg.cholesky(a.astype("float64")), 1e-4)


def test_what_is_not_finite_is_as_the_loops_have_it():
    compiled_, plain = compiled(PROGRAM), compiled(PROGRAM, backend="python")
    a, r = random(48)
    for at, value in [((0, 40, 3), np.nan), ((1, 2, 30), np.inf), ((0, 7, 7), -1.0),
                      ((1, 9, 9), 0.0)]:
        spoiled, side = a.copy(), r.copy()
        spoiled[at] = value
        side[1, 5, 1] = np.inf
        found, expected = compiled_(A=spoiled, R=side), plain(A=spoiled, R=side)
        for key, array in expected.items():
            assert (np.isfinite(found[key]) == np.isfinite(array)).all(), (key, value)


def test_singular_matrices():
    f = compiled(PROGRAM)
    found = f(A=np.ones((2, 50, 50)), R=np.ones((2, 50, 1)))
    assert np.isnan(found["inv"]).all()
    assert np.isnan(found["solve"]).all()
    assert found["det"].tolist() == [0.0, 0.0]
    assert found["logdet"].tolist() == [-np.inf, -np.inf]


def test_no_right_hand_side():
    found = compiled(PROGRAM)(A=np.stack([np.eye(50)] * 2), R=np.ones((2, 50, 0)))
    assert found["solve"].shape == found["lower"].shape == (2, 50, 0)


def test_inside_a_recurrence():
    P, T = sd.tensor("P", n, n), sd.dims("T")
    K = sd.recur("K", T, init=P, step=lambda t, p: sd.inv(p) + sd.eye(n))
    p = random(50)[0][0]
    first = np.linalg.inv(p) + np.eye(50)
    assert_near(compiled(K)(P=p, T=2), [first, np.linalg.inv(first) + np.eye(50)], 1e-12)
