"""The order that sorts a vector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symdl.language.errors import ShapeError, shape_text
from symdl.language.primitives.base import Functions, Primitive
from symdl.language.primitives.ties import gaps
from symdl.language.tensor import Shape, Tensor


@dataclass(frozen=True)
class Argsort(Primitive):
    """The places of the entries in ascending or descending order, equal ones as they stand.

    Integers without a gradient: sort and top_k gather by them. NaN entries come last.
    """

    descending: bool = False
    core = (1,)

    @property
    def numeric(self) -> str:
        return "_argsort_descending" if self.descending else "_argsort_ascending"

    def signature(self, *operands: Tensor) -> tuple[tuple[Shape, str], ...]:
        if operands[0].ndim < 1:
            raise ShapeError(f"argsort takes a vector, but {operands[0].said} has shape "
                             f"{shape_text(operands[0].shape)}")
        return ((operands[0].shape, "int"),)

    def pullback(self, operands: Sequence[Tensor], outputs: Sequence[Tensor],
                 cotangents: Sequence[Tensor | None]) -> tuple[Tensor | None, ...]:
        return (None,)

    def kinks(self, operands: Sequence[Tensor], outputs: Sequence[Tensor],
              ) -> Sequence[tuple[str, Tensor]]:
        return ((f"two equal entries of {operands[0].said}", gaps(operands[0])),)

    def evaluate(self, functions: Functions, *operands: Any) -> tuple[Any, ...]:
        (x,) = operands
        sign = -1 if self.descending else 1
        return (sorted(range(len(x)),
                       key=lambda k: (x[k] != x[k], sign * x[k] if x[k] == x[k] else 0)),)

    def flops(self, *shapes: Shape) -> Any:
        return 0
