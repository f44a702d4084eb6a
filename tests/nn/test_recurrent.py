"""Recurrent layers, against loops in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl import nn
from tests.values import assert_near, value, values

T, n, d, h = sd.dims("T n d h")
X, h0, c0 = sd.tensor("X", T, n, d), sd.tensor("h0", n, h), sd.tensor("c0", n, h)
W, U, b = sd.tensor("W", d, h), sd.tensor("U", h, h), sd.tensor("b", h)
W4, U4, b4 = sd.tensor("W", d, 4 * h), sd.tensor("U", h, 4 * h), sd.tensor("b", 4 * h)


def point(steps, width):
    g = np.random.default_rng(steps)
    shapes = {"X": (steps, 2, 3), "h0": (2, 2), "W": (3, width), "U": (2, width), "b": (width,)}
    return {name: g.normal(size=shape) for name, shape in shapes.items()}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("steps", [0, 1, 4])
@pytest.mark.parametrize(("f", "numpys"), [(None, np.tanh), (sd.sin, np.sin)])
def test_rnn(steps, f, numpys):
    at = point(steps, 2)
    state, states = at["h0"], []
    for x in at["X"]:
        state = numpys(x @ at["W"] + state @ at["U"] + at["b"])
        states.append(state)
    H = nn.rnn(X, h0, W, U, b, activation=f)
    found, last = values([H, sd.final(H)], at)
    assert_near(found, np.reshape(states, (steps, 2, 2)))
    assert_near(last, state)


@pytest.mark.parametrize("steps", [0, 1, 4])
def test_lstm(steps):
    at = point(steps, 8) | {"c0": np.random.default_rng(9).normal(size=(2, 2))}
    out, cell, outs, cells = at["h0"], at["c0"], [], []
    for x in at["X"]:
        i, f, g, o = np.split(x @ at["W"] + out @ at["U"] + at["b"], 4, axis=1)
        cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
        out = sigmoid(o) * np.tanh(cell)
        outs, cells = [*outs, out], [*cells, cell]
    H, C = values(nn.lstm(X, h0, c0, W4, U4, b4), at)
    assert_near(H, np.reshape(outs, (steps, 2, 2)))
    assert_near(C, np.reshape(cells, (steps, 2, 2)))


def test_biases_may_be_left_out():
    at = point(2, 8) | {"c0": np.ones((2, 2)), "b": np.zeros(8)}
    without = value(nn.lstm(X, h0, c0, W4, U4)[0], at)
    assert_near(without, value(nn.lstm(X, h0, c0, W4, U4, b4)[0], at))


def test_a_single_sequence():
    at = point(3, 2)
    single = nn.rnn(sd.tensor("x", T, d), sd.tensor("s", h), W, U, b)
    batch = value(nn.rnn(X, h0, W, U, b), at)
    found = value(single, {**at, "x": at["X"][:, 0], "s": at["h0"][0]})
    assert_near(found, batch[:, 0])


def test_the_gradient_through_time_of_a_linear_recurrence():
    """h_T = U^T h_0 in one dimension: dh_T/dU = T U^(T-1) h_0, dh_T/dh_0 = U^T."""
    u, s = sd.tensor("u", 1, 1), sd.tensor("s", 1)
    drive = sd.tensor("x", T, 1)
    last = sd.final(nn.rnn(drive, s, sd.tensor("w", 1, 1), u, activation=lambda z: z))
    at = {"u": np.array([[0.7]]), "s": np.array([2.0]), "x": np.zeros((5, 1)), "w": np.ones((1, 1))}
    in_u, in_s = values(sd.grad(last[0], [u, s]), at)
    assert_near(in_u, [[5 * 0.7**4 * 2]])
    assert_near(in_s, [0.7**5])


def test_a_matrix_without_four_gates():
    with pytest.raises(sd.ShapeError, match=r"the state has h entries, so weight needs 4\*h"):
        nn.lstm(X, h0, c0, W, U4)
