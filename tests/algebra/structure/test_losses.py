"""Hessians of random losses: what they say they are, and what they do as operators."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

import symdl as sd
from tests.algebra.structure.dense import Reconstruction, draw, entries, number, shape

n, d, k = sd.dims("n d k")
x, X = sd.tensor("x", n), sd.tensor("X", n, d)
A, b, c, w = (sd.tensor(name, *sizes) for name, sizes in (
    ("A", (k, n)), ("b", (k,)), ("c", (n,)), ("w", (n,))))
Q, F, M = sd.tensor("Q", n, n), sd.tensor("F", d, d), sd.tensor("M", n, d)
P, E, G = sd.tensor("P", d, k), sd.tensor("E", k, k), sd.tensor("G", n, k)


def steps(x, lag=1):
    return x[lag:] - x[:-lag]


VECTOR = {
    "separable": lambda: sd.sum(sd.exp(x)),
    "quartic": lambda: sd.sum(x**4),
    "weighted": lambda: sd.sum(w * x**2),
    "least squares": lambda: sd.sum((A @ x - b) ** 2),
    "logistic": lambda: sd.sum(sd.softplus(A @ x)),
    "smooth": lambda: sd.sum(steps(x) ** 2),
    "rough": lambda: sd.sum(c[1:] * steps(x) ** 2),
    "curved": lambda: sd.sum(steps(steps(x)) ** 2),
    "lag": lambda: sd.sum((x[k:] - x[: n - k]) ** 2),
    "periodic": lambda: sd.sum((x - sd.roll(x, 1)) ** 2),
    "seasonal": lambda: sd.sum((x - sd.roll(x, 2)) ** 2),
    "neighbours": lambda: sd.sum(sd.exp(x[1:] * x[:-1])),
    "total": lambda: sd.sum(x) ** 2,
    "log-sum-exp": lambda: sd.logsumexp(x),
    "last": lambda: x[-1] ** 2 * x[0],
    "norm": lambda: sd.sqrt(1 + sd.sum(x**2)),
    "full": lambda: x @ Q @ x,
}
MATRIX = {
    "separable": lambda: sd.sum(sd.exp(X)),
    "ridge": lambda: sd.sum(X**2),
    "weighted": lambda: sd.sum(M * X**2),
    "rows": lambda: sd.sum(sd.logsumexp(X, axis=1)),
    "columns": lambda: sd.sum(sd.logsumexp(X, axis=0)),
    "smooth rows": lambda: sd.sum(steps(X) ** 2),
    "smooth columns": lambda: sd.sum((X[:, 1:] - X[:, :-1]) ** 2),
    "left": lambda: sd.sum((A @ X) ** 2),
    "right": lambda: sd.sum((X @ P - G) ** 2),
    "both": lambda: sd.sum((A @ X @ P - E) ** 2),
    "total": lambda: sd.sum(X) ** 2,
    "row totals": lambda: sd.sum(sd.sum(X, axis=1) ** 2),
    "states": lambda: sd.sum((X[1:] - X[:-1] @ F) ** 2),
    "weighted rows": lambda: sd.sum(w * sd.sum(X**3, axis=1)),
}
SIZES = [{"n": 5, "d": 2, "k": 2}, {"n": 3, "d": 3, "k": 1}, {"n": 2, "d": 1, "k": 2},
         {"n": 1, "d": 2, "k": 1}, {"n": 1, "d": 1, "k": 1}]


def drawn(seed: int) -> tuple[sd.Tensor, list[str]]:
    random = Random(seed)
    table, variable = (VECTOR, x) if seed % 2 else (MATRIX, X)
    chosen = random.sample(list(table), k=random.randint(1, 3))
    loss = sum(random.choice([1, 2, 3]) * table[name]() for name in chosen)
    return sd.hessian(loss, variable), chosen


@pytest.mark.parametrize("seed", range(60))
def test_a_hessian_is_what_its_structure_says_and_does_what_its_entries_do(seed):
    h, chosen = drawn(seed)
    rows, found = h.ndim // 2, h.structure
    v = sd.tensor("v", *h.shape[rows:])
    names = (v, h.matvec(v), h.diagonal(), h.solve(v), h.logdet())
    for sizes in SIZES:
        if "curved" in chosen and sizes["n"] < 2:
            continue
        at = draw([h, v], sizes, seed)
        size = shape(v, sizes)
        dense = entries(h, at, sizes)
        made = Reconstruction(at, sizes).array(found, size, size)
        said = f"{chosen}, {sizes}: {found}"
        near = {"rtol": 1e-8, "atol": 1e-9, "err_msg": said}
        np.testing.assert_allclose(made, dense, **near)
        count = int(np.prod(size))
        flat = dense.reshape(count, count)
        if found.symmetric:
            np.testing.assert_allclose(flat, flat.T, **near)
        u, product, diagonal, solution, determinant = (number(t, at, sizes).ravel() for t in names)
        np.testing.assert_allclose(product, flat @ u, **near)
        np.testing.assert_allclose(diagonal, np.diag(flat), **near)
        agrees(solution, determinant[0], flat, u, said)


def agrees(solution, determinant, flat, u, said):
    """As NumPy has it; of a matrix that is singular but for rounding no moderate number."""
    values = np.linalg.svd(flat, compute_uv=False)
    least = values.min() / max(values.max(), 1)
    if least > 1e-9:
        expected = np.linalg.solve(flat, u)
        scale = np.abs(expected).max(initial=1e-300)
        assert np.abs(solution - expected).max(initial=0) < 1e-6 * scale, said
        sign, value = np.linalg.slogdet(flat)
        assert np.isnan(determinant) if sign < 0 else np.isclose(determinant, value), said
    elif least < 1e-15:
        large = np.abs(flat).max() * np.abs(solution).max() > 1e6 * np.abs(u).max()
        assert large or not np.isfinite(solution).all(), said


def test_the_comparison_rejects_a_slightly_wrong_solution():
    flat, u = np.diag([1.0, 2.0]), np.array([1.0, 1.0])
    agrees(np.array([1.0, 0.5]), np.log(2), flat, u, "")
    with pytest.raises(AssertionError):
        agrees(np.array([1.0, 0.50001]), np.log(2), flat, u, "")
    with pytest.raises(AssertionError):
        agrees(np.array([1.0, 0.5]), np.log(2.001), flat, u, "")
    with pytest.raises(AssertionError):
        agrees(np.array([1.0, 5.0]), -np.inf, np.diag([1.0, 0.0]), u, "")


@pytest.mark.parametrize("seed", range(12))
def test_a_full_term_makes_a_hessian_general(seed):
    random = Random(seed)
    name = random.choice([t for t in VECTOR if t != "full"])
    h = sd.hessian(VECTOR[name]() + VECTOR["full"](), x)
    assert h.structure.kind == "general"
    assert h.structure.dense


EXACTLY_SINGULAR = {
    "differences": (sd.sum(steps(x) ** 2), x, np.zeros(4)),
    "less than full rank": (sd.sum((A @ x) ** 2), x, np.zeros(4)),
    "a product": (x[0] * x[1] + x[2] ** 2, x, np.zeros(4)),
    "a part": (sd.sum(X[1:] ** 2), X, np.zeros((4, 3))),
}


@pytest.mark.parametrize("name", EXACTLY_SINGULAR)
def test_a_singular_hessian_says_so_in_its_numbers(name):
    loss, variable, zero = EXACTLY_SINGULAR[name]
    h = sd.hessian(loss, variable)
    b = sd.tensor("rhs", *variable.shape)
    sizes = {"n": 4, "d": 3, "k": 2}
    at = draw([h, b], sizes, 3) | {str(variable.name): zero}
    assert not np.isfinite(number(h.solve(b), at, sizes)).all()
    assert not np.isfinite(number(h.logdet(), at, sizes))
