"""Reductions over some of the entries: `where`, as in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from tests.values import assert_near, value

n, m = sd.dims("n m")
X = sd.tensor("X", n, m)
i, j = sd.indices("i j", n, m)
x = np.random.default_rng(0).normal(size=(3, 4))
NEUTRAL = {"sum": 0.0, "prod": 1.0, "max": -np.inf, "min": np.inf}


def numpys(name, where, axis=None):
    return getattr(np, name)(np.where(where, x, NEUTRAL[name]), axis=axis)


@pytest.mark.parametrize("name", NEUTRAL)
def test_where_the_entries_say_so(name):
    found = getattr(sd, name)(X, axis=1, where=X < 0.5)
    assert_near(value(found, {"X": x}), numpys(name, x < 0.5, 1))


@pytest.mark.parametrize("name", NEUTRAL)
@pytest.mark.parametrize(
    ("condition", "where"),
    [
        (j <= i, np.tri(3, 4, dtype=bool)),
        (sd.eq(j, i), np.eye(3, 4, dtype=bool)),
        (sd.ne(j, i), ~np.eye(3, 4, dtype=bool)),
        ((j < 1) | (j > i), ~np.tri(3, 4, dtype=bool) | (np.arange(4) < 1)),
        (j > m, np.zeros((3, 4), dtype=bool)),
    ],
)
def test_where_the_indices_say_so(name, condition, where):
    rows = sd.define("R", i, getattr(sd, name)(X[i, j], j, where=condition))
    assert_near(value(rows, {"X": x}, n=3, m=4), numpys(name, where, 1))


@pytest.mark.parametrize("name", NEUTRAL)
def test_entries_left_out_are_not_read(name):
    """X[i, j + 1] is outside for the last j."""
    inside = getattr(sd, name)(X[i, j + 1], (i, j), where=j + 1 < m)
    found = value(inside, {"X": x})
    assert_near(found, getattr(np, name)(x[:, 1:]))


def test_the_gradient_passes_where_the_condition_holds():
    loss = sd.sum(sd.define("R", i, sd.max(X[i, j], j, where=j <= i)) ** 2)
    chosen = np.where(np.tri(3, 4, dtype=bool), x, -np.inf)
    first = np.arange(4) == chosen.argmax(1)[:, None]
    assert_near(value(sd.grad(loss, X), {"X": x}), np.where(first, 2 * x, 0))


def test_a_constant_beside_a_condition_on_indices():
    """-∞ outside of a condition stays outside: 0 times -∞ would be NaN."""
    upper = sd.define("U", (i, j), sd.where(i <= j, X[i, j], -np.inf))
    assert_near(value(upper, {"X": x}), np.where(np.tri(3, 4, -1, dtype=bool), -np.inf, x))


@pytest.mark.parametrize("name", ["less", "less_equal", "greater", "greater_equal"])
def test_comparing_two_indices_gives_a_condition(name):
    chosen = sd.define("C", (i, j), sd.where(getattr(sd, name)(i, j), X[i, j], 0))
    assert_near(value(chosen, {"X": x}), np.where(getattr(np, name)(*np.indices((3, 4))), x, 0))
