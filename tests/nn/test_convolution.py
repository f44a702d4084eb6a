"""Convolution, against a sliding window in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl import nn
from tests.values import assert_near, value, values

n, c, h, w, o, p, q = sd.dims("n c h w o p q")


def slide(x, kernel, stride, padding, dilation, groups):
    """The definition, one output entry at a time."""
    padded = np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
    (out, each, kh, kw), (sy, sx), (dy, dx) = kernel.shape, stride, dilation
    rows = (padded.shape[2] - dy * (kh - 1) - 1) // sy + 1
    columns = (padded.shape[3] - dx * (kw - 1) - 1) // sx + 1
    y = np.zeros((len(x), out, rows, columns))
    for b, e, r, s in np.ndindex(*y.shape):
        first = e // (out // groups) * each
        window = padded[b, first : first + each, sy * r :: dy, sx * s :: dx][:, :kh, :kw]
        y[b, e, r, s] = np.sum(window * kernel[e])
    return y


CASES = [
    # stride, padding, dilation, groups, image, kernel
    ((1, 1), (0, 0), (1, 1), 1, (2, 3, 5, 4), (2, 3, 2, 3)),
    ((2, 1), (1, 2), (1, 1), 1, (1, 2, 6, 3), (3, 2, 3, 3)),
    ((2, 3), (1, 1), (2, 1), 2, (2, 4, 7, 8), (4, 2, 3, 2)),
    ((1, 1), (0, 1), (1, 3), 3, (1, 3, 3, 5), (3, 1, 1, 2)),
    ((3, 3), (2, 2), (2, 2), 1, (0, 1, 4, 4), (1, 1, 2, 2)),
]


@pytest.mark.parametrize(("stride", "padding", "dilation", "groups", "image", "kernel"), CASES)
def test_values_and_gradients(stride, padding, dilation, groups, image, kernel):
    """⟨G, Y⟩ is linear in x and in K: its gradient is found by sliding unit images."""
    X = sd.tensor("X", n, groups * c, h, w)
    K = sd.tensor("K", groups * o, c, p, q)
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    Y = nn.conv2d(X, K, **options)
    g = np.random.default_rng(0)
    x, k = g.normal(size=image), g.normal(size=kernel)
    y = slide(x, k, **options)
    assert_near(value(Y, {"X": x, "K": k}), y)
    G = g.normal(size=y.shape)
    loss = sd.sum(Y * sd.tensor("G", *Y.shape))
    found = values(sd.grad(loss, [X, K]), {"X": x, "K": k, "G": G})
    assert_near(found[0], coefficients(x.shape, lambda e: np.sum(G * slide(e, k, **options))))
    assert_near(found[1], coefficients(k.shape, lambda e: np.sum(G * slide(x, e, **options))))


def coefficients(shape, linear):
    """The gradient of a linear function: its values at the unit arrays."""
    count = int(np.prod(shape))
    units = np.eye(count).reshape(count, *shape)
    return np.array([linear(unit) for unit in units]).reshape(shape)


def test_bias_is_added_to_each_channel():
    X, K, b = sd.tensor("X", n, c, h, w), sd.tensor("K", o, c, p, q), sd.tensor("b", o)
    g = np.random.default_rng(0)
    x, k, bias = g.normal(size=(2, 1, 3, 3)), g.normal(size=(2, 1, 2, 2)), np.array([1.0, -2.0])
    found = value(nn.conv2d(X, K, b) - nn.conv2d(X, K), {"X": x, "K": k, "b": bias})
    assert_near(found, np.broadcast_to(bias[:, None, None], found.shape))


def test_symbolic_stride_padding_and_dilation():
    s, a, e = sd.dims("s a e")
    X, K = sd.tensor("X", n, c, h, w), sd.tensor("K", o, c, p, q)
    Y = nn.conv2d(X, K, stride=s, padding=a, dilation=e)
    assert str(Y.shape[2]) == "((h + 2*a + e - p*e - 1)//s) + 1"
    g = np.random.default_rng(0)
    x, k = g.normal(size=(1, 2, 7, 6)), g.normal(size=(1, 2, 2, 3))
    for stride, padding, dilation in ((1, 0, 1), (2, 1, 2), (3, 2, 1)):
        expected = slide(x, k, (stride,) * 2, (padding,) * 2, (dilation,) * 2, 1)
        found = value(Y, {"X": x, "K": k}, s=stride, a=padding, e=dilation)
        assert_near(found, expected)


@pytest.mark.parametrize(
    ("image", "kernel", "options", "message"),
    [
        ((n, c, h), (o, c, p, q), {}, "(batch, channels, height, width)"),
        ((n, c, h, w), (o, c, p), {}, "channels / groups, height, width)"),
        ((n, c, h, w), (o, p, p, q), {}, "X has c channels, but K of shape (o, p, p, q) takes p"),
        ((n, 2 * c, h, w), (o, c, p, q), {"groups": 2}, "write their number as a product"),
        ((n, c, 3, w), (o, c, 4, q), {}, "reaches over 4 entries doesn't fit into an axis of 3"),
        ((n, c, h, w), (o, c, p, q), {"stride": 0}, "stride: 0, but at least 1 is needed"),
        ((n, c, h, w), (o, c, p, q), {"padding": (1, 1, 1)}, "one size or two are needed"),
    ],
)
def test_errors(image, kernel, options, message):
    with pytest.raises(sd.SymdlError) as error:
        nn.conv2d(sd.tensor("X", *image), sd.tensor("K", *kernel), **options)
    assert message in str(error.value)
