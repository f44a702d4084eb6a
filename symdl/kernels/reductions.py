"""One equation over its iteration space: contractions by einsum, the rest by whole arrays.

A term whose guard is false takes no part, whatever stands there: where data isn't finite, a sum
is taken over its terms themselves, since neither a zero factor nor another order would do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from math import prod
from types import CodeType
from typing import Any

import numpy as np
import sympy
from scipy import special

from symdl.kernels.scalar_numpy import print_numpy
from symdl.kernels.space import Array, Integers, Space, Truth
from symdl.language.body import slots_of
from symdl.lowering.scalar_forms import stable

LARGEST = 1 << 24
"""How many terms at most stand in memory at once, unless one entry has more."""

NEUTRAL = {"none": 0.0, "sum": 0.0, "prod": 1.0, "max": -np.inf, "min": np.inf}
_UFUNCS: Mapping[str, np.ufunc] = {
    "sum": np.add, "prod": np.multiply, "max": np.maximum, "min": np.minimum}


def reduced(space: Space, over: Sequence[int], reduce: str = "") -> Array:
    """The scheme's terms reduced over some indices, which get size 1."""
    reduce = reduce or space.scheme.reduce
    if 0 in space.shape or space.guard is False:
        ranges = [1 if k in over else n for k, n in enumerate(space.shape)]
        return np.full(ranges, NEUTRAL[reduce], space.dtype)
    body = stable(space.scheme.body)
    if reduce == "sum":
        return _sum(space, body, over)
    return _whole(space, body, over, reduce)


def evaluated(space: Space, body: sympy.Expr) -> Array:
    """A body's values over the indices it uses."""
    leaves = {f"a{k}": space.leaf(k) for k in slots_of(body)}
    return space.number(eval(_code(body), {"np": np, "special": special}, leaves))


@lru_cache(maxsize=1 << 14)
def _code(body: sympy.Expr) -> CodeType:
    return compile(print_numpy(body, {k: f"a{k}" for k in slots_of(body)}), "<body>", "eval")


