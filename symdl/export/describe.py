"""What a saved kernel says of itself: formulas, arguments, results, operations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import TextWrapper
from typing import TYPE_CHECKING

from symdl.display.text import text
from symdl.export.outputs import Output
from symdl.language.errors import shape_text
from symdl.language.form import Dim
from symdl.lowering.cost import cost

if TYPE_CHECKING:
    from symdl.kernels.kernel import Kernel

LONGEST = 80
"""How many lines of formulas are written; beyond, those of the gradients are left out."""


def described(kernel: Kernel, outputs: Sequence[Output]) -> str:
    """The documentation of a kernel, as plain text.

    Parameters
    ----------
    kernel : Kernel
        What is described.
    outputs : sequence of Output
        Its outputs.
    """
    sections = [
        ("Formulas", formulas(outputs)),
        ("Arguments", _arguments(kernel)),
        ("Results", [_result(o, kernel.dtype) for o in outputs]),
        ("Cost", _wrapped(str(cost(kernel.roots)))),
    ]
    return "\n\n".join("\n".join([title, "-" * len(title), *lines]) for title, lines in sections)


def formulas(outputs: Sequence[Output]) -> list[str]:
    """Each output's formula under its label; repeated lines below stand once."""
    written = [f"{o.label} = {text(o.tensor)}".splitlines() for o in outputs]
    if sum(map(len, written)) > LONGEST:
        written = [f"{o.label} = {text(o.tensor)}".splitlines() if o.of is None else
                   [f"{o.label}: the gradient of {outputs[o.of].label}"] for o in outputs]
    return [line.rstrip() for line in _once(written)]


def _once(written: Iterable[list[str]]) -> Iterable[str]:
    seen: set[str] = set()
    for first, *below in written:
        yield first
        where = "where"
        for line in below:
            said = line.removeprefix("where").strip()
            if said not in seen:
                seen.add(said)
                yield f"    {where} {said}"
                where = "     "


def _arguments(kernel: Kernel) -> list[str]:
    lines = [f"{v.name} : {v.dtype + '64' if v.dtype != 'real' else kernel.dtype}, "
             f"shape {shape_text(v.shape)}" if v.ndim else f"{v.name} : a number"
             for v in kernel.inputs]
    lines += [f"{d} : int" for d in unstated(kernel)]
    return [*lines, *(f"requires {p}" for p in kernel.preconditions)] or ["none"]


def unstated(kernel: Kernel) -> list[Dim]:
    """The sizes that are no axis of an argument, and so are arguments themselves."""
    stated = {f.atom for v in kernel.inputs for f in v.shape}
    return [d for d in kernel.sizes if d not in stated]


def _result(o: Output, dtype: str) -> str:
    kind = dtype if o.tensor.dtype == "real" else "int64"
    shape = f"{kind}, shape {shape_text(o.tensor.shape)}" if o.tensor.ndim else "a number"
    return f"{o.label} : {shape}"


def _wrapped(line: str) -> list[str]:
    return TextWrapper(width=98, subsequent_indent="    ", break_long_words=False).wrap(line)
