"""A loop of steps, ready to run."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from symdl.kernels.backends import entry_point
from symdl.kernels.cache import executed, loaded, seal
from symdl.kernels.compiled import Compiled
from symdl.kernels.generated import Source
from symdl.kernels.loop_source import Roles, loop_text
from symdl.language.errors import SymdlError

if TYPE_CHECKING:
    from symdl.kernels.kernel import Kernel

Array = np.ndarray[Any, Any]


@dataclass
class LoopProgram:
    """The function `loop` with what it is called with beside a user's arrays."""

    text: str
    module: ModuleType
    step: Kernel
    roles: Roles
    constants: tuple[Any, ...]
    memory: Callable[[tuple[int, ...]], Sequence[Array]]
    stored: bool
    sealed: bool = False

    def run(self, arrays: Sequence[Array], records: Sequence[Array], order: Array, first: int,
            sizes: tuple[int, ...]) -> None:
        """Run the steps of an order of rows, a batch to a row; schedules begin at `first`."""
        roles = self.roles
        given = list(arrays)
        for k in roles.schedules:
            given[k] = given[k][first:]
        self._check_labels(arrays, sizes)
        data = [given[k] for k in roles.data]
        rows = [a.reshape(a.shape[0], -1) if a.size else a.reshape(a.shape[0], 0) for a in data]
        batches = [np.empty((order.shape[1], *a.shape[1:]), a.dtype) for a in data]
        flat = [b.reshape(order.shape[1], r.shape[1]) for b, r in zip(batches, rows, strict=True)]
        spare = [np.empty_like(given[k]) for k in roles.states]
        arguments = (order, *given, *rows, *flat, *batches, *self.constants, *spare, *records,
                     *self.memory(sizes), *sizes)
        try:
            if self.stored:
                fine = self.module.loop(*arguments)
            else:
                with np.errstate(all="ignore"):
                    fine = self.module.loop(*arguments)
        except IndexError as error:
            raise SymdlError(f"a computed label is out of range: {error}") from None
        if not fine:
            raise SymdlError("a step made a label that is out of range")
        if len(order) % 2 == 1:
            for k, second in zip(roles.states, spare, strict=True):
                given[k][...] = second
        if self.stored and not self.sealed:
            self.sealed = True
            seal(self.module)

    def _check_labels(self, arrays: Sequence[Array], sizes: Sequence[int]) -> None:
        """Refuse integers that address nothing, in any row of the data."""
        numbers = dict(zip(self.step.sizes, sizes, strict=True))
        for v, label in self.step.labels:
            label.check(arrays[self.step.inputs.index(v)], numbers)


def loop_program(step: Kernel, roles: Roles) -> LoopProgram:
    """The loop around a step, in the step's backend."""
    program: Any = entry_point(step.backend, step.roots, step.inputs, step.sizes, step.dtype)
    ranks = [t.ndim for t in (*step.inputs, *step.roots)]
    if not isinstance(program, Compiled):
        every = Source("", "", tuple(range(len(step.roots))), ())
        text = loop_text(every, roles, ranks, 0, 0, len(step.sizes), False)
        module = executed(text, "loop", "<loop>")
        count, last = len(step.inputs), len(step.inputs) + len(step.roots)

        def kernel(*arguments: Any) -> bool:
            program.run(arguments[:count], arguments[count:last], arguments[last:])
            return True

        module.__dict__["kernel"] = kernel
        return LoopProgram(text, module, step, roles, (), lambda sizes: (), False)
    source = program.source.text
    functions = {f.name: f for f in ast.parse(source).body if isinstance(f, ast.FunctionDef)}
    compiled = program.stored and bool(functions["kernel"].decorator_list)
    text = source + loop_text(program.source, roles, ranks, len(program.constants), 1,
                              len(step.sizes), compiled)
    module = loaded(text) if program.stored else executed(text, "loop", "<loop>")
    return LoopProgram(text, module, step, roles, program.constants,
                       lambda sizes: [program.layout(sizes).block()], program.stored)
