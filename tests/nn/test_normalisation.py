"""Normalisation by batch and by layer."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl import nn
from tests.values import assert_near, value

n, f, h, w = sd.dims("n f h w")
gamma, beta = sd.tensor("gamma", f), sd.tensor("beta", f)
g = np.random.default_rng(0)
AFFINE = {"gamma": g.normal(size=3), "beta": g.normal(size=3)}


def normalised(x, axis, eps=1e-5):
    return (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + eps)


def test_batch_norm_of_rows():
    X, x = sd.tensor("X", n, f), g.normal(size=(4, 3))
    assert_near(value(nn.batch_norm(X), {"X": x}), normalised(x, 0))
    expected = normalised(x, 0, 0.5) * AFFINE["gamma"] + AFFINE["beta"]
    assert_near(value(nn.batch_norm(X, gamma, beta, eps=0.5), {"X": x, **AFFINE}), expected)


def test_batch_norm_of_images():
    X, x = sd.tensor("X", n, f, h, w), g.normal(size=(2, 3, 4, 2))
    scale, shift = (a[:, None, None] for a in AFFINE.values())
    expected = normalised(x, (0, 2, 3)) * scale + shift
    assert_near(value(nn.batch_norm(X, gamma, beta), {"X": x, **AFFINE}), expected)


def test_batch_norm_with_features_last():
    X, x = sd.tensor("X", n, h, f), g.normal(size=(2, 4, 3))
    expected = normalised(x, (0, 1)) * AFFINE["gamma"] + AFFINE["beta"]
    assert_near(value(nn.batch_norm(X, gamma, beta, axis=-1), {"X": x, **AFFINE}), expected)


def test_a_batch_of_one_is_normalised_to_zero():
    X = sd.tensor("X", n, f)
    assert not value(nn.batch_norm(X), {"X": np.ones((1, 3))}).any()


@pytest.mark.parametrize(("shape", "axis"), [((4, 3), -1), ((2, 4, 3), -1), ((2, 4, 3), (1, 2))])
def test_layer_norm(shape, axis):
    X, x = sd.tensor("X", *shape), g.normal(size=shape)
    assert_near(value(nn.layer_norm(X, axis=axis), {"X": x}), normalised(x, axis))


def test_layer_norm_scales_each_feature():
    X, x = sd.tensor("X", n, f), g.normal(size=(4, 3))
    expected = normalised(x, 1) * AFFINE["gamma"] + AFFINE["beta"]
    assert_near(value(nn.layer_norm(X, gamma, beta), {"X": x, **AFFINE}), expected)


def test_the_gradient_of_batch_norm_in_the_paper():
    """Ioffe & Szegedy 2015, section 3: x̄ = (ŷ - mean ŷ - x̂ mean(ŷ x̂)) γ/σ with ŷ = ∂L/∂y."""
    X, x = sd.tensor("X", n, f), g.normal(size=(5, 3))
    R, r = sd.tensor("R", n, f), g.normal(size=(5, 3))
    gradient = sd.grad(sd.sum(nn.batch_norm(X, gamma) * R), X)
    hat = normalised(x, 0)
    scale = AFFINE["gamma"] / np.sqrt(x.var(0) + 1e-5)
    expected = (r - r.mean(0) - hat * (r * hat).mean(0)) * scale
    assert_near(value(gradient, {"X": x, "R": r, "gamma": AFFINE["gamma"]}), expected)


def test_only_the_last_axes_are_features():
    with pytest.raises(sd.ShapeError, match="the axes 0 are not the last ones of X"):
        nn.layer_norm(sd.tensor("X", n, f), axis=0)
