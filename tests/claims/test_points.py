"""Points to try: sizes, ranges of integers, domains."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl import nn
from symdl.claims.evaluate import evaluate
from symdl.claims.margins import margins
from symdl.claims.points import draw_inputs, near_kinks
from symdl.claims.ranges import integer_range
from symdl.claims.sizes import draw_sizes
from symdl.language.form import Dim
from tests.programs import PROGRAMS
from tests.values import assert_near, value

n, d, k, v = sd.dims("n d k v")
x, X, T = sd.tensor("x", n), sd.tensor("X", n, d), sd.tensor("T", v, d)
labels = sd.tensor("labels", n, integer=True)
SIZES = {Dim(name): size for name, size in {"n": 2, "d": 3, "k": 4, "v": 7}.items()}


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (nn.embedding(T, labels), (0, 7)),
        (sd.cross_entropy(X, labels), (0, 3)),
        (sd.cross_entropy(X, labels, ignore_index=-1), (-1, 3)),
        (sd.cross_entropy(X, labels, ignore_index=-9), (0, 3)),
        (sd.sum(nn.embedding(T, labels)) + sd.cross_entropy(X, labels), (0, 3)),
        (sd.one_hot(labels, k), (0, 4)),
        (x * labels, (0, 3)),
        (sd.sum(T[labels + 2]), (-2, 5)),
        (sd.sum(T[2 * labels]), (0, 4)),
        (sd.sum(T[2 * labels + 1]), (0, 3)),
    ],
)
def test_integers_stay_in_the_range_of_what_they_index(program, expected):
    assert integer_range(labels, program, SIZES) == range(*expected)


def test_binary_integers():
    answers = sd.tensor("answers", n, integer=True, binary=True)
    assert integer_range(answers, sd.sum(answers * x), SIZES) == range(2)


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("seed", [0, 1])
def test_sizes_leave_no_axis_empty(name, seed):
    loss = PROGRAMS[name]().loss
    sizes = draw_sizes(loss, {}, {}, seed)
    assert all(size >= 2 for size in sizes.values())
    assert sizes == draw_sizes(loss, {}, {}, seed)


def test_sizes_of_given_arrays_and_stated_ones():
    sizes = draw_sizes(sd.sum(X @ sd.tensor("W", d, k)), {"X": np.ones((4, 9))}, {"k": 11}, 0)
    assert {str(a): size for a, size in sizes.items()} == {"n": 4, "d": 9, "k": 11}


def test_sizes_that_cannot_be():
    with pytest.raises(sd.ShapeError, match="no small sizes n found"):
        draw_sizes(sd.sum(sd.tensor("a", n - 100)), {}, {}, 0)


def test_points_keep_away_from_kinks_and_inside_domains():
    loss = sd.sum(sd.relu(X @ sd.tensor("W", d, k))) + sd.sum(sd.log(X @ X.T + x))
    point = draw_inputs(loss, {}, SIZES, 0, evaluate)
    assert abs(point["X"] @ point["W"]).min() >= 1e-2
    assert (point["X"] @ point["X"].T + point["x"]).min() >= 1e-3
    assert near_kinks(loss, point, SIZES, evaluate) == []
    point["X"][0] = 0
    assert [distance for _, distance in near_kinks(loss, point, SIZES, evaluate)] == [0.0]


@pytest.mark.parametrize(
    ("expr", "at", "expected"),
    [
        (sd.log(x), 0.5, 0.5), (sd.sqrt(x - 1), 0.5, -0.5), (1 / x, -0.5, 0.5),
        (sd.atanh(x), 0.5, 0.75), (sd.acosh(x), 0.5, -0.5), (x**1.5, 0.5, 0.5),
        (sd.lgamma(x), 0.5, 0.5), (sd.tan(x), np.pi, 1.0),
    ],
)
def test_margins(expr, at, expected):
    (margin,) = margins(expr)
    assert_near(value(margin, {"x": np.array([at])}), [expected])


@pytest.mark.parametrize(
    "expr", [sd.exp(x), x**3, sd.softplus(x), sd.where(x > 0, sd.log(x), 0), sd.sigmoid(x)]
)
def test_what_is_defined_everywhere_has_no_margin(expr):
    assert margins(expr) == ()
