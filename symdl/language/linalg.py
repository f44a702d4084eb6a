"""Primitives as functions of tensors."""

from __future__ import annotations

from typing import Any

from symdl.language.elementwise import as_tensor
from symdl.language.errors import ShapeError, shape_text
from symdl.language.owners import Application
from symdl.language.primitives.argsort import Argsort
from symdl.language.primitives.base import Primitive
from symdl.language.primitives.cholesky import Cholesky
from symdl.language.primitives.det import Det
from symdl.language.primitives.inv import Inv
from symdl.language.primitives.logdet import Logdet
from symdl.language.primitives.solve import Solve
from symdl.language.primitives.stop_gradient import StopGradient
from symdl.language.primitives.triangular_solve import TriangularSolve
from symdl.language.shaping import axis_of, broadcast_to, expand_dims, squeeze, swapaxes
from symdl.language.tensor import Tensor


def applied(primitive: Primitive, *operands: Any) -> Tensor:
    """The first output of a primitive, batch axes broadcast."""
    tensors = _same_batches(primitive, [as_tensor(x) for x in operands])
    return Application(primitive, tuple(tensors)).outputs()[0]


def _same_batches(primitive: Primitive, tensors: list[Tensor]) -> list[Tensor]:
    cores = primitive.core
    for t, core in zip(tensors, cores, strict=True):
        if t.ndim < core:
            raise ShapeError(f"{primitive.name} acts on {core} axes, but {t.said} has shape "
                             f"{shape_text(t.shape)}")
    leads = [t.shape[:t.ndim - core] for t, core in zip(tensors, cores, strict=True)]
    widest = max(leads, key=len)
    return [t if lead == widest else broadcast_to(t, (*widest, *t.shape[t.ndim - core:]))
            for t, lead, core in zip(tensors, leads, cores, strict=True)]


def inv(a: Any) -> Tensor:
    """The inverse of a square matrix, batched over leading axes."""
    return applied(Inv(), a)


def det(a: Any) -> Tensor:
    """The determinant of a square matrix, batched over leading axes."""
    return applied(Det(), a)


def logdet(a: Any) -> Tensor:
    """Log det A; NaN where the determinant is negative, -inf where it is 0."""
    return applied(Logdet(), a)


def cholesky(a: Any) -> Tensor:
    """The lower triangular L with L Lᵀ = A; reads A's lower triangle."""
    return applied(Cholesky(), a)


def solve(a: Any, b: Any) -> Tensor:
    """X with A X = B for a matrix or a vector B, batched over leading axes."""
    return _system(Solve(), a, b)


def triangular_solve(a: Any, b: Any, lower: bool = True) -> Tensor:
    """X with A X = B, reading the lower (or upper) triangle of A only."""
    return _system(TriangularSolve(bool(lower)), a, b)


def _system(primitive: Primitive, a: Any, b: Any) -> Tensor:
    a, b = as_tensor(a), as_tensor(b)
    if b.ndim == 1 and a.ndim == 2:
        return squeeze(applied(primitive, a, expand_dims(b, 1)), 1)
    return applied(primitive, a, b)


def stop_gradient(x: Any) -> Tensor:
    """x, counted as a constant by every derivative."""
    return applied(StopGradient(), x)


def argsort(x: Any, axis: int = -1, descending: bool = False) -> Tensor:
    """The places of the sorted entries along an axis, integers without a gradient."""
    x = as_tensor(x)
    axis = axis_of(x, axis)
    order = applied(Argsort(bool(descending)), swapaxes(x, axis, x.ndim - 1))
    return swapaxes(order, axis, x.ndim - 1)
