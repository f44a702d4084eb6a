"""Where programs aren't differentiable."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

import symdl as sd
from symdl import nn
from symdl.calculus.kinks import kinks
from tests.values import assert_near, value

n, m = sd.dims("n m")
x, y, X = sd.tensor("x", n), sd.tensor("y", n), sd.tensor("X", n, m)
labels = sd.tensor("labels", n, integer=True)
AT = {"x": np.array([0.5, -2.0, 0.25]), "y": np.array([1.0, -1.0, 2.0])}


def distances(expr, at, **sizes):
    return [value(k.distance, at, **sizes) for k in kinks(expr)]


@pytest.mark.parametrize(
    "smooth",
    [
        sd.gelu(x), sd.logsumexp(x), sd.softplus(x) * y, sd.relu(sd.stop_gradient(x)) * y,
        nn.cross_entropy(X, labels), nn.cross_entropy(X, labels, ignore_index=-1),
        sd.cumprod(x), sd.inv(X @ X.T), sd.pad(x, [(1, 1)]), x[labels],
        nn.attention(X, X, X, causal=True), sd.where(sd.arange(n) > 1, x, y),
    ],
)
def test_smooth_programs_have_none(smooth):
    assert kinks(smooth) == ()


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (sd.relu(x - y), [-0.5, -1.0, -1.75]),
        (abs(x), [0.5, -2.0, 0.25]),
        (sd.maximum(x, y), [0.5, 1.0, 1.75]),
        (sd.where(x > y, x, 0), [-0.5, -1.0, -1.75]),
        (sd.sign(x) * y, [0.5, -2.0, 0.25]),
        (sd.floor(x), [1.0, 0.0, 1 / 2**0.5]),
        (sd.apply(lambda t: sympy.Abs(t - 1), x), [-0.5, -3.0, -0.75]),
    ],
)
def test_distances_of_scalar_kinks(expr, expected):
    (found,) = distances(expr, AT)
    assert_near(np.abs(found), np.abs(expected))


def test_clip_has_one_kink_at_each_end():
    ends = distances(sd.clip(x, -1, 0.3), AT)
    assert sorted(np.abs(ends).min(axis=1)) == pytest.approx([0.05, 1.0])


def test_ties_of_a_maximum():
    """The distance of each entry from the largest, 1 for the largest itself."""
    (found,) = distances(sd.max(x), AT)
    assert_near(found, [1.0, 2.5, 0.25])
    (found,) = distances(sd.argmin(x, 0) * y, AT)
    assert_near(np.abs(found), [2.5, 1.0, 2.25])


def test_ties_of_windows_and_of_a_guarded_maximum():
    image = sd.tensor("image", 1, 1, n, m)
    a = np.array([[[[0.0, 3.0], [1.0, 1.5]]]])
    (found,) = distances(nn.max_pool2d(image, 2), {"image": a})
    assert_near(found[0, 0, 0, 0], [[3.0, 1.0], [2.0, 1.5]])
    (found,) = distances(nn.max_pool2d(image, 2, 1, 1), {"image": a})
    assert_near(found[0, 0, 0, 0], np.ones((2, 2)))  # a single pixel, the rest is outside


def test_ties_of_a_sort():
    (found,) = distances(sd.sort(x), AT)
    assert_near(np.abs(found), [[1, 2.5, 0.25], [2.5, 1, 2.25], [0.25, 2.25, 1]])


def test_inside_a_recurrence():
    steps = sd.tensor("s", m, n)
    h = sd.recur("h", m, x, lambda t, h: sd.relu(h - steps[t]))
    (found,) = distances(sd.final(h), {**AT, "s": np.array([[0.25, 0.0, 0.0], [0.5, 0.5, 0.5]])})
    assert_near(np.abs(found), [[0.25, 2.0, 0.25], [0.25, 0.5, 0.25]])


def test_a_kink_of_a_gradient_is_found_too():
    assert [str(k).partition(" in ")[0] for k in kinks(sd.grad(sd.sum(sd.relu(x)), x))] == [
        "x[i] = 0"
    ]


def test_terms_that_are_left_out_are_far_away():
    i, j = sd.indices("i j", n, m)
    lower = sd.sum(abs(X[i, j]), (i, j), where=j < i)
    (found,) = distances(lower, {"X": np.zeros((2, 2))})
    assert np.sort(found.ravel()).tolist() == [0, 1, 1, 1]


def test_they_can_be_read():
    i = sd.indices("i")
    Z = sd.define("Z", i, x[i] - 2 * y[i])
    (kink,) = sd.define("H", i, sd.relu(Z)[i]).kinks()
    assert str(kink).startswith("Z[i] = 0 in ")
    (tie,) = sd.max(X, axis=1).kinks()
    assert str(tie).startswith("two maxima of X[i, j] over j in ")


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a"), ("z", "a")])
def test_a_tie_of_two_is_shared_whatever_their_names(names):
    p, q = (sd.tensor(name, n) for name in names)
    at = {p: [1.0, 2.0], q: [1.0, 1.0]}
    for f, expected in ((sd.maximum, [[0.5, 1.0], [0.5, 0.0]]),
                        (sd.minimum, [[0.5, 0.0], [0.5, 1.0]])):
        slopes = [sd.evaluate(g, at) for g in sd.grad(sd.sum(f(p, q)), [p, q])]
        np.testing.assert_array_equal(slopes, expected)
