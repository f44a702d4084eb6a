"""Maps as operators: against NumPy on all entries, and where these can't exist."""

from __future__ import annotations

import resource

import numpy as np
import pytest

import symdl as sd
from tests.algebra.structure.dense import draw, entries, number, shape
from tests.algebra.structure.maps import (
    MAPS,
    Q,
    U,
    X,
    factorised,
    k,
    lam,
    logistic,
    n,
    p,
    w,
    weighted,
    x,
)

SIZES = [{"n": 4, "d": 3, "k": 2, "r": 2}, {"n": 1, "d": 1, "k": 1, "r": 1}]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("name", MAPS)
def test_products_and_diagonals_are_those_of_the_entries(name, sizes):
    h, rows, _ = MAPS[name]
    v, u = sd.tensor("v", *h.shape[rows:]), sd.tensor("u", *h.shape[:rows])
    at = draw([h, v, u], sizes, seed=1)
    dense = entries(h, at, sizes)
    near = {"rtol": 1e-11, "atol": 1e-12}
    np.testing.assert_allclose(number(h.matvec(v), at, sizes),
                               np.tensordot(dense, at["v"], v.ndim), **near)
    np.testing.assert_allclose(number(h.rmatvec(u), at, sizes),
                               np.tensordot(at["u"], dense, u.ndim), **near)
    if u.shape == v.shape:
        count = int(np.prod(shape(u, sizes)))
        np.testing.assert_allclose(number(h.diagonal(), at, sizes).ravel(),
                                   np.diag(dense.reshape(count, count)), **near)


INVERTIBLE = ("log cosh", "simplex covariance", "unequal sides", "ridge", "activation",
              "weighted factorisation", "matrix factorisation", "cumulative sum", "transpose",
              "logistic with ridge", "Lyapunov", "two sides", "band", "identity", "scaled",
              "declared diagonal", "lower triangle", "full and rank 1", "full rank product",
              "symmetric full", "full blocks", "chain", "Rosenbrock")


@pytest.mark.parametrize("name", INVERTIBLE)
def test_systems_and_determinants_are_those_of_the_entries(name):
    h, rows, _ = MAPS[name]
    sizes = {"n": 4, "d": 3, "k": 3, "r": 2}
    b = sd.tensor("rhs", *h.shape[:rows])
    at = draw([h, b], sizes, seed=5)
    dense = entries(h, at, sizes)
    found = number(h.solve(b), at, sizes)
    count = int(np.prod(shape(b, sizes)))
    flat = dense.reshape(count, count)
    expected = np.linalg.solve(flat, at["rhs"].ravel())
    np.testing.assert_allclose(found.ravel(), expected, rtol=1e-8, atol=1e-10)
    sign, size = np.linalg.slogdet(flat)
    value = number(h.logdet(), at, sizes)
    assert np.isnan(value) if sign < 0 else np.isclose(value, size, rtol=1e-9, atol=1e-9) or (
        np.isnan(value) and h.structure.kind in ("Kronecker", "block-diagonal"))


def test_a_negative_diagonal_keeps_the_sign_of_the_determinant():
    c = sd.tensor("c", n, k)
    h = sd.diag(p) + c @ c.T
    for first, second in ((-2.0, -3.0), (-2.0, 3.0), (2.0, 3.0)):
        at = {"p": np.array([first, second, 1.0]), "c": np.array([[0.3], [0.1], [-0.2]])}
        sign, size = np.linalg.slogdet(np.diag(at["p"]) + at["c"] @ at["c"].T)
        found = number(h.logdet(), at, {"n": 3, "k": 1})
        assert np.isclose(found, size) if sign > 0 else np.isnan(found)


def test_a_singular_map_says_so_in_its_numbers():
    h = sd.diag(p) - sd.outer(p, p)
    at = {"p": np.array([0.25, 0.75]), "rhs": np.array([1.0, 2.0])}
    assert not np.isfinite(number(h.solve(sd.tensor("rhs", n)), at, {"n": 2})).any()
    assert number(h.logdet(), at, {"n": 2}) == -np.inf


