"""The arrays that a kernel's outputs are written into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from symdl.kernels.trees import paired
from symdl.language.errors import ShapeError, SymdlError

Array = np.ndarray[Any, Any]


def results(outputs: Any, wanted: Sequence[tuple[tuple[int, ...], np.dtype[Any]]], out: Any,
            inputs: Sequence[Array]) -> list[Array]:
    """New arrays, or those of `out` if they fit and overlap nothing.

    Raises
    ------
    SymdlError
        If `out` isn't built like the outputs, holds other arrays, or memory of the inputs or of
        one another.
    """
    if out is None:
        return [np.empty(s, t) for s, t in wanted]
    arrays = [a for _, a in paired("out", outputs, out)]
    for k, (a, (s, t)) in enumerate(zip(arrays, wanted, strict=True)):
        if not isinstance(a, np.ndarray) or a.dtype != t or a.shape != s:
            raise ShapeError(f"out: an array of {t} of shape {s} is due, not "
                             f"{getattr(a, 'dtype', type(a).__name__)} of shape {np.shape(a)}")
        if not a.flags.carray:
            raise SymdlError("out: the arrays must be contiguous and writable")
        if any(np.may_share_memory(a, x) for x in inputs):
            raise SymdlError("out: an output shares memory with an input; give it its own")
        if any(np.may_share_memory(a, b) for b in arrays[:k]):
            raise SymdlError("out: two outputs share memory")
    return arrays
