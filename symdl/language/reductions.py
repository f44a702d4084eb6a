"""Reductions, contractions and cumulative operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy

from symdl.language.body import slot
from symdl.language.define import as_indices, reduce_over
from symdl.language.elementwise import as_tensor, divide, mapped
from symdl.language.errors import ShapeError, SymdlError, shape_text
from symdl.language.form import ONE, ZERO, Form, Free
from symdl.language.guard import Condition, Guard
from symdl.language.scheme import Access, Scheme
from symdl.language.shaping import at, axes_of, axis_of, view
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


def mean(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The mean over axes: the sum over the number of entries; NaN over an empty axis."""
    x = as_tensor(x)
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


def argmax(x: Any, axis: int) -> Tensor:
    """The place of the first maximum along an axis, integers without a gradient."""
    x = as_tensor(x)
    return reduced("argmax", x, (axis_of(x, axis),), dtype="int")


def argmin(x: Any, axis: int) -> Tensor:
    """The place of the first minimum along an axis, integers without a gradient."""
    x = as_tensor(x)
    return reduced("argmin", x, (axis_of(x, axis),), dtype="int")


def cumsum(x: Any, axis: int = -1) -> Tensor:
    """The running sum along an axis."""
    return _running("sum", as_tensor(x), axis)


def cumprod(x: Any, axis: int = -1) -> Tensor:
    """The running product along an axis, as a recurrence: its gradient is one too."""
    from symdl.language.recur import recur
    from symdl.language.shaping import ones, transpose

    x = as_tensor(x)
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
    text = f"{a.said} @ {b.said}: {a.said} is {shape_text(a.shape)}, {b.said} is " \
           f"{shape_text(b.shape)}: inner sizes {p} and {q} differ"
    if a.ndim == 2 and a.shape[0] == q:
        text += f". Did you mean {a.said}.T @ {b.said}?"
    elif b.ndim == 2 and b.shape[1] == p:
        text += f". Did you mean {a.said} @ {b.said}.T?"
    return text


def einsum(spec: str, *operands: Any) -> Tensor:
    """Einstein summation, e.g. ``einsum("nd,dk->nk", X, W)``; a repeated letter is a diagonal.

    Raises
    ------
    ShapeError
        If a letter stands for two sizes or the numbers of letters and axes differ.
    """
    tensors = [as_tensor(x) for x in operands]
    left, arrow, right = spec.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(tensors):
        raise ShapeError(f"einsum {spec!r} has {len(terms)} operands, but {len(tensors)} are given")
    if "." in spec:
        raise SymdlError("einsum: '...' isn't supported; name the axes")
    sizes: dict[str, Form] = {}
    for term, t in zip(terms, tensors, strict=True):
        if len(term) != t.ndim:
            raise ShapeError(f"einsum {spec!r}: {term!r} names {len(term)} axes, but {t.said} has "
                             f"shape {shape_text(t.shape)}")
        for letter, size in zip(term, t.shape, strict=True):
            if sizes.setdefault(letter, size) != size:
                raise ShapeError(f"einsum {spec!r}: {letter} is {sizes[letter]} and {size}")
    if not arrow:
        right = "".join(sorted(c for c in sizes if left.count(c) == 1))
    if unknown := set(right) - set(sizes):
        raise ShapeError(f"einsum {spec!r}: {', '.join(sorted(unknown))} occurs in no operand")
    if len(set(right)) != len(right):
        raise SymdlError(f"einsum {spec!r}: a letter occurs twice in the result")
    order = [*right, *(c for c in sizes if c not in right)]
    place = {c: at(k) for k, c in enumerate(order)}
    leaves = tuple(Access(t, tuple(place[c] for c in term))
                   for term, t in zip(terms, tensors, strict=True))
    body = sympy.Mul(*(slot(k) for k in range(len(leaves))))
    reduce = "sum" if len(order) > len(right) else "none"
    return Equation.make(Scheme(tuple(sizes[c] for c in order), len(right), reduce, (), body,
                                leaves))


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
    """The outer product of two vectors."""
    a, b = as_tensor(a), as_tensor(b)
    for t in (a, b):
        if t.ndim != 1:
            raise ShapeError(f"outer takes vectors, but {t.said} has shape {shape_text(t.shape)}")
    return mapped(slot(0) * slot(1), (view(a, (a.shape[0], ONE), (at(0),)), b))


def dot(a: Any, b: Any) -> Tensor:
    """The inner product of vectors, or the matrix product."""
    return matmul(a, b)
