"""The thin singular value decomposition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symdl.language.bounds import nonnegative
from symdl.language.errors import ShapeError, shape_text
from symdl.language.form import Form, least
from symdl.language.primitives.base import Functions, Primitive
from symdl.language.primitives.jacobi import finite, singular_values, transposed
from symdl.language.primitives.ties import gaps, over_gaps
from symdl.language.reductions import matmul
from symdl.language.shaping import expand_dims, swapaxes
from symdl.language.tensor import Shape, Tensor


@dataclass(frozen=True)
class Svd(Primitive):
    """A = U diag(s) Vᵀ with min(m, n) singular values, descending; the outputs are U, s and Vᵀ.

    With F_ij = 1/(s_j² - s_i²) off the diagonal and S = diag(s)

        Ā = U (diag(s̄) + (F ∘ (Uᵀ Ū - Ūᵀ U)) S + S (F ∘ (Vᵀ V̄ - V̄ᵀ V))) Vᵀ
            + (I - U Uᵀ) Ū S⁻¹ Vᵀ + U S⁻¹ V̄ᵀ (I - V Vᵀ)

    (Townsend, *Differentiating the singular value decomposition*, 2016; of s alone
    Giles, *Collected matrix derivative results*, 2008, section 3.2). Without Ū and V̄ nothing is
    divided by. In each column of U the first entry of at least a tenth of the largest magnitude
    is positive.
    """

    core = (2,)

    def signature(self, *operands: Tensor) -> tuple[tuple[Shape, str], ...]:
        (a,) = operands
        if a.ndim < 2:
            raise ShapeError(f"svd takes a matrix, but {a.label} has shape {shape_text(a.shape)}")
        *lead, m, n = a.shape
        k = smaller(m, n)
        return ((*lead, m, k), "real"), ((*lead, k), "real"), ((*lead, k, n), "real")

    def pullback(self, operands: Sequence[Tensor], outputs: Sequence[Tensor],
                 cotangents: Sequence[Tensor | None]) -> tuple[Tensor | None, ...]:
        (u, s, vt), (du, ds, dvt) = outputs, cotangents
        terms = [] if ds is None else [matmul(u * expand_dims(ds, ds.ndim - 1), vt)]
        if du is not None:
            terms += _left(u, s, vt, du)
        if dvt is not None:
            v, dv = swapaxes(vt, -1, -2), swapaxes(dvt, -1, -2)
            terms += [swapaxes(x, -1, -2) for x in _left(v, s, swapaxes(u, -1, -2), dv)]
        total = terms[0]
        for x in terms[1:]:
            total = total + x
        return (total,)

    def kinks(self, operands: Sequence[Tensor], outputs: Sequence[Tensor],
              ) -> Sequence[tuple[str, Tensor]]:
        label, s = operands[0].label, outputs[1]
        return ((f"two equal singular values of {label}", gaps(s)),
                (f"a singular value of {label} = 0", s))

    def evaluate(self, functions: Functions, *operands: Any) -> tuple[Any, ...]:
        (a,) = operands
        m, n = len(a), len(a[0]) if a else 0
        k = min(m, n)
        if not k or not finite(a):
            return ([[None] * k for _ in range(m)], [None] * k, [[None] * n for _ in range(k)])
        u, s, vt = singular_values(a, functions["sqrt"])
        return transposed(u), s, vt

    def flops(self, *shapes: Shape) -> Any:
        m, n = shapes[0]
        return 6 * m * n * (m + n)


def _left(u: Tensor, s: Tensor, vt: Tensor, du: Tensor) -> list[Tensor]:
    """U (F ∘ (Uᵀ Ū - Ūᵀ U)) S Vᵀ, and (I - U Uᵀ) Ū S⁻¹ Vᵀ where U isn't square."""
    row = expand_dims(s, s.ndim - 1)
    inner = matmul(swapaxes(u, -1, -2), du)
    turned = over_gaps(inner - swapaxes(inner, -1, -2), s**2)
    terms = [matmul(matmul(u, turned * row), vt)]
    if u.shape[-1] != u.shape[-2]:
        terms.append(matmul((du - matmul(u, inner)) / row, vt))
    return terms


def smaller(m: Form, n: Form) -> Form:
    """The smaller of two sizes; one of them where that is proved."""
    if nonnegative(m - n, ()):
        return n
    return m if nonnegative(n - m, ()) else least(m, n)
