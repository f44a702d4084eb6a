"""The generated source, run as plain Python or compiled by Numba."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

from symdl.kernels.alone import load_alone
from symdl.kernels.cache import executed, loaded, remembered, seal
from symdl.kernels.generated import Source
from symdl.kernels.labels import label_ranges
from symdl.kernels.workspace import Blocks, Buffer, Layout
from symdl.language.errors import SymdlError
from symdl.language.form import Dim
from symdl.language.tensor import Constant, Tensor, Variable

Sizes = tuple[int, ...]
MANY = 64
"""How many layouts are remembered."""


@dataclass
class Compiled:
    """Generated source with the module it became.

    Attributes
    ----------
    stored : bool
        Whether it is compiled by Numba and kept on disk.
    ready : bool
        Whether it has been compiled.
    """

    source: Source
    module: ModuleType
    constants: tuple[Any, ...]
    stored: bool
    ready: bool = False
    blocks: Blocks = field(default_factory=Blocks)
    layouts: dict[Sizes, Layout] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The source."""
        return self.source.text

    def run(self, arrays: Sequence[Any], outputs: Sequence[Any], sizes: Sizes) -> None:
        """Compute into the outputs."""
        if self.stored and not self.ready:
            self.prepare()
        try:
            if self.stored:
                self.attempt(arrays, outputs, sizes, self.layout(sizes))
            else:
                with np.errstate(all="ignore"):
                    self.attempt(arrays, outputs, sizes, self.layout(sizes))
        except IndexError as error:
            raise SymdlError(f"a computed label is out of range: {error}") from None
        if self.stored and not self.ready:
            seal(self.module)
            self.ready = True

    def prepare(self) -> bool:
        """Compile, or load what was compiled; False where that takes a run.

        Afterwards arrays of other types are refused.
        """
        kernel = self.module.kernel
        if not hasattr(kernel, "overloads"):
            return False
        kernel.disable_compile(False)
        kernel.compile(self.source.types)
        kernel.disable_compile()
        seal(self.module)
        self.ready = True
        return True

    @property
    def direct(self) -> bool:
        """Whether `kernel` may be called with unchecked arrays: it refuses those that don't fit."""
        return self.ready and self.source.plain and hasattr(self.module.kernel, "overloads")

    @property
    def address(self) -> int:
        """Where the compiled code is."""
        (code,) = self.module.kernel.overloads.values()
        address: int = code.library.get_pointer_to_function(code.fndesc.llvm_func_name)
        return address

    def layout(self, sizes: Sizes) -> Layout:
        """Where the buffers lie at some sizes."""
        if sizes not in self.layouts:
            if len(self.layouts) >= MANY:
                self.layouts.clear()
            self.layouts[sizes] = Layout([Buffer(*row) for row in self.module.workspace(*sizes)])
        return self.layouts[sizes]

    def attempt(self, arrays: Sequence[Any], outputs: Sequence[Any], sizes: Sizes, layout: Layout,
                ) -> bool:
        """Compute into the outputs; False where a shape or a label is refused."""
        block = self.blocks.lend(layout)
        computed = outputs if self.source.plain else [outputs[k] for k in self.source.computed]
        try:
            fine: bool = self.module.kernel(*arrays, *self.constants, *computed, block, *sizes)
        finally:
            self.blocks.take_back(layout, block)
        for k, origin in self.source.copies:
            outputs[k][...] = (*arrays, *self.constants, *outputs)[origin]
        return fine


def _program(roots: Sequence[Tensor], inputs: Sequence[Variable], sizes: Sequence[Dim],
             dtype: str, compiled: bool) -> Compiled:
    def write() -> tuple[Source, tuple[Any, ...]]:
        from symdl.kernels.source import write_source  # many modules; on disk, as a rule
        from symdl.lowering.lower import lower

        program = lower(roots, inputs)
        source = write_source(program, sizes, dtype, compiled,  # type: ignore[arg-type]
                              label_ranges(roots))
        return source, tuple(_constant(c, dtype) for c in program.constants)

    if not compiled:
        source, constants = write()
        return Compiled(source, executed(source.text, "kernel", "<kernel>"), constants, False)
    key = (len(roots), *(t.digest.hex() for t in (*roots, *inputs)), *map(str, sizes), dtype)
    source, constants = remembered(key, write)
    load_alone("cython_blas")
    return Compiled(source, loaded(source.text), constants, True)


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
