"""The generated source, run as plain Python or compiled by Numba."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from symdl.kernels.cache import executed, loaded, seal
from symdl.kernels.source import Source, write_source
from symdl.language.errors import SymdlError
from symdl.language.form import Dim
from symdl.language.tensor import Constant, Tensor, Variable
from symdl.lowering.lower import lower


@dataclass
class Compiled:
    """Generated source with the module it became."""

    source: Source
    module: ModuleType
    constants: tuple[Any, ...]
    stored: bool
    sealed: bool = False

    @property
    def text(self) -> str:
        """The source."""
        return self.source.text

    def run(self, arrays: Sequence[Any], outputs: Sequence[Any], sizes: Sequence[int]) -> None:
        """Compute into the outputs."""
        given = (*arrays, *self.constants)
        computed = (outputs[k] for k in self.source.computed)
        arguments = (*given, *computed, *self.module.workspace(*sizes), *sizes)
        try:
            if self.stored:
                self.module.kernel(*arguments)
            else:
                with np.errstate(all="ignore"):
                    self.module.kernel(*arguments)
        except IndexError as error:
            raise SymdlError(f"a computed label is out of range: {error}") from None
        for k, origin in self.source.copies:
            outputs[k][...] = (*given, *outputs)[origin]
        if self.stored and not self.sealed:
            self.sealed = True
            seal(self.module)


def _program(roots: Sequence[Tensor], inputs: Sequence[Variable], sizes: Sequence[Dim],
             dtype: str, compiled: bool) -> Compiled:
    program = lower(roots, inputs)
    source = write_source(program, sizes, dtype, compiled)  # type: ignore[arg-type]
    constants = tuple(_constant(c, dtype) for c in program.constants)
    module = loaded(source.text) if compiled else executed(source.text, "kernel", "<kernel>")
    return Compiled(source, module, constants, compiled)


def _constant(c: Constant, dtype: str) -> Any:
    array = np.array(c.data, dtype if c.dtype == "real" else np.int64)
    return array.reshape(1) if array.ndim == 0 else array


def numba_program(roots: Sequence[Tensor], inputs: Sequence[Variable], sizes: Sequence[Dim],
                  dtype: str) -> Compiled:
    """The source compiled by Numba at its first call, from the disk cache where it is there."""
    return _program(roots, inputs, sizes, dtype, compiled=True)


def python_program(roots: Sequence[Tensor], inputs: Sequence[Variable], sizes: Sequence[Dim],
                   dtype: str) -> Compiled:
    """The same source as plain Python."""
    return _program(roots, inputs, sizes, dtype, compiled=False)
