"""Jacobians and Hessians: the gradient of an entry at free indices, which become axes."""

from __future__ import annotations

from typing import Any

from symdl.calculus.gradient import grad
from symdl.language.bind import bound_over
from symdl.language.elementwise import as_tensor
from symdl.language.form import Form, Free, fresh
from symdl.language.tensor import Tensor


def jacobian(y: Any, x: Tensor) -> Tensor:
    """The exact Jacobian.

    Parameters
    ----------
    y : Tensor
        An expression of any shape.
    x : Tensor
        An input, or an intermediate that y is computed from.

    Returns
    -------
    Tensor
        Of shape ``y.shape + x.shape`` (numerator layout): entry ``[o, i]`` is ∂y[o]/∂x[i].

    Raises
    ------
    DifferentiationError
        If x holds integers.
    """
    y = as_tensor(y)
    axes = [Free(f"o{k}", fresh(), size) for k, size in enumerate(y.shape)]
    entry = y[tuple(Form.of(a) for a in axes)] if axes else y
    return bound_over(grad(entry, x), dict(zip(axes, y.shape, strict=True)), keep=True)


def hessian(loss: Any, x: Tensor) -> Tensor:
    """The exact second derivative of a scalar.

    Returns
    -------
    Tensor
        Of shape ``x.shape + x.shape``: entry ``[i, j]`` is ∂²loss/∂x[i]∂x[j].

    Raises
    ------
    DifferentiationError
        If the loss isn't a scalar, or x holds integers.
    """
    return jacobian(grad(loss, x), x)
