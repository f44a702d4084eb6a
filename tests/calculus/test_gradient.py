"""Gradients: nests of variables, products of a vector and a Jacobian, errors."""

from __future__ import annotations

from collections import namedtuple

import numpy as np
import pytest

import symdl as sd
from tests.values import assert_near, complex_step, value

n, m = sd.dims("n m")
x, W, u, s = sd.tensor("x", n), sd.tensor("W", m, n), sd.tensor("u", m), sd.tensor("s")
g = np.random.default_rng(6)
AT = {"x": g.normal(size=3), "W": g.normal(size=(2, 3)), "u": g.normal(size=2), "s": 0.7}


@pytest.mark.parametrize("name", ["x", "W"])
def test_a_vjp_is_the_jacobian_from_the_left(name):
    y, variable = sd.tanh(W @ x), {"x": x, "W": W}[name]
    expected = np.tensordot(AT["u"], complex_step(y, name, AT), axes=1)
    assert_near(value(sd.vjp(y, variable, u), AT), expected)


def test_several_outputs_add_up():
    outputs = {"y": W @ x, "z": [x @ x]}
    found = sd.vjp(outputs, (x, W), {"y": u, "z": [s]})
    assert_near(value(found[0], AT), AT["W"].T @ AT["u"] + 2 * AT["s"] * AT["x"])
    assert_near(value(found[1], AT), np.outer(AT["u"], AT["x"]))


def test_an_output_given_twice_counts_twice():
    y = W @ x
    assert_near(value(sd.vjp((y, y), x, (u, u)), AT), 2 * AT["W"].T @ AT["u"])


def test_a_gradient_of_an_input_by_itself_is_one():
    assert value(sd.grad(s, s), {}) == 1


def test_what_isnt_a_scalar_is_refused_by_the_function_that_was_called():
    with pytest.raises(sd.DifferentiationError, match=r"grad takes a scalar, but x has shape"):
        sd.grad(x, x)
    with pytest.raises(sd.DifferentiationError, match="value_and_grad takes a scalar"):
        sd.value_and_grad(x, x)
    with pytest.raises(sd.ShapeError, match=r"vjp: .* has shape \(m,\), but .* x, has shape"):
        sd.vjp(W @ x, x, x)


Parameters = namedtuple("Parameters", "weight bias")


def test_gradients_come_nested_as_the_variables():
    z = (W @ x).named("z")
    loss = sd.sum(z**2)
    found = sd.grad(loss, {"layer": Parameters(x, W), "list": [z, (W,)]})
    assert isinstance(found["layer"], Parameters)
    assert found["layer"].weight == sd.grad(loss, x)
    assert found["list"][0] == sd.grad(loss, z)
    assert found["list"][1] == (sd.grad(loss, W),)


@pytest.mark.parametrize("names", ["ab", "ba", "zy"])
def test_a_tie_is_shared_whatever_the_names_and_the_order(names):
    a, b = (sd.tensor(c, n) for c in names)
    at = {names[0]: np.array([1.0, 2.0]), names[1]: np.array([1.0, 3.0])}
    for extreme, beyond in ((sd.maximum, 0.0), (sd.minimum, 1.0)):
        for loss in (sd.sum(extreme(a, b)), sd.sum(extreme(b, a))):
            assert_near(value(sd.grad(loss, a), at), [0.5, beyond])
            assert_near(value(sd.grad(loss, b), at), [0.5, 1 - beyond])
