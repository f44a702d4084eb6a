"""A claim with its sides as tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from symdl.calculus.gradient import grad
from symdl.calculus.jacobian import jacobian
from symdl.language.rebuild import rewired
from symdl.language.sizes import variables_of
from symdl.language.tensor import Tensor, Variable


@dataclass(frozen=True)
class Statement:
    """What is to be judged.

    Attributes
    ----------
    function : Tensor
        The left side before it is differentiated.
    variables : tuple of Tensor
        In what it is differentiated, one after the other.
    right : Tensor
        The right side.
    relation : str
        `=` or an inequality.
    layout : {"mixed", "numerator", "denominator"}
        The order of the axes of the derivative.
    at : tuple of (Tensor, Tensor)
        Variables, and what they stand for once the derivative is taken.
    """

    function: Tensor
    variables: tuple[Tensor, ...]
    right: Tensor
    relation: str = "="
    layout: str = "mixed"
    at: tuple[tuple[Tensor, Tensor], ...] = ()

    def sides(self) -> tuple[Tensor, Tensor]:
        """Both sides, the derivative taken; a 0 on the right has any shape."""
        left = derived(self.function, self.variables, self.layout)
        if self.at:
            (left,) = rewired([left], dict(self.at))
        right = self.right
        if not right.ndim and left.ndim and str(right) == "0":
            right = 0 * left
        return left, right

    def over(self, new: Mapping[Tensor, Tensor]) -> Statement:
        """The statement with other inputs."""
        at = tuple(x for pair in self.at for x in pair)
        function, right, *rest = rewired([self.function, self.right, *self.variables, *at],
                                         dict(new))
        count = len(self.variables)
        pairs = tuple(zip(rest[count::2], rest[count + 1::2], strict=True))
        return replace(self, function=function, right=right, variables=tuple(rest[:count]),
                       at=pairs)

    def inputs(self) -> tuple[Variable, ...]:
        """The inputs of both sides."""
        return variables_of([self.function, self.right, *(x for _, x in self.at)])


def derived(function: Tensor, variables: Sequence[Tensor], layout: str = "mixed") -> Tensor:
    """A derivative with its axes in the order of a layout.

    Mixed layout is denominator layout for scalars and numerator layout for others, as in Petersen
    and Pedersen, *The Matrix Cookbook*, 2012, ch. 2.
    """
    out = function
    for v in variables:
        out = jacobian(out, v) if out.ndim else grad(out, v)
    if len(variables) != 1 or out.ndim < 2:
        return out
    if layout == "denominator" and function.ndim:
        return out.transpose(*range(function.ndim, out.ndim), *range(function.ndim))
    return out.T if layout == "numerator" and not function.ndim else out
