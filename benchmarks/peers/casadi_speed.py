"""CasADi, for the scalar regime: its virtual machine, and the C code that it generates."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import casadi
import numpy as np

Data = dict[str, Any]


def ways(kind: str) -> dict[str, Callable[[Data], Callable[[], Any]]]:
    """The ways to compute a workload."""
    found = {"virtual machine": {}, "generated C": {
        "jit": True, "compiler": "shell", "jit_options": {"flags": ["-O3", "-march=native"]}}}
    return {name: partial(point, options) for name, options in found.items() if kind == "point"}


def numbers(result: Any) -> list[np.ndarray[Any, Any]]:
    """Its arrays hold the columns of matrices, one after another."""
    shapes = [(), (2, 5), (5,), (5, 5), (5,), (5, 1), (1,)]
    return [np.array(x).reshape(s, order="F") for x, s in zip(result, shapes, strict=True)]


def point(options: Data, d: Data) -> Callable[[], Any]:
    """Called through its buffers, the fastest way there is; float64 only."""
    if d["x"].dtype != np.float64:
        raise NotImplementedError("CasADi computes in float64")
    s = {name: casadi.SX.sym(name, *x.shape) for name, x in d.items()}
    h = casadi.tanh(s["W1"].T @ s["x"] + s["b1"])
    h = casadi.tanh(s["W2"].T @ h + s["b2"])
    loss = (s["W3"].T @ h + s["b3"] - s["t"]) ** 2 / 2
    names = ("W1", "b1", "W2", "b2", "W3", "b3")
    f = casadi.Function("f", list(s.values()),
                        [loss, *(casadi.gradient(loss, s[name]) for name in names)], options)
    buffer, call = f.buffer()
    given = [x.ravel(order="F").copy() for x in d.values()]
    found = [np.zeros(f.numel_out(k)) for k in range(f.n_out())]
    for k, x in enumerate(given):
        buffer.set_arg(k, memoryview(x))
    for k, x in enumerate(found):
        buffer.set_res(k, memoryview(x))

    def run() -> Any:
        call()
        return found

    run.keep = buffer, given  # type: ignore[attr-defined]
    return run
