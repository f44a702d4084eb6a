"""The solution of a linear system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symdl.language.errors import ShapeError, shape_text
from symdl.language.primitives.base import Functions, Primitive, batches, square
from symdl.language.primitives.elimination import eliminated
from symdl.language.reductions import matmul
from symdl.language.shaping import swapaxes
from symdl.language.tensor import Shape, Tensor


def check_system(name: str, a: Tensor, b: Tensor) -> None:
    """Refuse a right-hand side whose rows don't fit the matrix."""
    square(name, a)
    batches(name, (a, 2), (b, 2))
    if a.shape[-1] != b.shape[-2]:
        raise ShapeError(f"{name}({a.said}, {b.said}): {a.said} is {shape_text(a.shape)}, "
                         f"{b.said} is {shape_text(b.shape)}: sizes {a.shape[-1]} and "
                         f"{b.shape[-2]} differ")


@dataclass(frozen=True)
class Solve(Primitive):
    """X with A X = B: B̄ = A⁻ᵀ X̄, Ā = -B̄ Xᵀ (Giles, *Collected matrix derivative results*, 2008)."""

    core = (2, 2)

    def signature(self, *operands: Tensor) -> tuple[tuple[Shape, str], ...]:
        check_system("solve", *operands)
        return ((operands[1].shape, "real"),)

    def pullback(self, operands: Sequence[Tensor], outputs: Sequence[Tensor],
                 cotangents: Sequence[Tensor | None]) -> tuple[Tensor | None, ...]:
        from symdl.language.linalg import solve

        (a, _), (x,), (dx,) = operands, outputs, cotangents
        assert dx is not None
        db = solve(swapaxes(a, -1, -2), dx)
        return -matmul(db, swapaxes(x, -1, -2)), db

    def evaluate(self, functions: Functions, *operands: Any) -> tuple[Any, ...]:
        return (eliminated(*operands)[1],)

    def flops(self, *shapes: Shape) -> Any:
        n, k = shapes[1]
        return n**3 + 2 * n**2 * k
