"""A kernel of float32 arrays that computes in float64: every sum, and all between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symdl.kernels.backends import Program
from symdl.kernels.compiled import Compiled


@dataclass(frozen=True)
class Widened:
    """A program in float64 between arrays in float32: inputs are copied, outputs rounded once."""

    inner: Program

    @property
    def text(self) -> str:
        """The source, which computes in float64."""
        return self.inner.text

    @property
    def ready(self) -> bool:
        """Whether it has been compiled, or needn't be."""
        return not isinstance(self.inner, Compiled) or self.inner.ready

    def prepare(self) -> bool:
        """Compile, or load what was compiled; False where that takes a run."""
        return not isinstance(self.inner, Compiled) or self.inner.prepare()

    def run(self, arrays: Sequence[Any], outputs: Sequence[Any], sizes: tuple[int, ...]) -> None:
        """Compute into the outputs."""
        wide = [_wide(a) for a in arrays]
        found = [np.empty(a.shape, np.float64) if a.dtype.kind == "f" else a for a in outputs]
        self.inner.run(wide, found, sizes)
        with np.errstate(over="ignore"):
            for out, x in zip(outputs, found, strict=True):
                if out is not x:
                    out[...] = x


def _wide(a: Any) -> Any:
    return a.astype(np.float64) if a.dtype.kind == "f" else a
