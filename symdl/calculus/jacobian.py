"""Jacobians and Hessians: the gradient of an entry at free indices, which become axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from symdl.calculus.gradient import gradients, scalar_of
from symdl.calculus.tangent import tangents
from symdl.calculus.variables import Place, leaves_of, like, over_ranges, places_of
from symdl.language.bind import bound_over
from symdl.language.elementwise import as_tensor
from symdl.language.form import Form, Free, fresh
from symdl.language.tensor import Tensor


def jacobian(y: Any, x: Any) -> Any:
    """The exact Jacobian.

    Parameters
    ----------
    y : Tensor, or a tuple, list or dict of tensors
        Expressions of any shapes.
    x : Tensor, or a tuple, list or dict of tensors
        The variables, as `grad` takes them.

    Returns
    -------
    Tensor, or the like of `y` with the like of `x` in each place
        Of shape ``y.shape + x.shape`` (numerator layout): entry ``[o, i]`` is ∂y[o]/∂x[i].
        Zeros where y doesn't depend on x.

    Raises
    ------
    DifferentiationError
        If a variable isn't a tensor, holds integers, or shows an entry of another one twice.
    """
    y, x = over_ranges(y, x)
    roots = [as_tensor(leaf) for leaf in leaves_of(y)]
    places = places_of("jacobian", x, roots)
    return like(y, lambda leaf: _jacobian(as_tensor(leaf), x, places))


def hessian(loss: Any, x: Any, other: Any = None) -> Any:
    """The exact second derivative of a scalar.

    Parameters
    ----------
    loss : Tensor
        A scalar expression.
    x : Tensor, or a tuple, list or dict of tensors
        The variables, as `grad` takes them.
    other : Tensor, or a tuple, list or dict of tensors
        The variables of the second derivative, where they aren't `x` again.

    Returns
    -------
    Tensor, or the like of `x` with the like of `other` in each place
        Of shape ``x.shape + other.shape``: entry ``[i, j]`` is ∂²loss/∂x[i]∂other[j].

    Raises
    ------
    DifferentiationError
        If the loss isn't a scalar; else as `jacobian`.
    """
    loss, x, other = over_ranges(scalar_of("hessian", loss), x, other)
    places = places_of("hessian", x, [loss])
    first = iter(gradients([loss], [as_tensor(sympy.S.One)], places))
    second, inside = (x, places) if other is None else (
        other, places_of("hessian", other, [loss]))
    return like(x, lambda _: _jacobian(next(first), second, inside))


def _jacobian(y: Tensor, x: Any, places: Sequence[Place]) -> Any:
    scalars = y.ndim > 0 and all(p.variable.ndim == 0 for p in places)
    values = iter((_by_tangents if scalars else _by_entries)(y, places))
    return like(x, lambda _: next(values))


def _by_entries(y: Tensor, places: Sequence[Place]) -> list[Tensor]:
    """Pull an entry at free indices back, and let the indices become axes."""
    axes = [Free(f"o{k}", fresh(), size) for k, size in enumerate(y.shape)]
    entry = y[tuple(Form.of(a) for a in axes)] if axes else y
    ranges = dict(zip(axes, y.shape, strict=True))
    found = gradients([entry], [as_tensor(sympy.S.One)], places)
    return [bound_over(g, ranges, keep=True) for g in found]


def _by_tangents(y: Tensor, places: Sequence[Place]) -> list[Tensor]:
    """Push a one forward from each scalar: d(A⁻¹)/dt = -A⁻¹ (dA/dt) A⁻¹."""
    return [tangents([y], [p], [as_tensor(sympy.S.One)])[0] for p in places]
