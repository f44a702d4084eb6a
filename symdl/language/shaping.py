"""Shapes: transpose, reshape, joining, diagonals, broadcasting; all of them plain re-addressing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce as fold
from typing import Any

import sympy

from symdl.language.body import slot
from symdl.language.elementwise import as_tensor, broadcast_shape
from symdl.language.errors import ShapeError, SymdlError, shape_text
from symdl.language.form import ONE, ZERO, Form, Idx, quotient, remainder
from symdl.language.guard import Guard
from symdl.language.scheme import Access, Scheme, Value
from symdl.language.tensor import Equation, Shape, Tensor


def at(k: int) -> Form:
    """The index at position k."""
    return Form.of(Idx(k))


def view(x: Tensor, shape: Sequence[Form], index: Sequence[Form], guards: tuple[Guard, ...] = (),
         ) -> Tensor:
    """The tensor of that shape whose entries are entries of x."""
    sizes = tuple(shape)
    return Equation.make(
        Scheme(sizes, len(sizes), "none", guards, slot(0), (Access(x, tuple(index)),)), x.dtype)


def axis_of(x: Tensor, axis: Any) -> int:
    """An axis number counted from the front."""
    if not hasattr(axis, "__index__") or isinstance(axis, (bool, Tensor)):
        raise SymdlError(f"an axis is an integer, not {axis!r}")
    place = int(axis)
    if not -x.ndim <= place < x.ndim:
        raise ShapeError(f"axis {place} is outside the {x.ndim} axes {shape_text(x.shape)} "
                         f"of {x.said}")
    return place % x.ndim


def axes_of(x: Tensor, axis: Any) -> tuple[int, ...]:
    """Axis numbers; None stands for all of them."""
    if axis is None:
        return tuple(range(x.ndim))
    found = tuple(axis_of(x, a) for a in (axis if isinstance(axis, (tuple, list)) else (axis,)))
    if len(set(found)) != len(found):
        raise SymdlError(f"an axis occurs twice in {axis}")
    return found


def transpose(x: Any, axes: Sequence[int] | None = None) -> Tensor:
    """Permute the axes; reverse them if no order is given."""
    x = as_tensor(x)
    order = tuple(reversed(range(x.ndim))) if axes is None else tuple(axis_of(x, a) for a in axes)
    if sorted(order) != list(range(x.ndim)):
        raise ShapeError(f"{axes} is no permutation of the {x.ndim} axes of {x.said}")
    return view(x, [x.shape[a] for a in order], [at(order.index(k)) for k in range(x.ndim)])


def swapaxes(x: Any, a: int, b: int) -> Tensor:
    """Exchange two axes."""
    x = as_tensor(x)
    order = list(range(x.ndim))
    a, b = axis_of(x, a), axis_of(x, b)
    order[a], order[b] = order[b], order[a]
    return transpose(x, order)


def broadcast_to(x: Any, shape: Sequence[Any]) -> Tensor:
    """Repeat along axes of size 1 and new leading axes."""
    x = as_tensor(x)
    target = tuple(map(Form.of, shape))
    if broadcast_shape([x.shape, target], "broadcast_to") != target:
        raise ShapeError(f"{x.said} of shape {shape_text(x.shape)} doesn't broadcast to "
                         f"{shape_text(target)}")
    first = len(target) - x.ndim
    return view(x, target, [ZERO if s.constant == 1 else at(first + k)
                            for k, s in enumerate(x.shape)])


def expand_dims(x: Any, axis: int) -> Tensor:
    """Add an axis of size 1."""
    x = as_tensor(x)
    axis = axis % (x.ndim + 1)
    shape = [*x.shape[:axis], ONE, *x.shape[axis:]]
    return view(x, shape, [at(k if k < axis else k + 1) for k in range(x.ndim)])


def squeeze(x: Any, axis: Any = None) -> Tensor:
    """Drop axes of size 1."""
    x = as_tensor(x)
    gone = axes_of(x, axis) if axis is not None else tuple(
        k for k, s in enumerate(x.shape) if s.constant == 1)
    for k in gone:
        if x.shape[k].constant != 1:
            raise ShapeError(f"axis {k} of {x.said} has size {x.shape[k]}, not 1")
    kept = [k for k in range(x.ndim) if k not in gone]
    return view(x, [x.shape[k] for k in kept],
                [ZERO if k in gone else at(kept.index(k)) for k in range(x.ndim)])


def reshape(x: Any, shape: Any) -> Tensor:
    """Split or merge axes, rows first; one size may be -1.

    Raises
    ------
    ShapeError
        If the numbers of entries aren't equal for every size.
    """
    x = as_tensor(x)
    wanted = list(shape) if isinstance(shape, (tuple, list)) else [shape]
    count = _product(x.shape)
    if sum(1 for s in wanted if isinstance(s, int) and s == -1) > 1:
        raise ShapeError("only one size can be -1")
    known = _product([Form.of(s) for s in wanted if not (isinstance(s, int) and s == -1)])
    target = [(quotient(count, known) if known != 0 else ZERO)
              if isinstance(s, int) and s == -1 else Form.of(s) for s in wanted]
    if _product(target) != count:
        raise ShapeError(f"{x.said} of shape {shape_text(x.shape)} has {count} entries and can't "
                         f"be reshaped to {shape_text(target)} of {_product(target)}; write the "
                         f"sizes as products, e.g. X of shape (2*n,) to (n, 2)")
    if count == 0:  # there is no entry to be placed
        return Equation.make(Scheme(tuple(target), len(target), "none", (), sympy.S.Zero, ()),
                             x.dtype)
    places: list[Form] = []
    for group, into in _groups(list(x.shape), target):
        flat = ZERO
        for k in into:
            flat = flat * target[k] + at(k)
        digits: list[Form] = []
        for k in reversed(group):
            digits.append(flat if k == group[0] else remainder(flat, x.shape[k]))
            flat = quotient(flat, x.shape[k]) if k != group[0] else flat
        places.extend(reversed(digits))
    return view(x, target, places)


def flattened(x: Tensor) -> Tensor:
    """All entries in one axis, rows first."""
    return x if x.ndim == 1 else reshape(x, (_product(x.shape),))


def _product(sizes: Sequence[Form]) -> Form:
    return fold(lambda a, b: a * b, sizes, ONE)


def _groups(old: list[Form], new: list[Form]) -> list[tuple[list[int], list[int]]]:
    """Smallest runs of axes with equal products on both sides."""
    out: list[tuple[list[int], list[int]]] = []
    a = b = 0
    while a < len(old) or b < len(new):
        for length in range(1, len(old) + len(new) + 1):
            found = next(((i, length - i) for i in range(length + 1)
                          if a + i <= len(old) and b + length - i <= len(new)
                          and _product(old[a:a + i]) == _product(new[b:b + length - i])
                          and (i or a == len(old) or new[b].constant == 1)), None)
            if found:
                break
        assert found is not None
        i, j = found
        out.append((list(range(a, a + i)), list(range(b, b + j))))
        a, b = a + i, b + j
    return out


def concatenate(tensors: Sequence[Any], axis: int | None = 0) -> Tensor:
    """Join tensors along an axis; None: all their entries in order."""
    if isinstance(tensors, Tensor) and not (tensors.ndim and tensors.shape[0].constant):
        raise SymdlError(f"concatenate and stack take a list of tensors, not {tensors.said} alone")
    parts = [as_tensor(x) for x in tensors]
    if not parts:
        raise SymdlError("nothing to concatenate")
    if axis is None:
        parts, axis = [flattened(p) for p in parts], 0
    axis = axis_of(parts[0], axis)
    for p in parts[1:]:
        if p.ndim != parts[0].ndim or any(
                a != b for k, (a, b) in enumerate(zip(p.shape, parts[0].shape, strict=True))
                if k != axis):
            raise ShapeError(f"concatenate: shapes {shape_text(parts[0].shape)} and "
                             f"{shape_text(p.shape)} differ beside axis {axis}")
    start, leaves = ZERO, []
    for p in parts:
        places = [at(k) if k != axis else at(k) - start for k in range(p.ndim)]
        mask = (Guard(at(axis) - start, ">="),
                Guard(start + p.shape[axis] - 1 - at(axis), ">="))
        leaves.append(Access(p, tuple(places), mask))
        start = start + p.shape[axis]
    shape = (*parts[0].shape[:axis], start, *parts[0].shape[axis + 1:])
    body = sympy.Add(*(slot(k) for k in range(len(leaves))))
    dtype = parts[0].dtype if len({p.dtype for p in parts}) == 1 else "real"
    return Equation.make(Scheme(shape, len(shape), "none", (), body, tuple(leaves)), dtype)


def stack(tensors: Sequence[Any], axis: int = 0) -> Tensor:
    """Join tensors along a new axis."""
    return concatenate([expand_dims(x, axis) for x in tensors], axis)


def pad(x: Any, widths: Any) -> Tensor:
    """Add zeros before and after: one pair of widths an axis, or one pair or width for all."""
    x = as_tensor(x)
    if not isinstance(widths, (tuple, list)):
        widths = (widths, widths)
    if not any(isinstance(w, (tuple, list)) for w in widths):
        widths = [tuple(widths)] * x.ndim
    if len(widths) != x.ndim or any(len(w) != 2 for w in widths):
        raise ShapeError(f"pad: {widths} gives no pair of widths for each of the {x.ndim} axes "
                         f"{shape_text(x.shape)} of {x.said}")
    shape, places, mask = [], [], []
    for k, (before, after) in enumerate(widths):
        low, high = Form.of(before), Form.of(after)
        shape.append(low + x.shape[k] + high)
        places.append(at(k) - low)
        if low.terms:
            mask.append(Guard(at(k) - low, ">="))
        if high.terms:
            mask.append(Guard(low + x.shape[k] - 1 - at(k), ">="))
    return Equation.make(Scheme(tuple(shape), x.ndim, "none", (), slot(0),
                                (Access(x, tuple(places), tuple(mask)),)), x.dtype)


def flip(x: Any, axis: Any = None) -> Tensor:
    """Reverse axes; None: all of them."""
    x = as_tensor(x)
    turned = axes_of(x, axis)
    return view(x, x.shape, [x.shape[k] - 1 - at(k) if k in turned else at(k)
                             for k in range(x.ndim)])


def full(shape: Any, value: Any) -> Tensor:
    """A tensor of one value."""
    sizes = tuple(map(Form.of, shape)) if isinstance(shape, (tuple, list)) else (Form.of(shape),)
    return broadcast_to(value, sizes)


def zeros(*shape: Any) -> Tensor:
    """Zeros of a shape."""
    return full(shape[0] if len(shape) == 1 and isinstance(shape[0], tuple) else shape, 0)


def ones(*shape: Any) -> Tensor:
    """Ones of a shape."""
    return full(shape[0] if len(shape) == 1 and isinstance(shape[0], tuple) else shape, 1)


def zeros_like(x: Any) -> Tensor:
    """Zeros of the shape of x."""
    return full(as_tensor(x).shape, 0)


def ones_like(x: Any) -> Tensor:
    """Ones of the shape of x."""
    return full(as_tensor(x).shape, 1)


def indicator(shape: Shape, guards: tuple[Guard, ...]) -> Tensor:
    """1 where the guards hold, else 0."""
    return Equation.make(Scheme(shape, len(shape), "none", (), slot(0), (Value(ONE, guards),)),
                         "int")


def eye(n: Any, m: Any = None, k: Any = 0) -> Tensor:
    """The identity matrix, or n rows and m columns with ones on the k-th diagonal."""
    rows = Form.of(n)
    return indicator((rows, rows if m is None else Form.of(m)), (Guard(at(0) + k - at(1), "=="),))


def diag(x: Any, k: int = 0) -> Tensor:
    """The matrix with a vector on its k-th diagonal, or the diagonal of a matrix.

    As in NumPy a vector gives a matrix; anything else its diagonal over the last two axes,
    batched over leading axes.
    """
    x = as_tensor(x)
    if x.ndim == 1:
        n = x.shape[0] + abs(k)
        return view(x, (n, n), (at(0) + min(k, 0),), (Guard(at(0) + k - at(1), "=="),))
    if k:
        raise SymdlError("diag: only the main diagonal of a matrix can be taken; slice the matrix "
                         f"first, e.g. diag({x.said}[:-1, 1:]) for k = 1")
    return diagonal(x)


def diagonal(x: Any) -> Tensor:
    """The diagonal over the last two axes."""
    x = as_tensor(x)
    require_square(x, "diagonal")
    lead = [at(k) for k in range(x.ndim - 1)]
    return view(x, x.shape[:-1], [*lead, at(x.ndim - 2)])


def require_square(x: Tensor, what: str) -> None:
    """Refuse a tensor whose last two sizes differ."""
    if x.ndim < 2:
        raise ShapeError(f"{what} takes a matrix, but {x.said} has shape {shape_text(x.shape)}")
    if x.shape[-1] != x.shape[-2]:
        raise ShapeError(f"{what} takes a square matrix, but {x.said} has shape "
                         f"{shape_text(x.shape)}: sizes {x.shape[-2]} and {x.shape[-1]} differ")


def tril(x: Any, k: int = 0) -> Tensor:
    """The entries on and below the k-th diagonal, else 0."""
    x = as_tensor(x)
    i, j = at(x.ndim - 2), at(x.ndim - 1)
    return view(x, x.shape, [at(a) for a in range(x.ndim)], (Guard(i + k - j, ">="),))


def triu(x: Any, k: int = 0) -> Tensor:
    """The entries on and above the k-th diagonal, else 0."""
    x = as_tensor(x)
    i, j = at(x.ndim - 2), at(x.ndim - 1)
    return view(x, x.shape, [at(a) for a in range(x.ndim)], (Guard(j - k - i, ">="),))
