"""Row a: activations with their vector-Jacobian products."""

from __future__ import annotations

from functools import partial
from typing import Any

import symdl as sd
from benchmarks.speed.workload import Workload

NAMES = ("sigmoid", "tanh", "softplus", "silu", "gelu", "gelu_tanh")


def program(name: str) -> tuple[Any, ...]:
    n = sd.dims("n")
    x, u = sd.tensor("x", n), sd.tensor("u", n)
    y = getattr(sd, name)(x)
    return y, sd.vjp(y, x, u)


def workloads(tiny: bool) -> list[Workload]:
    sizes = {"10": 10} if tiny else {"10^3": 10**3, "10^6": 10**6}
    return [Workload("a", f"{name} and vjp, {text}", name, partial(program, name),
                     lambda draw, n=n: {"x": 2 * draw.normal(size=n), "u": draw.normal(size=n)}, 2)
            for text, n in sizes.items() for name in NAMES]
