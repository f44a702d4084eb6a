"""Scalar bodies printed as Python source that Numba compiles.

The printed text calls the helpers of `symdl.kernels.prelude`. It also runs as plain Python when
the names stand for NumPy scalars: a bare number is never divided, and none is left as a branch.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache
from importlib import resources
from math import inf
from typing import Any, ClassVar, Literal

import sympy
from sympy import Expr, Mul, Pow
from sympy.printing.precedence import PRECEDENCE, precedence
from sympy.printing.printer import Printer

DType = Literal["float64", "float32"]


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
    return PythonPrinter(names, dtype).doprint(expr)


class ScalarPrinter(Printer):  # type: ignore[misc]
    """What the Python and the NumPy text of a scalar expression have in common."""

    functions: ClassVar[Mapping[str, str]]
    whole_powers: ClassVar[Mapping[int, str]]
    root: str
    power: str
    both: str
    either: str

    def __init__(self, names: Mapping[int, str]) -> None:
        super().__init__()
        self.names = {f"a{k}": text for k, text in names.items()}

    def doprint(self, expr: Any) -> str:
        """Return the source text."""
        return self._print(expr)

    def number(self, value: Expr, bare: bool = True) -> str:
        """Print a constant; one that is not bare has the kernel's float type for sure."""
        raise NotImplementedError

    def emptyPrinter(self, expr: Any) -> str:
        """Refuse a head that has no text."""
        raise TypeError(f"no source text for {type(expr).__name__} in {expr}")

    def _print(self, expr: Any, **kwargs: Any) -> str:
        if isinstance(expr, Expr) and expr.is_number:
            return self.number(expr)
        return str(super()._print(expr, **kwargs))

    def _inside(self, item: Any, level: str) -> str:
        """Print an operand, in brackets where the operator around it binds tighter."""
        text = self._print(item)
        return f"({text})" if precedence(item) < PRECEDENCE[level] else text

    def _print_Symbol(self, expr: Any) -> str:
        return self.names.get(expr.name, str(expr.name))

    def _print_Add(self, expr: Any) -> str:
        parts = sorted((self._inside(term, "Add") for term in expr.args), key=_is_negative)
        rest = (f" - {p[1:]}" if _is_negative(p) else f" + {p}" for p in parts[1:])
        return parts[0] + "".join(rest)

    def _print_Mul(self, expr: Any) -> str:
        constant = Mul(*(f for f in expr.args if f.is_number))
        rest = [f for f in expr.args if not f.is_number]
        below = [1 / f for f in rest if _divides(f)]
        parts = [self._inside(f, "Mul") for f in rest if not _divides(f)]
        sign = "-" if number_value(constant) < 0 else ""
        if abs(constant) != 1 or not parts:
            parts.insert(0, self.number(abs(constant), bare=bool(parts)))
        return sign + "*".join(parts) + (f"/{self._divisor(below)}" if below else "")

    def _divisor(self, factors: list[Expr]) -> str:
        if len(factors) > 1:
            return f"({'*'.join(self._inside(f, 'Mul') for f in factors)})"
        text = self._print(factors[0])
        return text if _IS_OPERAND.fullmatch(text) else f"({text})"

    def _print_Pow(self, expr: Any) -> str:
        base, power = expr.args
        if _divides(expr):
            return f"{self.number(sympy.S.One, bare=False)}/{self._divisor([1 / expr])}"
        if power.is_Integer and power > max(self.whole_powers):
            return f"{self._inside(base, 'Pow')}**{power}"
        if power.is_Rational and power.q in (1, 2) and power <= max(self.whole_powers):
            return self._small_power(base, int(power), half=power.q == 2)
        return f"{self.power}({self._print(base)}, {self._print(power)})"

    def _small_power(self, base: Expr, whole: int, half: bool) -> str:
        text = self._print(base)
        parts = [f"{self.root}({text})"] if half else []
        if whole == 1:
            parts.insert(0, self._inside(base, "Mul"))
        elif whole and base.is_Symbol:
            parts[:0] = [text] * whole
        elif whole:
            parts.insert(0, self.whole_powers[whole].format(text))
        return "*".join(parts)

    def _print_Function(self, expr: Any) -> str:
        name = type(expr).__name__
        if name not in self.functions:
            return self.emptyPrinter(expr)
        return f"{self.functions[name]}({', '.join(map(self._print, expr.args))})"

    _print_exp = _print_log = _print_Function

    def _print_polygamma(self, expr: Any) -> str:
        order, x = expr.args
        name = "digamma" if order == 0 else "polygamma"
        first = "" if order == 0 else f"{order}, "
        return f"{self.functions[name]}({first}{self._print(x)})"

    def _extremum(self, expr: Any) -> str:
        first, *others = map(self._print, expr.args)
        for text in others:
            first = f"{self.functions[type(expr).__name__]}({first}, {text})"
        return first

    _print_Max = _print_Min = _extremum

    def _print_Relational(self, expr: Any) -> str:
        left, right = (self._inside(side, "Add") for side in expr.args)
        return f"{left} {_RELATIONS[type(expr).__name__]} {right}"

    def _print_BooleanAtom(self, expr: Any) -> str:
        return str(expr)

    def _print_And(self, expr: Any) -> str:
        return self.both.join(f"({self._print(arg)})" for arg in expr.args)

    def _print_Or(self, expr: Any) -> str:
        return self.either.join(f"({self._print(arg)})" for arg in expr.args)


