"""To SymPy: matrix expressions where a result has matrix notation, else sums over entries."""

from __future__ import annotations

from functools import reduce
from typing import Any

import sympy
from sympy.matrices import expressions as mx

from symdl.display.errors import NotationError
from symdl.display.matrix import formulas_of
from symdl.display.symbolic_entries import by_entries, named_symbol, size_symbol
from symdl.display.symbolic_values import (
    MATRIX,
    Value,
    added,
    applied,
    column,
    joined,
    matmul,
    power,
    repeated,
    times,
)
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


class _Matrices:
    """Turns the formulas of a page into matrix expressions: one method a head."""

    def __init__(self, t: Tensor):
        arranged, self.formulas = formulas_of(t)
        self.root = arranged.root
        self.known: dict[Tensor, Value] = {}

    def result(self) -> Any:
        """The root's expression."""
        return self.of(self.formulas[self.root]).expr

    def of(self, x: Node) -> Value:
        """The value of a formula."""
        method = getattr(self, f"_{x.head}", None)
        if method is None:
            raise NotationError(f"{x.head} is no matrix expression of SymPy's")
        value: Value = method(x)
        return value

    def _number(self, x: Node) -> Value:
        return Value(sympy.Rational(x.text), 0)

    def _name(self, x: Node) -> Value:
        constants = {"pi": sympy.pi, "inf": sympy.oo, "nan": sympy.nan,
                     "euler_gamma": sympy.EulerGamma}
        if not x.text.isidentifier():
            return Value(sympy.Rational(x.text), 0)
        return Value(constants.get(x.text, size_symbol(x.text)), 0)

    def _tensor(self, x: Node) -> Value:
        t = x.tensor
        assert t is not None
        if t.ndim > 2:
            raise NotationError(f"{t.label} has {t.ndim} axes")
        if isinstance(t, Variable):
            return Value(named_symbol(t), t.ndim)
        if t not in self.known:
            self.known[t] = self.of(self.formulas[t])
        return self.known[t]

    def _add(self, x: Node) -> Value:
        return reduce(added, map(self.of, x.args))

    def _neg(self, x: Node) -> Value:
        value = self.of(x.args[0])
        return Value(-value.expr, value.ndim)

    def _mul(self, x: Node) -> Value:
        return reduce(times, map(self.of, x.args))

    def _div(self, x: Node) -> Value:
        above, below = map(self.of, x.args)
        return times(above, power(below, sympy.S.NegativeOne))

    def _power(self, x: Node) -> Value:
        base, exponent = map(self.of, x.args)
        if exponent.ndim:
            raise NotationError("an exponent with axes")
        return power(base, exponent.expr)

    def _matmul(self, x: Node) -> Value:
        return reduce(matmul, map(self.of, x.args))

    def _transpose(self, x: Node) -> Value:
        value = self.of(x.args[0])
        return Value(value.expr.T, 2) if value.ndim == 2 else value

    def _item(self, x: Node) -> Value:
        value, keys = self.of(x.args[0]), x.args[1:]
        whole = [k.head == "slice" and all(a.head == "name" and not a.text for a in k.args)
                 for k in keys]
        if value.ndim == 1 and [k.text for k in keys] in (["", "None"], ["None", ""], ["None"]):
            return Value(value.expr.T if keys[0].text else value.expr, 2)
        if value.ndim == 2 and len(keys) == 2 and not all(whole):
            at = [slice(None) if w else self._place(k) for k, w in zip(keys, whole, strict=True)]
            if not any(whole):
                return Value(value.expr[tuple(at)], 0)
            return column(value.expr, at)
        if value.ndim == 1 and len(keys) == 1 and not whole[0]:
            return Value(value.expr[self._place(keys[0]), 0], 0)
        raise NotationError("a slice of a slice")

    def _place(self, x: Node) -> Any:
        value = self.of(x)
        if value.ndim or not value.expr.is_integer:
            raise NotationError("a gather")
        return value.expr

    def _call(self, x: Node) -> Value:
        plain = [a for a in x.args if a.head != "keyword"]
        options = {a.text: a.args[0] for a in x.args if a.head == "keyword"}
        if x.text in ("ones", "zeros"):
            return self._filled(plain[0], x.text)
        if x.text in ("concatenate", "stack"):
            return joined(x.text, [self.of(a) for a in plain[0].args], options["axis"].text)
        if x.text == "full" and plain[0].head == "tuple" and len(plain[0].args) == 1:
            return repeated(self.of(plain[0].args[0]), self.of(plain[1]))
        args = [self.of(a) for a in plain]
        if x.text in MATRIX and not options:
            value: Value = MATRIX[x.text](*args)
            return value
        if x.text == "sum" and set(options) <= {"axis"}:
            return self._sum(args[0], options.get("axis"))
        if x.text in CATALOGUE and CATALOGUE[x.text].arity == len(args) == 1 and not options:
            formula = CATALOGUE[x.text].body()
            return applied(formula, args[0])
        raise NotationError(f"{x.text} has no counterpart among SymPy's matrix expressions")

    def _filled(self, shape: Node, what: str) -> Value:
        sizes = [self.of(a).expr for a in shape.args] if shape.head == "tuple" else [
            self.of(shape).expr]
        if not 1 <= len(sizes) <= 2:
            raise NotationError("an array of more than two axes")
        make = mx.OneMatrix if what == "ones" else mx.ZeroMatrix
        return Value(make(*sizes, *([1] if len(sizes) == 1 else [])), len(sizes))

    def _sum(self, value: Value, axis: Node | None) -> Value:
        rows, columns = value.expr.shape
        if axis is None:
            total = mx.OneMatrix(1, rows) * value.expr * mx.OneMatrix(columns, 1)
            return Value(mx.Trace(total), 0)
        if axis.text == "1" and value.ndim == 2:
            return Value(value.expr * mx.OneMatrix(columns, 1), 1)
        if axis.text == "0" and value.ndim == 2:
            return Value(value.expr.T * mx.OneMatrix(rows, 1), 1)
        raise NotationError("a sum over several axes")
