"""Softmax and its relatives: SciPy's values, and the textbook gradients."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

import symdl as sd
from tests.values import assert_near, value

n, k = sd.dims("n k")
X = sd.tensor("X", n, k)
x = np.random.default_rng(0).normal(size=(3, 4))


@pytest.mark.parametrize("axis", [0, 1, -1, (0, 1), None])
@pytest.mark.parametrize(
    ("ours", "scipys"),
    [(sd.softmax, special.softmax), (sd.log_softmax, special.log_softmax)],
)
def test_softmax_is_scipys(ours, scipys, axis):
    assert_near(value(ours(X, axis), {"X": x}), scipys(x, axis=axis))


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [0, -1, (0, 1), None])
def test_logsumexp_is_scipys(axis, keepdims):
    expected = special.logsumexp(x, axis=axis, keepdims=keepdims)
    assert_near(value(sd.logsumexp(X, axis, keepdims), {"X": x}), expected)


def test_logsumexp_over_an_index():
    i, j = sd.indices("i j")
    rows = sd.define("L", i, sd.logsumexp(X[i, j], j))
    assert_near(value(rows, {"X": x}), special.logsumexp(x, axis=1))


def test_softmax_works_along_the_last_axis_and_logsumexp_over_all():
    assert sd.softmax(X) == sd.softmax(X, 1)
    assert sd.log_softmax(X) == sd.log_softmax(X, 1)
    assert sd.logsumexp(X) == sd.logsumexp(X, (0, 1))


def test_an_empty_axis():
    empty = np.zeros((2, 0))
    assert value(sd.softmax(X), {"X": empty}).shape == (2, 0)
    assert value(sd.logsumexp(X, 1), {"X": empty}).tolist() == [-np.inf, -np.inf]


def test_the_gradient_of_logsumexp_is_softmax():
    gradient = sd.grad(sd.sum(sd.logsumexp(X, 1)), X)
    assert_near(value(gradient, {"X": x}), special.softmax(x, axis=1))


def test_the_gradient_of_one_probability():
    """dp_0/dx = p_0 (e_0 - p)."""
    p = special.softmax(x, axis=1)
    gradient = value(sd.grad(sd.sum(sd.softmax(X)[:, 0]), X), {"X": x})
    assert_near(gradient, p[:, :1] * (np.eye(4)[0] - p))
