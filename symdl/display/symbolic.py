"""To SymPy: matrix expressions where a result has matrix notation, else sums over entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import sympy
from sympy.matrices import expressions as mx
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from symdl.display.errors import NotationError
from symdl.display.matrix import formulas_of
from symdl.display.symbolic_entries import by_entries, named_symbol, size_symbol
from symdl.display.tree import Node
from symdl.language.scalars import CATALOGUE
from symdl.language.tensor import Tensor, Variable


def to_sympy(t: Tensor) -> Any:
    """Say a result in SymPy's terms.

    Parameters
    ----------
    t : Tensor
        Any result without recurrences.

    Returns
    -------
    sympy.Expr
        A matrix expression where the result has matrix notation, a vector as a column; else a
        formula in entries with Sum and Product, as a FunctionMatrix or an ArrayComprehension
        where it has axes. `symdl.from_sympy` reads each of them.

    Raises
    ------
    NotationError
        For recurrences, and for matrix functions that SymPy doesn't have.
    """
    if t.ndim <= 2:
        try:
            return _Matrices(t).result()
        except NotationError:
            pass
    return by_entries(t)


@dataclass(frozen=True)
class _Value:
    """A scalar, a vector as a column, or a matrix."""

    expr: Any
    ndim: int


class _Matrices:
    """Turns the formulas of a page into matrix expressions: one method a head."""

    def __init__(self, t: Tensor):
        arranged, self.formulas = formulas_of(t)
        self.root = arranged.root
        self.known: dict[Tensor, _Value] = {}

    def result(self) -> Any:
        """The root's expression."""
        return self.of(self.formulas[self.root]).expr

    def of(self, x: Node) -> _Value:
        """The value of a formula."""
        method = getattr(self, f"_{x.head}", None)
        if method is None:
            raise NotationError(f"{x.head} is no matrix expression of SymPy's")
        value: _Value = method(x)
        return value

    def _number(self, x: Node) -> _Value:
        return _Value(sympy.Rational(x.text), 0)

    def _name(self, x: Node) -> _Value:
        constants = {"pi": sympy.pi, "inf": sympy.oo, "nan": sympy.nan,
                     "euler_gamma": sympy.EulerGamma}
        if not x.text.isidentifier():
            return _Value(sympy.Rational(x.text), 0)
        return _Value(constants.get(x.text, size_symbol(x.text)), 0)

    def _tensor(self, x: Node) -> _Value:
        t = x.tensor
        assert t is not None
        if t.ndim > 2:
            raise NotationError(f"{t.label} has {t.ndim} axes")
        if isinstance(t, Variable):
            return _Value(named_symbol(t), t.ndim)
        if t not in self.known:
            self.known[t] = self.of(self.formulas[t])
        return self.known[t]

    def _add(self, x: Node) -> _Value:
        return reduce(_added, map(self.of, x.args))

    def _neg(self, x: Node) -> _Value:
        value = self.of(x.args[0])
        return _Value(-value.expr, value.ndim)

    def _mul(self, x: Node) -> _Value:
        return reduce(_times, map(self.of, x.args))

    def _div(self, x: Node) -> _Value:
        above, below = map(self.of, x.args)
        return _times(above, _power(below, sympy.S.NegativeOne))

    def _power(self, x: Node) -> _Value:
        base, exponent = map(self.of, x.args)
        if exponent.ndim:
            raise NotationError("an exponent with axes")
        return _power(base, exponent.expr)

    def _matmul(self, x: Node) -> _Value:
        return reduce(_matmul, map(self.of, x.args))

    def _transpose(self, x: Node) -> _Value:
        value = self.of(x.args[0])
        return _Value(value.expr.T, 2) if value.ndim == 2 else value

    def _item(self, x: Node) -> _Value:
        value, keys = self.of(x.args[0]), x.args[1:]
        whole = [k.head == "slice" and all(a.head == "name" and not a.text for a in k.args)
                 for k in keys]
        if value.ndim == 1 and [k.text for k in keys] in (["", "None"], ["None", ""]):
            return _Value(value.expr if keys[1].text else value.expr.T, 2)
        if value.ndim == 2 and len(keys) == 2 and not all(whole):
            at = [slice(None) if w else self._place(k) for k, w in zip(keys, whole, strict=True)]
            if not any(whole):
                return _Value(value.expr[tuple(at)], 0)
            return _column(value.expr, at)
        if value.ndim == 1 and len(keys) == 1 and not whole[0]:
            return _Value(value.expr[self._place(keys[0]), 0], 0)
        raise NotationError("a slice of a slice")

    def _place(self, x: Node) -> Any:
        value = self.of(x)
        if value.ndim or not value.expr.is_integer:
            raise NotationError("a gather")
        return value.expr

    def _call(self, x: Node) -> _Value:
        plain = [a for a in x.args if a.head != "keyword"]
        options = {a.text: a.args[0] for a in x.args if a.head == "keyword"}
        if x.text in ("ones", "zeros"):
            return self._filled(plain[0], x.text)
        args = [self.of(a) for a in plain]
        if x.text in _MATRIX and not options:
            value: _Value = _MATRIX[x.text](*args)
            return value
        if x.text == "sum" and set(options) <= {"axis"}:
            return self._sum(args[0], options.get("axis"))
        if x.text in CATALOGUE and CATALOGUE[x.text].arity == len(args) == 1 and not options:
            formula = CATALOGUE[x.text].body()
            return _applied(formula, args[0])
        raise NotationError(f"{x.text} has no counterpart among SymPy's matrix expressions")

    def _filled(self, shape: Node, what: str) -> _Value:
        sizes = [self.of(a).expr for a in shape.args] if shape.head == "tuple" else [
            self.of(shape).expr]
        if not 1 <= len(sizes) <= 2:
            raise NotationError("an array of more than two axes")
        make = mx.OneMatrix if what == "ones" else mx.ZeroMatrix
        return _Value(make(*sizes, *([1] if len(sizes) == 1 else [])), len(sizes))

    def _sum(self, value: _Value, axis: Node | None) -> _Value:
        rows, columns = value.expr.shape
        if axis is None:
            total = mx.OneMatrix(1, rows) * value.expr * mx.OneMatrix(columns, 1)
            return _Value(mx.Trace(total), 0)
        if axis.text == "1" and value.ndim == 2:
            return _Value(value.expr * mx.OneMatrix(columns, 1), 1)
        if axis.text == "0" and value.ndim == 2:
            return _Value(value.expr.T * mx.OneMatrix(rows, 1), 1)
        raise NotationError("a sum over several axes")


