"""Norms of vectors and matrices, as their definitions state them."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

from symdl.language import operators as op
from symdl.language.errors import SymdlError, shape_text
from symdl.language.shaping import axes_of
from symdl.language.tensor import Tensor


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Tensor:
    r"""Return a norm of a vector or of a matrix, in NumPy's notation.

    .. math::
        \|x\|_2 = \sqrt{\textstyle\sum_k x_k^2}, \quad
        \|x\|_p = \big(\textstyle\sum_k |x_k|^p\big)^{1/p}, \quad
        \|x\|_\infty = \max_k |x_k|

    Of a matrix the norm 1 is the largest column sum and inf the largest row sum of magnitudes;
    "fro" (Frobenius) is :math:`\sqrt{\sum_{ij} A_{ij}^2}`, 2 (spectral) the largest singular value
    and "nuc" (nuclear) the sum of the singular values.

    Parameters
    ----------
    x : tensor-like
        The vector or matrix.
    ord : None, number, inf, "fro" or "nuc"
        Which norm. None: the root of the sum of all squares.
    axis : int, pair of int or None
        One axis for norms of vectors, two for norms of matrices. None: all axes where `ord` is
        None; else the axis of a vector, or the last two.
    keepdims : bool
        Leave reduced axes in place with size 1.

    Returns
    -------
    Tensor
        The shape of x without the reduced axes.

    Raises
    ------
    SymdlError
        If there is no such norm.

    Notes
    -----
    The gradient of the 2-norm and of the Frobenius norm is x/‖x‖; at 0, where there is none, it
    is NaN. Those of the norms 1 and inf follow |x|' = 0 at 0, and the first maximum counts. The
    gradient of the nuclear norm is U Vᵀ, that of the spectral norm u₁ v₁ᵀ, of a thin singular
    value decomposition.

    References
    ----------
    G. H. Golub, C. F. Van Loan, Matrix Computations, 4th ed., 2013, sections 2.2 and 2.3.
    """
    x = op.as_tensor(x)
    if axis is None:
        axis = None if ord is None else -1 if x.ndim == 1 else (-2, -1)
    axes = axes_of(x, axis) if x.ndim or axis is not None else ()
    if ord is None or (len(axes) == 2 and ord == "fro"):
        return _root(op.sum(x**2, axes, keepdims))
    if len(axes) == 2 and ord in (1, math.inf):
        return _largest_sum(x, axes if ord == 1 else axes[::-1], keepdims)
    if len(axes) == 1 and isinstance(ord, Real) and float(ord) >= 1:
        return _vector(x, ord, axes, keepdims)
    if len(axes) == 2 and ord in (2, "nuc"):
        return _of_singular_values(x, ord, axes, keepdims)
    kind = "vector" if len(axes) == 1 else "matrix"
    known = "a number from 1 to inf" if len(axes) == 1 else '1, 2, inf, "fro" or "nuc"'
    raise SymdlError(f"norm({x.said}, {ord!r}): {x.said} has shape {shape_text(x.shape)}, and a "
                     f"{kind} norm has ord {known}")


def _root(x: Tensor) -> Tensor:
    out: Tensor = op.sqrt(x)
    return out


def _vector(x: Tensor, p: Any, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    """The p-norm along an axis."""
    if p == 2:
        return _root(op.sum(x**2, axes, keepdims))
    if p == math.inf:
        return op.max(abs(x), axes, keepdims)
    if p == 1:
        return op.sum(abs(x), axes, keepdims)
    return op.power(op.sum(op.power(abs(x), p), axes, keepdims), op.divide(1, p))


def _largest_sum(x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    """The largest sum of magnitudes over the first axis."""
    summed, over = axes
    sums = op.sum(abs(x), summed, keepdims)
    return op.max(sums, over if keepdims else over - (summed < over), keepdims)


def _of_singular_values(x: Tensor, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    """The largest singular value, or the sum of all."""
    kept = [k for k in range(x.ndim) if k not in axes]
    s = op.svdvals(op.transpose(x, [*kept, *axes]))
    out = op.sum(s, -1) if ord == "nuc" else op.getitem(s, (..., 0))
    for k in sorted(axes) if keepdims else ():
        out = op.expand_dims(out, k)
    return out
