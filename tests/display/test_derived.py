"""Derivatives in a stated layout, in every notation."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from tests.display.points import point, sizes_of, value

n, d = sd.dims("n d")
A, X, x = sd.tensor("A", n, n), sd.tensor("X", n, d), sd.tensor("x", n)
L = sd.sum((A @ X)**2)
STEP = 1e-6


def differences(y, x):
    """∂y/∂x by differences, of shape y.shape + x.shape."""
    rng = np.random.default_rng(1)
    sizes = sizes_of([y], rng)
    inputs = point([y], sizes, rng)
    at = inputs[x.name]
    columns = []
    for k in np.ndindex(at.shape):
        by = np.zeros(at.shape)
        by[k] = STEP
        up, down = (value(y, {**inputs, x.name: at + s * by}, sizes) for s in (1, -1))
        columns.append((up - down) / (2 * STEP))
    return np.stack(columns, -1).reshape(*columns[0].shape, *at.shape), inputs, sizes


@pytest.mark.parametrize(("y", "variable", "layout", "order"), [
    (L, X, "mixed", (0, 1)), (L, X, "denominator", (0, 1)), (L, X, "numerator", (1, 0)),
    (A @ x, x, "mixed", (0, 1)), (A @ x, x, "numerator", (0, 1)),
    (A @ x, x, "denominator", (1, 0)), (x @ X, X, "denominator", (1, 2, 0)),
])
def test_axes_are_in_the_order_of_the_layout(y, variable, layout, order):
    expected, inputs, sizes = differences(y, variable)
    found = value(sd.derivative(y, variable, layout).value, inputs, sizes)
    np.testing.assert_allclose(found, np.transpose(expected, order), rtol=1e-6, atol=1e-6)


def test_the_layout_is_stated():
    assert str(sd.derivative(L, X)) == (
        "df/dX, denominator layout, shape (n, d):\n2*A.T @ A @ X")
    assert str(sd.derivative(L.named("L"), X, "numerator")) == (
        "dL/dX, numerator layout, shape (d, n):\n2*X.T @ A.T @ A")
    assert sd.derivative(A @ x, x).said == "df/dx, numerator layout, shape (n, n)"


def test_one_result_has_every_notation():
    found = sd.derivative(L, X)
    assert found.matrix() == "2*A.T @ A @ X"
    assert found.matrix("unicode") == "2·Aᵀ A X"
    assert found.index() == "sum_n2 2*A[n2,n]*(sum_n3 X[n3,d]*A[n2,n3])"
    assert found.differential() == "df = 2*trace(X.T @ A.T @ A @ dX)"
    assert "return 2*A.T @ A @ X" in found.code()
    assert found.unicode() == "∂f/∂X = 2·Aᵀ A X"
    assert found.latex() == r"2 \, A^{\top} A X"


def test_an_unknown_layout_is_refused():
    with pytest.raises(sd.DifferentiationError, match="there are mixed, numerator, denominator"):
        sd.derivative(L, X, "row")
