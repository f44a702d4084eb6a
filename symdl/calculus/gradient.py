"""Gradients of a scalar, and products with a Jacobian from the left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from symdl.calculus.constrained import under_facts
from symdl.calculus.prepare import prepared
from symdl.calculus.sweep import adjoints
from symdl.calculus.variables import Place, directions_of, leaves_of, like, over_ranges, places_of
from symdl.language.elementwise import as_tensor
from symdl.language.errors import DifferentiationError, shape_text
from symdl.language.shaping import full
from symdl.language.tensor import Tensor


def grad(loss: Any, wrt: Any, constrained: bool = False) -> Any:
    """The exact gradient of a scalar.

    Parameters
    ----------
    loss : Tensor
        A scalar expression.
    wrt : Tensor, or a tuple, list or dict of tensors (nested too)
        Inputs, or intermediates that the loss is computed from. An entry, a diagonal, a slice or
        another view that the loss isn't written with stands for that part of the tensor it
        shows, its entries moving by themselves.
    constrained : bool
        Take the derivative under the facts of each input: see Notes.

    Returns
    -------
    Tensor, or the like of `wrt`
        The gradient, of the shape of each variable (denominator layout): entry i is
        ∂loss/∂wrt[i]. Zeros where the loss doesn't depend on the variable: an intermediate
        must be the very tensor that the loss was written with.
        Unless `constrained`, a fact of the variable (symmetric, ...) isn't used: the gradient
        is the ambient one.

    Raises
    ------
    DifferentiationError
        If the loss isn't a scalar, a variable holds integers or shows an entry of another
        tensor twice, or `constrained` meets a fact that no entries can move under by themselves.

    Notes
    -----
    With G the ambient gradient, the derivative in the entries that are free under the fact is
    G + Gᵀ - diag(G) for a symmetric matrix (Petersen & Pedersen, *The Matrix Cookbook*, 2012,
    eq. 138), positive definite ones included; G on the diagonal and 0 elsewhere for a diagonal
    one; and G in its triangle for a triangular one. Positive, nonnegative and unit-interval
    entries move freely inside their ranges: G.
    """
    loss, wrt = over_ranges(scalar_of("grad", loss), wrt)
    places = places_of("grad", wrt, [loss])
    found = gradients([loss], [as_tensor(sympy.S.One)], places)
    if constrained:
        found = [under_facts("grad", p, g) for p, g in zip(places, found, strict=True)]
    values = iter(found)
    return like(wrt, lambda _: next(values))


def value_and_grad(loss: Any, wrt: Any, constrained: bool = False) -> tuple[Tensor, Any]:
    """The loss and its gradient, as `grad` gives it."""
    loss, wrt = over_ranges(scalar_of("value_and_grad", loss), wrt)
    return loss, grad(loss, wrt, constrained)


def vjp(y: Any, x: Any, u: Any) -> Any:
    """The product of a vector and a Jacobian: uᵀ ∂y/∂x.

    Parameters
    ----------
    y : Tensor, or a tuple, list or dict of tensors
        Expressions of any shapes.
    x : Tensor, or a tuple, list or dict of tensors
        The variables, as `grad` takes them.
    u : Tensor, or the like of `y`
        One tensor of the shape of each y.

    Returns
    -------
    Tensor, or the like of `x`
        Of the shape of each variable: entry i is the sum over o of u[o] ∂y[o]/∂x[i]. Each
        u counts as a constant.

    Raises
    ------
    DifferentiationError
        As `grad`.
    ShapeError
        If u doesn't fit y.
    """
    y, x, u = over_ranges(y, x, u)
    ys = [as_tensor(leaf) for leaf in leaves_of(y)]
    values = iter(gradients(ys, directions_of("vjp", y, u, ys), places_of("vjp", x, ys)))
    return like(x, lambda _: next(values))


def scalar_of(what: str, loss: Any) -> Tensor:
    """The loss as a tensor without axes.

    Raises
    ------
    DifferentiationError
        If it has axes.
    """
    found = as_tensor(loss)
    if found.ndim:
        raise DifferentiationError(
            f"{what} takes a scalar, but {found.said} has shape {shape_text(found.shape)}. "
            f"Reduce it, sd.{what}(sd.sum({found.said}), ...), or take sd.jacobian")
    return found


def gradients(roots: Sequence[Tensor], seeds: Sequence[Tensor], places: Sequence[Place],
              ) -> list[Tensor]:
    """The sum of the seeds times the roots' derivatives, for each variable."""
    at = prepared(roots, [p.base for p in places])
    inside = [at.get(p.base, p.base) for p in places]
    found = adjoints([(at[r], s) for r, s in zip(roots, seeds, strict=True)], inside)
    return [p.gathered(found.get(x, full(p.base.shape, 0.0)))
            for p, x in zip(places, inside, strict=True)]
