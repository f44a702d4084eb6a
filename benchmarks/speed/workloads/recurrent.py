"""Row e: LSTM and GRU through time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import symdl as sd
from benchmarks.speed.workload import Workload
from symdl import nn


def lstm() -> tuple[Any, ...]:
    T, n, d, h = sd.dims("T n d h")
    X, Y = sd.tensor("X", T, n, d), sd.tensor("Y", T, n, h)
    h0, c0 = sd.tensor("h0", n, h), sd.tensor("c0", n, h)
    W, U, b = sd.tensor("W", d, 4 * h), sd.tensor("U", h, 4 * h), sd.tensor("b", 4 * h)
    outputs, _ = nn.lstm(X, h0, c0, W, U, b)
    loss = nn.mse(outputs, Y)
    return loss, *sd.grad(loss, (W, U, b))


def gru() -> tuple[Any, ...]:
    """The variant of torch.nn.GRU: the reset gate scales the recurrent part, bias and all."""
    T, n, d, h = sd.dims("T n d h")
    X, Y, h0 = sd.tensor("X", T, n, d), sd.tensor("Y", T, n, h), sd.tensor("h0", n, h)
    W, U = sd.tensor("W", d, 3 * h), sd.tensor("U", h, 3 * h)
    b, c = sd.tensor("b", 3 * h), sd.tensor("c", 3 * h)
    driven = X @ W + b

    def step(t: Any, s: sd.Tensor) -> sd.Tensor:
        own = s @ U + c
        r = nn.sigmoid(driven[t, :, :h] + own[:, :h])
        z = nn.sigmoid(driven[t, :, h : 2 * h] + own[:, h : 2 * h])
        new = sd.tanh(driven[t, :, 2 * h :] + r * own[:, 2 * h :])
        return (1 - z) * new + z * s

    loss = nn.mse(sd.recur("s", T, h0, step), Y)
    return loss, *sd.grad(loss, (W, U, b, c))


def data(gates: int, T: int, n: int, h: int) -> Callable[[np.random.Generator], dict[str, Any]]:
    def drawn(draw: np.random.Generator) -> dict[str, Any]:
        state = {"h0": np.zeros((n, h))} | ({"c0": np.zeros((n, h))} if gates == 4 else {})
        bias = {name: 0.1 * draw.normal(size=gates * h) for name in ("b" if gates == 4 else "bc")}
        return {"X": draw.normal(size=(T, n, h)), "Y": draw.normal(size=(T, n, h)), **state, **bias,
                "W": draw.normal(size=(h, gates * h)) / np.sqrt(h),
                "U": draw.normal(size=(h, gates * h)) / np.sqrt(h)}

    return drawn


def workloads(tiny: bool) -> list[Workload]:
    T = 3 if tiny else 64
    sizes = [(2, 3)] if tiny else [(1, 64), (1, 128), (32, 64), (32, 128)]
    cells = {"lstm": (lstm, 4, 4), "gru": (gru, 3, 5)}
    return [Workload("e", f"{kind.upper()} T={T}, batch {n}, hidden {h}", kind, program,
                     data(gates, T, n, h), answers)
            for kind, (program, gates, answers) in cells.items() for n, h in sizes]
