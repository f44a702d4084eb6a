"""A derivative ready to be read: in a layout that is stated, in any notation and style."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from symdl.algebra.simplify import simplify
from symdl.calculus.gradient import grad
from symdl.calculus.jacobian import jacobian
from symdl.display import unicode
from symdl.display.code import code
from symdl.display.differential import differential
from symdl.display.index import index
from symdl.display.matrix import matrix
from symdl.display.text import text
from symdl.language.elementwise import as_tensor
from symdl.language.errors import DifferentiationError, shape_text
from symdl.language.tensor import Tensor

LAYOUTS = ("mixed", "numerator", "denominator")


@dataclass(frozen=True)
class Derived:
    """The derivative of a function in a variable.

    Attributes
    ----------
    value : Tensor
        The derivative, simplified, its axes in the order of the layout.
    function, variable : Tensor
        What was differentiated, and in what.
    layout : {"mixed", "numerator", "denominator"}
        The order of axes that was asked for.
    """

    value: Tensor
    function: Tensor
    variable: Tensor
    layout: str

    @property
    def said(self) -> str:
        """What it is, its layout and shape: ``dL/dW, denominator layout, shape (d, k)``."""
        above, below = self.function.name or "f", self.variable.name or "x"
        mixed = "numerator" if self.function.ndim else "denominator"
        layout = mixed if self.layout == "mixed" else self.layout
        return f"d{above}/d{below}, {layout} layout, shape {shape_text(self.value.shape)}"

    def matrix(self, style: str = "text") -> str:
        """Matrix notation as text, latex or unicode."""
        return matrix(self.value, style)

    def index(self, style: str = "text") -> str:
        """Index notation as text, latex or unicode."""
        return index(self.value, style)

    def differential(self, style: str = "text") -> str:
        """The differential of the function in the variable's, which needs no layout."""
        return differential(self.function, self.variable, style)

    def code(self, name: str = "result") -> str:
        """A NumPy function that computes it."""
        return code(self.value, name)

    def latex(self) -> str:
        """LaTeX, in matrix notation where there is one, else in index notation."""
        return text(self.value, "latex")

    def unicode(self) -> str:
        """Unicode, in matrix notation where there is one, else in index notation."""
        above, below = self.function.name or "f", self.variable.name or "x"
        return f"{unicode.symbol(f'd{above}_d{below}')} = {text(self.value, 'unicode')}"

    def __str__(self) -> str:
        return f"{self.said}:\n{text(self.value)}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"


def derivative(y: Any, x: Tensor, layout: str = "mixed") -> Derived:
    """The derivative of an expression in a variable, simplified, in a layout that is stated.

    Parameters
    ----------
    y : Tensor
        An expression of any shape.
    x : Tensor
        An input, or an intermediate that y is computed from.
    layout : {"mixed", "numerator", "denominator"}
        Numerator layout has the axes of y first: a Jacobian is of shape ``y.shape + x.shape``,
        and the gradient of a scalar in a matrix is transposed. Denominator layout has the axes of
        x first: a Jacobian is of shape ``x.shape + y.shape``, the gradient of x's shape. Mixed,
        as `grad` and `jacobian` have it, is denominator layout for scalars and numerator layout
        for others (Petersen & Pedersen, *The Matrix Cookbook*, 2012, ch. 2, keeps to mixed).

    Raises
    ------
    DifferentiationError
        If there is no such layout; else as `grad` and `jacobian` do.
    """
    if layout not in LAYOUTS:
        raise DifferentiationError(f"there is no layout {layout!r}; there are {', '.join(LAYOUTS)}")
    y = as_tensor(y)
    found = jacobian(y, x) if y.ndim else grad(y, x)
    if y.ndim and layout == "denominator":
        found = found.transpose(*range(y.ndim, found.ndim), *range(y.ndim))
    elif not y.ndim and layout == "numerator":
        found = found.T
    return Derived(simplify(found), y, x, layout)
