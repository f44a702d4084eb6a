"""Cholesky's factorisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symdl.language.primitives.base import Functions, Primitive, square
from symdl.language.primitives.elimination import cholesky_factor
from symdl.language.reductions import matmul
from symdl.language.shaping import at, swapaxes, tril, view
from symdl.language.tensor import Shape, Tensor


@dataclass(frozen=True)
class Cholesky(Primitive):
    """A = L Lᵀ, read from A's lower triangle.

    With Φ(M) the lower triangle of M with half its diagonal,
    S = L⁻ᵀ Φ(Lᵀ L̄) L⁻¹ and Ā = Φ(S + Sᵀ), the gradient in the lower triangle
    (Murray, *Differentiation of the Cholesky decomposition*, 2016, eq. 10).
    """

    core = (2,)

    def signature(self, *operands: Tensor) -> tuple[tuple[Shape, str], ...]:
        square("cholesky", operands[0])
        return ((operands[0].shape, "real"),)

    def pullback(self, operands: Sequence[Tensor], outputs: Sequence[Tensor],
                 cotangents: Sequence[Tensor | None]) -> tuple[Tensor | None, ...]:
        from symdl.language.linalg import triangular_solve

        (low,), (dlow,) = outputs, cotangents
        assert dlow is not None
        upper = swapaxes(low, -1, -2)
        right = triangular_solve(upper, _half_lower(matmul(upper, dlow)), lower=False)
        s = swapaxes(triangular_solve(upper, swapaxes(right, -1, -2), lower=False), -1, -2)
        return (_half_lower(s + swapaxes(s, -1, -2)),)

    def evaluate(self, functions: Functions, *operands: Any) -> tuple[Any, ...]:
        return (cholesky_factor(operands[0], functions["sqrt"]),)

    def flops(self, *shapes: Shape) -> Any:
        return shapes[0][0] ** 3


def _half_lower(m: Tensor) -> Tensor:
    """The lower triangle with half the diagonal."""
    from symdl.language.elementwise import multiply, subtract
    from symdl.language.guard import Guard

    i, j = at(m.ndim - 2), at(m.ndim - 1)
    on_diagonal = view(m, m.shape, [at(k) for k in range(m.ndim)], (Guard(i - j, "=="),))
    return subtract(tril(m), multiply(on_diagonal, 0.5))
