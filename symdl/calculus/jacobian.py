"""Jacobians and Hessians: the gradient of an entry at free indices, which become axes."""

from __future__ import annotations

from typing import Any

from symdl.calculus.gradient import grad, like
from symdl.language.bind import bound_over
from symdl.language.elementwise import as_tensor
from symdl.language.errors import DifferentiationError
from symdl.language.form import Form, Free, fresh
from symdl.language.tensor import Tensor


def jacobian(y: Any, x: Any) -> Any:
    """The exact Jacobian.

    Parameters
    ----------
    y : Tensor
        An expression of any shape.
    x : Tensor, or a tuple, list or dict of tensors (nested too)
        Inputs, or intermediates that y is computed from.

    Returns
    -------
    Tensor, or the like of `x`
        Of shape ``y.shape + x.shape`` (numerator layout): entry ``[o, i]`` is ∂y[o]/∂x[i].

    Raises
    ------
    DifferentiationError
        If a variable holds integers.
    """
    y = as_tensor(y)
    axes = [Free(f"o{k}", fresh(), size) for k, size in enumerate(y.shape)]
    entry = y[tuple(Form.of(a) for a in axes)] if axes else y
    sizes = dict(zip(axes, y.shape, strict=True))
    return like(grad(entry, x), lambda g: bound_over(g, sizes, keep=True))


def hessian(loss: Any, x: Tensor) -> Tensor:
    """The exact second derivative of a scalar.

    Parameters
    ----------
    loss : Tensor
        A scalar expression.
    x : Tensor
        An input, or an intermediate that the loss is computed from.

    Returns
    -------
    Tensor
        Of shape ``x.shape + x.shape``: entry ``[i, j]`` is ∂²loss/∂x[i]∂x[j].

    Raises
    ------
    DifferentiationError
        If the loss isn't a scalar, or x holds integers.
    """
    if not isinstance(x, Tensor):
        raise DifferentiationError(
            "hessian takes one tensor; for the blocks of several take jacobians of gradients, "
            "sd.jacobian(sd.grad(loss, a), b)")
    second: Tensor = jacobian(grad(loss, x), x)
    return second
