"""The derivative under a declared fact: in the entries that are free to move."""

from __future__ import annotations

from symdl.calculus.variables import Place
from symdl.language.body import slot
from symdl.language.elementwise import add, subtract
from symdl.language.errors import DifferentiationError
from symdl.language.form import Form, Idx
from symdl.language.guard import Guard
from symdl.language.scheme import Access, Scheme
from symdl.language.shaping import swapaxes
from symdl.language.tensor import Equation, Tensor, Variable

OPEN = frozenset({"positive", "nonnegative", "unit_interval"})
"""Facts under which every entry moves by itself."""
SYMMETRIC = frozenset({"symmetric", "positive_definite"})
TRIANGULAR = {"lower_triangular": 1, "upper_triangular": -1}


def under_facts(what: str, place: Place, gradient: Tensor) -> Tensor:
    """The gradient in the entries of an input that are free under its facts.

    Raises
    ------
    DifferentiationError
        If a fact leaves no entry free to move by itself, or the variable isn't an input.
    """
    x = place.variable
    if not isinstance(x, Variable):
        raise DifferentiationError(
            f"{what}: constrained=True is for inputs, whose facts are declared, but {x.label} "
            "isn't one")
    facts = x.facts - OPEN
    others = facts - SYMMETRIC - TRIANGULAR.keys() - {"diagonal"}
    if others:
        raise DifferentiationError(
            f"{what}: under the fact {', '.join(sorted(others))} no entry of {x.label} moves by "
            "itself; write it by free parameters (a simplex as sd.softmax(z), say) and "
            "differentiate in those")
    symmetric, triangles = facts & SYMMETRIC, facts & TRIANGULAR.keys()
    if "diagonal" in facts or len(triangles) == 2 or (triangles and symmetric):
        return _kept(gradient, 0)
    if triangles:
        return _kept(gradient, TRIANGULAR[next(iter(triangles))])
    return _symmetric(gradient) if symmetric else gradient


def _symmetric(g: Tensor) -> Tensor:
    """G + Gᵀ - diag(G) (Petersen & Pedersen, *The Matrix Cookbook*, 2012, eq. 138)."""
    return subtract(add(g, swapaxes(g, -1, -2)), _kept(g, 0))


def _kept(g: Tensor, side: int) -> Tensor:
    """The entries on the diagonal (0), on and below (1), on and above it (-1)."""
    row, column = (Form.of(Idx(g.ndim - k)) for k in (2, 1))
    where = Guard(row - column, "==") if side == 0 else Guard(side * (row - column), ">=")
    index = tuple(Form.of(Idx(k)) for k in range(g.ndim))
    return Equation.make(Scheme(g.shape, g.ndim, "none", (where,), slot(0), (Access(g, index),)))