def _column(m: Any, at: Sequence[Any]) -> _Value:
    """A row or a column of a matrix, as a column."""
    row, column = at
    if isinstance(row, slice):
        return _Value(m[:, column], 1)
    return _Value(m[row, :].T, 1)


def _broadcast(a: _Value, b: _Value) -> tuple[Any, Any, int]:
    """Both with the same shape, as NumPy broadcasts."""
    ndim = max(a.ndim, b.ndim)
    if ndim == 0:
        return a.expr, b.expr, 0
    shape = (b if b.ndim == ndim else a).expr.shape
    pair = [_rows(v, ndim) for v in (a, b)]
    sizes = [pair[0].shape[k] if pair[0].shape[k] != 1 else pair[1].shape[k] for k in (0, 1)] \
        if all(hasattr(p, "shape") for p in pair) else list(shape)
    return _spread(pair[0], sizes), _spread(pair[1], sizes), ndim


def _rows(v: _Value, ndim: int) -> Any:
    """A vector beside a matrix is a row."""
    return v.expr.T if v.ndim == 1 and ndim == 2 else v.expr


def _spread(m: Any, sizes: Sequence[Any]) -> Any:
    if not hasattr(m, "shape"):
        return m * mx.OneMatrix(*sizes)
    if m.shape[0] != sizes[0]:
        m = mx.OneMatrix(sizes[0], 1) * m
    return m if m.shape[1] == sizes[1] else m * mx.OneMatrix(1, sizes[1])


def _added(a: _Value, b: _Value) -> _Value:
    left, right, ndim = _broadcast(a, b)
    return _Value(left + right, ndim)


def _times(a: _Value, b: _Value) -> _Value:
    if not a.ndim or not b.ndim:
        return _Value(a.expr * b.expr, a.ndim or b.ndim)
    left, right, ndim = _broadcast(a, b)
    return _Value(mx.hadamard_product(left, right), ndim)


def _power(base: _Value, exponent: Any) -> _Value:
    if not base.ndim:
        return _Value(base.expr**exponent, 0)
    return _Value(mx.HadamardPower(base.expr, exponent), base.ndim)


def _matmul(a: _Value, b: _Value) -> _Value:
    if a.ndim == b.ndim == 1:
        return _Value(mx.Trace(a.expr.T * b.expr), 0)
    if a.ndim == 1:
        return _Value(b.expr.T * a.expr, 1)
    return _Value(a.expr * b.expr, b.ndim)


def _applied(formula: Any, value: _Value) -> _Value:
    """A scalar function, entry by entry."""
    (argument,) = formula.free_symbols
    if not value.ndim:
        return _Value(formula.xreplace({argument: value.expr}), 0)
    dummy = sympy.Dummy("t", real=True)
    function = sympy.Lambda(dummy, formula.xreplace({argument: dummy}))
    return _Value(ElementwiseApplyFunction(function, value.expr), value.ndim)


def _softmax(x: _Value) -> _Value:
    e = _applied(CATALOGUE["exp"].body(), x)
    if x.ndim == 1:
        total = mx.Trace(mx.OneMatrix(1, x.expr.shape[0]) * e.expr)
        return _Value(e.expr / total, 1)
    columns = x.expr.shape[1]
    sums = e.expr * mx.OneMatrix(columns, 1) * mx.OneMatrix(1, columns)
    return _times(e, _power(_Value(sums, 2), sympy.S.NegativeOne))


def _diag(x: _Value) -> _Value:
    return _Value(mx.DiagMatrix(x.expr), 2) if x.ndim == 1 else _Value(mx.DiagonalOf(x.expr), 1)


_MATRIX: dict[str, Any] = {
    "trace": lambda a: _Value(mx.Trace(a.expr), 0),
    "det": lambda a: _Value(mx.Determinant(a.expr), 0),
    "logdet": lambda a: _Value(sympy.log(mx.Determinant(a.expr)), 0),
    "inv": lambda a: _Value(mx.Inverse(a.expr), 2),
    "solve": lambda a, b: _Value(mx.Inverse(a.expr) * b.expr, b.ndim),
    "sqrtm": lambda a: _Value(mx.MatPow(a.expr, sympy.Rational(1, 2)), 2),
    "eye": lambda n: _Value(mx.Identity(n.expr), 2),
    "outer": lambda a, b: _Value(a.expr * b.expr.T, 2),
    "diag": _diag,
    "softmax": _softmax,
}
"""Functions of matrices."""

