"""What functions of a square matrix have in common: their derivative."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symdl.language.primitives.base import Functions, Matrix, Primitive, square
from symdl.language.primitives.jacobi import finite
from symdl.language.shaping import at, concatenate, swapaxes, view, zeros
from symdl.language.tensor import Shape, Tensor


@dataclass(frozen=True)
class MatrixFunction(Primitive):
    """B = f(A) for an analytic f: Ā is the upper right block of f([[Aᵀ, B̄], [0, Aᵀ]]).

    That block is the Fréchet derivative L(Aᵀ, B̄), the adjoint of L(A, ·), and holds for repeated
    eigenvalues too (Higham, *Functions of Matrices*, 2008, eq. 3.16 and section 3.2).
    """

    core = (2,)

    def signature(self, *operands: Tensor) -> tuple[tuple[Shape, str], ...]:
        square(self.name, operands[0])
        return ((operands[0].shape, "real"),)

    def pullback(self, operands: Sequence[Tensor], outputs: Sequence[Tensor],
                 cotangents: Sequence[Tensor | None]) -> tuple[Tensor | None, ...]:
        from symdl.language.linalg import applied

        (a,), (db,) = operands, cotangents
        assert db is not None
        at_ = swapaxes(a, -1, -2)
        upper = concatenate([at_, db], -1)
        lower = concatenate([zeros(*a.shape), at_], -1)
        f = applied(self, concatenate([upper, lower], -2))
        lead, n = [at(k) for k in range(a.ndim - 1)], a.shape[-1]
        return (view(f, a.shape, [*lead, n + at(a.ndim - 1)]),)

    def evaluate(self, functions: Functions, *operands: Any) -> tuple[Any, ...]:
        (a,) = operands
        value = self.of_matrix(functions, a) if a and finite(a) else None
        return (value or [[None] * len(a) for _ in a],)

    @abstractmethod
    def of_matrix(self, functions: Functions, a: Matrix) -> Matrix | None:
        """The value at a finite matrix that isn't empty; None where there is none."""

    def flops(self, *shapes: Shape) -> Any:
        return 20 * shapes[0][0] ** 3
