"""Row c: a dense net of rectified units with softmax cross-entropy."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

import symdl as sd
from benchmarks.speed.workload import Workload
from benchmarks.speed.workloads import steps
from symdl import nn

NAMES = ["W1", "b1", "W2", "b2", "W3", "b3"]


def network() -> tuple[sd.Tensor, dict[str, sd.Tensor]]:
    """The loss and the parameters."""
    n, *widths = sd.dims("n d1 d2 d3 d4")
    h, parameters = sd.tensor("X", n, widths[0]), {}
    for k in range(3):
        W = parameters[f"W{k + 1}"] = sd.tensor(f"W{k + 1}", widths[k], widths[k + 1])
        b = parameters[f"b{k + 1}"] = sd.tensor(f"b{k + 1}", widths[k + 1])
        h = nn.dense(h, W, b)
        if k < 2:
            h = nn.relu(h)
    return nn.cross_entropy(h, sd.tensor("y", n, integer=True)), parameters


def gradients() -> tuple[Any, ...]:
    loss, parameters = network()
    return loss, *sd.grad(loss, parameters).values()


def draw_parameters(draw: np.random.Generator, widths: list[int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for k, (d, h) in enumerate(pairwise(widths), 1):
        found |= {f"W{k}": nn.init.he_normal((d, h), draw), f"b{k}": 0.1 * draw.normal(size=h)}
    return found


def draw_batch(draw: np.random.Generator, n: int, widths: list[int]) -> dict[str, Any]:
    return {"X": draw.uniform(size=(n, widths[0])), "y": draw.integers(0, widths[-1], n)}


def workloads(tiny: bool) -> list[Workload]:
    widths = [6, 5, 4, 3] if tiny else [784, 256, 128, 10]
    title = "-".join(map(str, widths))
    found = []
    for n in [2] if tiny else [1, 32, 256]:
        def data(draw: Any, n: int = n, **more: Any) -> dict[str, Any]:
            return {**draw_parameters(draw, widths), **draw_batch(draw, n, widths)}

        def sgd_data(draw: Any, data: Any = data) -> dict[str, Any]:
            return {**data(draw), "rate": 1e-5}

        def adam_data(draw: Any, data: Any = data) -> dict[str, Any]:
            drawn = data(draw)
            return {**drawn, **steps.moments({k: drawn[k] for k in NAMES}), "rate": 1e-7}

        found += [
            Workload("c", f"MLP {title} gradients, batch {n}", "mlp", gradients, data, 7),
            Workload("c", f"MLP SGD step, batch {n}", "mlp_sgd", lambda: steps.sgd(*network()),
                     sgd_data, 7, steps.sgd_state(NAMES)),
            Workload("c", f"MLP Adam step, batch {n}", "mlp_adam", lambda: steps.adam(*network()),
                     adam_data, 7, steps.adam_state(NAMES)),
        ]
    return found
