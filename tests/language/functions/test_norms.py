"""Norms: NumPy's values, gradients, and what holds where there is no gradient."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from tests.values import assert_near, value

n, m, k = sd.dims("n m k")
x, A, B = sd.tensor("x", n), sd.tensor("A", m, n), sd.tensor("B", k, m, n)
a = np.random.default_rng(0).normal(size=(2, 3, 4))
INF = float("inf")


@pytest.mark.parametrize("ord", [None, 1, 2, INF, 1.5, 3])
def test_norms_of_vectors_are_numpys(ord):
    assert_near(value(sd.norm(x, ord), {"x": a[0, 0]}), np.linalg.norm(a[0, 0], ord))
    rows = sd.norm(A, ord, axis=1, keepdims=True)
    assert_near(value(rows, {"A": a[0]}), np.linalg.norm(a[0], ord, 1, True))


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [(1, 2), (2, 0), None])
@pytest.mark.parametrize("ord", [1, 2, INF, "fro", "nuc"])
def test_norms_of_matrices_are_numpys(ord, axis, keepdims):
    expected = np.linalg.norm(a, ord, axis or (1, 2), keepdims)
    assert_near(value(sd.norm(B, ord, axis, keepdims), {"B": a}), expected)


def test_without_an_order_all_entries_count():
    assert_near(value(sd.norm(B), {"B": a}), np.linalg.norm(a))
    assert_near(value(sd.norm(sd.sum(x)), {"x": a[0, 0]}), abs(a[0, 0].sum()))


@pytest.mark.parametrize(
    "loss",
    [sd.norm(x), sd.norm(x, 1) * sd.norm(x, INF), sd.norm(x, 3), sd.norm(A, 1),
     sd.norm(A, INF), sd.norm(A, "fro"), sd.norm(A, 2), sd.norm(A, "nuc") ** 2,
     sd.sum(sd.norm(B, 2, (2, 0)) ** 2)],
)
def test_gradients(loss):
    report = sd.check_grad(loss, directions=2, entries=4)
    assert report, report


def test_the_gradient_of_the_euclidean_norm():
    """d ‖x‖ / dx = x/‖x‖ (The Matrix Cookbook, eq. 129), NaN at 0."""
    gradient = sd.grad(sd.norm(x), x)
    v = a[0, 0]
    assert_near(value(gradient, {"x": v}), v / np.sqrt(v @ v))
    assert np.isnan(value(gradient, {"x": np.zeros(2)})).all()


def test_the_gradients_of_the_other_norms_at_0():
    at = {"x": np.zeros(3)}
    assert value(sd.grad(sd.norm(x, 1), x), at).tolist() == [0, 0, 0]
    assert value(sd.grad(sd.norm(x, INF), x), at).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("tensor", "ord", "said"),
    [(x, "fro", "a vector norm has ord a number from 1 to inf"), (x, 0.5, "from 1 to inf"),
     (A, 3, r"A has shape \(m, n\), and a matrix norm has ord 1, 2, inf")],
)
def test_unknown_norms_are_refused(tensor, ord, said):
    with pytest.raises(sd.SymdlError, match=said):
        sd.norm(tensor, ord)
