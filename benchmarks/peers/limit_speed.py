"""What nobody can beat: a copy of the memory, BLAS alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

Data = dict[str, Any]
numbers = None
"""There is no answer to compare."""


def ways(kind: str) -> dict[str, Callable[[Data], Callable[[], Any]]]:
    """The limit of a workload, where it has one."""
    return WAYS.get(kind, {})


def copies(d: Data) -> Callable[[], Any]:
    """Two arrays read, two written."""
    pairs = [(d[name].copy(), np.empty_like(d[name])) for name in ("x", "u")]

    def run() -> None:
        for x, y in pairs:
            np.copyto(y, x)

    return run


def products(d: Data) -> Callable[[], Any]:
    """The eight products of a net's value and gradients."""
    weights = [d[f"W{k}"] for k in (1, 2, 3)]
    n = len(d["X"])
    outs = [np.ones((n, W.shape[1]), W.dtype) for W in weights]
    ins = [d["X"], *(np.ones((n, W.shape[0]), W.dtype) for W in weights[1:])]
    back = [np.empty_like(x) for x in ins]
    grads = [np.empty_like(W) for W in weights]
    calls = [partial(np.matmul, x, W, out=y) for x, W, y in zip(ins, weights, outs, strict=True)]
    calls += [partial(np.matmul, x.T, y, out=g) for x, y, g in zip(ins, outs, grads, strict=True)]
    calls += [partial(np.matmul, y, W.T, out=x)
              for x, W, y in zip(back[1:], weights[1:], outs[1:], strict=True)]

    def run() -> None:
        for call in calls:
            call()

    return run


ACTIVATIONS = ("sigmoid", "tanh", "softplus", "silu", "gelu", "gelu_tanh")
WAYS = {**{name: {"copy": copies} for name in ACTIVATIONS},
        **{name: {"BLAS": products} for name in ("mlp", "mlp_sgd", "mlp_adam")}}
