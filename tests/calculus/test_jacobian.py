"""Jacobians and Hessians against the complex step and central differences."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl.kernels.oracle import oracle
from tests.values import assert_near, value

n, m = sd.dims("n m")
x, A, W = sd.tensor("x", n), sd.tensor("A", n, n), sd.tensor("W", m, n)
SIZES = {"n": 3, "m": 2}
g = np.random.default_rng(0)
AT = {"x": g.normal(size=3), "A": g.normal(size=(3, 3)), "W": g.normal(size=(2, 3))}


def complex_step(y, name):
    """∂y/∂input, one entry of the input at a time, over complex numbers."""
    base = AT[name]
    columns = []
    for i in np.ndindex(base.shape):
        moved = base.astype(complex)
        moved[i] += 1e-30j
        found = oracle([y], {**AT, name: moved}, "complex128", **SIZES)[0]
        columns.append(np.asarray(found, complex).imag / 1e-30)
    return np.moveaxis(np.array(columns), 0, -1).reshape(*columns[0].shape, *base.shape)


@pytest.mark.parametrize("y", [
    sd.tanh(W @ x), sd.softmax(x, axis=0), x / sd.sqrt(sd.sum(x**2)), A @ A, sd.outer(x, x),
    sd.inv(A), sd.cumsum(x), x[::2], sd.concatenate([x, x**2]), sd.sum(x**3),
    sd.recur("S", n, x[0], lambda t, s: sd.sin(s * x[t])),
])
@pytest.mark.parametrize("name", ["x", "A", "W"])
def test_a_jacobian_is_what_the_complex_step_measures(y, name):
    variable = {"x": x, "A": A, "W": W}[name]
    found = sd.jacobian(y, variable)
    assert found.shape == (*y.shape, *variable.shape)
    assert_near(value(found, AT, **SIZES), complex_step(y, name), 1e-10)


@pytest.mark.parametrize("loss", [
    x @ A @ x, sd.logsumexp(x), sd.sum(sd.softplus(W @ x)), sd.prod(x), sd.sum(sd.tanh(x) ** 2),
])
def test_a_hessian_is_the_jacobian_of_the_gradient(loss):
    found = value(sd.hessian(loss, x), AT)
    assert_near(found, complex_step(sd.grad(loss, x), "x"), 1e-10)
    assert_near(found, found.T, 1e-12)


def test_the_hessian_of_a_quadratic_form_reads_no_x():
    assert not any(v.name == "x" for v in sd.compile(sd.hessian(x @ A @ x, x)).inputs)


def test_jacobians_in_several_tensors_come_as_they_were_asked_for():
    y = sd.tanh(W @ x)
    found = sd.jacobian(y, {"in": x, "rest": (W, [A])})
    assert found["in"] == sd.jacobian(y, x)
    assert found["rest"] == (sd.jacobian(y, W), [sd.jacobian(y, A)])
