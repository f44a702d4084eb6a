"""The sign and the logarithm of the magnitude of the determinant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symdl.language.primitives.base import Functions, Primitive, square
from symdl.language.primitives.elimination import eliminated
from symdl.language.shaping import expand_dims, swapaxes
from symdl.language.tensor import Shape, Tensor


@dataclass(frozen=True)
class Slogdet(Primitive):
    """sign(det A) and s = log |det A|: Ā = s̄ A⁻ᵀ (*The Matrix Cookbook*, 2012, eq. 57)."""

    core = (2,)

    def signature(self, *operands: Tensor) -> tuple[tuple[Shape, str], ...]:
        square("slogdet", operands[0])
        return ((operands[0].shape[:-2], "real"),) * 2

    def pullback(self, operands: Sequence[Tensor], outputs: Sequence[Tensor],
                 cotangents: Sequence[Tensor | None]) -> tuple[Tensor | None, ...]:
        from symdl.language.linalg import inv

        (a,), (_, ds) = operands, cotangents
        if ds is None:
            return (None,)
        scale = expand_dims(expand_dims(ds, ds.ndim), ds.ndim + 1)
        return (scale * swapaxes(inv(a), -1, -2),)

    def kinks(self, operands: Sequence[Tensor], outputs: Sequence[Tensor],
              ) -> Sequence[tuple[str, Tensor]]:
        from symdl.language.linalg import det

        return ((f"det {operands[0].label} = 0", det(operands[0])),)

    def evaluate(self, functions: Functions, *operands: Any) -> tuple[Any, ...]:
        det = eliminated(operands[0], [[] for _ in operands[0]])[0]
        if det != det:
            return det, det
        sign = (det.real > 0) - (det.real < 0)
        return sign, functions["log"](det * sign)

    def flops(self, *shapes: Shape) -> Any:
        return shapes[0][0] ** 3
