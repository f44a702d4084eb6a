"""A branch that isn't taken can't spoil a gradient."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from tests.values import assert_near, value

n, m = sd.dims("n m")
x, y, X = sd.tensor("x", n), sd.tensor("y", n), sd.tensor("X", n, m)
AT = np.array([0.0, 1.0, -1.0, 2.0])
ENTROPY = np.array([0.0, 1.0, 0.0, 1 + np.log(2)])
SLOPE = np.array([0.0, 1.0, 0.0, 0.5])


@pytest.mark.parametrize(("chosen", "expected"), [
    (sd.log(x), SLOPE),
    (x * sd.log(x), ENTROPY),
    (sd.log(x).named("z"), SLOPE),
    (sd.log(x)[::-1][::-1], SLOPE),
    (sd.reshape(sd.log(sd.reshape(x, (n, 1))), n), SLOPE),
    (sd.exp(2 * sd.log(x)), 2 * AT * (AT > 0)),
    (sd.sqrt(x) * sd.sqrt(x) * sd.log(x) / x, SLOPE),
    (sd.log(sd.sqrt(x)) * 2, SLOPE),
])
def test_the_singular_part_may_lie_several_definitions_below(chosen, expected):
    """1/x, and d(x log x)/dx = 1 + log x, where x > 0; 0 elsewhere."""
    loss = sd.sum(sd.where(x > 0, chosen, 0))
    assert_near(value(sd.grad(loss, x), {"x": AT}), expected)


def test_the_second_derivative_is_finite_too():
    hessian = sd.hessian(sd.sum(sd.where(x > 0, x * sd.log(x), 0)), x)
    assert_near(value(hessian, {"x": AT}), np.diag([0.0, 1.0, 0.0, 0.5]))


def test_a_norm_at_zero():
    square = sd.sum(X**2, axis=1)
    loss = sd.sum(sd.where(square > 0, y / sd.sqrt(square), 0))
    at = {"X": np.array([[0.0, 0.0], [3.0, 4.0]]), "y": np.array([1.0, 1.0])}
    assert_near(value(sd.grad(loss, X), at), [[0, 0], [-3 / 125, -4 / 125]])
    assert_near(value(sd.grad(loss, y), at), [0, 0.2])
