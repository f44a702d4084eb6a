"""Reductions, contractions and cumulative operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy

from symdl.language.body import slot
from symdl.language.define import as_indices, reduce_over
from symdl.language.elementwise import as_tensor, divide, mapped, power
from symdl.language.errors import ShapeError, shape_text
from symdl.language.form import ONE, ZERO, Form, Free
from symdl.language.guard import Condition, Guard
from symdl.language.scheme import Access, Scheme
from symdl.language.shaping import at, axes_of, axis_of, broadcast_to, flattened, view
from symdl.language.tensor import NEUTRAL, Equation, Tensor

Axis = Any


def _reduction(reduce: str, name: str) -> Callable[..., Tensor]:
    def operate(x: Any, axis: Axis = None, keepdims: bool = False, where: Any = None) -> Tensor:
        x = as_tensor(x)
        if _is_index(axis):
            if isinstance(where, Condition) and len(where.cases) == 1:
                return reduce_over(reduce, x, as_indices(axis), where.cases[0])
            return reduce_over(reduce, _only(x, where, reduce), as_indices(axis))
        x = _only(x, where, reduce)
        gone = axes_of(x, axis)
        if reduce in ("max", "min") and any(x.shape[a].constant == 0 for a in gone):
            raise ShapeError(f"{name} of {x.said} over an axis of size 0 has no value")
        return reduced(reduce, x, gone, keepdims)

    operate.__name__ = operate.__qualname__ = name
    operate.__doc__ = f"""The {name} over axes (as NumPy's), or over indices.

    Parameters
    ----------
    x : tensor-like
        The operand.
    axis : int, tuple of int, index, tuple of indices or None
        What is reduced: axes by number, or the indices of an indexed expression; None: all axes.
    keepdims : bool
        Leave reduced axes in place with size 1.
    where : Tensor or Condition
        Which entries take part; the others aren't read.
    """
    return operate


def _only(x: Tensor, where: Any, reduce: str) -> Tensor:
    """The entries that take part, the others replaced by the reduction's neutral element."""
    if where is None:
        return x
    from symdl.language.selection import where as choose

    return choose(where, x, NEUTRAL[reduce])


def _is_index(axis: Axis) -> bool:
    first = axis[0] if isinstance(axis, (tuple, list)) and axis else axis
    return isinstance(first, Form) and isinstance(first.atom, Free)


def reduced(reduce: str, x: Tensor, gone: tuple[int, ...], keepdims: bool = False,
            component: int = 0, dtype: str | None = None) -> Tensor:
    """Reduce x over the axes `gone`."""
    kept = [k for k in range(x.ndim) if k not in gone]
    place = {k: n for n, k in enumerate([*kept, *gone])}
    sizes = tuple(x.shape[k] for k in [*kept, *gone])
    leaf = Access(x, tuple(at(place[k]) for k in range(x.ndim)))
    out = Equation.make(Scheme(sizes, len(kept), reduce if gone else "none", (), slot(0), (leaf,),
                               component), dtype or ("real" if x.dtype == "bool" else x.dtype))
    if keepdims:
        shape = [ONE if k in gone else s for k, s in enumerate(x.shape)]
        out = view(out, shape, [at(k) for k in kept])
    return out


sum = _reduction("sum", "sum")
prod = _reduction("prod", "prod")
max = _reduction("max", "max")
min = _reduction("min", "min")


def mean(x: Any, axis: Axis = None, keepdims: bool = False, where: Any = None) -> Tensor:
    """The mean over axes: the sum over the number of entries that take part; NaN over none."""
    x = as_tensor(x)
    if where is not None:
        part = _only(broadcast_to(1, x.shape), where, "sum")
        return divide(sum(x, axis, keepdims, where), sum(part, axis, keepdims))
    if _is_index(axis):
        from symdl.language.bind import ranges_of

        over = as_indices(axis)
        count = ONE
        for size in ranges_of([x], over).values():
            count = count * size
        return divide(sum(x, axis), count)
    count = ONE
    for a in axes_of(x, axis):
        count = count * x.shape[a]
    return divide(sum(x, axis, keepdims), count)


def var(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The variance with divisor n (ddof = 0)."""
    x = as_tensor(x)
    centred = x - mean(x, axis, keepdims=True)
    return mean(centred**2, axis, keepdims)


def std(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The standard deviation with divisor n; its derivative is infinite where it is 0."""
    return power(var(x, axis, keepdims), sympy.Rational(1, 2))


def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The place of the first maximum along an axis, or among all entries: no gradient."""
    return _place("argmax", as_tensor(x), axis, keepdims)


def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The place of the first minimum along an axis, or among all entries: no gradient."""
    return _place("argmin", as_tensor(x), axis, keepdims)


def _place(reduce: str, x: Tensor, axis: int | None, keepdims: bool) -> Tensor:
    if axis is not None:
        return reduced(reduce, x, (axis_of(x, axis),), keepdims, dtype="int")
    place = reduced(reduce, flattened(x), (0,), dtype="int")
    return view(place, (ONE,) * x.ndim, ()) if keepdims else place


def cumsum(x: Any, axis: int | None = -1) -> Tensor:
    """The running sum along an axis, the last if none is named; None: of all entries in order."""
    x = as_tensor(x)
    return _running("sum", flattened(x), 0) if axis is None else _running("sum", x, axis)


def cumprod(x: Any, axis: int | None = -1) -> Tensor:
    """The running product along an axis, as `cumsum`; its gradient is a recurrence too."""
    from symdl.language.recur import recur
    from symdl.language.shaping import ones, transpose

    x = as_tensor(x)
    if axis is None:
        x, axis = flattened(x), 0
    if x.free:
        return _running("prod", x, axis)
    a = axis_of(x, axis)
    order = [a, *(k for k in range(x.ndim) if k != a)]
    front = transpose(x, order)
    steps: Tensor = recur("cumprod", front.shape[0], ones(front.shape[1:]),
                          lambda t, so_far: so_far * front[t])
    return transpose(steps, [order.index(k) for k in range(x.ndim)])


def _running(reduce: str, x: Tensor, axis: int) -> Tensor:
    a = axis_of(x, axis)
    index = tuple(at(x.ndim) if k == a else at(k) for k in range(x.ndim))
    upto = Guard(at(a) - at(x.ndim), ">=")
    return Equation.make(Scheme((*x.shape, x.shape[a]), x.ndim, reduce, (upto,), slot(0),
                                (Access(x, index),)), x.dtype)


def matmul(a: Any, b: Any) -> Tensor:
    """The matrix product over the last two axes, leading axes broadcast."""
    a, b = as_tensor(a), as_tensor(b)
    if not a.ndim or not b.ndim:
        raise ShapeError(f"@ takes vectors and matrices, but shapes are {shape_text(a.shape)} and "
                         f"{shape_text(b.shape)}; use * with a scalar")
    inner = b.shape[-2] if b.ndim > 1 else b.shape[0]
    if a.shape[-1] != inner:
        raise ShapeError(_inner_sizes(a, b, a.shape[-1], inner))
    from symdl.language.elementwise import broadcast_shape

    lead = broadcast_shape([a.shape[:-2], b.shape[:-2]], "@")
    rows = a.shape[-2:-1]
    columns = b.shape[-1:] if b.ndim > 1 else ()
    shape = (*lead, *rows, *columns)
    r = at(len(shape))

    def leading(t: Tensor) -> list[Form]:
        sizes = t.shape[:-2]
        return [ZERO if s.constant == 1 else at(len(lead) - len(sizes) + k)
                for k, s in enumerate(sizes)]

    left = [*leading(a), *([at(len(lead))] if rows else []), r]
    right = [*leading(b), r, *([at(len(shape) - 1)] if columns else [])]
    return Equation.make(Scheme((*shape, inner), len(shape), "sum", (), slot(0) * slot(1),
                                (Access(a, tuple(left)), Access(b, tuple(right)))))


def _inner_sizes(a: Tensor, b: Tensor, p: Form, q: Form) -> str:
    left, right = _factor(a), _factor(b)
    text = f"{left} @ {right}: {a.said} is {shape_text(a.shape)}, {b.said} is " \
           f"{shape_text(b.shape)}: inner sizes {p} and {q} differ"
    if a.ndim == 2 and a.shape[0] == q:
        text += f". Did you mean {left}.T @ {right}?"
    elif b.ndim == 2 and b.shape[1] == p:
        text += f". Did you mean {left} @ {right}.T?"
    return text


def _factor(t: Tensor) -> str:
    return f"({t.said})" if " " in t.said else t.said


def trace(x: Any) -> Tensor:
    """The sum of the diagonal over the last two axes."""
    from symdl.language.shaping import require_square

    x = as_tensor(x)
    require_square(x, "trace")
    lead = [at(k) for k in range(x.ndim - 2)]
    r = at(x.ndim - 2)
    return Equation.make(Scheme(x.shape[:-1], x.ndim - 2, "sum", (), slot(0),
                                (Access(x, (*lead, r, r)),)))


def outer(a: Any, b: Any) -> Tensor:
    """The outer product of two vectors; other tensors are flattened."""
    left, right = flattened(as_tensor(a)), flattened(as_tensor(b))
    return mapped(slot(0) * slot(1), (view(left, (*left.shape, ONE), (at(0),)), right))


def dot(a: Any, b: Any) -> Tensor:
    """The inner product of vectors, or the matrix product."""
    return matmul(a, b)
