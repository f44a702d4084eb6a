"""Row b: softmax cross-entropy with integer labels."""

from __future__ import annotations

from typing import Any

import symdl as sd
from benchmarks.speed.workload import Workload
from symdl import nn


def program() -> tuple[Any, ...]:
    n, k = sd.dims("n k")
    Z, y = sd.tensor("Z", n, k), sd.tensor("y", n, integer=True)
    return sd.value_and_grad(nn.cross_entropy(Z, y), Z)


def workloads(tiny: bool) -> list[Workload]:
    sizes = [(3, 4)] if tiny else [(256, 10), (4096, 10), (4096, 100), (256, 1000), (4096, 1000)]
    return [Workload("b", f"softmax cross-entropy {n}×{k}", "cross_entropy", program,
                     lambda draw, n=n, k=k: {"Z": 3 * draw.normal(size=(n, k)),
                                             "y": draw.integers(0, k, n)}, 2) for n, k in sizes]
