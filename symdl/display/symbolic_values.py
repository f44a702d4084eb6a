"""Values as SymPy's matrix expressions, vectors as columns, and what joins them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from sympy.matrices import expressions as mx
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from symdl.display.errors import NotationError
from symdl.language.scalars import CATALOGUE


@dataclass(frozen=True)
class Value:
    """A scalar, a vector as a column, or a matrix."""

    expr: Any
    ndim: int


def repeated(size: Value, value: Value) -> Value:
    """A vector of a number of equal entries."""
    if not size.expr.is_Integer or value.ndim:
        raise NotationError("an array filled with a number")
    return Value(sympy.ImmutableMatrix([value.expr] * int(size.expr)), 1)


def joined(how: str, parts: Sequence[Value], axis: str) -> Value:
    """Blocks below or beside each other; vectors of entries are an explicit matrix."""
    ndim = parts[0].ndim
    if any(v.ndim != ndim for v in parts) or axis not in ("0", "1") or not 1 <= ndim <= 2:
        raise NotationError("a join of parts of other shapes")
    if how == "stack" and ndim == 1:
        return Value(_blocks([v.expr.T if axis == "0" else v.expr for v in parts], axis), 2)
    if how == "stack" or (ndim == 1 and axis == "1"):
        raise NotationError("a stack of matrices")
    return Value(_blocks([v.expr for v in parts], axis), ndim)


def _blocks(parts: Sequence[Any], axis: str) -> Any:
    """A block matrix of rows of blocks, or an explicit matrix of explicit ones."""
    explicit = [p.as_explicit() if _is_filled(p) else p for p in parts]
    if all(isinstance(p, sympy.MatrixBase) for p in explicit):
        join = sympy.Matrix.vstack if axis == "0" else sympy.Matrix.hstack
        return sympy.ImmutableMatrix(join(*map(sympy.Matrix, explicit)))
    rows = [_row_of(p) for p in parts]
    if axis == "0" and len({len(r) for r in rows}) == 1:
        return mx.BlockMatrix(rows)
    return mx.BlockMatrix([[p] for p in parts] if axis == "0" else [list(parts)])


def _is_filled(m: Any) -> bool:
    """Whether it is a number of ones or zeros."""
    return isinstance(m, (mx.OneMatrix, mx.ZeroMatrix)) and all(k.is_Integer for k in m.shape)


def _row_of(m: Any) -> list[Any]:
    """The blocks of a block row, and a matrix as the only one."""
    one = isinstance(m, mx.BlockMatrix) and m.blocks.shape[0] == 1
    return list(m.blocks) if one else [m]


def column(m: Any, at: Sequence[Any]) -> Value:
    """A row or a column of a matrix, as a column."""
    row, column = at
    if isinstance(row, slice):
        return Value(m[:, column], 1)
    return Value(m[row, :].T, 1)


def _broadcast(a: Value, b: Value) -> tuple[Any, Any, int]:
    """Both with the same shape, as NumPy broadcasts."""
    ndim = max(a.ndim, b.ndim)
    if ndim == 0:
        return a.expr, b.expr, 0
    shape = (b if b.ndim == ndim else a).expr.shape
    pair = [_rows(v, ndim) for v in (a, b)]
    sizes = [pair[0].shape[k] if pair[0].shape[k] != 1 else pair[1].shape[k] for k in (0, 1)] \
        if all(hasattr(p, "shape") for p in pair) else list(shape)
    return _spread(pair[0], sizes), _spread(pair[1], sizes), ndim


def _rows(v: Value, ndim: int) -> Any:
    """A vector beside a matrix is a row."""
    return v.expr.T if v.ndim == 1 and ndim == 2 else v.expr


def _spread(m: Any, sizes: Sequence[Any]) -> Any:
    if not hasattr(m, "shape"):
        return m * mx.OneMatrix(*sizes)
    if m.shape[0] != sizes[0]:
        m = mx.OneMatrix(sizes[0], 1) * m
    return m if m.shape[1] == sizes[1] else m * mx.OneMatrix(1, sizes[1])


def added(a: Value, b: Value) -> Value:
    """The sum, of the common shape."""
    left, right, ndim = _broadcast(a, b)
    return Value(left + right, ndim)


def times(a: Value, b: Value) -> Value:
    """The product entry by entry, of the common shape."""
    if not a.ndim or not b.ndim:
        return Value(a.expr * b.expr, a.ndim or b.ndim)
    left, right, ndim = _broadcast(a, b)
    return Value(mx.hadamard_product(left, right), ndim)


def power(base: Value, exponent: Any) -> Value:
    """The power, entry by entry."""
    if not base.ndim:
        return Value(base.expr**exponent, 0)
    return Value(mx.HadamardPower(base.expr, exponent), base.ndim)


def matmul(a: Value, b: Value) -> Value:
    """The product of matrices and vectors."""
    if a.ndim == b.ndim == 1:
        return Value(mx.Trace(a.expr.T * b.expr), 0)
    if a.ndim == 1:
        return Value(b.expr.T * a.expr, 1)
    return Value(a.expr * b.expr, b.ndim)


def applied(formula: Any, value: Value) -> Value:
    """A scalar function, entry by entry."""
    (argument,) = formula.free_symbols
    if not value.ndim:
        return Value(formula.xreplace({argument: value.expr}), 0)
    dummy = sympy.Dummy("t", real=True)
    function = sympy.Lambda(dummy, formula.xreplace({argument: dummy}))
    return Value(ElementwiseApplyFunction(function, value.expr), value.ndim)


def _softmax(x: Value) -> Value:
    e = applied(CATALOGUE["exp"].body(), x)
    if x.ndim == 1:
        total = mx.Trace(mx.OneMatrix(1, x.expr.shape[0]) * e.expr)
        return Value(e.expr / total, 1)
    columns = x.expr.shape[1]
    sums = e.expr * mx.OneMatrix(columns, 1) * mx.OneMatrix(1, columns)
    return times(e, power(Value(sums, 2), sympy.S.NegativeOne))


def _diag(x: Value) -> Value:
    return Value(mx.DiagMatrix(x.expr), 2) if x.ndim == 1 else Value(mx.DiagonalOf(x.expr), 1)


MATRIX: dict[str, Any] = {
    "trace": lambda a: Value(mx.Trace(a.expr), 0),
    "det": lambda a: Value(mx.Determinant(a.expr), 0),
    "logdet": lambda a: Value(sympy.log(mx.Determinant(a.expr)), 0),
    "inv": lambda a: Value(mx.Inverse(a.expr), 2),
    "solve": lambda a, b: Value(mx.Inverse(a.expr) * b.expr, b.ndim),
    "sqrtm": lambda a: Value(mx.MatPow(a.expr, sympy.Rational(1, 2)), 2),
    "eye": lambda n: Value(mx.Identity(n.expr), 2),
    "outer": lambda a, b: Value(a.expr * b.expr.T, 2),
    "diag": _diag,
    "softmax": _softmax,
}
"""Functions of matrices."""

