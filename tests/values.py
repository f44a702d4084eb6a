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


def assert_near(found: Any, expected: Any, rho: float = 1e-12) -> None:
    comparison = compare_arrays(found, expected)
    assert comparison.rho <= rho, comparison
