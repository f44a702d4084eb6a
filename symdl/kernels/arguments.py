"""From what a kernel is called with to the arrays and sizes its code takes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from operator import index
from typing import Any

import numpy as np

from symdl.kernels.trees import leaves, named_leaves, paired
from symdl.language.errors import ShapeError, SymdlError
from symdl.language.form import Dim
from symdl.language.sizes import infer_sizes
from symdl.language.tensor import Variable

Array = np.ndarray[Any, Any]
TYPES = ("float64", "float32")
"""The types that a kernel can compute in."""


def flattened(positional: Sequence[Any], keywords: Mapping[str, Any], inputs: Sequence[Variable],
              sizes: Sequence[Dim], structure: Mapping[str, Any] | None,
              fixed: Collection[str] = ()) -> tuple[dict[str, Any], dict[str, int]]:
    """Arguments by input name, and sizes given by name; those that are fixed needn't be given.

    Raises
    ------
    SymdlError
        For missing, superfluous or repeated arguments.
    """
    names = [str(v.name) for v in inputs]
    trees = structure.items() if structure is not None else zip(names, inputs, strict=True)
    wanted = [key for key, tree in trees if any(str(t.name) not in fixed for t in leaves(tree))]
    if len(positional) > len(wanted):
        raise SymdlError(f"the kernel takes {len(wanted)} arrays ({', '.join(wanted)}), but "
                         f"{len(positional)} are given")
    given: dict[str, Any] = {}
    stated: dict[str, int] = {}
    pairs = [*zip(wanted, positional, strict=False), *keywords.items()]
    for key, value in pairs:
        if structure is not None and key in structure:
            entries = _matched(key, structure[key], value)
        elif key in names:
            entries = [(key, value)]
        elif any(str(d) == key for d in sizes):
            stated[key] = _size(key, value)
            continue
        elif isinstance(value, (dict, list, tuple)):
            entries = list(named_leaves(value))
        else:
            entries = [(key, value)]
        for name, x in entries:
            if name not in names:
                raise SymdlError(_unknown(name, names, sizes))
            if name in given:
                raise SymdlError(f"the argument {name} is given twice")
            given[name] = x
    missing = [n for n in names if n not in given and n not in fixed]
    if missing:
        raise SymdlError(f"missing argument{'s' if len(missing) > 1 else ''} "
                         f"{', '.join(missing)}; the kernel takes {', '.join(names)}")
    return given, stated


def _matched(key: str, tensors: Any, values: Any) -> list[tuple[str, Any]]:
    """The arrays by input name, of a tree that is built like the tensors'."""
    return [(str(t.name), x) for t, x in paired(key, tensors, values)]


def _size(name: str, value: Any) -> int:
    try:
        return index(value)
    except TypeError:
        raise SymdlError(f"the size {name} must be an integer, not {value!r}") from None


def _unknown(name: str, names: Sequence[str], sizes: Sequence[Dim]) -> str:
    near = get_close_matches(name, [*names, *map(str, sizes)], 1, 0.5)
    hint = f". Did you mean {near[0]}?" if near else ""
    return f"the kernel has no argument {name}; it takes {', '.join(names) or 'none'}{hint}"


def converted(v: Variable, x: Any, dtype: str) -> Array:
    """The array of an argument, in memory order, of the kernel's type.

    Raises
    ------
    SymdlError
        For another type: nothing is rounded or promoted silently.
    """
    wanted = np.dtype(dtype if v.dtype == "real" else np.int64)
    if type(x) is np.ndarray and x.dtype is wanted and x.ndim and x.flags.carray:
        return x
    array = _read(v, x)
    kind = array.dtype.kind
    if kind not in "biuf":
        what = {"O": "objects", "c": "complex numbers"}.get(kind, str(array.dtype))
        raise SymdlError(f"{v.name} takes real numbers, but the array holds {what}")
    if v.dtype != "real":
        if kind == "f" and (array.size or isinstance(x, np.ndarray)):
            raise SymdlError(f"{v.name} takes integers, but the array is {array.dtype}; convert it "
                             "with .astype('int64')")
        if array.dtype == np.uint64 and array.size and array.max() > np.iinfo(np.int64).max:
            raise SymdlError(f"{v.name} holds {array.max()}, which no 64-bit signed integer is")
        return _plain(array, np.int64)
    if isinstance(x, (np.ndarray, np.generic)) and array.dtype.newbyteorder("=") != dtype:
        advice = f"convert it with .astype({dtype!r})"
        if str(array.dtype) in TYPES:
            advice += f", or compile with dtype={str(array.dtype)!r}"
        raise SymdlError(f"{v.name} takes {dtype}, but the array is {array.dtype}; {advice}")
    return _plain(array, dtype)


def _read(v: Variable, x: Any) -> Array:
    """The argument as an array; a list of rows of different lengths is none."""
    if isinstance(x, np.ma.MaskedArray):
        raise SymdlError(f"{v.name} is a masked array; say with .filled() what its masked entries "
                         "are")
    try:
        return np.asarray(x)
    except (TypeError, ValueError) as error:
        raise SymdlError(f"{v.name} can't be read as an array: {error}") from None


def _plain(array: Array, dtype: Any) -> Array:
    out = np.ascontiguousarray(array, dtype=dtype)
    if not out.flags.writeable or not out.flags.aligned:
        out = out.copy()
    return out.reshape(1) if array.ndim == 0 else out


def sizes_of(shapes: Mapping[Variable, tuple[int, ...]], stated: Mapping[str, int],
             sizes: Sequence[Dim]) -> dict[Dim, int]:
    """The sizes, checked against the shape of every array.

    Raises
    ------
    SymdlError
        If a size is stated by neither an array nor a keyword.
    """
    found = infer_sizes(shapes, stated)
    for d in sizes:
        if d not in found:
            raise SymdlError(f"the size {d} is in no argument's shape; give it as a keyword, "
                             f"{d}=...")
        if found[d] < 0:
            raise ShapeError(f"the size {d} = {found[d]} is negative")
    return found
