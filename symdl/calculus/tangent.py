"""Products with a Jacobian from the right, and with a Hessian."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from symdl.calculus.gradient import gradients, scalar_of
from symdl.calculus.prepare import prepared
from symdl.calculus.pushforward import tangents_of
from symdl.calculus.terms import added
from symdl.calculus.variables import Place, directions_of, leaves_of, like, over_ranges, places_of
from symdl.language.elementwise import as_tensor
from symdl.language.shaping import full
from symdl.language.tensor import Tensor


def jvp(y: Any, x: Any, v: Any) -> Any:
    """The product of a Jacobian and a vector, in forward mode: (∂y/∂x) v.

    Parameters
    ----------
    y : Tensor, or a tuple, list or dict of tensors
        Expressions of any shapes.
    x : Tensor, or a tuple, list or dict of tensors
        The variables, as `grad` takes them. An intermediate among them moves by its v besides
        what the variables it is computed from move it by.
    v : Tensor, or the like of `x`
        One tensor of the shape of each variable: the direction.

    Returns
    -------
    Tensor, or the like of `y`
        Of the shape of each y: entry o is the sum over i of ∂y[o]/∂x[i] v[i], the derivative
        of y(x + s v) in s at 0. Each v counts as a constant.

    Raises
    ------
    DifferentiationError
        If a variable isn't a tensor, holds integers, or shows an entry of another one twice.
    ShapeError
        If v doesn't fit x.
    """
    y, x, v = over_ranges(y, x, v)
    ys = [as_tensor(leaf) for leaf in leaves_of(y)]
    places = places_of("jvp", x, ys)
    values = iter(tangents(ys, places, _directions("jvp", x, v, places)))
    return like(y, lambda _: next(values))


def hvp(loss: Any, x: Any, v: Any) -> Any:
    """The product of a Hessian and a vector: the derivative of the gradient along v.

    Parameters
    ----------
    loss : Tensor
        A scalar expression.
    x : Tensor, or a tuple, list or dict of tensors
        The variables, as `grad` takes them.
    v : Tensor, or the like of `x`
        One tensor of the shape of each variable.

    Returns
    -------
    Tensor, or the like of `x`
        Of the shape of each variable: entry i is the sum over j of ∂²loss/∂x[i]∂x[j] v[j].
        The Hessian is never formed: the cost is a small multiple of the gradient's.

    Raises
    ------
    DifferentiationError
        If the loss isn't a scalar, or as `jvp`.
    ShapeError
        If v doesn't fit x.
    """
    loss, x, v = over_ranges(scalar_of("hvp", loss), x, v)
    places = places_of("hvp", x, [loss])
    first = gradients([loss], [as_tensor(sympy.S.One)], places)
    values = iter(tangents(first, places, _directions("hvp", x, v, places)))
    return like(x, lambda _: next(values))


def _directions(what: str, x: Any, v: Any, places: Sequence[Place]) -> list[Tensor]:
    return directions_of(what, x, v, [p.variable for p in places])


def tangents(roots: Sequence[Tensor], places: Sequence[Place], directions: Sequence[Tensor],
             ) -> list[Tensor]:
    """The tangents of the roots where each variable moves along its direction."""
    at = prepared(roots, [p.base for p in places])
    seeds: dict[Tensor, list[Tensor]] = {}
    for p, v in zip(places, directions, strict=True):
        seeds.setdefault(at.get(p.base, p.base), []).append(p.scattered(v))
    found = tangents_of([at[r] for r in roots], {x: added(vs) for x, vs in seeds.items()})
    return [found.get(at[r], full(r.shape, 0.0)) for r in roots]
