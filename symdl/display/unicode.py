"""Formulas in Unicode: `Xᵀ (P − Y) / n`, `⊙` between arrays in matrix notation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

from symdl.display.plain import ATOM, CASES, COMPARISON, POWER, PRODUCT, REDUCTION, SUM, Names
from symdl.display.plain import Plain as Text
from symdl.display.tex import GREEK
from symdl.display.tree import Node, is_numeric

_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SIGNS: Mapping[str, str] = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}
_CONSTANTS: Mapping[str, str] = {"pi": "π", "inf": "∞", "nan": "NaN", "euler_gamma": "γ"}
_OPERATORS: Mapping[str, str] = {"sigmoid": "σ", "trace": "tr", "logdet": "log det",
                                 "maximum": "max", "minimum": "min", "lgamma": "log Γ",
                                 "digamma": "ψ"}
_REDUCTIONS: Mapping[str, str] = {"sum": "Σ", "prod": "Π"}


def symbol(text: str) -> str:
    """A name as it is set: Greek letters as such, digits at the end as an index, dL_dW as ∂L/∂W."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    slope = re.fullmatch(r"d(\w+)_d(\w+)", text)
    if slope is not None:
        above, below = map(symbol, slope.groups())
        return f"∂{above}/∂{below}"
    parts = re.fullmatch(r"([A-Za-z]+)_?(\d*)", text)
    if parts is None:
        return text
    letters, digits = parts.groups()
    return (_letter(letters) if letters in GREEK else letters) + digits.translate(_SUBSCRIPT)


def _letter(name: str) -> str:
    """A Greek letter by its name."""
    size = "SMALL" if name.islower() else "CAPITAL"
    word = {"lambda": "LAMDA"}.get(name.lower(), name.upper())
    return unicodedata.lookup(f"GREEK {size} LETTER {word}")


def unicode(x: Node, names: Names, matrices: bool) -> str:
    """The Unicode text of a formula.

    Parameters
    ----------
    x : Node
        The formula.
    names : mapping
        The name of each tensor that occurs.
    matrices : bool
        Whether it is in matrix notation, where an entrywise product needs a sign.
    """
    return _Unicode(names, matrices).text(x)


class _Unicode(Text):
    """The printer: what isn't here is written as in plain text."""

    minus = "−"

    def __init__(self, names: Names, matrices: bool):
        super().__init__(names)
        self.matrices = matrices

    def _name(self, x: Node) -> str:
        return symbol(x.text)

    def _tensor(self, x: Node) -> str:
        return symbol(super()._tensor(x))

    def _mul(self, x: Node) -> str:
        scalars = [self.text(f, PRODUCT) for f in x.args if f.scalar]
        others = [f for f in x.args if not f.scalar]
        sign = " ⊙ " if self.matrices else "·"
        least = POWER if len(others) > 1 else PRODUCT
        arrays = sign.join(self.text(f, least) for f in others)
        return "·".join([*scalars, *([arrays] if arrays else [])])

    def _div(self, x: Node) -> str:
        above, below = x.args
        sign = " / " if below.scalar or not self.matrices else " ⊘ "
        return self.text(above, PRODUCT) + sign + self.text(below, POWER)

    def _matmul(self, x: Node) -> str:
        factors = list(x.args)
        if x.scalar and factors[0].head != "transpose":
            factors[0] = Node("transpose", (factors[0],))
        return " ".join(self.text(f, POWER) for f in factors)

    def _power(self, x: Node) -> str:
        base, exponent = x.args
        mark = "⊙" if self.matrices and not base.scalar else ""
        if exponent.head == "number":
            return f"{self.text(base, ATOM)}{mark}{exponent.text.translate(_SUPERSCRIPT)}"
        inner = self.text(exponent, ATOM if not is_numeric(exponent) else POWER)
        return f"{self.text(base, ATOM)}^{mark}{inner}"

    def _transpose(self, x: Node) -> str:
        (inner,) = x.args
        if inner.head == "call" and inner.text == "inv":
            return f"{self.text(inner.args[0], ATOM)}⁻ᵀ"
        return f"{self.text(inner, ATOM)}ᵀ"

    def _call(self, x: Node) -> str:
        special: Callable[[Node], str] | None = getattr(self, f"_call_{x.text}", None)
        if special is not None:
            return special(x)
        return f"{_OPERATORS.get(x.text, x.text)}({', '.join(map(self.text, x.args))})"

    def _call_inv(self, x: Node) -> str:
        return f"{self.text(x.args[0], ATOM)}⁻¹"

    def _call_sqrt(self, x: Node) -> str:
        inner = self.text(x.args[0])
        return f"√{inner}" if len(inner) == 1 else f"√({inner})"

    def _call_abs(self, x: Node) -> str:
        return f"|{self.text(x.args[0])}|"

    def _call_outer(self, x: Node) -> str:
        return f"{self.text(x.args[0], POWER)} {self.text(x.args[1], ATOM)}ᵀ"

    def _call_kron(self, x: Node) -> str:
        return f"({self.text(x.args[0], POWER)} ⊗ {self.text(x.args[1], POWER)})"

    def _call_eye(self, x: Node) -> str:
        return f"I({self.text(x.args[0])})"

    def _call_zeros(self, x: Node) -> str:
        return f"𝟎({self._shape(x.args[0])})"

    def _call_ones(self, x: Node) -> str:
        return f"𝟏({self._shape(x.args[0])})"

    def _shape(self, x: Node) -> str:
        return "×".join(self.text(a, POWER) for a in x.args)

    def _call_solve(self, x: Node) -> str:
        matrix, right = x.args
        turned = matrix.head == "transpose"
        base, mark = (matrix.args[0], "⁻ᵀ") if turned else (matrix, "⁻¹")
        return f"{self.text(base, ATOM)}{mark} {self.text(right, POWER)}"

    def _compare(self, x: Node) -> str:
        return f" {_SIGNS.get(x.text, x.text)} ".join(self.text(a, SUM) for a in x.args)

    def _and(self, x: Node) -> str:
        return " ∧ ".join(self.text(a, COMPARISON) for a in x.args)

    def _or(self, x: Node) -> str:
        return " ∨ ".join(self.text(a, COMPARISON) for a in x.args)

    def _not(self, x: Node) -> str:
        return f"¬({self.text(x.args[0], CASES)})"

    def _bracket(self, x: Node) -> str:
        return f"[{self._and(x)}]"

    def _indicator(self, x: Node) -> str:
        return f"[{self._compare(x)}]"

    def _reduce(self, x: Node) -> str:
        body, *conditions = x.args
        below = ",".join(map(symbol, x.over))
        if conditions:
            below += " | " + ", ".join(self.text(c, COMPARISON) for c in conditions)
        sign = _REDUCTIONS.get(x.text, x.text)
        mark = f"_{below}" if len(below) == 1 else f"_{{{below}}}"
        return f"{sign}{mark} {self.text(body, REDUCTION)}"

    def _floordiv(self, x: Node) -> str:
        return f"⌊{'/'.join(self.text(a, POWER) for a in x.args)}⌋"
