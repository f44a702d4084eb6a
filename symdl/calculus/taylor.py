"""Taylor polynomials by repeated derivatives along the increment."""

from __future__ import annotations

from math import factorial
from typing import Any

from symdl.calculus.tangent import tangents
from symdl.calculus.terms import added
from symdl.calculus.variables import over_ranges, places_of
from symdl.language.body import slot
from symdl.language.elementwise import as_tensor, mapped, subtract
from symdl.language.errors import DifferentiationError, ShapeError, shape_text
from symdl.language.form import fresh
from symdl.language.rebuild import rewired
from symdl.language.shaping import broadcast_to
from symdl.language.tensor import Slot, Tensor, Variable

MOST = 12
"""The largest order: bodies grow with every derivative."""


def taylor(f: Any, x: Any, order: int, at: Any = None, increment: Tensor | None = None) -> Tensor:
    """The Taylor polynomial of f in x, exact.

    The sum over k from 0 to the order of D^k f(x0)[h, ..., h] / k!, where D^k f(x0)[h, ..., h]
    is the k-th derivative of f(x0 + s h) in s at 0 (Magnus & Neudecker, *Matrix Differential
    Calculus*, 3rd ed. 2019, section 6.9).

    Parameters
    ----------
    f : Tensor
        An expression of any shape.
    x : Tensor
        An input, or an intermediate that f is computed from.
    order : int
        The degree, from 0 to 12.
    at : Tensor or number, optional
        The point x0, of x's shape; the polynomial is then one in x, with h = x - x0. Left out,
        f is expanded about x itself, in an increment.
    increment : Tensor, optional
        The increment h, of x's shape; left out, an input named d and x's name.

    Returns
    -------
    Tensor
        The polynomial, of f's shape.

    Raises
    ------
    DifferentiationError
        If the order is out of range, or x isn't one tensor of real numbers.
    ShapeError
        If the point or the increment doesn't have x's shape.
    """
    if not isinstance(order, int) or isinstance(order, bool) or not 0 <= order <= MOST:
        raise DifferentiationError(f"taylor: the order is a whole number from 0 to {MOST}, "
                                   f"not {order!r}")
    if isinstance(x, (tuple, list, dict)):
        raise DifferentiationError("taylor expands in one tensor; for several, give "
                                   "x + s*v with a scalar s and expand in s at 0")
    f, x = over_ranges(as_tensor(f), x)
    terms = [f]
    (place,) = places_of("taylor", x, terms)
    if at is not None and increment is not None:
        raise DifferentiationError("taylor: with a point, at=..., the increment is x - at; "
                                   "give one of the two")
    step = Slot.make((fresh(), "increment"), x.shape)
    for _ in range(order):
        terms.append(tangents([terms[-1]], [place], [step])[0])
    total = added([mapped(slot(0) / factorial(k), [t]) for k, t in enumerate(terms)])
    return rewired([total], _point(x, step, at, increment))[0]


def _point(x: Tensor, step: Slot, at: Any, increment: Tensor | None) -> dict[Tensor, Tensor]:
    """What stands for the variable and for its increment."""
    if at is not None:
        start = as_tensor(at)
        if not start.ndim and x.ndim:
            start = broadcast_to(start, x.shape)
        return {x: _fitting("point", x, start), step: subtract(x, start)}
    if increment is None:
        increment = Variable.make(f"d{x.name or 'x'}", x.shape)
    return {step: _fitting("increment", x, increment)}


def _fitting(what: str, x: Tensor, t: Tensor) -> Tensor:
    if t.shape != x.shape:
        raise ShapeError(f"taylor: {x.said} has shape {shape_text(x.shape)}, but the {what} "
                         f"{t.said} has shape {shape_text(t.shape)}")
    return t
