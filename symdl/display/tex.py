r"""Formulas as LaTeX: `\odot` between arrays in matrix notation, else indices below."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from symdl.display.plain import ATOM, CASES, POWER, PRECEDENCE, PRODUCT, REDUCTION, SUM, Names
from symdl.display.tree import Node, is_numeric

_LETTERS = ("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma "
            "tau upsilon phi chi psi omega "
            "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega")
_KNOWN = "exp log sin cos tan sinh cosh tanh det"
GREEK, _PLAIN = frozenset(_LETTERS.split()), frozenset(_KNOWN.split())
_OPERATORS: Mapping[str, str] = {
    "sigmoid": r"\sigma", "trace": r"\operatorname{tr}", "logdet": r"\log\det",
    "maximum": r"\max", "minimum": r"\min", "max": r"\max", "min": r"\min",
    "asin": r"\arcsin", "acos": r"\arccos", "atan": r"\arctan", "lgamma": r"\log\Gamma",
    "digamma": r"\psi",
}
_SIGNS: Mapping[str, str] = {"<=": r"\le", ">=": r"\ge", "==": "=", "!=": r"\ne", "<": "<",
                             ">": ">"}
_CONSTANTS: Mapping[str, str] = {"pi": r"\pi", "inf": r"\infty", "nan": r"\mathrm{NaN}",
                                 "euler_gamma": r"\gamma_{E}", "None": r"\ast", "": ""}


def symbol(text: str) -> str:
    """A name as it is set: Greek letters, digits as an index, dL_dW as ∂L/∂W, others upright."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    slope = re.fullmatch(r"d(\w+)_d(\w+)", text)
    if slope is not None:
        above, below = map(symbol, slope.groups())
        return rf"\frac{{\partial {above}}}{{\partial {below}}}"
    parts = re.fullmatch(r"([A-Za-z]+)_?(\d*)", text)
    if _is_differential(text):
        return rf"\mathrm{{d}}{symbol(text[1:])}"
    if parts is None:
        return rf"\mathrm{{{_upright(text)}}}"
    letters, digits = parts.groups()
    base = rf"\{letters}" if letters in GREEK else letters if len(letters) == 1 else (
        rf"\mathrm{{{letters}}}")
    return f"{base}_{{{digits}}}" if digits else base


def _is_differential(text: str) -> bool:
    """Whether a name is d and one letter, or a Greek one: dX, df, dmu."""
    bare = text[1:].rstrip("0123456789")
    return text[0] == "d" and (bare in GREEK or (len(bare) == 1 and bare.isalpha()))


def tex(x: Node, names: Names, matrices: bool) -> str:
    """The LaTeX of a formula.

    Parameters
    ----------
    x : Node
        The formula.
    names : mapping
        The name of each tensor that occurs.
    matrices : bool
        Whether it is in matrix notation, where an entrywise product needs a sign.
    """
    return Tex(names, matrices).text(x)


