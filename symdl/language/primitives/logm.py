"""The logarithm of a matrix."""

from __future__ import annotations

from dataclasses import dataclass

from symdl.language.primitives.base import Functions, Matrix
from symdl.language.primitives.iterations import logarithm
from symdl.language.primitives.matrix_function import MatrixFunction
from symdl.language.tensor import Tensor


@dataclass(frozen=True)
class Logm(MatrixFunction):
    """X with e^X = A and eigenvalues of imaginary part within (-π, π), the principal one.

    (Higham, *Functions of Matrices*, 2008, theorem 1.31.)
    """

    def derivative(self, a: Tensor, b: Tensor) -> Tensor:
        from symdl.language.linalg import inv

        return inv(a)

    def of_matrix(self, functions: Functions, a: Matrix) -> Matrix | None:
        return logarithm(a, functions["sqrt"], functions["log"])
