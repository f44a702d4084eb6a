"""numexpr: elementwise formulas as text, value and product in two passes over the arrays."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import pi, sqrt
from typing import Any

import numexpr
import numpy as np

Data = dict[str, Any]


def ways(kind: str) -> dict[str, Callable[[Data], Callable[[], Any]]]:
    """The ways to compute a workload."""
    return {"two passes": partial(evaluated, *FORMULAS[kind])} if kind in FORMULAS else {}


def numbers(result: Any) -> list[np.ndarray[Any, Any]]:
    return list(result)


def evaluated(value: str, product: str, d: Data) -> Callable[[], Any]:
    """The value y, then the product, which may read y, into arrays that are kept."""
    kind = d["x"].dtype.type
    y, g = np.empty_like(d["x"]), np.empty_like(d["x"])
    given = {**d, "y": y, **{k: kind(c) for k, c in CONSTANTS.items()}}

    def run() -> Any:
        numexpr.evaluate(value, given, out=y)
        numexpr.evaluate(product, given, out=g)
        return y, g

    return run


CONSTANTS = {"zero": 0, "half": 0.5, "one": 1, "a": sqrt(2 / pi), "b": 0.044715, "c": 3 * 0.044715}
INNER = "tanh(a * x * (one + b * x * x))"

FORMULAS = {
    "sigmoid": ("one / (one + exp(-x))", "u * y * (one - y)"),
    "tanh": ("tanh(x)", "u * (one - y * y)"),
    "softplus": ("where(x > zero, x, zero) + log1p(exp(-abs(x)))", "u / (one + exp(-x))"),
    "silu": ("x / (one + exp(-x))", "u * (one + exp(-x) * (one + x)) / (one + exp(-x))**2"),
    "gelu_tanh": (f"half * x * (one + {INNER})",
                  f"half * u * (one + {INNER} + x * (one - {INNER}**2) * a * (one + c * x * x))"),
}
"""Value and product; there is no error function, so no exact gelu."""
