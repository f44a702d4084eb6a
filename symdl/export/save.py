"""Saving a kernel as a file of its own."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symdl.claims.example import example_of
from symdl.export.c.file import c_text
from symdl.export.c.functions import safe
from symdl.export.outputs import outputs_of
from symdl.export.python_file import python_text
from symdl.language.errors import SymdlError

if TYPE_CHECKING:
    from symdl.kernels.kernel import Kernel


def save(kernel: Kernel, path: str | PathLike[str], example: Mapping[str, Any] | None = None,
         seed: int = 0) -> Path:
    """Write a kernel to a file; see `Kernel.save`."""
    target = Path(path)
    if target.suffix not in (".py", ".c"):
        raise SymdlError("a kernel is saved as Python or as C, in a file such as kernel.py or "
                         f"kernel.c, not {target.name}")
    if kernel.computes != kernel.dtype:
        raise SymdlError(f"a kernel of {kernel.dtype} that accumulates in {kernel.computes} can't "
                         f"be saved; compile it with dtype={kernel.computes!r}")
    name = target.stem
    plain = name.isidentifier() and name.isascii() and name == safe(name)
    if target.suffix == ".c" and not plain:
        raise SymdlError(f"the function in {target.name} is called like the file, but {name} is no "
                         "name in C; choose another file name")
    point = example_of(kernel.roots, kernel.inputs, kernel.dtype, seed, example)
    outputs = outputs_of(kernel.outputs, kernel.inputs)
    if target.suffix == ".py":
        target.write_text(python_text(kernel, outputs, point), encoding="utf-8")
        return target
    text, header = c_text(kernel, outputs, point, name)
    target.write_text(text, encoding="utf-8")
    target.with_suffix(".h").write_text(header, encoding="utf-8")
    return target
