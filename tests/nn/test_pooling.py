"""Pooling, against loops in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl import nn
from tests.values import assert_near, value

n, c, h, w = sd.dims("n c h w")
X = sd.tensor("X", n, c, h, w)


def slide(reduce, x, window, stride, padding, dilation, outside):
    around = ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2)
    padded = np.pad(x, around, constant_values=outside)
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, window, strict=True)]
    shape = [(m - r) // s + 1 for m, r, s in zip(padded.shape[2:], reach, stride, strict=True)]
    y = np.zeros((*x.shape[:2], *shape))
    for a, b in np.ndindex(*shape):
        rows = slice(a * stride[0], a * stride[0] + reach[0], dilation[0])
        columns = slice(b * stride[1], b * stride[1] + reach[1], dilation[1])
        y[:, :, a, b] = reduce(padded[:, :, rows, columns], axis=(2, 3))
    return y


@pytest.mark.parametrize(
    ("window", "stride", "padding", "dilation"),
    [
        ((2, 2), (2, 2), (0, 0), (1, 1)),
        ((3, 3), (2, 2), (0, 0), (1, 1)),
        ((3, 2), (2, 1), (1, 1), (1, 1)),
        ((2, 2), (1, 3), (1, 1), (2, 3)),
    ],
)
def test_max_pooling(window, stride, padding, dilation):
    x = np.random.default_rng(0).normal(size=(2, 2, 6, 7)) - 5
    expected = slide(np.max, x, window, stride, padding, dilation, -np.inf)
    assert_near(value(nn.max_pool2d(X, window, stride, padding, dilation), {"X": x}), expected)


@pytest.mark.parametrize(
    ("window", "stride", "padding"),
    [((2, 2), (2, 2), (0, 0)), ((3, 2), (2, 1), (0, 0)), ((3, 2), (2, 1), (1, 1))],
)
def test_average_pooling(window, stride, padding):
    x = np.random.default_rng(0).normal(size=(2, 2, 6, 7))
    expected = slide(np.mean, x, window, stride, padding, (1, 1), 0)
    assert_near(value(nn.avg_pool2d(X, window, stride, padding), {"X": x}), expected)


def test_the_stride_is_the_window_if_it_is_left_out():
    assert nn.max_pool2d(X, (2, 3)) == nn.max_pool2d(X, (2, 3), (2, 3))
    assert nn.avg_pool2d(X, 2) == nn.avg_pool2d(X, (2, 2), 2)
    assert nn.max_pool2d(X, (2, 3)).shape == (n, c, h // 2, w // 3)


def test_the_gradient_goes_to_the_first_maximum_of_each_window():
    image = sd.tensor("X", 1, 1, 3, 3)
    x = np.array([[[[1.0, 1.0, 0.0], [0.0, 3.0, 3.0], [1.0, 0.0, 2.0]]]])
    loss = sd.sum(nn.max_pool2d(image, 2, 1) * np.array([[1.0, 10.0], [100.0, 1000.0]]))
    found = value(sd.grad(loss, image), {"X": x})[0, 0]
    assert found.tolist() == [[0, 0, 0], [0, 1111, 0], [0, 0, 0]]


def test_padding_takes_no_part_in_a_maximum():
    """All entries are negative: a padding of zeros would win everywhere."""
    x = -1 - np.random.default_rng(0).uniform(size=(1, 1, 3, 3))
    y = value(nn.max_pool2d(X, 3, 1, 1), {"X": x})
    assert y.max() < 0
    gradient = value(sd.grad(sd.sum(nn.max_pool2d(X, 3, 1, 1)), X), {"X": x})
    assert gradient.sum() == 9


def test_the_gradient_of_the_mean_counts_windows():
    gradient = sd.grad(sd.sum(nn.avg_pool2d(X, 2, 1)), X)
    found = value(gradient, {}, n=1, c=1, h=3, w=4)[0, 0]
    assert_near(found * 4, [[1, 2, 2, 1], [2, 4, 4, 2], [1, 2, 2, 1]])


def test_a_window_larger_than_the_image():
    with pytest.raises(sd.ShapeError, match="doesn't fit into an axis of 2"):
        nn.max_pool2d(sd.tensor("X", n, c, 2, 2), 3)
