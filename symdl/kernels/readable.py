"""A kernel's source with the names of its formula, as an engineer would write it."""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING

from symdl.kernels.generated import Source
from symdl.kernels.labels import label_ranges
from symdl.kernels.reading import LETTERS, Reading
from symdl.kernels.source import write_source
from symdl.language.late import late
from symdl.lowering.lower import lower
from symdl.lowering.normalise import called

if TYPE_CHECKING:
    from symdl.kernels.kernel import Kernel


def readable(kernel: Kernel, compiled: bool) -> Source:
    """The source of a kernel for a reader.

    It differs from what a call compiles in names and comments only.

    Parameters
    ----------
    kernel : Kernel
        What is written.
    compiled : bool
        Whether functions are decorated for Numba.
    """
    program = lower(kernel.roots, kernel.inputs)
    names = {t: _word(name) for t, name in called(kernel.roots).items()}
    outputs = late("symdl.export.outputs:outputs_of")(kernel.outputs, kernel.inputs)
    for root, output in zip(program.roots, outputs, strict=True):
        names[root] = _word(output.label)
    reading = Reading(names, late("symdl.display.loops:equation"), LETTERS)
    return write_source(program, kernel.sizes, kernel.computes, compiled,  # type: ignore[arg-type]
                        label_ranges(kernel.roots), reading)


def _word(label: str) -> str:
    """A label as a name: dL/dW is dL_dW."""
    word = re.sub(r"\W+", "_", label).strip("_")
    return f"{word}_" if not word or word[0].isdigit() or keyword.iskeyword(word) else word
