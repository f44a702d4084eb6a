"""Functions of NumPy and SciPy that others say: differences, products, blocks, densities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from typing import Any

import sympy

from symdl.language import operators as op
from symdl.language.form import Form
from symdl.language.syntax.errors import Refusal
from symdl.language.syntax.limits import OPTION
from symdl.language.syntax.python.lists import Value, operand, stacked
from symdl.language.tensor import Tensor

Function = Callable[..., Any]


def diff(a: Any, n: Value = 1, axis: Value = -1) -> Tensor:
    """`a[1:] - a[:-1]` along an axis, n times."""
    out = op.as_tensor(operand(a))
    if not isinstance(n, int) or not 0 <= n <= 8:
        raise Refusal("differences are taken up to 8 times")
    for _ in range(n):
        moved = op.moveaxis(out, axis, 0)
        out = op.moveaxis(moved[1:] - moved[:-1], 0, axis)
    return out


def inner(a: Any, b: Any) -> Tensor:
    """Sums of products over the last axes."""
    a, b = op.as_tensor(operand(a)), op.as_tensor(operand(b))
    return op.multiply(a, b) if 0 in (a.ndim, b.ndim) else tensordot(a, b, [[-1], [-1]])


def vdot(a: Any, b: Any) -> Tensor:
    """The sum of all products."""
    return op.matmul(op.reshape(operand(a), -1), op.reshape(operand(b), -1))


def tensordot(a: Any, b: Any, axes: Value = 2) -> Tensor:
    """Sums of products over a number of axes, or over those that are named."""
    a, b = op.as_tensor(operand(a)), op.as_tensor(operand(b))
    if isinstance(axes, int):
        axes = [[*range(a.ndim - axes, a.ndim)], [*range(axes)]]
    left, right = ([k] if isinstance(k, int) else list(k) for k in axes)
    if len(left) != len(right) or not all(-x.ndim <= k < x.ndim for x, ks in (
            (a, left), (b, right)) for k in ks):
        raise Refusal("tensordot takes a number of axes, or as many of one array as of the other")
    letters = [chr(97 + k) for k in range(a.ndim + b.ndim)]
    first, second = letters[:a.ndim], letters[a.ndim:]
    for j, k in zip(left, right, strict=True):
        second[k] = first[j]
    kept = [x for x in (*first, *second) if (x in first) != (x in second)]
    return op.einsum(f"{''.join(first)},{''.join(second)}->{''.join(kept)}", a, b)


def cross(a: Any, b: Any) -> Tensor:
    """The vector product in three dimensions."""
    a, b = op.as_tensor(operand(a)), op.as_tensor(operand(b))
    if a.shape != (3,) or b.shape != (3,):
        raise Refusal("cross takes two vectors of 3 entries")
    return op.roll(a, -1) * op.roll(b, -2) - op.roll(a, -2) * op.roll(b, -1)


def block(rows: Value) -> Tensor:
    """A matrix of blocks, from a list of lists."""
    if not isinstance(rows, (list, tuple)):
        return op.as_tensor(operand(rows))
    inside = [isinstance(r, (list, tuple)) for r in rows]
    if all(inside):
        return op.concatenate([block(r) for r in rows], -2)
    if any(inside):
        raise Refusal("block takes a list of arrays, or a list of lists of them")
    return op.concatenate([operand(p) for p in rows], -1)


def block_diag(*parts: Any) -> Tensor:
    """Matrices along the diagonal, zeros beside them."""
    found = [op.as_tensor(operand(p)) for p in parts]
    if any(p.ndim != 2 for p in found):
        raise Refusal("block_diag takes matrices")
    return op.concatenate([op.concatenate(
        [p if j == k else op.zeros(q.shape[0], p.shape[1]) for j, p in enumerate(found)], 1)
        for k, q in enumerate(found)], 0)


def hstack(parts: Value) -> Tensor:
    """Vectors end to end; matrices beside each other."""
    found = [op.as_tensor(operand(p)) for p in parts]
    return op.concatenate(found, 0 if found[0].ndim == 1 else 1)


def vstack(parts: Value) -> Tensor:
    """Vectors as rows, and matrices, below each other."""
    found = [op.as_tensor(operand(p)) for p in parts]
    return op.concatenate([op.expand_dims(p, 0) if p.ndim == 1 else p for p in found], 0)


def column_stack(parts: Value) -> Tensor:
    """Vectors as columns, and matrices, beside each other."""
    found = [op.as_tensor(operand(p)) for p in parts]
    return op.concatenate([op.expand_dims(p, 1) if p.ndim == 1 else p for p in found], 1)


def linspace(start: Value, stop: Value, num: Value = 50) -> Tensor:
    """Numbers at equal distances, both ends included."""
    if not isinstance(num, int) or not 2 <= num <= OPTION or not all(
            isinstance(x, (int, Fraction)) for x in (start, stop)):
        raise Refusal(f"linspace takes two numbers and how many, from 2 to {OPTION}")
    return stacked([Fraction(start) + Fraction(stop - start) * k / (num - 1) for k in range(num)])


def full(shape: Value, value: Value) -> Tensor:
    """One number at every place."""
    return op.full(tuple(shape) if isinstance(shape, (list, tuple)) else (shape,), operand(value))


def average(a: Any, axis: Value = None, weights: Any = None) -> Tensor:
    """The mean, weighted."""
    if weights is None:
        return op.mean(operand(a), axis)
    a, w = op.as_tensor(operand(a)), op.as_tensor(operand(weights))
    if axis is not None and w.ndim < a.ndim:
        w = op.moveaxis(op.reshape(w, (*[1] * (a.ndim - 1), -1)), -1, axis)
        return op.divide(op.sum(a * w, axis), op.sum(w))
    return op.divide(op.sum(a * w, axis), op.sum(w, axis))


def _unbiased(root: bool) -> Function:
    def call(x: Any, axis: Value = None, ddof: Value = 0, keepdims: bool = False) -> Tensor:
        out = op.var(operand(x), axis, keepdims)
        if ddof:
            sizes = op.as_tensor(operand(x)).shape
            over = range(len(sizes)) if axis is None else [axis] if isinstance(axis, int) else axis
            count = reduce(lambda n, k: n * sizes[k], over, Form.of(1))
            out = op.divide(op.multiply(out, count), op.subtract(count, ddof))
        return op.sqrt(out) if root else out

    return call


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """Singular values and vectors, as many as there are values."""
    u, s, v = op.svd(operand(a))
    return (u, s, v) if compute_uv else s


def _turned(a: Any) -> tuple[Tensor, Any]:
    """The exponential of [[0, -A], [A, 0]], which is [[cos A, -sin A], [sin A, cos A]]."""
    a = op.as_tensor(operand(a))
    zero = op.zeros_like(a)
    rows = [op.concatenate([zero, -a], 1), op.concatenate([a, zero], 1)]
    return op.expm(op.concatenate(rows, 0)), a.shape[0]


def cosm(a: Any) -> Tensor:
    """The cosine of a matrix (Higham, *Functions of Matrices*, 2008, eq. 12.1)."""
    turned, n = _turned(a)
    return turned[:n, :n]  # type: ignore[no-any-return]


def sinm(a: Any) -> Tensor:
    """The sine of a matrix."""
    turned, n = _turned(a)
    return turned[n:, :n]  # type: ignore[no-any-return]


def _of_numbers(body: Callable[..., Any]) -> Function:
    """A function of numbers, by its formula in SymPy's functions."""
    return lambda *args: op.apply(body, *map(operand, args))