def _whole(space: Space, body: sympy.Expr, over: Sequence[int], reduce: str) -> Array:
    """Reduce the array of all terms, one slice of an axis after another where it is too large."""
    whole = np.broadcast_shapes(_ranges(space, body), np.shape(space.guard))
    axis = max((k for k in range(len(whole)) if k not in over), key=whole.__getitem__, default=0)
    if over and prod(whole) > LARGEST and axis not in over and whole[axis] > 1:
        return _in_parts(space, body, over, reduce, axis, -(-prod(whole) // LARGEST))
    terms = evaluated(space, body)
    if space.guard is not True:
        terms = np.where(space.guard, terms, space.dtype.type(NEUTRAL[reduce]))
    along = tuple(k for k in over if terms.shape[k] > 1)
    if along:
        terms = _UFUNCS[reduce].reduce(terms, axis=along, keepdims=True, dtype=space.dtype)
    repeated = prod(space.shape[k] for k in over if k not in along)
    if repeated > 1 and reduce in ("sum", "prod"):
        terms = terms * space.dtype.type(repeated) if reduce == "sum" else terms**repeated
    return np.asarray(terms)


def _in_parts(space: Space, body: sympy.Expr, over: Sequence[int], reduce: str, axis: int,
              count: int) -> Array:
    values = space.ranges[axis]
    length = max(1, len(values) // count)
    parts = [_whole(space.restricted(axis, values[k:k + length]), body, over, reduce)
             for k in range(0, len(values), length)]
    shapes = [(*x.shape[:axis], 1, *x.shape[axis + 1:]) for x in parts]
    shape = np.broadcast_shapes(*shapes)
    return np.concatenate([
        np.broadcast_to(x, (*shape[:axis], min(length, len(values) - k * length),
                            *shape[axis + 1:])) for k, x in enumerate(parts)], axis)


def _ranges(space: Space, body: sympy.Expr) -> tuple[int, ...]:
    """The shape of a body's values."""
    return np.broadcast_shapes((1,) * len(space.shape), *(
        space.leaf(k).shape for k in slots_of(body)))


def _sum(space: Space, body: sympy.Expr, over: Sequence[int]) -> Array:
    """The sum of products by einsum; a sum whose terms use fewer indices, term by term."""
    whole = prod(_ranges(space, body))
    terms = sympy.Add.make_args(body)
    if len(terms) > 1 and all(prod(_ranges(space, t)) < whole for t in terms):
        parts = [_sum(space, t, over) for t in terms]
        return np.asarray(sum(parts[1:], parts[0]))
    number, factors = _factors(space, body)
    if len(factors) < 2 or not any(space.shape[k] > 1 for k in over):
        return _whole(space, body, over, "sum")
    arrays, rest = _masked(space, [evaluated(space, f) for f in factors])
    if not all(np.isfinite(a).all() for a in arrays):
        return _whole(space, body, over, "sum")
    return np.asarray(_contracted(space, [*arrays, *rest], over) * space.dtype.type(number))


def _factors(space: Space, body: sympy.Expr) -> tuple[float, list[sympy.Expr]]:
    """A product's number, and its other factors, those over the same indices together."""
    number, groups = sympy.S.One, dict[tuple[int, ...], sympy.Expr]()
    for factor in sympy.Mul.make_args(body):
        if not factor.free_symbols and factor.is_finite:
            number = number * factor
            continue
        shape = _ranges(space, factor)
        groups[shape] = groups.get(shape, sympy.S.One) * factor
    return float(number), list(groups.values())


def _masked(space: Space, arrays: list[Array]) -> tuple[list[Array], list[Array]]:
    """Put the guard into a factor that runs over all its indices, else make it a factor."""
    guard: Truth = space.guard
    if guard is True:
        return arrays, []
    for k, a in enumerate(arrays):
        if np.broadcast_shapes(a.shape, np.shape(guard)) == a.shape:
            return [*arrays[:k], np.where(guard, a, a.dtype.type(0)), *arrays[k + 1:]], []
    return arrays, [space.number(guard)]


def _contracted(space: Space, arrays: Sequence[Array], over: Sequence[int]) -> Array:
    """The sum over some indices of the product of arrays."""
    letters = [[k for k, n in enumerate(a.shape) if n > 1] for a in arrays]
    used = sorted(set().union(*letters))
    kept = [k for k in used if k not in over]
    operands: list[Any] = []
    for a, at in zip(arrays, letters, strict=True):
        operands += [a.reshape([a.shape[k] for k in at]), at]
    out = np.einsum(*operands, kept, optimize=True)
    repeated = prod(space.shape[k] for k in over if k not in used)
    shape = [space.shape[k] if k in kept else 1 for k in range(len(space.shape))]
    return np.asarray(np.asarray(out).reshape(shape) * space.dtype.type(repeated))


def running(space: Space, axis: int, bound: int, direction: int, lag: int) -> Array:
    """The scheme's terms summed or multiplied up to (or from) each place along an axis."""
    reduce = space.scheme.reduce
    neutral = space.dtype.type(NEUTRAL[reduce])
    if 0 in space.shape:
        return np.full([n if k < space.scheme.axes else 1 for k, n in enumerate(space.shape)],
                       neutral)
    rest = [k for k in space.scheme.bound if k != bound]
    terms = reduced(space, rest)[_slice(axis, 0, 1)]  # the terms don't depend on the axis
    shape = list(terms.shape)
    shape[bound] = space.shape[bound]
    terms = np.broadcast_to(terms, shape)[_turned(bound, direction)]
    out = _UFUNCS[reduce].accumulate(terms, axis=bound, dtype=space.dtype)
    if lag:
        first = np.full_like(out[_slice(bound, 0, 1)], neutral)
        out = np.concatenate([first, out[_slice(bound, 0, -1)]], bound)
    return out[_turned(bound, direction)].swapaxes(axis, bound)


def _slice(axis: int, start: int | None, stop: int | None, step: int = 1) -> tuple[slice, ...]:
    return (*(slice(None),) * axis, slice(start, stop, step))


def _turned(axis: int, direction: int) -> tuple[slice, ...]:
    return _slice(axis, None, None, direction)


def first_place(space: Space, over: Sequence[int], component: int) -> Array:
    """Where the first extreme term stands, in the order of the indices; NaN is the most extreme.

    The result is the place along the `component`-th of them, 0 where there is no term.
    """
    kept = [1 if k in over else n for k, n in enumerate(space.shape)]
    if 0 in space.shape:
        return np.zeros(kept, np.int64)
    sign = 1 if space.scheme.reduce == "argmax" else -1
    terms = np.broadcast_to(sign * evaluated(space, stable(space.scheme.body)), space.shape)
    there = np.broadcast_to(space.guard, space.shape)
    ends = tuple(over)
    best = np.max(np.where(there, terms, -np.inf), axis=ends, keepdims=True)
    hit = there & ((terms == best) | (np.isnan(terms) & np.isnan(best)))
    ranges = tuple(space.shape[k] for k in over)
    flat = np.argmax(hit.reshape(*kept[: over[0]], -1), axis=-1)
    return np.asarray(np.unravel_index(flat, ranges)[component]).reshape(kept)


def scattered(space: Space, target: Callable[[], Sequence[Integers]], shape: Sequence[int],
              inner: Sequence[int]) -> Array:
    """Terms summed over the inner indices, then added up at the places they belong to."""
    out = np.zeros(prod(shape), space.dtype)
    if 0 in space.shape or not out.size:
        return out.reshape(shape)
    terms = reduced(space, inner, "sum")
    at: Any = np.ravel_multi_index(np.broadcast_arrays(*target()), tuple(shape))
    at, terms = np.broadcast_arrays(at, terms)
    np.add.at(out, at.ravel(), terms.ravel())
    return out.reshape(shape)
