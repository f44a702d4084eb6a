"""Layers written by hand with `define` and `recur`, permuted and renamed, against those of nn."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl import nn
from tests.values import assert_near, values


def gradients(loss, wrt, inputs):
    return values([loss, *sd.grad(loss, list(wrt))], inputs)


def test_a_convolution_by_hand_has_the_gradients_of_conv2d():
    """Channels last, the kernel turned to (kw, kh, c, o), padding as a condition."""
    n, c, h, w, o, kh, kw = sd.dims("n c h w o kh kw")
    X, K = sd.tensor("X", n, c, h, w), sd.tensor("K", o, c, kh, kw)
    layer = nn.conv2d(X, K, stride=(2, 1), padding=1, dilation=(1, 2))

    batch, rows, columns, depth, out, tall, wide = sd.dims("batch rows columns depth out tall wide")
    A = sd.tensor("A", batch, rows, columns, depth)
    F = sd.tensor("F", wide, tall, depth, out)
    u, v = sd.indices("u v", (rows + 2 - tall) // 2 + 1, columns + 2 - 2 * (wide - 1))
    s, e, a, q, p = sd.indices("s e a q p", batch, out, depth, wide, tall)
    row, column = 2 * u + p - 1, v + 2 * q - 1
    seen = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    by_hand = sd.define(
        "G", (s, u, v, e), sd.sum(F[q, p, a, e] * A[s, row, column, a], (q, a, p), where=seen)
    )
    g = np.random.default_rng(0)
    x, k = g.normal(size=(2, 3, 5, 4)), g.normal(size=(2, 3, 3, 2))
    turned = {"A": x.transpose(0, 2, 3, 1), "F": k.transpose(3, 2, 1, 0)}
    loss, gx, gk = gradients(sd.sum(sd.sin(layer)), (X, K), {"X": x, "K": k})
    other, ga, gf = gradients(sd.sum(sd.sin(by_hand)), (A, F), turned)
    assert_near(loss, other)
    assert_near(gx.transpose(0, 2, 3, 1), ga)
    assert_near(gk.transpose(3, 2, 1, 0), gf)


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_an_lstm_by_hand_has_the_gradients_of_lstm(steps):
    """A weight matrix for each gate, features first, the cell before the output."""
    T, n, d, h = sd.dims("T n d h")
    X, W, U = sd.tensor("X", T, n, d), sd.tensor("W", d, 4 * h), sd.tensor("U", h, 4 * h)
    b, h0, c0 = sd.tensor("b", 4 * h), sd.tensor("h0", n, h), sd.tensor("c0", n, h)
    H, C = nn.lstm(X, h0, c0, W, U, b)
    layer = sd.sum(sd.sin(H)) + sd.sum(sd.final(C) ** 2)

    L, m, p, q = sd.dims("L m p q")
    Z = sd.tensor("Z", L, p, m)
    A, B, a = sd.tensor("A", 4, q, p), sd.tensor("B", 4, q, q), sd.tensor("a", 4, q)
    cell0, out0 = sd.tensor("cell0", q, m), sd.tensor("out0", q, m)
    g, i, j, k, s = sd.indices("g i j k s", 4, q, p, q, m)

    def step(t, cell, out):
        gate = sd.define(
            None, (g, i, s),
            sd.sum(B[g, i, k] * out[k, s], k) + a[g, i] + sd.sum(A[g, i, j] * Z[t, j, s], j),
        )
        opened, kept, new, shown = (gate[n] for n in range(4))
        cell = sd.tanh(new) / (1 + sd.exp(-opened)) + cell * sd.sigmoid(kept)
        return cell, sd.tanh(cell) * sd.sigmoid(shown)

    cells, outs = sd.recur(("cells", "outs"), L, (cell0, out0), step)
    by_hand = sd.sum(sd.final(cells) ** 2) + sd.sum(sd.sin(outs))

    g_ = np.random.default_rng(steps)
    x, w, u, bias = (g_.normal(size=s) for s in ((steps, 2, 3), (3, 8), (2, 8), (8,)))
    start = g_.normal(size=(2, 2, 2))
    inputs = {"X": x, "W": w, "U": u, "b": bias, "h0": start[0], "c0": start[1]}
    renamed = {
        "Z": x.swapaxes(1, 2), "A": w.T.reshape(4, 2, 3), "B": u.T.reshape(4, 2, 2),
        "a": bias.reshape(4, 2), "cell0": start[1].T, "out0": start[0].T,
    }
    loss, gx, gw, gu, gb, gh, gc = gradients(layer, (X, W, U, b, h0, c0), inputs)
    other, gz, ga, gB, gbias, gcell, gout = gradients(
        by_hand, (Z, A, B, a, cell0, out0), renamed
    )
    assert_near(loss, other)
    assert_near(gx.swapaxes(1, 2), gz)
    assert_near(gw.T.reshape(4, 2, 3), ga)
    assert_near(gu.T.reshape(4, 2, 2), gB)
    assert_near(gb.reshape(4, 2), gbias)
    assert_near(gc.T, gcell)
    assert_near(gh.T, gout)
