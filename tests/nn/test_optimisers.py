"""Stochastic gradient descent as expressions."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl import nn
from tests.values import assert_near, values

n, d = sd.dims("n d")
W, b = sd.tensor("W", n, d), sd.tensor("b", d)
PARAMETERS = {"layer": [W, b]}
GRADIENTS = {"layer": [2 * W, b**2]}
g = np.random.default_rng(0)
POINT = {"W": g.normal(size=(2, 3)), "b": g.normal(size=3)}
MOVING = {"velocity_W": g.normal(size=(2, 3)), "velocity_b": g.normal(size=3)}


def numbers(tree):
    return values(tree["layer"], {**POINT, **MOVING})


def test_a_plain_step():
    new, moving = nn.sgd(PARAMETERS, GRADIENTS, learning_rate=0.1)
    assert moving is None
    w, bias = numbers(new)
    assert_near(w, 0.8 * POINT["W"])
    assert_near(bias, POINT["b"] - 0.1 * POINT["b"] ** 2)


@pytest.mark.parametrize("nesterov", [False, True])
def test_a_step_with_momentum(nesterov):
    start = nn.velocities(PARAMETERS)
    assert start["layer"][0] == sd.tensor("velocity_W", n, d)
    new, moving = nn.sgd(
        PARAMETERS, GRADIENTS, start, learning_rate=0.1, momentum=0.9, nesterov=nesterov
    )
    slopes = {"W": 2 * POINT["W"], "b": POINT["b"] ** 2}
    for name, p, v in zip("Wb", numbers(new), numbers(moving), strict=True):
        velocity = 0.9 * MOVING[f"velocity_{name}"] + slopes[name]
        assert_near(v, velocity)
        ahead = slopes[name] + 0.9 * velocity if nesterov else velocity
        assert_near(p, POINT[name] - 0.1 * ahead)


def test_the_rates_may_be_tensors():
    rate, momentum = sd.tensor("rate"), sd.tensor("momentum")
    new, _ = nn.sgd(b, b**2, sd.tensor("v", d), learning_rate=rate, momentum=momentum)
    at = {"b": POINT["b"], "v": np.ones(3), "rate": 0.5, "momentum": 0.25}
    assert_near(values([new], at)[0], POINT["b"] - 0.5 * (0.25 + POINT["b"] ** 2))


def test_momentum_on_a_parabola_converges():
    """p'' = p' (1 + μ - η) - μ p has both roots inside the unit circle."""
    p, v = sd.tensor("p"), sd.tensor("v")
    step = nn.sgd(p, sd.grad(p**2 / 2, p), v, learning_rate=0.5, momentum=0.5)
    at = {"p": 1.0, "v": 0.0}
    for _ in range(60):
        at = dict(zip(at, values(step, at), strict=True))
    assert abs(at["p"]) < 1e-8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (({"a": W}, {"c": W}), "a dict of a and a dict of c aren't built alike"),
        (([W, b], [W]), "a list of 2 and a list of 1 aren't built alike"),
        ((W, [W]), "the tensor W and a list of 1 aren't built alike"),
        ((W, W.T), "W is (n, d) but its partner is (d, n)"),
    ],
)
def test_trees_that_differ(arguments, message):
    with pytest.raises(sd.SymdlError) as error:
        nn.sgd(*arguments, learning_rate=0.1)
    assert message in str(error.value)


def test_momentum_without_velocities():
    with pytest.raises(sd.SymdlError, match="momentum needs velocities"):
        nn.sgd(W, W, learning_rate=0.1, momentum=0.9)


def adam_by_hand(p, slopes, rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """Kingma & Ba, algorithm 1, line by line."""
    m, v = np.zeros_like(p), np.zeros_like(p)
    for t, slope in enumerate(slopes, 1):
        g = slope(p)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        p = p - rate * m_hat / (np.sqrt(v_hat) + epsilon)
    return p, m, v


def test_adam():
    """Three steps on a parabola; the first is the learning rate in every direction."""
    memory = nn.moments(PARAMETERS)
    new, moved = nn.adam(PARAMETERS, {"layer": [2 * W, 2 * b]}, memory, learning_rate=0.01)
    assert memory.first["layer"][0] == sd.tensor("first_W", n, d)
    at = {**POINT, "steps": 0.0}
    for name in "Wb":
        at |= {f"first_{name}": np.zeros_like(POINT[name]),
               f"second_{name}": np.zeros_like(POINT[name])}
    for step in range(3):
        roots = [*new["layer"], *moved.first["layer"], *moved.second["layer"], moved.steps]
        found = values(roots, at)
        names = ["W", "b", "first_W", "first_b", "second_W", "second_b", "steps"]
        at = dict(zip(names, found, strict=True))
        if step == 0:
            assert_near(at["W"], POINT["W"] - 0.01 * np.sign(POINT["W"]), 1e-6)
    assert at["steps"] == 3
    for name in "Wb":
        p, m, v = adam_by_hand(POINT[name], [lambda p: 2 * p] * 3, rate=0.01)
        assert_near(at[name], p)
        assert_near(at[f"first_{name}"], m)
        assert_near(at[f"second_{name}"], v)