def test_an_operator_can_be_differentiated():
    h = sd.hessian(sd.sum(x**4) / 12 + lam / 2 * sd.sum(x) ** 2, x)
    quadratic = sd.dot(p, h.matvec(p)) / 2 + sd.dot(p, h.solve(p)) + h.logdet()
    assert sd.check_grad(quadratic, [x, p])


def test_shapes_that_do_not_fit_are_named():
    with pytest.raises(sd.ShapeError, match=r"matvec: the last axes of Q of shape \(n, n\)"):
        Q.matvec(w)
    with pytest.raises(sd.ShapeError, match=r"rmatvec: the first axes"):
        X.rmatvec(w)
    with pytest.raises(sd.ShapeError, match=r"solve: the first axes"):
        Q.solve(w)
    with pytest.raises(sd.ShapeError, match="n rows and d columns"):
        X.solve(p)
    with pytest.raises(sd.ShapeError, match="n rows and d columns"):
        X.logdet()
    with pytest.raises(sd.ShapeError, match=r"the rows \(n,\) and columns \(d,\) of X differ"):
        X.diagonal()


STRUCTURED = [name for name in MAPS if name not in (
    "band", "lower triangle", "full and rank 1", "symmetric full", "full rank product",
    "kernel matrix", "full blocks", "declared diagonal", "wide band", "Lyapunov", "two sides")]


FEW = {"logistic": {"n": 10, "d": 400}, "logistic with ridge": {"n": 10, "d": 400},
       "weighted factorisation": {"d": 10}}  # what the rank is bounded by is small


@pytest.mark.parametrize("name", STRUCTURED)
def test_a_structured_product_stores_less_than_the_entries(name):
    h, rows, _ = MAPS[name]
    sizes = {"n": 300, "d": 200, "k": 10, "r": 3} | FEW.get(name, {})
    v = sd.tensor("v", *h.shape[rows:])
    cost = h.matvec(v).cost()
    moved = cost.bytes.subs({s: sizes[str(s)] for s in cost.bytes.free_symbols})
    assert moved < 8 * np.prod([float(s) for s in shape(h, sizes)]) / 4


RIDGE = lam / 2
N = 100_000
LARGE = {
    "diagonal": (sd.hessian(sd.sum(sd.log(sd.cosh(x))), x), {"n": N}),
    "diagonal plus low rank": (
        sd.hessian(sd.logsumexp(x) + RIDGE * sd.sum(x**2), x), {"n": N}),
    "identity plus low rank": (
        sd.hessian(logistic + RIDGE * sd.sum(w**2), w), {"n": 20, "d": N}),
    "tridiagonal": (MAPS["chain"][0], {"n": N}),
    "Kronecker": (sd.hessian(factorised + RIDGE * sd.sum(U**2), U), {"n": N, "d": 6, "r": 3}),
    "block-diagonal": (
        sd.hessian(weighted + RIDGE * sd.sum(U**2), U), {"n": N, "d": 6, "r": 3}),
}


COMPILED = ("diagonal plus low rank", "tridiagonal")


@pytest.mark.parametrize("kind", LARGE)
def test_an_operator_runs_where_its_entries_would_take_80_gigabytes(kind):
    h, sizes = LARGE[kind]
    assert h.structure.kind == kind
    v = sd.tensor("v", *h.shape[h.ndim // 2:])
    at = {name: a / 10 for name, a in draw([h, v], sizes, seed=3).items()}
    at |= {"lam": np.array(0.7)} if "lam" in at else {}
    kernel = sd.compile([h.solve(v), h.logdet(), h.diagonal(), h.matvec(h.solve(v))],
                        backend="numba" if kind in COMPILED else "numpy")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    solved, determinant, diagonal, back = kernel(**at)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 1_000_000, "kilobytes"
    assert solved.shape == diagonal.shape == at["v"].shape
    assert np.isfinite(determinant)
    np.testing.assert_allclose(back, at["v"], rtol=1e-8, atol=1e-10)
