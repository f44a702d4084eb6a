"""The inverse of a square matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symdl.language.primitives.base import Functions, Primitive, square
from symdl.language.primitives.elimination import eliminated
from symdl.language.reductions import matmul
from symdl.language.shaping import swapaxes
from symdl.language.tensor import Shape, Tensor


@dataclass(frozen=True)
class Inv(Primitive):
    """B = A⁻¹: Ā = -Bᵀ B̄ Bᵀ (Petersen & Pedersen, *The Matrix Cookbook*, 2012, eq. 59)."""

    core = (2,)

    def signature(self, *operands: Tensor) -> tuple[tuple[Shape, str], ...]:
        square("inv", operands[0])
        return ((operands[0].shape, "real"),)

    def pullback(self, operands: Sequence[Tensor], outputs: Sequence[Tensor],
                 cotangents: Sequence[Tensor | None]) -> tuple[Tensor | None, ...]:
        (b,), (db,) = outputs, cotangents
        assert db is not None
        bt = swapaxes(b, -1, -2)
        return (-matmul(matmul(bt, db), bt),)

    def evaluate(self, functions: Functions, *operands: Any) -> tuple[Any, ...]:
        (a,) = operands
        n = len(a)
        one = [[(a[0][0] * 0 + (i == j)) for j in range(n)] for i in range(n)]
        return (eliminated(a, one)[1],)

    def flops(self, *shapes: Shape) -> Any:
        return 2 * shapes[0][0] ** 3
