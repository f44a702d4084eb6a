"""`X[...]`: integers, slices, new axes, indices and integer tensors, as in NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symdl.language.body import slot
from symdl.language.bounds import nonnegative
from symdl.language.define import checked
from symdl.language.elementwise import broadcast_shape
from symdl.language.errors import RangeError, ShapeError, SymdlError, shape_text
from symdl.language.form import ONE, ZERO, Form, Idx, Read, quotient
from symdl.language.scheme import Access, Scheme, Value
from symdl.language.tensor import Constant, Equation, Tensor


@dataclass(frozen=True)
class _Step:
    """How one axis of the operand is addressed: `start + step * output index`, or a gather."""

    start: Form
    step: int = 0
    size: Form | None = None
    by: Tensor | None = None


def getitem(x: Tensor, key: Any) -> Tensor:
    """Index a tensor as NumPy does.

    Raises
    ------
    ShapeError
        For too many indices.
    RangeError
        For an integer outside its axis.
    SymdlError
        For boolean masks (a shape can't depend on data) and other keys.
    """
    keys = _expanded(x, key if isinstance(key, tuple) else (key,))
    steps: list[_Step | None] = []  # None: a new axis
    axis = 0
    for k in keys:
        if k is None:
            steps.append(None)
            continue
        steps.append(_step(x, axis, k))
        axis += 1
    return checked(_gathered(x, steps))


def _expanded(x: Tensor, keys: tuple[Any, ...]) -> list[Any]:
    """The key with its ellipsis written out and missing axes added."""
    used = sum(1 for k in keys if k is not None and k is not Ellipsis)
    if used > x.ndim:
        raise ShapeError(f"{x.said} has {x.ndim} axes {shape_text(x.shape)}, "
                         f"but {used} indices were given")
    if sum(1 for k in keys if k is Ellipsis) > 1:
        raise SymdlError("an index can hold only one ...")
    full = [slice(None)] * (x.ndim - used)
    out: list[Any] = []
    for k in keys:
        out.extend(full if k is Ellipsis else [k])
    return out if Ellipsis in [k for k in keys if k is Ellipsis] else out + full


def _step(x: Tensor, axis: int, k: Any) -> _Step:
    size = x.shape[axis]
    if isinstance(k, slice):
        return _slice(k, size, x, axis)
    if isinstance(k, (bool, np.bool_)):
        raise SymdlError("a boolean can't index a tensor: a shape can't depend on data")
    if isinstance(k, (int, np.integer)):
        at = Form.of(int(k)) if k >= 0 else size + int(k)
        n = size.constant
        if n is not None and not -n <= k < n:
            raise RangeError(f"index {k} is outside axis {axis} of size {n} of {x.said}")
        return _Step(at)
    if isinstance(k, Form):
        return _Step(k)
    if isinstance(k, (list, np.ndarray)):
        k = Constant.make(k)
    if isinstance(k, Tensor):
        if k.dtype != "int":
            what = "a boolean mask would make the shape depend on data; use sd.where" \
                if k.dtype == "bool" else "declare it with integer=True"
            raise SymdlError(f"{k.said} indexes axis {axis} of {x.said} but isn't of "
                             f"integers: {what}")
        return _Step(ZERO, by=k)
    raise SymdlError(f"{k!r} can't index a tensor")


def _slice(s: slice, size: Form, x: Tensor, axis: int) -> _Step:
    step = 1 if s.step is None else int(s.step)
    if step == 0:
        raise SymdlError("a slice's step can't be 0")
    if step > 0:
        start = _end(s.start, size, ZERO)
        stop = _end(s.stop, size, size)
    else:
        start = _end(s.start, size, size - 1)
        stop = _end(s.stop, size, -ONE) if s.stop is not None else -ONE
    if (n := size.constant) is not None:  # NumPy clips
        low, high = (0, n) if step > 0 else (-1, n - 1)
        start = _clipped(start, low, high)
        stop = _clipped(stop, low, high)
    length = stop - start if step > 0 else start - stop
    count = quotient(length + (abs(step) - 1), Form.of(abs(step)))
    if count.constant is not None and count.constant < 0:
        count = ZERO
    if nonnegative(-count - 1, []):
        raise RangeError(f"the slice {start}:{stop} of axis {axis} of {x.said} is empty")
    return _Step(start, step, count)


def _clipped(form: Form, low: int, high: int) -> Form:
    c = form.constant
    return form if c is None else Form.of(min(max(c, low), high)) if min(
        max(c, low), high) >= 0 else -ONE


def _end(at: Any, size: Form, default: Form) -> Form:
    if at is None:
        return default
    if isinstance(at, (int, np.integer)):
        return Form.of(int(at)) if at >= 0 else size + int(at)
    return Form.of(at)


def _gathered(x: Tensor, steps: Sequence[_Step | None]) -> Tensor:
    """Build the view: gathers broadcast together and stand where the first of them stood."""
    gathers = [s.by for s in steps if s is not None and s.by is not None]
    shared = broadcast_shape([g.shape for g in gathers], "indices") if gathers else ()
    apart = _apart([s is not None and s.by is not None for s in steps],
                   [s is not None and s.size is None and s.by is None for s in steps])
    shape: list[Form] = [*shared] if apart else []
    first = 0 if apart else None
    for s in steps:
        if s is None:
            shape.append(ONE)
        elif s.by is not None and first is None:
            first = len(shape)
            shape.extend(shared)
        elif s.size is not None:
            shape.append(s.size)
    index: list[Form] = []
    place = len(shared) if apart else 0
    passed = apart
    for s in steps:
        if s is None:
            place += 1
        elif s.by is not None:
            place += 0 if passed else len(shared)
            passed = True
            at = [ZERO if n.constant == 1 else
                  Form.of(Idx((first or 0) + len(shared) - s.by.ndim + k))
                  for k, n in enumerate(s.by.shape)]
            index.append(integer_entry(s.by, at))
        elif s.size is not None:
            index.append(s.start + s.step * Form.of(Idx(place)))
            place += 1
        else:
            index.append(s.start)
    sizes = tuple(shape)
    return Equation.make(Scheme(sizes, len(sizes), "none", (), slot(0), (Access(x, tuple(index)),)),
                         x.dtype)


def _apart(gather: Sequence[bool], scalar: Sequence[bool]) -> bool:
    """Whether a slice stands between two advanced indices, which puts their axes first."""
    advanced = [g for g, s in zip(gather, scalar, strict=True) if not s or g]
    at = [k for k, g in enumerate(advanced) if g]
    return bool(at) and at[-1] - at[0] + 1 != len(at)


def integer_entry(t: Tensor, index: Sequence[Form]) -> Form:
    """The entry of an integer tensor as an index: itself a form where its definition is one."""
    if isinstance(t, Equation) and t.scheme.reduce == "none" and t.scheme.body.is_Symbol:
        s = t.scheme.place((), 0, list(index))
        leaf = s.leaves[0]
        if not s.guards and not leaf.mask:
            return leaf.form if isinstance(leaf, Value) else integer_entry(leaf.tensor, leaf.index)
    return Form.of(Read(t, tuple(index)))


def arange(size: Any) -> Tensor:
    """The integers 0, 1, …, size - 1."""
    form = Form.of(size)
    return Equation.make(Scheme((form,), 1, "none", (), slot(0), (Value(Form.of(Idx(0))),)), "int")
