"""The backends by name: each makes a runnable program of a lowered one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol

from symdl.language.form import Dim
from symdl.language.tensor import Tensor, Variable


class Program(Protocol):
    """Something that runs: its text, and its entry point."""

    @property
    def text(self) -> str:
        """The source."""

    def run(self, arrays: Sequence[Any], outputs: Sequence[Any], sizes: tuple[int, ...]) -> None:
        """Compute into the outputs; scalars are arrays of one entry."""


BACKENDS: Mapping[str, str] = {
    "numba": "symdl.kernels.compiled:numba_program",
    "numpy": "symdl.kernels.vectorised:numpy_program",
    "python": "symdl.kernels.compiled:python_program",
}


def entry_point(backend: str, roots: Sequence[Tensor], inputs: Sequence[Variable],
                sizes: Sequence[Dim], dtype: str) -> Program:
    """The program of a backend."""
    module, name = BACKENDS[backend].split(":")
    make: Callable[..., Program] = getattr(import_module(module), name)
    return make(roots, inputs, sizes, dtype)
