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
    variables = leaves_of(wrt)
    for v in variables:
        if not isinstance(v, Tensor):
            raise DifferentiationError(
                f"a derivative is taken in tensors, but {v!r} is none: pass an input or an "
                "intermediate that the loss was computed from")
        if v.dtype != "real":
            raise DifferentiationError(
                f"{v.said} holds {_HELD[v.dtype]} and has no gradient; declare it without "
                "integer=True if its entries are real numbers")
    at = prepared([loss], variables)
    inside = [at.get(v, v) for v in variables]
    found = adjoints(at[loss], as_tensor(sympy.S.One), inside)
    return like(wrt, {v: found.get(x, full(v.shape, 0.0))
                       for v, x in zip(variables, inside, strict=True)}.__getitem__)


_HELD = {"int": "integers", "bool": "truth values"}


def value_and_grad(loss: Any, wrt: Any) -> tuple[Tensor, Any]:
    """The loss and its gradient, as `grad` gives it."""
    loss = as_tensor(loss)
    return loss, grad(loss, wrt)


def leaves_of(tree: Any) -> list[Any]:
    """The leaves of nested dicts, lists and tuples, in order."""
    if isinstance(tree, dict):
        return [leaf for branch in tree.values() for leaf in leaves_of(branch)]
    if isinstance(tree, (tuple, list)):
        return [leaf for branch in tree for leaf in leaves_of(branch)]
    return [tree]


def like(tree: Any, value: Callable[[Any], Any]) -> Any:
    """The nest with each leaf replaced by its value."""
    if isinstance(tree, dict):
        return {key: like(branch, value) for key, branch in tree.items()}
    if isinstance(tree, (tuple, list)):
        branches = [like(branch, value) for branch in tree]
        return type(tree)(*branches) if hasattr(tree, "_fields") else type(tree)(branches)
    return value(tree)
