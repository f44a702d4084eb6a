"""Scalar bodies printed as Python source that Numba compiles.

The printed text calls the helpers of `symdl.kernels.prelude`. It also runs as plain Python when
the names stand for NumPy scalars: a bare number is never divided, and none is left as a branch.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any, Literal

import sympy
from sympy import Expr, Mul, Pow
from sympy.printing.codeprinter import CodePrinter
from sympy.printing.precedence import PRECEDENCE, precedence

DType = Literal["float64", "float32"]

_FUNCTIONS = {
    **{name: name for name in (
        "exp expm1 log log1p sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh "
        "erf erfc floor").split()},
    "ceiling": "ceil", "Abs": "abs", "sign": "_sign", "gamma": "_gamma", "loggamma": "_lgamma",
    "sigmoid": "_sigmoid", "softplus": "_softplus", "logaddexp": "_logaddexp",
    "log1mexp": "_log1mexp",
}
_RELATIONS = {
    "Equality": "==", "Unequality": "!=", "LessThan": "<=", "StrictLessThan": "<",
    "GreaterThan": ">=", "StrictGreaterThan": ">",
}


def print_python(expr: Expr, names: Mapping[int, str], dtype: DType = "float64") -> str:
    """Print a scalar expression as one Python expression.

    Parameters
    ----------
    expr : Expr
        A body, best in `stable` form. A symbol that is no placeholder prints as its name.
    names : mapping
        The source text that stands for placeholder a{k}: a name, or an access such as ``x[i, j]``.
    dtype : str
        Every constant is of this type.
    """
    return str(ScalarPrinter(names, dtype).doprint(expr))


def number_value(number: Expr) -> float:
    """Return the nearest float of a constant."""
    if number.is_Rational:
        return float(Fraction(int(number.p), int(number.q)))
    return float(number.evalf(30))


class ScalarPrinter(CodePrinter):  # type: ignore[misc]
    """SymPy's code printer for one scalar expression."""

    language = "Python"
    functions: Mapping[str, str] = _FUNCTIONS

    def __init__(self, names: Mapping[int, str], dtype: DType = "float64") -> None:
        super().__init__({"order": "none"})
        self.names = {f"a{k}": text for k, text in names.items()}
        self.dtype = dtype

    def _print(self, expr: Any, **kwargs: Any) -> str:
        """Print constants as one number, whatever they are made of."""
        if isinstance(expr, Expr) and expr.is_number:
            return self.number(expr)
        return str(super()._print(expr, **kwargs))

    def number(self, value: Expr, bare: bool = True) -> str:
        """Print a constant; one that is not bare has the kernel's float type for sure."""
        x = number_value(value)
        if x != x or abs(x) == float("inf"):
            return "nan" if x != x else ("inf" if x > 0 else "-inf")
        if bare and self.dtype == "float64":
            return repr(x)
        return {0.0: "zero", 1.0: "one"}.get(x, f"real({x!r})")

    def parenthesize(self, item: Expr, level: int, strict: bool = False) -> str:
        """Print with brackets where the operator around binds tighter."""
        text = self._print(item)
        below = precedence(item) < level or (not strict and precedence(item) <= level)
        return f"({text})" if below and not item.is_number else text

    def _print_Symbol(self, expr: Any) -> str:
        return self.names.get(expr.name, expr.name)

    def _print_Add(self, expr: Any, order: Any = None) -> str:
        text = ""
        for term in expr.args:
            part = self.parenthesize(term, PRECEDENCE["Add"], strict=True)
            joint = " - " if part.startswith("-") else " + "
            text += (joint if text else "-" * part.startswith("-")) + part.removeprefix("-")
        return text

    def _print_Mul(self, expr: Any) -> str:
        constant, rest = expr.as_independent(*expr.free_symbols, as_Add=False)
        above, below = [], []
        for factor in Mul.make_args(rest):
            is_divisor = isinstance(factor, Pow) and factor.exp.is_Rational and factor.exp < 0
            (below if is_divisor else above).append(1 / factor if is_divisor else factor)
        sign = "-" if number_value(constant) < 0 else ""
        tight = PRECEDENCE["Mul"]
        parts = [self.parenthesize(f, tight, strict=True) for f in above]
        if abs(constant) != 1 or not parts:
            parts.insert(0, self.number(abs(constant), bare=bool(above)))
        if not below:
            return sign + "*".join(parts)
        divisor = "*".join(self.parenthesize(f, tight, strict=True) for f in below)
        return f"{sign}{'*'.join(parts)}/({divisor})"

    def _print_Pow(self, expr: Any) -> str:
        base, power = expr.args
        if power.is_Rational and power < 0:
            return f"{self.number(sympy.S.One, bare=False)}/({self._print(1 / expr)})"
        if power.is_Integer and power > 4:
            return f"{self.parenthesize(base, PRECEDENCE['Pow'])}**{power}"
        if power.is_Rational and power.q in (1, 2) and power <= 4:
            return self._small_power(base, int(power), power.q == 2)
        return f"{self.power}({self._print(base)}, {self._print(power)})"

    power = "pow_"
    root = "sqrt"
    whole_powers: Mapping[int, str] = {2: "_square({})", 3: "_cube({})", 4: "_fourth({})"}

    def _small_power(self, base: Expr, whole: int, half: bool) -> str:
        text = self._print(base)
        root = f"{self.root}({text})" if half else ""
        if whole == 0:
            return root
        if base.is_Symbol:
            product = "*".join([text] * whole)
        else:
            product = self.whole_powers[whole].format(text) if whole > 1 else (
                self.parenthesize(base, PRECEDENCE["Mul"], strict=True))
        return f"{product}*{root}" if half else product

    def _print_exp(self, expr: Any) -> str:
        return self._print_Function(expr)

    def _print_Function(self, expr: Any) -> str:
        name = type(expr).__name__
        if name not in self.functions:
            raise TypeError(f"no Python source for {name} in {expr}")
        return f"{self.functions[name]}({', '.join(map(self._print, expr.args))})"
