"""The solution of a triangular system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symdl.language.primitives.base import Functions, Primitive
from symdl.language.primitives.elimination import lower_solved, upper_solved
from symdl.language.primitives.solve import check_system
from symdl.language.reductions import matmul
from symdl.language.shaping import swapaxes, tril, triu
from symdl.language.tensor import Shape, Tensor


@dataclass(frozen=True)
class TriangularSolve(Primitive):
    """X with A X = B, reading one triangle of A: B̄ = A⁻ᵀ X̄, Ā = -tri(B̄ Xᵀ).

    (Giles, *Collected matrix derivative results*, 2008, section 2.2.)
    """

    lower: bool = True
    core = (2, 2)

    @property
    def name(self) -> str:
        return "triangular_solve"

    @property
    def numeric(self) -> str:
        return "_solve_lower" if self.lower else "_solve_upper"

    def signature(self, *operands: Tensor) -> tuple[tuple[Shape, str], ...]:
        check_system("triangular_solve", *operands)
        return ((operands[1].shape, "real"),)

    def pullback(self, operands: Sequence[Tensor], outputs: Sequence[Tensor],
                 cotangents: Sequence[Tensor | None]) -> tuple[Tensor | None, ...]:
        from symdl.language.linalg import triangular_solve

        (a, _), (x,), (dx,) = operands, outputs, cotangents
        assert dx is not None
        db = triangular_solve(swapaxes(a, -1, -2), dx, lower=not self.lower)
        triangle = tril if self.lower else triu
        return -triangle(matmul(db, swapaxes(x, -1, -2))), db

    def evaluate(self, functions: Functions, *operands: Any) -> tuple[Any, ...]:
        return ((lower_solved if self.lower else upper_solved)(*operands),)

    def flops(self, *shapes: Shape) -> Any:
        n, k = shapes[1]
        return n**2 * k