class Tex:
    """The printer: one method a head, chosen by name; functions by their names."""

    def __init__(self, names: Names, matrices: bool):
        self.names, self.matrices = names, matrices

    def text(self, x: Node, above: int = CASES) -> str:
        """The node's text, in parentheses where it binds less than `above`."""
        inner = str(getattr(self, f"_{x.head}")(x))
        weak = PRECEDENCE.get(x.head, ATOM) < above and not self._is_fraction(x)
        return rf"\left({inner}\right)" if weak else inner

    def _is_fraction(self, x: Node) -> bool:
        return x.head == "div" and not (x.args[1].scalar and not x.args[0].scalar)

    def _number(self, x: Node) -> str:
        digits, _, exponent = x.text.partition("e")
        return x.text if not exponent else (
            f"10^{{{int(exponent)}}}" if digits == "1" else
            rf"{digits} \cdot 10^{{{int(exponent)}}}")

    def _name(self, x: Node) -> str:
        return symbol(x.text)

    def _tensor(self, x: Node) -> str:
        assert x.tensor is not None
        return symbol(self.names.get(x.tensor, x.tensor.label))

    def _add(self, x: Node) -> str:
        out = self.text(x.args[0], REDUCTION)
        for t in x.args[1:]:
            minus = t.head == "neg"
            out += (" - " if minus else " + ") + self.text(t.args[0] if minus else t, REDUCTION)
        return out

    def _neg(self, x: Node) -> str:
        return f"-{self.text(x.args[0], REDUCTION)}"

    def _mul(self, x: Node) -> str:
        scalars = [self.text(f, PRODUCT) for f in x.args if f.scalar]
        others = [f for f in x.args if not f.scalar]
        if self.matrices and len(others) > 1:
            arrays = r" \odot ".join(self.text(f, POWER) for f in others)
        else:
            arrays = r" \, ".join(self.text(f, PRODUCT if len(others) == 1 else POWER)
                                  for f in others)
        return r" \, ".join([*scalars, *([arrays] if arrays else [])])

    def _div(self, x: Node) -> str:
        above, below = x.args
        if not below.scalar or above.scalar:
            return rf"\frac{{{self.text(above)}}}{{{self.text(below)}}}"
        factors = above.args if above.head == "mul" else (above,)
        scalars = [f for f in factors if f.scalar]
        rest = tuple(f for f in factors if not f.scalar)
        top = r" \, ".join(self.text(f, PRODUCT) for f in scalars) or "1"
        core = rest[0] if len(rest) == 1 else Node("mul", rest)
        return rf"\frac{{{top}}}{{{self.text(below)}}} \, {self.text(core, PRODUCT)}"

    def _matmul(self, x: Node) -> str:
        factors = [self.text(f, POWER) for f in x.args]
        if x.scalar:
            factors[0] = self._transpose(Node("transpose", x.args[:1]))
        return " ".join(factors)

    def _power(self, x: Node) -> str:
        base, exponent = x.args
        entrywise = self.matrices and not base.scalar and is_numeric(exponent)
        mark = r"\odot " if entrywise else ""
        return f"{self._base(base)}^{{{mark}{self.text(exponent)}}}"

    def _base(self, x: Node) -> str:
        bare = x.head in ("tensor", "name", "number")
        return self.text(x) if bare else rf"\left({self.text(x)}\right)"

    def _transpose(self, x: Node) -> str:
        (inner,) = x.args
        if inner.head == "call" and inner.text == "inv":
            return rf"{self._base(inner.args[0])}^{{-\top}}"
        return rf"{self._base(inner)}^{{\top}}"

    def _call(self, x: Node) -> str:
        special: Callable[[Node], str] | None = getattr(self, f"_call_{x.text}", None)
        if special is not None:
            return special(x)
        operator = rf"\{x.text}" if x.text in _PLAIN else _OPERATORS.get(
            x.text, rf"\operatorname{{{_upright(x.text)}}}")
        keywords = [a for a in x.args if a.head == "keyword" and a.text != "keepdims"]
        below = ",".join(map(self._keyword, keywords))
        inner = ", ".join(self.text(a) for a in x.args if a.head != "keyword")
        out = operator + (f"_{{{below}}}" if below else "") + rf"\left({inner}\right)"
        return out + (r" \mathbf{1}^{\top}" if x.args[-1].text == "keepdims" else "")

    def _call_inv(self, x: Node) -> str:
        return f"{self._base(x.args[0])}^{{-1}}"

    def _call_sqrt(self, x: Node) -> str:
        return rf"\sqrt{{{self.text(x.args[0])}}}"

    def _call_abs(self, x: Node) -> str:
        return rf"\left|{self.text(x.args[0])}\right|"

    def _call_outer(self, x: Node) -> str:
        return rf"{self.text(x.args[0], POWER)} {self._base(x.args[1])}^{{\top}}"

    def _call_eye(self, x: Node) -> str:
        return f"I_{{{self.text(x.args[0])}}}"

    def _call_zeros(self, x: Node) -> str:
        return rf"\mathbf{{0}}_{{{self._shape(x.args[0])}}}"

    def _call_ones(self, x: Node) -> str:
        return rf"\mathbf{{1}}_{{{self._shape(x.args[0])}}}"

    def _shape(self, x: Node) -> str:
        return r" \times ".join(map(self.text, x.args))

    def _call_solve(self, x: Node) -> str:
        matrix, right = x.args
        turned = matrix.head == "transpose"
        inverse = rf"{self._base(matrix.args[0])}^{{-\top}}" if turned else (
            f"{self._base(matrix)}^{{-1}}")
        return f"{inverse} {self.text(right, POWER)}"

    def _call_where(self, x: Node) -> str:
        condition, a, b = x.args
        return self._cases(Node("cases", (a, condition, b)))

    def _call_concatenate(self, x: Node) -> str:
        parts, axis = x.args
        marks = {"0": r" \\ ", "1": " & "}
        mark = marks.get(self.text(axis.args[0]), r" \;\vert\; ")
        inner = mark.join(map(self.text, parts.args))
        return rf"\begin{{bmatrix}} {inner} \end{{bmatrix}}"

    def _call_swapaxes(self, x: Node) -> str:
        return rf"{self._base(x.args[0])}^{{\top}}"

    def _keyword(self, x: Node) -> str:
        return rf"\mathrm{{{_upright(x.text)}}}={self.text(x.args[0])}"

    def _item(self, x: Node) -> str:
        items = [a.text if a.head == "name" else a.head for a in x.args[1:]]
        if items == ["slice", "None"]:
            return rf"{self.text(x.args[0], POWER)} \mathbf{{1}}^{{\top}}"
        return self._entry(x)

    def _entry(self, x: Node) -> str:
        index = ",".join(map(self.text, x.args[1:]))
        return f"{self._base(x.args[0])}_{{{index}}}" if index else self.text(x.args[0])

    def _slice(self, x: Node) -> str:
        return ":".join(map(self.text, x.args))

    def _tuple(self, x: Node) -> str:
        return rf"\left({', '.join(map(self.text, x.args))}\right)"

    def _list(self, x: Node) -> str:
        return rf"\left[{', '.join(map(self.text, x.args))}\right]"

    def _compare(self, x: Node) -> str:
        return f" {_SIGNS[x.text]} ".join(self.text(a, SUM) for a in x.args)

    def _and(self, x: Node) -> str:
        return r" \wedge ".join(map(self.text, x.args))

    def _or(self, x: Node) -> str:
        return r" \vee ".join(map(self.text, x.args))

    def _not(self, x: Node) -> str:
        return rf"\neg \left({self.text(x.args[0])}\right)"

    def _cases(self, x: Node) -> str:
        *pairs, last = x.args
        rows = [rf"{self.text(v)} & {self.text(c)}" for v, c in zip(pairs[::2], pairs[1::2],
                                                                    strict=True)]
        rows.append(rf"{self.text(last)} & \text{{otherwise}}")
        inner = r" \\ ".join(rows)
        return rf"\begin{{cases}} {inner} \end{{cases}}"

    def _bracket(self, x: Node) -> str:
        return self._indicator(x.args[0]) if len(x.args) == 1 and x.args[0].head == "compare" else (
            rf"\left[{self._and(x)}\right]")

    def _indicator(self, x: Node) -> str:
        """An Iverson bracket; of the equality of two indices Kronecker's delta."""
        if x.text == "==" and all(a.head == "name" for a in x.args):
            return rf"\delta_{{{','.join(map(self.text, x.args))}}}"
        return rf"\left[{self._compare(x)}\right]"

    def _reduce(self, x: Node) -> str:
        body, *conditions = x.args
        sign = {"sum": r"\sum", "prod": r"\prod", "max": r"\max", "min": r"\min"}.get(
            x.text, rf"\operatorname*{{{_upright(x.text)}}}")
        below = ",".join(map(symbol, x.over))
        if conditions:
            below += r" \,:\, " + r",\; ".join(map(self.text, conditions))
        return rf"{sign}_{{{below}}} {self.text(body, REDUCTION)}"

    def _floordiv(self, x: Node) -> str:
        a, b = map(self.text, x.args)
        return rf"\left\lfloor \frac{{{a}}}{{{b}}} \right\rfloor"

    def _mod(self, x: Node) -> str:
        return r" \bmod ".join(self.text(a, POWER) for a in x.args)


def _upright(text: str) -> str:
    return text.replace("_", r"\_")
