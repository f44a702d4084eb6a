"""symjit, for the scalar regime: SymPy's expressions of the net and its gradient, compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy
from symjit import compile_func

Data = dict[str, Any]
NAMES = ("W1", "b1", "W2", "b2", "W3", "b3")


def ways(kind: str) -> dict[str, Callable[[Data], Callable[[], Any]]]:
    """The ways to compute a workload."""
    return {"compile_func": point} if kind == "point" else {}


def numbers(result: Any) -> list[np.ndarray[Any, Any]]:
    shapes = [(), (2, 5), (5,), (5, 5), (5,), (5, 1), (1,)]
    ends = np.cumsum([int(np.prod(s)) for s in shapes])[:-1]
    parts = np.split(np.array(result, float).ravel(), ends)
    return [p.reshape(s) for p, s in zip(parts, shapes, strict=True)]


def point(d: Data) -> Callable[[], Any]:
    """Float64 only."""
    if d["x"].dtype != np.float64:
        raise NotImplementedError("symjit computes in float64")
    s = {name: np.array(sympy.symbols(f"{name}_:{x.size}", real=True)).reshape(x.shape)
         for name, x in d.items()}
    tanh = np.vectorize(sympy.tanh, otypes=[object])
    h = tanh(tanh(s["x"] @ s["W1"] + s["b1"]) @ s["W2"] + s["b2"])
    loss = ((h @ s["W3"] + s["b3"] - s["t"]) ** 2).sum() / 2
    variables = [v for x in s.values() for v in x.ravel()]
    outputs = [loss, *(loss.diff(v) for name in NAMES for v in s[name].ravel())]
    f = compile_func(variables, outputs)
    given = [float(v) for x in d.values() for v in x.ravel()]
    return lambda: f(*given)
