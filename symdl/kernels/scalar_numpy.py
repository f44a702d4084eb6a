"""Scalar bodies printed as vectorised NumPy and SciPy calls."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any, ClassVar

import sympy
from sympy import Expr

from symdl.kernels.scalar_code import ScalarPrinter, number_value


def print_numpy(expr: Expr, names: Mapping[int, str]) -> str:
    """Print a scalar expression as one expression over arrays.

    The text uses ``np`` (numpy) and ``special`` (scipy.special). All branches of a Piecewise are
    evaluated, so it runs under ``np.errstate(all="ignore")``. Numbers are Python's, which keep
    the arrays' type.

    Parameters
    ----------
    expr : Expr
        A body, best in `stable` form. A symbol that is no placeholder prints as its name.
    names : mapping
        The source text that stands for placeholder a{k}.
    """
    return NumpyPrinter(names).doprint(expr)


class NumpyPrinter(ScalarPrinter):
    """Array source."""

    functions: ClassVar[Mapping[str, str]] = {
        **{name: f"np.{name}" for name in (
            "exp", "expm1", "log", "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh", "floor",
            "sign", "logaddexp",
        )},
        **{name: f"np.arc{name[1:]}" for name in (
            "asin", "acos", "atan", "atan2", "asinh", "acosh", "atanh",
        )},
        **{name: f"special.{name}" for name in ("erf", "erfc", "gamma", "polygamma")},
        "ceiling": "np.ceil", "Abs": "np.abs", "Max": "np.maximum", "Min": "np.minimum",
        "sigmoid": "special.expit", "loggamma": "special.gammaln", "digamma": "special.psi",
    }
    root, power, both, either = "np.sqrt", "np.power", " & ", " | "
    whole_powers: ClassVar[Mapping[int, str]] = {
        2: "np.square({})", 3: "({})**3", 4: "np.square(np.square({}))",
    }

    def number(self, value: Expr, bare: bool = True) -> str:
        """Print a constant."""
        x = number_value(value)
        if x != x:
            return "np.nan"
        return repr(x) if abs(x) != inf else ("np.inf" if x > 0 else "-np.inf")

    def _print_finite_part(self, expr: Any) -> str:
        return f"np.nan_to_num({self._print(expr.args[0])}, neginf=0.0)"

    def _print_softplus(self, expr: Any) -> str:
        return f"np.logaddexp(0.0, {self._print(expr.args[0])})"

    def _print_log1mexp(self, expr: Any) -> str:
        u = self._print(expr.args[0])
        near, far = f"np.log(-np.expm1({u}))", f"np.log1p(-np.exp({u}))"
        return f"np.where({u} > -0.6931471805599453, {near}, {far})"

    def _print_Piecewise(self, expr: Any) -> str:
        text = "np.nan"
        for value, when in reversed(expr.args):
            branch = self._print(value)
            if when == sympy.true:
                text = branch
            else:
                text = f"np.where({self._print(when)}, {branch}, {text})"
        return text

    def _print_ITE(self, expr: Any) -> str:
        return f"np.where({', '.join(map(self._print, expr.args))})"

    def _print_Not(self, expr: Any) -> str:
        return f"~({self._print(expr.args[0])})"
