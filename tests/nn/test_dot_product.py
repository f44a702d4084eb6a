"""Attention."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

import symdl as sd
from symdl import nn
from tests.values import assert_near, value

B, t, s, a, v = sd.dims("B t s a v")
Q, K, V = sd.tensor("Q", B, t, a), sd.tensor("K", B, s, a), sd.tensor("V", B, s, v)
g = np.random.default_rng(0)
SHAPES = {"Q": (2, 3, 4), "K": (2, 5, 4), "V": (2, 5, 2)}
POINT = {name: g.normal(size=shape) for name, shape in SHAPES.items()}


def expected(q, k, values, causal):
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    if causal:
        scores = np.where(np.tri(*scores.shape[-2:], dtype=bool), scores, -np.inf)
    return softmax(scores, axis=-1) @ values


@pytest.mark.parametrize("causal", [False, True])
def test_attention(causal):
    found = value(nn.attention(Q, K, V, causal=causal), POINT)
    assert_near(found, expected(*POINT.values(), causal))


@pytest.mark.parametrize("causal", [False, True])
def test_without_a_batch_and_with_two_batch_axes(causal):
    q, k, w = (sd.tensor(x.name, *x.shape[1:]) for x in (Q, K, V))
    single = {name: x[0] for name, x in POINT.items()}
    assert_near(value(nn.attention(q, k, w, causal=causal), single),
                expected(*single.values(), causal))
    heads = sd.dims("heads")
    q, k, w = (sd.tensor(x.name, heads, *x.shape) for x in (Q, K, V))
    many = {name: np.stack([x, 2 * x, -x]) for name, x in POINT.items()}
    assert_near(value(nn.attention(q, k, w, causal=causal), many),
                expected(*many.values(), causal))


def test_weights_sum_to_one_and_do_not_look_ahead():
    S = sd.tensor("S", t, t)
    weights = value(nn.attention_weights(S, causal=True), {"S": g.normal(size=(4, 4))})
    assert_near(weights.sum(1), np.ones(4))
    assert not np.triu(weights, 1).any()


def test_a_causal_gradient_does_not_look_ahead():
    """Output row t moves with values and keys up to t only."""
    row = nn.attention(Q, K, V, causal=True)[:, 1]
    for name, gradient in zip("KV", sd.grad(sd.sum(row**2), [K, V]), strict=True):
        found = value(gradient, POINT)
        assert found[:, :2].all(), name
        assert not found[:, 2:].any(), name


def test_vectors_are_refused():
    with pytest.raises(sd.ShapeError, match="attention takes matrices, not q"):
        nn.attention(sd.tensor("q", a), K, V)
