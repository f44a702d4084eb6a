"""Eigenvalues and eigenvectors of a symmetric matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symdl.language.primitives.base import Functions, Primitive, square
from symdl.language.primitives.cholesky import half_lower
from symdl.language.primitives.jacobi import finite, symmetric_eigen, transposed
from symdl.language.primitives.ties import gaps, over_gaps
from symdl.language.reductions import matmul
from symdl.language.shaping import expand_dims, swapaxes
from symdl.language.tensor import Shape, Tensor


@dataclass(frozen=True)
class Eigh(Primitive):
    """A = V diag(w) Vᵀ, read from A's lower triangle: w ascending, eigenvectors as columns.

    S = V (diag(w̄) + F ∘ (Vᵀ V̄)) Vᵀ with F_ij = 1/(w_j - w_i) off the diagonal (Giles,
    *Collected matrix derivative results*, 2008, section 3.1), and Ā = Φ(S + Sᵀ), the lower
    triangle with half the diagonal, is the gradient in the lower triangle. Without V̄ nothing is
    divided by. In each column the first entry of at least a tenth of the largest magnitude is
    positive.
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
        scaled = [] if dw is None else [v * expand_dims(dw, dw.ndim - 1)]
        turned = [] if dv is None else [matmul(v, over_gaps(matmul(vt, dv), w))]
        terms = [matmul(x, vt) for x in (*scaled, *turned)]
        s = terms[0] if len(terms) == 1 else terms[0] + terms[1]
        return (half_lower(s + swapaxes(s, -1, -2)),)

    def kinks(self, operands: Sequence[Tensor], outputs: Sequence[Tensor],
              ) -> Sequence[tuple[str, Tensor]]:
        return ((f"two equal eigenvalues of {operands[0].label}", gaps(outputs[0])),)

    def evaluate(self, functions: Functions, *operands: Any) -> tuple[Any, ...]:
        (a,) = operands
        n = len(a)
        if not n or not finite([row[:k + 1] for k, row in enumerate(a)]):
            return [None] * n, [[None] * n for _ in range(n)]
        w, vectors = symmetric_eigen(a, functions["sqrt"])
        return w, transposed(vectors)

    def flops(self, *shapes: Shape) -> Any:
        return 9 * shapes[0][0] ** 3
