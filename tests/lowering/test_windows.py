"""What lowering makes of windows, concatenations and repeated functions; values by NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl import nn
from tests.values import assert_near

n, c, o, h, w, m = sd.dims("n c o h w m")
X, F, G = sd.tensor("X", n, c, h, w), sd.tensor("F", o, c, 3, 2), sd.tensor("G", n, o, h, w)
a, b, z = sd.tensor("a", n), sd.tensor("b", m), sd.tensor("z", n, m)


def correlated(x, f):
    """Every window of the padded image times the filter, one by one."""
    x = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    out = np.zeros((x.shape[0], f.shape[0], x.shape[2] - 2, x.shape[3] - 1))
    for y in range(out.shape[2]):
        for s in range(out.shape[3]):
            out[:, :, y, s] = np.tensordot(x[:, :, y:y + 3, s:s + 2], f, ([1, 2, 3], [1, 2, 3]))
    return out


@pytest.mark.parametrize("sizes", [
    (2, 3, 4, 5, 6), (1, 1, 1, 1, 1), (2, 1, 3, 2, 7), (3, 2, 2, 4, 0)])
def test_a_convolution_is_a_product_for_each_image(sizes):
    N, C, O, H, W = sizes
    rng = np.random.default_rng(sum(sizes))
    y = nn.conv2d(X, F, padding=1)
    f = sd.compile([y, *sd.grad(sd.sum(y**2) / 2, [X, F])])
    assert f.source.count("gemm(") == 3
    x, k = rng.normal(size=(N, C, H, W)), rng.normal(size=(O, C, 3, 2))
    value, in_x, in_f = f(X=x, F=k)
    expected = correlated(x, k)
    assert_near(value, expected)
    v, u = rng.normal(size=x.shape), rng.normal(size=k.shape)
    assert_near(np.sum(in_x * v), np.sum(expected * correlated(v, k)))
    assert_near(np.sum(in_f * u), np.sum(expected * correlated(x, u)))


def test_a_window_that_is_mostly_empty_is_not_laid_out():
    r, t, s, k, v, q = sd.indices("r t s k v q", c, o, h, 3, n, 2 * h + 1)
    filters, x = sd.tensor("K", o, c, 3), sd.tensor("x", n, o, h)
    p = sd.tensor("p", n, c, 2 * h + 1)
    y = sd.define("y", (v, r, q), sd.sum(filters[t, r, k] * x[v, t, s], (t, s, k),
                                         where=sd.eq(2 * s + k, q)))
    f = sd.compile([y, *sd.grad(sd.sum(y * p), [x, filters])])
    assert f.source.count("gemm(") == 3
    assert "2*h + 1, h" not in f.source.split("def workspace")[1]
    for N, C, O, H in ((2, 3, 4, 5), (1, 1, 1, 1), (2, 2, 1, 0)):
        rng = np.random.default_rng(N + H)
        u, e, g = (rng.normal(size=z) for z in ((O, C, 3), (N, O, H), (N, C, 2 * H + 1)))
        value, in_x, in_k = np.zeros(g.shape), np.zeros(e.shape), np.zeros(u.shape)
        for a_, b_ in np.ndindex(H, 3):
            value[:, :, 2 * a_ + b_] += e[:, :, a_] @ u[:, :, b_]
            in_x[:, :, a_] += g[:, :, 2 * a_ + b_] @ u[:, :, b_].T
            in_k[:, :, b_] += e[:, :, a_].T @ g[:, :, 2 * a_ + b_]
        found = f(K=u, x=e, p=g)
        for result, expected in zip(found, (value, in_x, in_k), strict=True):
            assert_near(result, expected)


def test_a_concatenation_is_written_in_pieces():
    parts = sd.concatenate([sd.tanh(a), b, a * 2])
    source = sd.compile(parts).source
    assert " else zero" not in source
    x, y = np.arange(3.0), np.arange(2.0) + 5
    for left, right in ((x, y), (x, y[:0]), (x[:0], y)):
        assert_near(sd.compile(parts)(a=left, b=right),
                    np.concatenate([np.tanh(left), right, 2 * left]))


def test_an_axis_that_may_be_empty_is_not_cut():
    i = sd.indices("i", n)
    f = sd.compile(sd.define("s", i, sd.where(i + 1 < n, a[i + 1], a[i])))
    for size in (0, 1, 2, 5):
        x = np.arange(size) * 1.0
        assert_near(f(a=x), np.append(x[1:], x[-1:]))


def test_a_function_of_several_equations_is_computed_once():
    p = sd.softmax(z, axis=-1)
    source = sd.compile(p, dtype="float32").source.split("def kernel")[1]
    assert sum("exp(" in line for line in source.split("\n") if "#" not in line) == 1
    x = np.random.default_rng(0).normal(size=(3, 4))
    e = np.exp(x - x.max(1, keepdims=True))
    assert_near(sd.compile(p)(z=x), e / e.sum(1, keepdims=True))


@pytest.mark.parametrize("heads", [1, 2, 3])
def test_a_factor_that_shares_an_axis_with_a_window_keeps_it(heads):
    """Scores of several heads, whose widths lie side by side in one axis."""
    t, e = sd.dims("t e")
    x, K, q, S = (sd.tensor(name, *shape) for name, shape in {
        "x": (n, t, heads * e), "K": (heads * e, heads * e), "q": (n, t, heads * e),
        "S": (n, heads, t, t)}.items())
    split, keys = (sd.swapaxes(sd.reshape(y, (n, t, heads, e)), 1, 2) for y in (q, x @ K))
    gradient = sd.grad(sd.sum(split @ sd.swapaxes(keys, -1, -2) * S), K)
    rng = np.random.default_rng(heads)
    inputs = {"x": rng.normal(size=(2, 4, 3 * heads)), "q": rng.normal(size=(2, 4, 3 * heads)),
              "S": rng.normal(size=(2, heads, 4, 4))}
    pulled = np.einsum("nshe,nhst->nthe", inputs["q"].reshape(2, 4, heads, 3), inputs["S"])
    assert_near(sd.compile(gradient)(**inputs),
                np.einsum("ntd,ntk->dk", inputs["x"], pulled.reshape(2, 4, -1)))
