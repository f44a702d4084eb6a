"""Row f: the latency of one point of a small net."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

import symdl as sd
from benchmarks.speed.workload import Workload

WIDTHS = [2, 5, 5, 1]
NAMES = ["W1", "b1", "W2", "b2", "W3", "b3"]


def program() -> tuple[Any, ...]:
    """Half the squared error at one point, and its gradients."""
    h, parameters = sd.tensor("x", WIDTHS[0]), []
    for k, (d, w) in enumerate(pairwise(WIDTHS), 1):
        W, b = sd.tensor(f"W{k}", d, w), sd.tensor(f"b{k}", w)
        parameters += [W, b]
        h = h @ W + b
        if k < 3:
            h = sd.tanh(h)
    loss = sd.sum((h - sd.tensor("t", 1)) ** 2) / 2
    return loss, *sd.grad(loss, parameters)


def data(draw: np.random.Generator) -> dict[str, Any]:
    found: dict[str, Any] = {"x": draw.normal(size=2), "t": draw.normal(size=1)}
    for k, (d, w) in enumerate(pairwise(WIDTHS), 1):
        found |= {f"W{k}": draw.normal(size=(d, w)), f"b{k}": draw.normal(size=w)}
    return found


def workloads(tiny: bool) -> list[Workload]:
    return [Workload("f", f"2-5-5-1 net at a point, {how}", "point", program, data, 7,
                     keywords=keywords) for how, keywords in
            (("bound", False), ("by keywords", True))]