_RELATIONS = {
    "Equality": "==", "Unequality": "!=", "LessThan": "<=", "StrictLessThan": "<",
    "GreaterThan": ">=", "StrictGreaterThan": ">",
}


_IS_OPERAND = re.compile(r"[\w.]+(\([^()]*\)|\[[^\[\]]*\])?")


def _is_negative(text: str) -> bool:
    return text.startswith("-")


def _divides(factor: Any) -> bool:
    return isinstance(factor, Pow) and bool(factor.exp.is_Rational) and bool(factor.exp < 0)


def number_value(number: Expr) -> float:
    """Return the nearest float of a constant."""
    if number.is_Rational:
        return float(Fraction(int(number.p), int(number.q)))
    return float(number.evalf(30))


class PythonPrinter(ScalarPrinter):
    """Scalar source over the helpers of the prelude."""

    functions: ClassVar[Mapping[str, str]] = {
        **{name: name for name in (
            "exp", "expm1", "log", "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "atan2",
            "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "floor",
        )},
        "ceiling": "ceil", "Abs": "abs", "Max": "_max", "Min": "_min", "sign": "_sign",
        "sigmoid": "_sigmoid", "softplus": "_softplus", "logaddexp": "_logaddexp",
        "log1mexp": "_log1mexp", "finite_part": "_finite", "gamma": "_gamma", "loggamma": "_lgamma",
        "digamma": "_digamma", "polygamma": "_polygamma",
    }
    root, power, both, either = "sqrt", "pow_", " and ", " or "
    whole_powers: ClassVar[Mapping[int, str]] = {2: "_square({})", 3: "_cube({})", 4: "_fourth({})"}

    def __init__(self, names: Mapping[int, str], dtype: DType) -> None:
        super().__init__(names)
        self.dtype = dtype

    def number(self, value: Expr, bare: bool = True) -> str:
        """Print a constant, as a call of the kernel's type where a Python float won't do."""
        x = number_value(value)
        sign = "-" if x < 0 else ""
        if x != x or abs(x) == inf:
            return f"{sign}{'inf' if x == x else 'nan'}"
        if bare and self.dtype == "float64":
            return repr(x)
        return sign + {0.0: "zero", 1.0: "one"}.get(abs(x), f"real({abs(x)!r})")

    def _print_Piecewise(self, expr: Any) -> str:
        text = "nan"
        for value, when in reversed(expr.args):
            branch = self.number(value, bare=False) if value.is_number else self._print(value)
            if when == sympy.true:
                text = branch
            else:
                text = f"({branch} if {self._print(when)} else {text})"
        return text

    def _print_ITE(self, expr: Any) -> str:
        when, yes, no = map(self._print, expr.args)
        return f"({yes} if {when} else {no})"

    def _print_Not(self, expr: Any) -> str:
        return f"not ({self._print(expr.args[0])})"


def prelude_source(names: Iterable[str], dtype: DType = "float64", decorator: str = "",
                   imported: Mapping[str, str] | None = None) -> str:
    """Return the part of the prelude that the named helpers need.

    Parameters
    ----------
    names : iterable of str
        Names that occur in the kernel; those that are no helpers are passed over.
    dtype : str
        The type that `real` stands for.
    decorator : str
        A line above each function, such as ``@njit(error_model="numpy")``.
    imported : mapping, optional
        The modules of helpers that are imported from there.
    """
    parts, needs = _prelude()
    wanted, found = list(names), set()
    elsewhere = imported or {}
    while wanted:
        name = wanted.pop()
        if name in parts and name not in found:
            found.add(name)
            wanted.extend(() if name in elsewhere else needs[name])
    lines = []
    for name, text in parts.items():
        if name not in found or name in elsewhere:
            continue
        if text.startswith("def "):
            text = "\n\n" + (f"{decorator}\n" if decorator else "") + text
        lines.append(f"real = np.{dtype}" if name == "real" else text)
    homes: dict[str, list[str]] = {}
    for name in sorted(found & elsewhere.keys()):
        homes.setdefault(elsewhere[name], []).append(name)
    imports = "".join(f"from {home} import {', '.join(homes[home])}\n" for home in sorted(homes))
    head = "import math\n\nimport numpy as np\n" + (f"\n{imports}" if imports else "")
    return head + "\n" + "\n".join(lines) + "\n"


@cache
def _prelude() -> tuple[dict[str, str], dict[str, set[str]]]:
    """Return the text of each helper, without annotations, and the names it uses."""
    folder = resources.files("symdl.kernels")
    source = "\n".join(folder.joinpath(name).read_text(encoding="utf-8")
                       for name in ("prelude.py", "matrices.py", "spectral.py"))
    parts: dict[str, str] = {}
    needs: dict[str, set[str]] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            name, node.returns = node.name, None
            for arg in node.args.args:
                arg.annotation = None
            text = ast.unparse(node)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            name = ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)
            text = f"{name} = {ast.unparse(node.value)}"
        else:
            continue
        if name[0].isupper():
            continue
        parts[name] = text
        needs[name] = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - {name}
    return parts, needs


def all_helpers() -> frozenset[str]:
    """Return every name of the prelude."""
    return frozenset(_prelude()[0])


def helper_names(source: str) -> set[str]:
    """Return the prelude's names that occur in a piece of Python source."""
    found = {n.id for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Name)}
    return found & set(_prelude()[0])
