"""What a loop of steps is made of and called with, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import index
from typing import Any

import numpy as np

from symdl.kernels.trees import paired
from symdl.language.errors import ShapeError, SymdlError, shape_text
from symdl.language.form import Dim
from symdl.language.tensor import Tensor, Variable

Array = np.ndarray[Any, Any]


def declared(role: str, found: Any) -> tuple[Variable, ...]:
    """Inputs of a program."""
    entries = list(found.values()) if isinstance(found, Mapping) else list(found)
    for t in entries:
        if not isinstance(t, Variable):
            raise SymdlError(f"compile_loop: {role} holds {t!r}, which is no input tensor")
    return tuple(entries)


def next_values(state: Mapping[str, Any], new: Any) -> list[Tensor]:
    """The next values of the states, in order."""
    found = []
    for old, value in paired("new", dict(state), new):
        if not isinstance(value, Tensor):
            raise SymdlError(f"compile_loop: the next {old.name} is no tensor expression but "
                             f"{value!r}")
        if value.shape != old.shape or value.dtype != old.dtype:
            raise ShapeError(f"compile_loop: the state {old.name} is {shape_text(old.shape)}, but "
                             f"a step makes {value.said} of {shape_text(value.shape)}")
        found.append(value)
    return found


def batch_size(data: Sequence[Variable]) -> Dim | None:
    """The size that is the batch's."""
    sizes = {v: v.shape[0].atom if v.ndim else None for v in data}
    for v, d in sizes.items():
        if not isinstance(d, Dim):
            raise ShapeError(f"compile_loop: the first axis of {v.name} {shape_text(v.shape)} must "
                             "be the batch, a size of its own such as n")
    if len(set(sizes.values())) > 1:
        said = " and ".join(f"{v.name} {shape_text(v.shape)}" for v in data)
        raise ShapeError(f"compile_loop: the data share their first axis, the batch, but {said} "
                         "don't")
    return next(iter(sizes.values()), None)  # type: ignore[return-value]


def rows_of(data: Sequence[Variable], given: Mapping[str, Any]) -> int | None:
    """How many rows the data have."""
    found = {str(v.name): np.shape(given[str(v.name)])[:1] for v in data}
    if len(set(found.values())) > 1 or () in found.values():
        said = ", ".join(f"{name} has {n[0] if n else 'none'}" for name, n in found.items())
        raise ShapeError(f"the data must have equally many rows, but {said}")
    return next((n[0] for n in found.values()), None)


def visited_rows(order: Any, rows: int | None) -> Array:
    """The order of rows as integers that are rows."""
    found = np.asarray(order)
    if found.ndim != 1 or (found.dtype.kind not in "iu" and found.size):
        raise SymdlError(f"order is a list of rows, integers along one axis, not {found.dtype} of "
                         f"shape {found.shape}")
    out = np.ascontiguousarray(found, np.int64)
    if rows is not None and out.size and (out.min() < 0 or out.max() >= rows):
        bad = out.max() if out.max() >= rows else out.min()
        raise SymdlError(f"order holds the row {bad}, but the data have {rows} rows")
    return out


def minibatch(batch: Any) -> int:
    """The size of a minibatch as a number."""
    try:
        size = index(batch)
    except TypeError:
        size = 0
    if size < 1:
        raise SymdlError(f"batch is the size of a minibatch, at least 1, not {batch!r}")
    return size


def state_array(v: Variable, x: Any, dtype: str) -> Array:
    """The array of a state, which a loop writes into."""
    due = np.dtype(dtype if v.dtype == "real" else np.int64)
    if not isinstance(x, np.ndarray) or x.dtype != due:
        said = f"an array of {x.dtype}" if isinstance(x, np.ndarray) else type(x).__name__
        raise SymdlError(f"the state {v.name} is updated in place: it must be an array of {due}, "
                         f"not {said}")
    if not x.flags.carray:
        raise SymdlError(f"the state {v.name} is updated in place: its array must be contiguous "
                         "and writable")
    return x if x.ndim else x.reshape(1)


def check_schedules(schedules: Sequence[Variable], given: Mapping[str, Any], steps: int) -> None:
    """Refuse a schedule without an entry for each step."""
    for v in schedules:
        shape = np.shape(given[str(v.name)])
        if len(shape) != v.ndim + 1 or shape[0] != steps:
            raise ShapeError(f"{v.name} is scheduled: there are {steps} steps, and its array must "
                             f"have an axis of {steps} in front of {shape_text(v.shape)}, not the "
                             f"shape {shape}")


def check_states(states: Sequence[Variable], arrays: Sequence[Array], others: Sequence[Array],
                 shapes: Sequence[tuple[int, ...]]) -> None:
    """The states have the shapes that a step gives them, and memory of their own."""
    for k, (v, a, shape) in enumerate(zip(states, arrays, shapes, strict=False)):
        if a.shape != (shape or (1,)):
            raise ShapeError(f"the state {v.name} has shape {a.shape}, but a step makes {shape}")
        if any(np.may_share_memory(a, x) for x in (*arrays[:k], *others)):
            raise SymdlError(f"the state {v.name} shares memory with another argument; give it a "
                             "copy")
