"""Eigenvalues and eigenvectors of a symmetric matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symdl.language.primitives.base import Functions, Primitive, square
from symdl.language.primitives.jacobi import finite, symmetric_eigen, transposed
from symdl.language.primitives.ties import gaps, over_gaps
from symdl.language.reductions import matmul
from symdl.language.shaping import expand_dims, swapaxes
from symdl.language.tensor import Shape, Tensor


@dataclass(frozen=True)
class Eigh(Primitive):
    """(A + Aᵀ)/2 = V diag(w) Vᵀ: w ascending, eigenvectors as columns of V.

    Ā = V (diag(w̄) + F ∘ (Vᵀ V̄ - V̄ᵀ V)/2) Vᵀ with F_ij = 1/(w_j - w_i) off the diagonal, the
    symmetric part of Giles, *Collected matrix derivative results*, 2008, section 3.1. Without V̄
    nothing is divided by. In each column the first entry of at least a tenth of the largest
    magnitude is positive.
    """

    core = (2,)

    def signature(self, *operands: Tensor) -> tuple[tuple[Shape, str], ...]:
        (a,) = operands
        square("eigh", a)
        return (a.shape[:-1], "real"), (a.shape, "real")

    def pullback(self, operands: Sequence[Tensor], outputs: Sequence[Tensor],
                 cotangents: Sequence[Tensor | None]) -> tuple[Tensor | None, ...]:
        (w, v), (dw, dv) = outputs, cotangents
        vt = swapaxes(v, -1, -2)
        terms = []
        if dw is not None:
            terms.append(matmul(v * expand_dims(dw, dw.ndim - 1), vt))
        if dv is not None:
            m = matmul(vt, dv)
            terms.append(matmul(matmul(v, over_gaps((m - swapaxes(m, -1, -2)) / 2, w)), vt))
        return (terms[0] if len(terms) == 1 else terms[0] + terms[1],)

    def kinks(self, operands: Sequence[Tensor], outputs: Sequence[Tensor],
              ) -> Sequence[tuple[str, Tensor]]:
        return ((f"two equal eigenvalues of {operands[0].said}", gaps(outputs[0])),)

    def evaluate(self, functions: Functions, *operands: Any) -> tuple[Any, ...]:
        (a,) = operands
        n = len(a)
        if not n or not finite(a):
            return [None] * n, [[None] * n for _ in range(n)]
        w, vectors = symmetric_eigen(a, functions["sqrt"])
        return w, transposed(vectors)

    def flops(self, *shapes: Shape) -> Any:
        return 9 * shapes[0][0] ** 3
