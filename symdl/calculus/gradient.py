"""Gradients of a scalar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy

from symdl.calculus.prepare import prepared
from symdl.calculus.sweep import adjoints
from symdl.language.elementwise import as_tensor
from symdl.language.errors import DifferentiationError, shape_text
from symdl.language.shaping import full
from symdl.language.tensor import Tensor


def grad(loss: Any, wrt: Any) -> Any:
    """The exact gradient of a scalar.

    Parameters
    ----------
    loss : Tensor
        A scalar expression.
    wrt : Tensor, or a tuple, list or dict of tensors (nested too)
        Inputs, or intermediates that the loss is computed from.

    Returns
    -------
    Tensor, or the like of `wrt`
        The gradient, of the shape of each variable (denominator layout): entry i is
        ∂loss/∂wrt[i]. Zeros where the loss doesn't depend on the variable: an intermediate
        must be the very tensor that the loss was written with.
        A fact of the variable (symmetric, ...) isn't used: the gradient is the ambient one.

    Raises
    ------
    DifferentiationError
        If the loss isn't a scalar, or a variable holds integers.
    """
    loss = as_tensor(loss)
    if loss.ndim:
        raise DifferentiationError(
            f"grad takes a scalar, but {loss.said} has shape {shape_text(loss.shape)}. "
            f"Reduce it, sd.grad(sd.sum({loss.said}), ...), or take sd.jacobian")
    variables = _leaves(wrt)
    for v in variables:
        if not isinstance(v, Tensor):
            raise DifferentiationError(f"grad: {v!r} is not a tensor")
        if v.dtype != "real":
            raise DifferentiationError(
                f"{v.said} holds {v.dtype}s and has no gradient; declare it without integer=True "
                "if its entries are real numbers")
    at = prepared([loss], variables)
    inside = [at.get(v, v) for v in variables]
    found = adjoints(at[loss], as_tensor(sympy.S.One), inside)
    return _like(wrt, {v: found.get(x, full(v.shape, 0.0))
                       for v, x in zip(variables, inside, strict=True)}.__getitem__)


def value_and_grad(loss: Any, wrt: Any) -> tuple[Tensor, Any]:
    """The loss and its gradient, as `grad` gives it."""
    loss = as_tensor(loss)
    return loss, grad(loss, wrt)


def _leaves(tree: Any) -> list[Any]:
    if isinstance(tree, dict):
        return [leaf for branch in tree.values() for leaf in _leaves(branch)]
    if isinstance(tree, (tuple, list)):
        return [leaf for branch in tree for leaf in _leaves(branch)]
    return [tree]


def _like(tree: Any, value: Callable[[Any], Any]) -> Any:
    if isinstance(tree, dict):
        return {key: _like(branch, value) for key, branch in tree.items()}
    if isinstance(tree, (tuple, list)):
        return type(tree)(_like(branch, value) for branch in tree)
    return value(tree)
