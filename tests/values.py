"""Numbers of expressions, from the oracle, and how they are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from symdl.evidence.compare import compare_arrays
from symdl.kernels.oracle import oracle


def values(roots: Sequence[Any], inputs: Mapping[str, Any], **sizes: int) -> list[np.ndarray]:
    """Evaluate tensors in float64."""
    found = oracle(list(roots), inputs, "float64", **sizes)
    return [np.asarray(a, dtype=np.float64).reshape(a.shape) for a in found]


def value(root: Any, inputs: Mapping[str, Any], **sizes: int) -> np.ndarray:
    return values([root], inputs, **sizes)[0]


def complex_step(y: Any, name: str, inputs: Mapping[str, Any], **sizes: int) -> np.ndarray:
    """∂y/∂input, one entry of the input at a time, over complex numbers."""
    base = np.asarray(inputs[name], float)
    columns = []
    for i in np.ndindex(base.shape):
        moved = base.astype(complex)
        moved[i] += 1e-30j
        found = oracle([y], {**inputs, name: moved}, "complex128", **sizes)[0]
        columns.append(np.asarray(found, complex).imag / 1e-30)
    return np.moveaxis(np.array(columns), 0, -1).reshape(*columns[0].shape, *base.shape)


def assert_near(found: Any, expected: Any, rho: float = 1e-12) -> None:
    comparison = compare_arrays(found, expected)
    assert comparison.rho <= rho, comparison
