"""Axes and entries moved or repeated, as NumPy's functions of these names do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdl.language.elementwise import as_tensor
from symdl.language.form import ONE, Form, quotient, remainder
from symdl.language.shaping import at, axis_of, flattened, reshape, transpose, view
from symdl.language.tensor import Tensor


def moveaxis(x: Any, source: int, destination: int) -> Tensor:
    """Move an axis to another place; the others keep their order."""
    x = as_tensor(x)
    order = [k for k in range(x.ndim) if k != axis_of(x, source)]
    order.insert(axis_of(x, destination), axis_of(x, source))
    return transpose(x, order)


def roll(x: Any, shift: Any, axis: int | None = None) -> Tensor:
    """Shift entries along an axis, those that leave it entering at the other end.

    None: shift all entries, rows first.
    """
    x = as_tensor(x)
    if axis is None:
        return reshape(roll(flattened(x), shift, 0), x.shape)
    a = axis_of(x, axis)
    by = Form.of(shift)
    return view(x, x.shape, [remainder(at(k) - by, x.shape[k]) if k == a else at(k)
                             for k in range(x.ndim)])


def repeat(x: Any, repeats: Any, axis: int | None = None) -> Tensor:
    """Each entry, or each slice along an axis, so many times in a row."""
    x = as_tensor(x)
    if axis is None:
        x, axis = flattened(x), 0
    a, times = axis_of(x, axis), Form.of(repeats)
    return view(x, [n * times if k == a else n for k, n in enumerate(x.shape)],
                [quotient(at(k), times) if k == a else at(k) for k in range(x.ndim)])


def tile(x: Any, times: Any) -> Tensor:
    """The tensor so many times along each axis; missing axes are added in front."""
    x = as_tensor(x)
    counts = [Form.of(t) for t in (times if isinstance(times, Sequence) else (times,))]
    rank = max(x.ndim, len(counts))
    counts = [ONE] * (rank - len(counts)) + counts
    first = rank - x.ndim
    shape = [c if k < first else c * x.shape[k - first] for k, c in enumerate(counts)]
    return view(x, shape, [at(k) if counts[k] == 1 else remainder(at(k), x.shape[k - first])
                           for k in range(first, rank)])
