"""Saving a kernel as a file of its own."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symdl.claims.example import example_of
from symdl.export.outputs import outputs_of
from symdl.export.python_file import python_text
from symdl.language.errors import SymdlError

if TYPE_CHECKING:
    from symdl.kernels.kernel import Kernel


def save(kernel: Kernel, path: str | PathLike[str], example: Mapping[str, Any] | None = None,
         seed: int = 0) -> Path:
    """Write a kernel to a file; see `Kernel.save`."""
    target = Path(path)
    if target.suffix != ".py":
        raise SymdlError(f"a kernel is saved as Python, in a file such as kernel.py, not "
                         f"{target.name}")
    point = example_of(kernel.roots, kernel.inputs, kernel.dtype, seed, example)
    outputs = outputs_of(kernel.outputs, kernel.inputs)
    target.write_text(python_text(kernel, outputs, point), encoding="utf-8")
    return target
