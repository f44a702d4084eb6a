"""SymPy's matrix expressions, each as the operator that it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, Protocol

import sympy
from sympy.matrices import expressions as mx
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.special import GenericIdentity

from symdl.language import operators as op
from symdl.language.errors import ShapeError, SymdlError
from symdl.language.form import Form
from symdl.language.functions.products import kron, matrix_power
from symdl.language.tensor import Tensor


class Read(Protocol):
    """What reads the operands of an expression."""

    def __call__(self, e: Any) -> Tensor:
        """The tensor that an operand is."""

    def form(self, e: Any) -> Form:
        """The size or the place that an integer expression is."""

    def apply(self, function: sympy.Lambda, operand: Tensor) -> Tensor:
        """A function of one number, entry by entry."""


def _matmul(e: Any, read: Read) -> Tensor:
    matrices = [read(a) for a in e.args if a.is_Matrix]
    factors = [read(a) for a in e.args if not a.is_Matrix]
    return reduce(op.multiply, factors, reduce(op.matmul, matrices))


def _power(e: Any, read: Read) -> Tensor:
    base, exponent = e.args
    if exponent == sympy.Rational(1, 2):
        return op.sqrtm(read(base))
    if exponent.is_Integer:
        return matrix_power(read(base), int(exponent))
    raise SymdlError(f"{e}: the power of a matrix is an integer number, not {exponent}")


def _blocks(e: Any, read: Read) -> Tensor:
    blocks = e.blocks
    return op.concatenate([
        op.concatenate([read(blocks[r, c]) for c in range(blocks.shape[1])], 1)
        for r in range(blocks.shape[0])], 0)


def _explicit(e: Any, read: Read) -> Tensor:
    rows, columns = e.shape
    return op.stack([op.stack([read(e[r, c]) for c in range(columns)]) for r in range(rows)])


def _slice(e: Any, read: Read) -> Tensor:
    keys = []
    for start, stop, step in (e.rowslice, e.colslice):
        if not step.is_Integer or step < 1:
            raise SymdlError(f"{e}: the step of a slice is a positive number, not {step}")
        keys.append(slice(read.form(start), read.form(stop), int(step)))
    return read(e.parent)[tuple(keys)]  # type: ignore[no-any-return]


def _dot(e: Any, read: Read) -> Tensor:
    left, right = (op.reshape(read(a), (-1,)) for a in e.args)
    return op.matmul(left, right)


def _diagonal_matrix(e: Any, read: Read) -> Tensor:
    inner = read(e.args[0])
    if inner.shape[1] == 1:
        return op.diag(op.squeeze(inner, 1))
    if inner.shape[0] == 1:
        return op.diag(op.squeeze(inner, 0))
    if inner.shape[0] != inner.shape[1]:
        raise ShapeError(f"{e}: the diagonal of a matrix that isn't square has no symbolic length")
    return op.multiply(inner, op.eye(inner.shape[0]))


def _filled(value: int) -> Callable[[Any, Read], Tensor]:
    return lambda e, read: op.full(tuple(map(read.form, e.shape)), value)


def _identity(e: Any, read: Read) -> Tensor:
    if isinstance(e, GenericIdentity):
        raise SymdlError("an identity without a size; write Identity(n)")
    return op.eye(read.form(e.shape[0]))


MATRICES: Mapping[type, Callable[[Any, Read], Tensor]] = {
    mx.MatAdd: lambda e, read: reduce(op.add, map(read, e.args)),
    mx.MatMul: _matmul,
    mx.MatPow: _power,
    mx.Inverse: lambda e, read: op.inv(read(e.arg)),
    mx.Transpose: lambda e, read: op.transpose(read(e.arg)),
    mx.Adjoint: lambda e, read: op.transpose(read(e.arg)),
    mx.HadamardProduct: lambda e, read: reduce(op.multiply, map(read, e.args)),
    mx.HadamardPower: lambda e, read: op.power(*map(read, e.args)),
    mx.KroneckerProduct: lambda e, read: reduce(kron, map(read, e.args)),
    mx.BlockMatrix: _blocks,
    mx.Identity: _identity,
    mx.ZeroMatrix: _filled(0),
    mx.OneMatrix: _filled(1),
    mx.DiagMatrix: _diagonal_matrix,
    mx.DiagonalMatrix: _diagonal_matrix,
    mx.DiagonalOf: lambda e, read: op.expand_dims(op.diagonal(read(e.arg)), 1),
    mx.matexpr.MatrixElement: lambda e, read: read(e.parent)[
        read.form(e.i), read.form(e.j)],
    mx.MatrixSlice: _slice,
    mx.DotProduct: _dot,
    ElementwiseApplyFunction: lambda e, read: read.apply(e.function, read(e.expr)),
    mx.Trace: lambda e, read: op.trace(read(e.arg)),
    mx.Determinant: lambda e, read: op.det(read(e.arg)),
    sympy.MatrixBase: _explicit,
}
"""Heads of matrix expressions -> what they mean; matrices have two axes throughout."""
