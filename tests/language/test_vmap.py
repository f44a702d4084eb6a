"""Mapping over a free index."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from tests.values import assert_near, value

n, d = sd.dims("n d")
X, w = sd.tensor("X", n, d), sd.tensor("w", d)
i, j = sd.indices("i j")
g = np.random.default_rng(0)
POINT = {"X": g.normal(size=(4, 3)), "w": g.normal(size=3)}


@pytest.mark.parametrize("over", [i, n])
def test_gradients_of_single_examples(over):
    """∇ tanh(x_i·w) = (1 - tanh²(x_i·w)) x_i, one row an example."""
    gradients = sd.vmap(sd.grad(sd.tanh(X[i] @ w), w), over=over)
    assert gradients.shape == (n, d)
    x = POINT["X"]
    assert_near(value(gradients, POINT), (1 - np.tanh(x @ POINT["w"]) ** 2)[:, None] * x)


def test_they_add_up_to_the_gradient_of_the_sum():
    whole = sd.grad(sd.sum(sd.tanh(X @ w)), w)
    single = sd.vmap(sd.grad(sd.tanh(X[i] @ w), w), i)
    assert_near(value(sd.sum(single, axis=0), POINT), value(whole, POINT))


def test_two_indices_one_after_the_other():
    entry = X[i] @ X[j]
    gram = sd.vmap(sd.vmap(entry, j), i)
    assert gram.shape == (n, n)
    assert_near(value(gram, POINT), POINT["X"] @ POINT["X"].T)
    assert_near(value(sd.vmap(sd.vmap(X[i] @ w - X[j] @ w, j), i), POINT),
                np.subtract.outer(POINT["X"] @ POINT["w"], POINT["X"] @ POINT["w"]))


def test_an_index_with_a_range_of_its_own():
    k = sd.indices("k", 2)
    assert_near(value(sd.vmap(w * k, k), POINT), np.outer([0, 1], POINT["w"]))


@pytest.mark.parametrize(
    ("expr", "over", "message"),
    [
        (X[i] @ w, j, "doesn't depend on the index j; it has the free indices i"),
        (X[i] @ w, d, "has no free index over d; it has the free indices i"),
        (X @ w, n, "it has no free index: make one with sd.indices"),
        (X[i] @ X[j], n, "i, j all run over n; say which: sd.vmap(..., over=i)"),
    ],
)
def test_errors_say_what_there_is(expr, over, message):
    with pytest.raises(sd.SymdlError) as error:
        sd.vmap(expr, over)
    assert message in str(error.value)


def test_several_indices_at_once():
    entry = sd.sin(X[i, j] * w[j])
    both = sd.vmap(entry, over=(i, j))
    assert both == sd.vmap(sd.vmap(entry, j), i)
    assert_near(value(both, POINT), np.sin(POINT["X"] * POINT["w"]))


def test_a_recurrence_for_each_example():
    T = sd.dims("T")
    S = sd.tensor("S", n, T, d)
    last = sd.final(sd.recur("h", T, w, lambda t, h: sd.tanh(h + S[i, t])))
    each = sd.vmap(sd.sum(last**2), over=i)
    drive = g.normal(size=(2, 3, 3))
    state = np.tile(POINT["w"], (2, 1))
    for t in range(3):
        state = np.tanh(state + drive[:, t])
    assert_near(value(each, {"S": drive, "w": POINT["w"]}), (state**2).sum(axis=1))
