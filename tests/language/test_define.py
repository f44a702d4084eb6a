"""Equations by hand: what stands in them, and what stays outside."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from tests.values import assert_near, value

n, m = sd.dims("n m")
X = sd.tensor("X", n, m)
i, j = sd.indices("i j")
x = np.random.default_rng(0).normal(size=(3, 4))


@pytest.mark.parametrize(
    "before", [X * 2, sd.tanh(X), X.T, sd.pad(X, [(1, 1), (0, 0)]), sd.cumsum(X, 1), X + 1]
)
def test_what_was_there_before_stays_an_intermediate(before):
    """The gradient in Z of a sum over Z[i, j]² is 2 Z, however Z is made."""
    a, b = sd.indices("a b")
    for loss in (
        sd.sum(before[i, j] ** 2, (i, j)),
        sd.sum(sd.define("Q", (a, b), before[a, b]) ** 2),
    ):
        assert_near(value(sd.grad(loss, before), {"X": x}), 2 * value(before, {"X": x}))


def test_a_definition_without_a_name():
    assert sd.define(None, (i, j), X[i, j] ** 2).name is None
    with pytest.raises(sd.RangeError, match="define: the index j is neither an axis nor summed"):
        sd.define(None, (i,), X[i, j])
