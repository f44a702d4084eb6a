"""One message in the user's words: the expression, both shapes, a suggestion."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd

n, m, k, T = sd.dims("n m k T")
X, Y, v, w = sd.tensor("X", n, m), sd.tensor("Y", m, n), sd.tensor("v", n), sd.tensor("w", m)
ONE_LOOP = "runs a recurrence of its own"


def nested(t, h):
    return sd.final(sd.recur("inner", k, init=h, step=lambda s, q: sd.tanh(q)))


@pytest.mark.parametrize(("call", "message"), [
    (lambda: X + Y, "add(X, Y): shapes (n, m) and (m, n) don't broadcast"),
    (lambda: X + Y, "Did you mean Y.T?"),
    (lambda: X * sd.exp(Y), "multiply(X, exp(Y))"),
    (lambda: X - v, "Did you mean v[:, None]?"),
    (lambda: sd.sin(X @ w) @ w, "(sin(X @ w)) @ w: sin(X @ w) is (n,), w is (m,)"),
    (lambda: X @ Y.T, "Did you mean X.T @ Y.T?"),
    (lambda: sd.grad(X @ w, w), "sd.grad(sd.sum(X @ w), ...), or take sd.jacobian"),
    (lambda: sd.grad(sd.sum(X), "X"), "'X' is none"),
    (lambda: sd.sum(X[:, 0] * v, axis=1), "axis 1 is outside the 1 axes (n,) of X[:, 0]*v"),
    (lambda: X[X > 0], "X > 0 indexes axis 0 of X"),
    (lambda: sd.acos(2) * X, "acos(2) is not a real number"),
    (lambda: sd.leaky_relu(X, negative_slope=w), "negative_slope is a number, not the tensor w"),
    (lambda: sd.apply(np.sin, X), "return a SymPy expression"),
    (lambda: sd.apply(lambda t: None, X), "the function returns None"),
    (lambda: sd.apply(lambda t, u: t, X), "fails on 1 symbol"),
    (lambda: sd.recur(("h", "c"), T, (v, v), lambda t, h, c: h), "returns 1 values for the 2"),
    (lambda: sd.recur("h", T, v, lambda t, h: X @ h), "X @ previous_h[t]: X is (n, m)"),
    (lambda: sd.recur("h", T, v, nested), ONE_LOOP),
    (lambda: sd.top_k(sd.tensor("Z", n, 3), 5), "5 entries along the last axis of Z, which has"),
    (lambda: sd.tensor("out", n), "a tensor can't be called out"),
])
def test_mistakes(call, message):
    with pytest.raises(sd.SymdlError) as error:
        call()
    assert message in str(error.value)


def test_a_tensor_may_be_called_like_a_size():
    assert sd.check_grad(sd.sum(sd.tensor("n", n) ** 2), directions=1, entries=2)


def test_a_recurrence_may_read_another_one():
    outer = sd.tensor("S", T, n)
    h = sd.recur("h", T, v, lambda t, h: sd.tanh(h * outer[t]))
    g = sd.recur("g", T, v, lambda t, g: sd.tanh(g * h[T - 1 - t]))
    assert sd.check_grad(sd.sum(g**2), sizes={"T": 3, "n": 2}, directions=1, entries=2)
