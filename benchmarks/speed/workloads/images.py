"""Row d: convolution, and a step of a small convolutional net."""

from __future__ import annotations

from typing import Any

import numpy as np

import symdl as sd
from benchmarks.speed.workload import Workload
from benchmarks.speed.workloads import steps
from symdl import nn

NAMES = ["K1", "b1", "K2", "b2", "W", "c"]


def convolution() -> tuple[Any, ...]:
    n, i, o, h, w = sd.dims("n i o h w")
    X, K = sd.tensor("X", n, i, h, w), sd.tensor("K", o, i, 3, 3)
    Y = nn.conv2d(X, K, padding=1)
    return Y, *sd.vjp(Y, (X, K), sd.tensor("U", *Y.shape))


def network() -> tuple[sd.Tensor, dict[str, sd.Tensor]]:
    """Two layers of convolution and pooling, and a dense one; the loss and the parameters."""
    n, i, f, g, h, w, k = sd.dims("n i f g h w k")
    X, y = sd.tensor("X", n, i, h, w), sd.tensor("y", n, integer=True)
    K1, b1 = sd.tensor("K1", f, i, 3, 3), sd.tensor("b1", f)
    K2, b2 = sd.tensor("K2", g, f, 3, 3), sd.tensor("b2", g)
    H = nn.max_pool2d(nn.relu(nn.conv2d(X, K1, b1, padding=1)), 2)
    H = nn.max_pool2d(nn.relu(nn.conv2d(H, K2, b2, padding=1)), 2)
    flat = sd.reshape(H, (n, -1))
    W, c = sd.tensor("W", flat.shape[1], k), sd.tensor("c", k)
    Z = nn.dense(flat, W, c)
    return nn.cross_entropy(Z, y), {"K1": K1, "b1": b1, "K2": K2, "b2": b2, "W": W, "c": c}


def convolution_data(n: int, i: int, o: int, s: int) -> Any:
    def data(draw: np.random.Generator) -> dict[str, Any]:
        return {"X": draw.normal(size=(n, i, s, s)), "K": draw.normal(size=(o, i, 3, 3)) / 12,
                "U": draw.normal(size=(n, o, s, s))}

    return data


def network_data(n: int, f: int, g: int, s: int, k: int) -> Any:
    def data(draw: np.random.Generator) -> dict[str, Any]:
        return {
            "X": draw.uniform(size=(n, 1, 4 * s, 4 * s)), "y": draw.integers(0, k, n),
            "K1": draw.normal(size=(f, 1, 3, 3)) / 3, "b1": 0.1 * draw.normal(size=f),
            "K2": draw.normal(size=(g, f, 3, 3)) / 12, "b2": 0.1 * draw.normal(size=g),
            "W": nn.init.glorot_uniform((g * s * s, k), draw), "c": np.zeros(k), "rate": 1e-5,
        }

    return data


def workloads(tiny: bool) -> list[Workload]:
    n, i, o, s = (2, 2, 3, 5) if tiny else (32, 16, 32, 28)
    sizes = (2, 2, 3, 1, 3) if tiny else (32, 8, 16, 7, 10)
    return [
        Workload("d", f"conv2d 3×3, {i}→{o} channels, {s}×{s}, batch {n}", "convolution",
                 convolution, convolution_data(n, i, o, s), 3),
        Workload("d", f"CNN SGD step, batch {sizes[0]}", "cnn_sgd", lambda: steps.sgd(*network()),
                 network_data(*sizes), 7, steps.sgd_state(NAMES)),
    ]
