"""Initial weights."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

import symdl as sd
from symdl.nn import init


def test_glorot_is_uniform_between_its_bounds():
    w = init.glorot_uniform((200, 400), 0)
    bound = sqrt(6 / 600)
    assert w.shape == (200, 400)
    assert abs(w).max() <= bound
    assert abs(w).max() > 0.999 * bound
    assert w.var() == pytest.approx(bound**2 / 3, rel=0.02)
    assert abs(w.mean()) < 0.01 * bound


def test_he_is_normal_with_its_deviation():
    w = init.he_normal((300, 200), 0)
    assert w.std() == pytest.approx(sqrt(2 / 300), rel=0.02)
    assert np.mean(abs(w) < w.std()) == pytest.approx(0.6827, abs=0.01)


@pytest.mark.parametrize(
    ("shape", "fans"), [((5, 7), (5, 7)), ((8, 3, 2, 4), (24, 64)), ((8, 3, 5), (15, 40))]
)
def test_fans_follow_the_layout_of_dense_and_conv2d(shape, fans):
    assert init.fans(shape) == fans


@pytest.mark.parametrize("draw", [init.glorot_uniform, init.he_normal])
def test_a_seed_repeats_and_a_generator_goes_on(draw):
    assert np.array_equal(draw((2, 3), 7), draw((2, 3), 7))
    generator = np.random.default_rng(7)
    first, second = draw((2, 3), generator), draw((2, 3), generator)
    assert np.array_equal(first, draw((2, 3), 7))
    assert not np.array_equal(first, second)
    assert draw((0, 0), 7).shape == (0, 0)


def test_gain_scales():
    assert np.allclose(init.he_normal((4, 4), 1, gain=3.0), 3 * init.he_normal((4, 4), 1, gain=1.0))


def test_a_vector_has_no_fans():
    with pytest.raises(sd.ShapeError, match=r"none negative, not the shape \(3,\)"):
        init.glorot_uniform((3,), 0)


@pytest.mark.parametrize(("shape", "message"), [
    (3, "a shape of weights is a tuple of integers, not 3"),
    ((3, 1.5), r"a tuple of integers, not \(3, 1.5\)"),
    ((3, -1), r"none negative, not the shape \(3, -1\)"),
])
def test_what_is_no_shape_of_weights(shape, message):
    with pytest.raises(sd.ShapeError, match=message):
        init.he_normal(shape, 0)
