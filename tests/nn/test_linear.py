"""Dense layers and embeddings."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl import nn
from tests.values import assert_near, value, values

n, d, k, v, t = sd.dims("n d k v t")
X, W, b = sd.tensor("X", n, d), sd.tensor("W", d, k), sd.tensor("b", k)
T, tokens = sd.tensor("T", v, d), sd.tensor("tokens", n, t, integer=True)
g = np.random.default_rng(0)
POINT = {"X": g.normal(size=(3, 2)), "W": g.normal(size=(2, 4)), "b": g.normal(size=4)}
TABLE = {"T": g.normal(size=(5, 2)), "tokens": np.array([[4, 0, 4], [1, 4, 0]])}


def test_dense_is_an_affine_map():
    x, w, bias = POINT.values()
    assert_near(value(nn.dense(X, W, b), POINT), x @ w + bias)
    assert_near(value(nn.dense(X, W), POINT), x @ w)


def test_dense_on_rows_of_any_batch():
    batches = sd.tensor("B", t, n, d)
    x = np.random.default_rng(1).normal(size=(2, 3, 2))
    found = value(nn.dense(batches, W, b), {**POINT, "B": x})
    assert_near(found, x @ POINT["W"] + POINT["b"])


def test_the_textbook_gradients_of_dense():
    """With G = ∂L/∂Y: X̄ = G Wᵀ, W̄ = Xᵀ G, b̄ = Σ_n G."""
    x, w, bias = POINT.values()
    y = x @ w + bias
    found = values(sd.grad(sd.sum(nn.dense(X, W, b) ** 3), [X, W, b]), POINT)
    outer = 3 * y**2
    for ours, expected in zip(found, (outer @ w.T, x.T @ outer, outer.sum(0)), strict=True):
        assert_near(ours, expected)


def test_embedding_looks_rows_up():
    assert_near(value(nn.embedding(T, tokens), TABLE), TABLE["T"][TABLE["tokens"]])


def test_the_gradient_of_an_embedding_adds_up_over_repeated_tokens():
    counts = np.bincount(TABLE["tokens"].ravel(), minlength=5)[:, None]
    gradient = sd.grad(sd.sum(nn.embedding(T, tokens) ** 2), T)
    assert_near(value(gradient, TABLE), 2 * counts * TABLE["T"])


def test_tokens_are_integers():
    with pytest.raises(sd.SymdlError, match="declare it with integer=True"):
        nn.embedding(T, sd.tensor("tokens", n))
