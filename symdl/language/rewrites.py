"""SymPy's functions that a body doesn't hold, by those it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy

DEFINITIONS: Mapping[type, Callable[..., sympy.Expr]] = {
    sympy.sec: lambda t: 1 / sympy.cos(t),
    sympy.csc: lambda t: 1 / sympy.sin(t),
    sympy.cot: lambda t: sympy.cos(t) / sympy.sin(t),
    sympy.sech: lambda t: 1 / sympy.cosh(t),
    sympy.csch: lambda t: 1 / sympy.sinh(t),
    sympy.coth: lambda t: 1 / sympy.tanh(t),
    sympy.acot: lambda t: sympy.atan(1 / t),
    sympy.asec: lambda t: sympy.acos(1 / t),
    sympy.acsc: lambda t: sympy.asin(1 / t),
    sympy.Mod: lambda t, u: t - u * sympy.floor(t / u),
    sympy.frac: lambda t: t - sympy.floor(t),
    sympy.factorial: lambda t: sympy.gamma(t + 1),
    sympy.beta: lambda t, u: sympy.gamma(t) * sympy.gamma(u) / sympy.gamma(t + u),
}
"""Head -> what it stands for: DLMF 4.14, 4.28, 4.23, 5.2(iii) and 5.12.1."""


def rewritten(expr: sympy.Expr) -> sympy.Expr:
    """The expression in the functions that a body may hold, as far as `DEFINITIONS` goes.

    Parameters
    ----------
    expr : Expr
        A scalar expression.
    """
    out: sympy.Expr = expr.replace(lambda e: type(e) in DEFINITIONS,
                                   lambda e: DEFINITIONS[type(e)](*e.args))
    return out
