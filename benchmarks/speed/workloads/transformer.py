"""Row h: an attention block with layer norm."""

from __future__ import annotations

from typing import Any

import numpy as np

import symdl as sd
from benchmarks.speed.workload import Workload
from symdl import nn

HEADS = 4
NAMES = ["g", "c", "Q", "K", "V", "O"]


def program() -> tuple[Any, ...]:
    """Layer norm, attention of several heads, a residual; squared error and gradients."""
    n, t, a = sd.dims("n t a")
    d = HEADS * a
    X, Y = sd.tensor("X", n, t, d), sd.tensor("Y", n, t, d)
    g, c = sd.tensor("g", d), sd.tensor("c", d)
    weights = [sd.tensor(name, d, d) for name in "QKVO"]
    z = nn.layer_norm(X, g, c)
    q, k, v = (sd.swapaxes(sd.reshape(z @ W, (n, t, HEADS, a)), 1, 2) for W in weights[:3])
    heads = sd.swapaxes(nn.attention(q, k, v), 1, 2)
    loss = nn.mse(X + sd.reshape(heads, (n, t, d)) @ weights[3], Y)
    return loss, *sd.grad(loss, (X, g, c, *weights))


def workloads(tiny: bool) -> list[Workload]:
    n, t, d = (2, 3, 8) if tiny else (8, 128, 128)

    def data(draw: np.random.Generator) -> dict[str, Any]:
        return {"X": draw.normal(size=(n, t, d)), "Y": draw.normal(size=(n, t, d)),
                "g": draw.uniform(0.5, 1.5, d), "c": 0.1 * draw.normal(size=d),
                **{name: draw.normal(size=(d, d)) / np.sqrt(d) for name in "QKVO"}}

    return [Workload("h", f"attention block, {n}×{t}×{d}, {HEADS} heads", "attention", program,
                     data, 8)]
