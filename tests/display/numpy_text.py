"""Evaluating printed matrix notation with NumPy: a print can't lie."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import scipy.special
import sympy

from symdl.language.scalars import CATALOGUE


def _softmax(x: Any, axis: Any = None) -> Any:
    e = np.exp(x)
    return e / np.sum(e, axis, keepdims=True)


def _logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.log(np.sum(np.exp(x), axis, keepdims=keepdims))


def _one_hot(y: Any, size: int) -> Any:
    return np.eye(size)[y]


def _triangular_solve(a: Any, b: Any, lower: bool = True) -> Any:
    return np.linalg.solve(np.tril(a) if lower else np.triu(a), b)


def _argsort(x: Any, descending: bool = False) -> Any:
    return np.argsort(-x if descending else x, axis=-1, kind="stable")


def _logdet(a: Any) -> Any:
    return np.linalg.slogdet(a)[1]


def _diag(a: Any) -> Any:
    return np.diag(a) if np.ndim(a) < 3 else np.diagonal(a, axis1=-2, axis2=-1)


_NUMPY = """sum prod max min argmax argmin where ones zeros full eye tril triu outer trace einsum
swapaxes transpose broadcast_to arange cumsum cumprod flip maximum minimum exp log sqrt tanh sin
cos abs sign floor ceil pi logical_and logical_or logical_not take_along_axis array
concatenate stack pad inf nan"""
FUNCTIONS: dict[str, Any] = {name: getattr(np, name) for name in _NUMPY.split()} | {
    "softmax": _softmax, "logsumexp": _logsumexp, "one_hot": _one_hot, "diag": _diag,
    "inv": np.linalg.inv, "det": np.linalg.det, "logdet": _logdet, "solve": np.linalg.solve,
    "argsort": _argsort,
    "cholesky": np.linalg.cholesky, "triangular_solve": _triangular_solve, "e": np.e,
    "stop_gradient": lambda x: x, "erf": scipy.special.erf, "lgamma": scipy.special.gammaln,
    "digamma": scipy.special.digamma,
    "polygamma": lambda x, order: scipy.special.polygamma(order, x),
}


@cache
def catalogue(name: str) -> Any:
    """A scalar function of the catalogue, on arrays."""
    entry = CATALOGUE[name]
    arguments = sympy.symbols(f"a:{entry.arity}", real=True)
    return sympy.lambdify(arguments, entry.body(), ["scipy", "numpy"])


def evaluate(text: str, values: dict[str, Any]) -> Any:
    """The value of printed matrix notation, given inputs and sizes by name."""
    names = FUNCTIONS | {n: catalogue(n) for n in CATALOGUE if n not in FUNCTIONS} | values
    main, *lines = text.split("\n")
    for line in reversed(lines):
        name, formula = line.removeprefix("where").strip().split(" = ", 1)
        names[name] = eval(formula, {"__builtins__": {}}, names)
    return eval(main, {"__builtins__": {}}, names)
