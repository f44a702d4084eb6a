"""The square root of a matrix."""

from __future__ import annotations

from dataclasses import dataclass

from symdl.language.primitives.base import Functions, Matrix
from symdl.language.primitives.iterations import square_root
from symdl.language.primitives.matrix_function import MatrixFunction
from symdl.language.tensor import Tensor


@dataclass(frozen=True)
class Sqrtm(MatrixFunction):
    """X with X X = A and eigenvalues of positive real part, the principal one.

    (Higham, *Functions of Matrices*, 2008, theorem 1.29.)
    """

    def derivative(self, a: Tensor, b: Tensor) -> Tensor:
        from symdl.language.linalg import inv

        return inv(b) / 2

    def of_matrix(self, functions: Functions, a: Matrix) -> Matrix | None:
        return square_root(a, functions["sqrt"])
