"""What a gradient is asked for with, and what comes back."""

from __future__ import annotations

from collections import namedtuple

import numpy as np
import pytest

import symdl as sd
from tests.values import assert_near, value

n, m = sd.dims("n m")
X, w = sd.tensor("X", n, m), sd.tensor("w", m)
Parameters = namedtuple("Parameters", "weight bias")


def test_gradients_come_nested_as_the_variables():
    z = (X @ w).named("z")
    loss = sd.sum(z**2)
    found = sd.grad(loss, {"layer": Parameters(w, X), "list": [z, (X,)]})
    assert isinstance(found["layer"], Parameters)
    assert found["layer"].weight == sd.grad(loss, w)
    assert found["list"][0] == sd.grad(loss, z)
    assert found["list"][1] == (sd.grad(loss, X),)


@pytest.mark.parametrize("names", ["ab", "ba", "zy"])
def test_a_tie_is_shared_whatever_the_names_and_the_order(names):
    a, b = (sd.tensor(c, n) for c in names)
    at = {names[0]: np.array([1.0, 2.0]), names[1]: np.array([1.0, 3.0])}
    for extreme, beyond in ((sd.maximum, 0.0), (sd.minimum, 1.0)):
        for loss in (sd.sum(extreme(a, b)), sd.sum(extreme(b, a))):
            assert_near(value(sd.grad(loss, a), at), [0.5, beyond])
            assert_near(value(sd.grad(loss, b), at), [0.5, 1 - beyond])
