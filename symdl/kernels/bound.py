"""A kernel with some arguments and its outputs fixed: calls that hand over what varies, only.

A small compiled function finds what is fixed by a frame, looks whether what is given lies apart
from the outputs, and calls the kernel by its address; the kernel checks shapes and labels.
Whatever is refused is called the ordinary way, which converts it or says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from symdl.kernels.compiled import Compiled
from symdl.kernels.direct import one_entry
from symdl.kernels.frame import Frame, frame_of, reader_of
from symdl.kernels.trees import maker, paired

if TYPE_CHECKING:
    from symdl.kernels.kernel import Kernel

Array = np.ndarray[Any, Any]
Call = Callable[..., Any]

_TEXT = """def call(*positional, **keywords):
    try:
        {free}, = positional or ({named},)
{numbers}        frame = frames.pop()
        try:
            fine = run(frame.words, {free})
        finally:
            frames.append(frame)
    except refused:
        fine = False
    if fine and len(positional) + len(keywords) == {count}:
        return out
    return otherwise(*positional, **keywords)
"""


class Bound:
    """Calls of a kernel with fixed arguments and outputs.

    Attributes
    ----------
    call : callable
        From what isn't fixed, by position or by name, to the outputs.
    """

    def __init__(self, kernel: Kernel, fixed: Mapping[str, Any], stated: Mapping[str, int],
                 out: Any) -> None:
        self._kernel, self._fixed, self._stated, self._out = kernel, fixed, stated, out
        self._written = [] if out is None else [a for _, a in paired("out", kernel.outputs, out)]
        self._free = [k for k, v in enumerate(kernel.inputs) if str(v.name) not in fixed]
        self._frames: list[Frame] = []
        self._space: dict[str, Any] = {
            "frames": self._frames, "out": out, "one_entry": one_entry,
            "otherwise": self._otherwise,
            "refused": (KeyError, IndexError, TypeError, ValueError, AttributeError)}
        self.call: Call = self._short() if self._free and out is not None else self._otherwise

    def _short(self) -> Call:
        """The short way, written for what is free."""
        numbers = [k for k in self._free if not self._kernel.inputs[k].ndim]
        self._space |= {f"t{k}": self._kernel.types[k] for k in numbers}
        exec(_TEXT.format(free=", ".join(f"a{k}" for k in self._free), count=len(self._free),
                          named=", ".join(f"keywords[{str(self._kernel.inputs[k].name)!r}]"
                                          for k in self._free),
                          numbers="".join(f"        a{k} = one_entry(a{k}, t{k})\n"
                                          for k in numbers)), self._space)
        call: Call = self._space["call"]
        return call

    def _otherwise(self, *positional: Any, **keywords: Any) -> Any:
        """The ordinary way."""
        given, stated = self._kernel.named(positional, keywords, self._fixed)
        whole = {**self._fixed, **given}
        stated = {**self._stated, **stated}
        if self._out is None:
            return self._kernel.computed(whole, stated, None)
        self._kernel.computed(whole, stated, maker(self._kernel.outputs)(self._written))
        if self._free and stated == self._stated and len(given) == len(self._free):
            self._prepare(whole)
        return self._out

    def _prepare(self, given: Mapping[str, Any]) -> None:
        """Make a frame for calls like this one, if what is fixed can be used in place."""
        program = self._kernel.program
        if not isinstance(program, Compiled) or not program.direct:
            return
        inputs, plan = self._kernel.prepared(given, self._stated)
        self._frames[:] = [f for f in self._frames if f.sizes == plan.sizes]
        fixed = [(self._fixed[str(v.name)], a)
                 for v, a in zip(self._kernel.inputs, inputs, strict=True)
                 if str(v.name) in self._fixed]
        if self._frames or not all(_in_place(x, a) for x, a in fixed):
            return
        outputs = [r if r.ndim else r.reshape(1) for r in self._written]
        arrays = [*inputs, *program.constants, *outputs, program.layout(plan.sizes).block()]
        frame = frame_of(program.address, arrays, self._free, outputs, plan.sizes)
        self._space["run"] = reader_of(frame, arrays, self._free, len(outputs))
        self._frames.append(frame)


def _in_place(x: Any, array: Array) -> bool:
    """Whether an array holds what was given itself, or what never changes."""
    return (not isinstance(x, np.ndarray) and np.ndim(x) == 0) or (
        isinstance(x, np.ndarray) and (not x.size or np.shares_memory(x, array)))
