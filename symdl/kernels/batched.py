"""Primitives on stacks of matrices, by NumPy's linear algebra."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.linalg import solve_triangular

from symdl.kernels import matrices, spectral
from symdl.language.primitives.base import Primitive

Array = np.ndarray[Any, Any]


def _logdet(a: Array) -> Array:
    sign, value = np.linalg.slogdet(a)
    return np.where(sign < 0, np.nan, value)


def _descending(a: Array) -> Array:
    return np.argsort(-a, axis=-1, kind="stable")


def _ascending(a: Array) -> Array:
    return np.argsort(a, axis=-1, kind="stable")


def _triangular(lower: bool) -> Callable[[Array, Array], Array]:
    def solve(a: Array, b: Array) -> Array:
        out = np.empty(b.shape, b.dtype)
        for i in np.ndindex(a.shape[:-2]):
            out[i] = solve_triangular(a[i], b[i], lower=lower, check_finite=False)
        return out

    return solve


FUNCTIONS: Mapping[str, Callable[..., Array]] = {
    "_inv": np.linalg.inv, "_det": np.linalg.det, "_solve": np.linalg.solve, "_logdet": _logdet,
    "_cholesky": np.linalg.cholesky,
    "_solve_lower": _triangular(True), "_solve_upper": _triangular(False),
    "_argsort_ascending": _ascending, "_argsort_descending": _descending,
}
"""A primitive's numeric function -> its NumPy equal on stacks."""


def applied(primitive: Primitive, operands: Sequence[Array], results: Sequence[Array]) -> None:
    """Write a primitive's outputs into `results`, batched over the leading axes.

    Where NumPy knows no such function or refuses a matrix, the loops that kernels have run.
    """
    name, core = primitive.numeric, primitive.core
    function = FUNCTIONS.get(name)
    if function is not None and len(results) == 1:
        try:
            results[0][...] = function(*operands)
            return
        except np.linalg.LinAlgError:
            pass
    loops = getattr(matrices if hasattr(matrices, name) else spectral, name)
    lead = operands[0].shape[: operands[0].ndim - core[0]]
    for i in np.ndindex(lead):
        loops(*(_entry(x, i) for x in operands), *primitive.constants,
              *(_entry(x, i) for x in results))


def _entry(stack: Array, i: tuple[int, ...]) -> Array:
    """One matrix of a stack; a number as an array of one entry."""
    return stack[i] if len(i) < stack.ndim else stack[(*i, None)]
