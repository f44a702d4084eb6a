"""What a primitive is: shapes, a pullback in the language's own operators, exact evaluation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from symdl.language.errors import ShapeError, shape_text
from symdl.language.tensor import Shape, Tensor

Matrix = list[list[Any]]
Functions = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Primitive(ABC):
    """A function of tensors that acts on their last axes and is batched over the rest."""

    @property
    def name(self) -> str:
        """The name in formulas, in kernels and in the catalogue."""
        return type(self).__name__.lower()

    @property
    def numeric(self) -> str:
        """The name of the numeric function that kernels call."""
        return f"_{self.name}"

    @property
    def token(self) -> tuple[object, ...]:
        """The identity: the name and the parameters."""
        return (self.name, *(getattr(self, f.name) for f in fields(self)))

    @property
    def constants(self) -> tuple[float, ...]:
        """Numbers that the numeric function takes after the operands."""
        return ()

    @property
    @abstractmethod
    def core(self) -> tuple[int, ...]:
        """How many of each operand's last axes it acts on; the others are batch axes."""

    @abstractmethod
    def signature(self, *operands: Tensor) -> tuple[tuple[Shape, str], ...]:
        """Shape and dtype of each output; raises ShapeError for operands that don't fit."""

    @abstractmethod
    def pullback(self, operands: Sequence[Tensor], outputs: Sequence[Tensor],
                 cotangents: Sequence[Tensor | None]) -> tuple[Tensor | None, ...]:
        """The operands' cotangents from the outputs'; None where there is none."""

    def pushforward(self, operands: Sequence[Tensor], outputs: Sequence[Tensor],
                    tangents: Sequence[Tensor | None]) -> tuple[Tensor | None, ...] | None:
        """The outputs' tangents from the operands'; None where the pullback has them.

        They are the pullback's own derivative in a cotangent that it is written linearly in.
        """
        return None

    def kinks(self, operands: Sequence[Tensor], outputs: Sequence[Tensor],
              ) -> Sequence[tuple[str, Tensor]]:
        """Where it has no derivative: what holds there, and the quantity that vanishes."""
        return ()

    @abstractmethod
    def evaluate(self, functions: Functions, *operands: Any) -> tuple[Any, ...]:
        """The outputs for one batch entry, over any scalars.

        Operands are nested lists; `functions` has `sqrt` and `log` of these scalars.
        """

    @abstractmethod
    def flops(self, *shapes: Shape) -> Any:
        """Floating-point operations of one batch entry, from the core shapes."""


def square(name: str, a: Tensor) -> None:
    """Refuse what isn't a (batch of) square matrices."""
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise ShapeError(f"{name} takes a square matrix, but {a.said} has shape "
                         f"{shape_text(a.shape)}")


def batches(name: str, *parts: tuple[Tensor, int]) -> Shape:
    """The common batch shape of operands given with their numbers of core axes."""
    leads = [t.shape[:t.ndim - core] for t, core in parts]
    if any(lead != leads[0] for lead in leads):
        shapes = " and ".join(shape_text(t.shape) for t, _ in parts)
        raise ShapeError(f"{name}: the batch axes of shapes {shapes} differ")
    return leads[0]
