"""Choosing entries: where, gather, one-hot, sorting, clipping."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy

from symdl.language.body import slot
from symdl.language.bounds import nonnegative
from symdl.language.define import checked
from symdl.language.elementwise import aligned, as_tensor, broadcast_shape, mapped
from symdl.language.errors import ShapeError, SymdlError, shape_text
from symdl.language.form import ONE, Form
from symdl.language.guard import Condition, Guard
from symdl.language.indexing import integer_entry
from symdl.language.inline import inlinable, inlined
from symdl.language.linalg import argsort
from symdl.language.scheme import Access, Leaf, Scheme, Value
from symdl.language.shaping import at, axis_of, swapaxes
from symdl.language.tensor import Equation, Tensor


def where(condition: Any, a: Any, b: Any) -> Tensor:
    """Entry by entry `a` where the condition holds, else `b`.

    Parameters
    ----------
    condition : Tensor or Condition
        A comparison of tensors, or of indices and sizes (then the branch that isn't chosen
        isn't read at all).
    a, b : tensor-like
        The branches; the one not taken can't spoil the result or its gradient.

    Notes
    -----
    This holds behind a reduction or a matrix function, too: at x = 0 and a false condition the
    gradient of `where(c, sum(log(x)), 0)` in x is 0. Below a choice, where a derivative may be
    infinite, an adjoint that is exactly 0 gives 0; so it also hides a true 0 · ∞ there, such
    as an adjoint that is 0 by chance at x = 0.
    """
    if isinstance(condition, Condition):
        return _where_index(condition, as_tensor(a), as_tensor(b))
    test, a, b = as_tensor(condition), as_tensor(a), as_tensor(b)
    if test.dtype not in ("bool", "int"):
        raise SymdlError(f"where: the condition {test.said} is {test.dtype}; compare it, "
                         f"e.g. sd.where({test.said} > 0, ...)")
    body = sympy.Piecewise((slot(1), slot(0) > 0), (slot(2), True))
    out = mapped(body, (test, a, b), a.dtype if a.dtype == b.dtype else "real", "where")
    return _comparison_inlined(out, test)


def _comparison_inlined(t: Tensor, test: Tensor) -> Tensor:
    """Write the comparison itself into the branches' condition."""
    if not isinstance(t, Equation) or not inlinable(test) or not isinstance(test, Equation):
        return t
    for k, leaf in enumerate(t.scheme.leaves):
        if isinstance(leaf, Access) and leaf.tensor is test:
            s = inlined(t.scheme, k)
            body = s.body.replace(_is_indicator, lambda r: r.lhs.args[0][1])
            return Equation.make(replace(s, body=body), t.dtype, t.name)
    return t


def _is_indicator(e: Any) -> bool:
    """`Piecewise((1, c), (0, True)) > 0`, which says c."""
    return (isinstance(e, sympy.StrictGreaterThan) and e.rhs == 0
            and isinstance(e.lhs, sympy.Piecewise) and len(e.lhs.args) == 2
            and e.lhs.args[0][0] == 1 and e.lhs.args[1][0] == 0)


def _where_index(condition: Condition, a: Tensor, b: Tensor) -> Tensor:
    shape = broadcast_shape([a.shape, b.shape], "where")
    leaves: list[Leaf] = []
    for chosen, branch in ((condition, a), (~condition, b)):
        entry = aligned(branch, len(shape))
        leaves.extend(Access(branch, entry.index, case) for case in chosen.cases)
    scheme = Scheme(shape, len(shape), "none", (), sympy.Add(*map(slot, range(len(leaves)))),
                    tuple(leaves))
    while True:
        k = next((k for k, x in enumerate(scheme.leaves)
                  if isinstance(x, Access) and inlinable(x.tensor) and x.tensor.free
                  and slot(k) in scheme.body.free_symbols), None)
        if k is None:
            break
        scheme = inlined(scheme, k)
    return Equation.make(scheme, a.dtype if a.dtype == b.dtype else "real")


def one_hot(labels: Any, size: Any) -> Tensor:
    """1 at each label, else 0, along a new last axis of the given size."""
    y = as_tensor(labels)
    if y.dtype != "int":
        raise SymdlError(f"one_hot takes integer labels; declare {y.said} with integer=True")
    shape = (*y.shape, Form.of(size))
    entry = integer_entry(y, [at(k) for k in range(y.ndim)])
    return Equation.make(Scheme(shape, len(shape), "none", (), slot(0), (
        Value(ONE, (Guard(at(y.ndim) - entry, "=="),)),)), "int")


def take(x: Any, index: Any, axis: int = 0) -> Tensor:
    """Entries of x at the given places along an axis."""
    x = as_tensor(x)
    axis = axis_of(x, axis)
    return x[(slice(None),) * axis + (index,)]  # type: ignore[no-any-return]


def take_along(x: Any, index: Tensor) -> Tensor:
    """Entries of x at places given for each position of the leading axes."""
    x = as_tensor(x)
    lead = [at(k) for k in range(x.ndim - 1)]
    shape = index.shape
    place = integer_entry(index, [at(k) for k in range(index.ndim)])
    return checked(Equation.make(Scheme(shape, len(shape), "none", (), slot(0),
                                        (Access(x, (*lead, place)),)), x.dtype))


def sort(x: Any, axis: int = -1, descending: bool = False) -> Tensor:
    """The entries in order along an axis."""
    x = as_tensor(x)
    axis = axis_of(x, axis)
    last = swapaxes(x, axis, x.ndim - 1)
    return swapaxes(take_along(last, argsort(last, -1, descending)), axis, x.ndim - 1)


def top_k(x: Any, k: Any) -> tuple[Tensor, Tensor]:
    """The k largest entries along the last axis and their places; needs k ≤ its size."""
    x, count = as_tensor(x), Form.of(k)
    if not x.ndim or nonnegative(count - x.shape[-1] - 1, ()):
        raise ShapeError(f"top_k takes {count} entries along the last axis of {x.said}, which has "
                         f"shape {shape_text(x.shape)}")
    order = argsort(x, -1, descending=True)[..., :count]
    return take_along(x, order), order


def clip(x: Any, low: Any = None, high: Any = None) -> Tensor:
    """X kept between low and high; None is no bound.

    At a bound that is a number the derivative is 0; at one that is a tensor x and the bound
    share it equally.
    """
    if low is None or high is None:
        extremes = [(sympy.Max, low), (sympy.Min, high)]
        for extreme, bound in extremes:
            if bound is not None:
                return mapped(extreme(slot(0), slot(1)), (x, bound), what="clip")
        return as_tensor(x)
    body = sympy.Min(sympy.Max(slot(0), slot(1)), slot(2))
    return mapped(body, (x, low, high), what="clip")
