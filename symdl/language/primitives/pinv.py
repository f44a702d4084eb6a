"""Moore and Penrose's inverse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symdl.language.errors import ShapeError, shape_text
from symdl.language.primitives.base import Functions, Primitive
from symdl.language.primitives.iterations import product
from symdl.language.primitives.jacobi import finite, singular_values, transposed
from symdl.language.reductions import matmul, reduced
from symdl.language.shaping import swapaxes
from symdl.language.tensor import Shape, Tensor

EPSILON = 2.0**-52


@dataclass(frozen=True)
class Pinv(Primitive):
    """P = A⁺, differentiated along changes of A that keep its rank.

    dP = -P dA P + P Pᵀ dAᵀ (I - A P) + (I - P A) dAᵀ Pᵀ P (Golub & Pereyra, *The differentiation
    of pseudo-inverses*, SIAM J. Numer. Anal. 10, 1973, eq. 4.12), and so
    Ā = -Pᵀ P̄ Pᵀ + (I - A P) P̄ᵀ P Pᵀ + Pᵀ P P̄ᵀ (I - P A).

    Singular values of at most max(rcond, max(m, n) ε) times the largest one count as 0.
    """

    rcond: float = 0.0
    core = (2,)

    @property
    def constants(self) -> tuple[float, ...]:
        return (self.rcond,)

    def signature(self, *operands: Tensor) -> tuple[tuple[Shape, str], ...]:
        (a,) = operands
        if a.ndim < 2:
            raise ShapeError(f"pinv takes a matrix, but {a.said} has shape {shape_text(a.shape)}")
        return (((*a.shape[:-2], a.shape[-1], a.shape[-2]), "real"),)

    def pullback(self, operands: Sequence[Tensor], outputs: Sequence[Tensor],
                 cotangents: Sequence[Tensor | None]) -> tuple[Tensor | None, ...]:
        (a,), (p,), (dp,) = operands, outputs, cotangents
        assert dp is not None
        pt, dpt = swapaxes(p, -1, -2), swapaxes(dp, -1, -2)
        left = matmul(matmul(dpt, p), pt)
        right = matmul(matmul(pt, p), dpt)
        return (-matmul(matmul(pt, dp), pt) + left - matmul(a, matmul(p, left))
                + right - matmul(matmul(right, p), a),)

    def kinks(self, operands: Sequence[Tensor], outputs: Sequence[Tensor],
              ) -> Sequence[tuple[str, Tensor]]:
        from symdl.language.linalg import svdvals
        from symdl.language.selection import where

        s = svdvals(operands[0])
        largest = reduced("max", s, (s.ndim - 1,), keepdims=True)
        counted = s > max(self.rcond, _NOISE) * largest
        return ((f"the rank of {operands[0].said} changes", where(counted, s, 1)),)

    def evaluate(self, functions: Functions, *operands: Any) -> tuple[Any, ...]:
        (a,) = operands
        m, n = len(a), len(a[0]) if a else 0
        if not m or not n or not finite(a):
            return ([[None] * m for _ in range(n)],)
        u, s, vt = singular_values(a, functions["sqrt"])
        least = max(self.rcond, max(m, n) * EPSILON) * s[0].real
        inverse = [1 / x if x.real > least else x * 0 for x in s]
        scaled = [[x * e for e in row] for x, row in zip(inverse, vt, strict=True)]
        return (product(transposed(scaled), u),)

    def flops(self, *shapes: Shape) -> Any:
        m, n = shapes[0]
        return 6 * m * n * (m + n)


_NOISE = 1e-10  # far above rounding, far below what a sampled point may come near to
