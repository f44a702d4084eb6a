"""A derivative that a formula asks for: a request, which calculus answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from symdl.language.late import late
from symdl.language.syntax.declarations import declarations_text
from symdl.language.tensor import Tensor


@dataclass(frozen=True)
class Derivative:
    """The derivative of a function in one or more variables, asked for and not yet taken.

    Attributes
    ----------
    function : Tensor
        What is differentiated.
    variables : tuple of Tensor
        In the order of differentiation; `d^2 f / dx^2` names x twice.
    """

    function: Tensor
    variables: tuple[Tensor, ...]

    @property
    def declarations(self) -> str:
        """The inputs as declarations, guessed ones among them."""
        return declarations_text([self.function, *self.variables])

    def derive(self) -> Any:
        """The derivative, a tensor of the function's axes and then each variable's.

        Returns
        -------
        Tensor
            Of a scalar function the gradient, of the shape of the variable; of others the
            Jacobian, `function.shape + variable.shape`; higher ones append axes.
        """
        return late("symdl.calculus.request:derive")(self.function, self.variables)
