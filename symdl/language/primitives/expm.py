"""The exponential of a matrix."""

from __future__ import annotations

from dataclasses import dataclass

from symdl.language.primitives.base import Functions, Matrix
from symdl.language.primitives.iterations import exponential
from symdl.language.primitives.matrix_function import MatrixFunction
from symdl.language.tensor import Tensor


@dataclass(frozen=True)
class Expm(MatrixFunction):
    """e^A = Σ Aᵏ/k! (Higham, *Functions of Matrices*, 2008, eq. 10.1)."""

    def derivative(self, a: Tensor, b: Tensor) -> Tensor:
        return b

    def of_matrix(self, functions: Functions, a: Matrix) -> Matrix | None:
        return exponential(a, functions["exp"])
