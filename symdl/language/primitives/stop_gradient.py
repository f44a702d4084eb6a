"""A value that counts as a constant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symdl.language.primitives.base import Functions, Primitive
from symdl.language.tensor import Shape, Tensor


@dataclass(frozen=True)
class StopGradient(Primitive):
    """y = x with x̄ = 0."""

    core = (0,)

    @property
    def name(self) -> str:
        return "stop_gradient"

    def signature(self, *operands: Tensor) -> tuple[tuple[Shape, str], ...]:
        return ((operands[0].shape, operands[0].dtype),)

    def pullback(self, operands: Sequence[Tensor], outputs: Sequence[Tensor],
                 cotangents: Sequence[Tensor | None]) -> tuple[Tensor | None, ...]:
        return (None,)

    def evaluate(self, functions: Functions, *operands: Any) -> tuple[Any, ...]:
        return operands

    def flops(self, *shapes: Shape) -> Any:
        return 0