def _erf(x: Any) -> Any:
    return (1 + sympy.erf(x / sympy.sqrt(2))) / 2


def _relative(x: Any, y: Any) -> Any:
    return sympy.Piecewise((x * sympy.log(x / y), (x > 0) & (y > 0)),
                           (0, sympy.Eq(x, 0) & (y >= 0)), (sympy.oo, True))


MORE: Mapping[str, Function] = {
    "diff": diff, "inner": inner, "vdot": vdot, "tensordot": tensordot, "cross": cross,
    "block": block, "block_diag": block_diag, "hstack": hstack, "vstack": vstack,
    "column_stack": column_stack, "linspace": linspace, "full": full, "average": average,
    "var": _unbiased(False), "std": _unbiased(True), "svd": svd, "cosm": cosm, "sinm": sinm,
    "slogdet": lambda a: op.slogdet(operand(a)),
    "multi_dot": lambda parts: reduce(op.matmul, map(operand, parts)),
    "tile": lambda x, reps: op.tile(operand(x), reps),
    "repeat": lambda x, repeats, axis=None: op.repeat(operand(x), repeats, axis),
    "roll": lambda x, shift, axis=None: op.roll(operand(x), shift, axis),
    "moveaxis": lambda x, source, destination: op.moveaxis(operand(x), source, destination),
    "broadcast_to": lambda x, shape: op.broadcast_to(
        operand(x), tuple(shape) if isinstance(shape, (list, tuple)) else (shape,)),
    "zeros_like": lambda x: op.zeros_like(operand(x)),
    "ones_like": lambda x: op.ones_like(operand(x)),
    "full_like": lambda x, value: op.broadcast_to(operand(value), op.as_tensor(operand(x)).shape),
    "ptp": lambda x, axis=None: op.max(operand(x), axis) - op.min(operand(x), axis),
    "copy": operand, "float64": operand,
    "cbrt": _of_numbers(lambda x: sympy.sign(x) * sympy.Abs(x)**sympy.Rational(1, 3)),
    "exp2": _of_numbers(lambda x: 2**x), "log2": _of_numbers(lambda x: sympy.log(x, 2)),
    "log10": _of_numbers(lambda x: sympy.log(x, 10)), "arctan2": _of_numbers(sympy.atan2),
    "hypot": _of_numbers(lambda x, y: sympy.sqrt(x**2 + y**2)),
    "heaviside": _of_numbers(lambda x, y: sympy.Piecewise((0, x < 0), (1, x > 0), (y, True))),
    "sinc": _of_numbers(lambda x: sympy.Piecewise(
        (sympy.sin(sympy.pi * x) / (sympy.pi * x), sympy.Ne(x, 0)), (1, True))),
    "ndtr": _of_numbers(_erf), "log_ndtr": _of_numbers(lambda x: sympy.log(_erf(x))),
    "entr": _of_numbers(lambda x: sympy.Piecewise(
        (-x * sympy.log(x), x > 0), (0, sympy.Eq(x, 0)), (-sympy.oo, True))),
    "rel_entr": _of_numbers(_relative), "kl_div": _of_numbers(lambda x, y: _relative(x, y) - x + y),
    "polygamma": lambda n, x=None, order=1: (
        op.polygamma(operand(n), order=order) if x is None else op.polygamma(operand(x), order=n)),
    "beta": _of_numbers(lambda x, y: sympy.gamma(x) * sympy.gamma(y) / sympy.gamma(x + y)),
}
"""By NumPy's or SciPy's name."""
