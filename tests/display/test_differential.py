"""Differential notation: golden forms, and the value of what is printed."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl.display.differential import differential
from symdl.language.sizes import dims_of, variables_of
from tests.display.numpy_text import evaluate
from tests.display.points import point, sizes_of, value

n, d, m = sd.dims("n d m")
A, B, C = sd.tensor("A", n, n), sd.tensor("B", d, d), sd.tensor("C", n, n)
X, W, x, t = sd.tensor("X", n, d), sd.tensor("W", d, m), sd.tensor("x", n), sd.tensor("t")
y, p = sd.tensor("y", n, integer=True), sd.tensor("p", n, positive=True)
STEP = 1e-5

FORMS = {
    "log-determinant": (sd.logdet(A @ A.T), A, None),
    "determinant": (sd.det(A), A, "df = det(A)*trace(inv(A) @ dA)"),
    "inverse": (sd.inv(A), A, "df = -inv(A) @ dA @ inv(A)"),
    "inverse of a line": (sd.inv(A + t * C), t, None),
    "trace": (sd.trace(A @ X @ B @ X.T @ C), X,
              "df = trace((B @ X.T @ C @ A + B.T @ X.T @ A.T @ C.T) @ dX)"),
    "least squares": (sd.sum((A @ x - p)**2) / 2, x, "df = (A @ x - p) @ A @ dx"),
    "quadratic form": (x @ A @ x, x, "df = x @ (A + A.T) @ dx"),
    "quadratic form in A": (x @ A @ x, A, "df = trace(outer(x, x) @ dA)"),
    "cross-entropy": (sd.cross_entropy(X @ W, y), W, None),
    "softplus": (sd.sum(sd.softplus(x)), x, "df = sigmoid(x) @ dx"),
    "a scalar": (t**3 * sd.sum(x), t, "df = 3*dt*t**2*sum(x)"),
    "product": (X @ B @ X.T, X, "df = X @ B @ dX.T + dX @ B @ X.T"),
    "entrywise": (sd.log(p) * x, p, "df = dp*x/p"),
    "running sum": (sd.cumsum(x), x, "df = cumsum(dx, axis=0)"),
    "tanh layer": (sd.sum(sd.tanh(A @ x)), x, None),
}


@pytest.mark.parametrize("name", [k for k, form in FORMS.items() if form[2]])
def test_form(name):
    f, variable, expected = FORMS[name]
    assert differential(f, variable) == expected


@pytest.mark.parametrize("name", FORMS)
def test_the_printed_differential_is_the_derivative_along_it(name):
    f, variable, _ = FORMS[name]
    rng = np.random.default_rng(len(name))
    sizes = sizes_of([f, variable], rng)
    inputs = {**point([f], sizes, rng), **point([variable], sizes, rng)}
    dx = rng.normal(size=inputs[variable.name].shape)
    text = differential(f, variable).removeprefix("df = ")
    printed = np.asarray(evaluate(text, {**sizes, **inputs, f"d{variable.name}": dx}))
    up, down = (value(f, {**inputs, variable.name: inputs[variable.name] + s * STEP * dx}, sizes)
                for s in (1, -1))
    np.testing.assert_allclose(printed, (up - down) / (2 * STEP), rtol=1e-6, atol=1e-7)


def test_names_and_styles():
    loss = (x @ A @ x).named("Q")
    assert differential(loss, x) == "dQ = x @ (A + A.T) @ dx"
    assert differential(loss, x, "unicode") == "dQ = xᵀ (A + Aᵀ) dx"
    assert differential(sd.logdet(A), A, "unicode") == "df = tr(A⁻¹ dA)"
    assert differential(sd.logdet(A), A, "latex") == (
        r"\mathrm{d}f = \operatorname{tr}\left(A^{-1} \mathrm{d}A\right)")


def test_a_name_in_use_is_left_alone():
    dx = sd.tensor("dx", n)
    text = differential(x @ dx, x)
    assert text == "df = dx @ dx_"
    assert not {str(v.name) for v in variables_of([x @ dx])} & {"dx_"}
    assert dims_of([x @ dx])
