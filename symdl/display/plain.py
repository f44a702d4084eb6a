"""Formulas as plain text: NumPy's spelling, sums with their indices written below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from symdl.display.tree import Node
from symdl.language.tensor import Tensor

Names = Mapping[Tensor, str]

CASES, COMPARISON, SUM, REDUCTION, PRODUCT, POWER, ATOM = range(7)
PRECEDENCE: Mapping[str, int] = {
    "or": CASES, "and": CASES, "not": CASES, "compare": COMPARISON, "add": SUM,
    "reduce": REDUCTION, "neg": PRODUCT, "mul": PRODUCT, "div": PRODUCT, "matmul": PRODUCT,
    "floordiv": PRODUCT, "mod": PRODUCT, "power": POWER,
}
"""How tightly each head binds; what isn't listed needs no parentheses."""


def plain(x: Node, names: Names) -> str:
    """The text of a formula.

    Parameters
    ----------
    x : Node
        The formula.
    names : mapping
        The name of each tensor that occurs.
    """
    return Plain(names).text(x)


class Plain:
    """The printer: one method a head, chosen by name."""

    minus: ClassVar[str] = "-"

    def __init__(self, names: Names):
        self.names = names

    def text(self, x: Node, above: int = CASES) -> str:
        """The node's text, in parentheses where it binds less than `above`."""
        inner = str(getattr(self, f"_{x.head}")(x))
        return f"({inner})" if PRECEDENCE.get(x.head, ATOM) < above else inner

    def _number(self, x: Node) -> str:
        return x.text

    _name = _number

    def _tensor(self, x: Node) -> str:
        assert x.tensor is not None
        return self.names.get(x.tensor, x.tensor.label)

    def _add(self, x: Node) -> str:
        out = self.text(x.args[0], REDUCTION)
        for t in x.args[1:]:
            minus = t.head == "neg"
            sign = self.minus if minus else "+"
            out += f" {sign} {self.text(t.args[0] if minus else t, REDUCTION)}"
        return out

    def _neg(self, x: Node) -> str:
        return f"{self.minus}{self.text(x.args[0], REDUCTION)}"

    def _mul(self, x: Node) -> str:
        *others, last = x.args
        if last.head == "matmul" and all(f.scalar for f in others):
            return "*".join([*(self._factor(f) for f in others), self.text(last)])
        return "*".join(self._factor(f) for f in x.args)

    def _factor(self, x: Node) -> str:
        return self.text(x, POWER if x.head in _APART else PRODUCT)

    def _div(self, x: Node) -> str:
        above, below = x.args
        loose = above.head == "matmul" or (above.head == "mul" and above.args[-1].head == "matmul"
                                           and all(f.scalar for f in above.args[:-1]))
        if loose and not below.scalar:
            return f"({self.text(above)})/{self.text(below, POWER)}"
        return self.text(above, PRODUCT) + (" / " if loose else "/") + self.text(below, POWER)

    def _matmul(self, x: Node) -> str:
        return " @ ".join(self.text(f, POWER) for f in x.args)

    def _power(self, x: Node) -> str:
        return f"{self.text(x.args[0], ATOM)}**{self.text(x.args[1], ATOM)}"

    def _transpose(self, x: Node) -> str:
        return f"{self.text(x.args[0], ATOM)}.T"

    def _call(self, x: Node) -> str:
        return f"{x.text}({', '.join(map(self.text, x.args))})"

    def _keyword(self, x: Node) -> str:
        return f"{x.text}={self.text(x.args[0])}"

    def _item(self, x: Node) -> str:
        index = ", ".join(map(self.text, x.args[1:]))
        return f"{self.text(x.args[0], ATOM)}[{index}]"

    def _entry(self, x: Node) -> str:
        index = ",".join(self.text(i).replace(" ", "") for i in x.args[1:])
        return f"{self.text(x.args[0], ATOM)}[{index}]" if index else self.text(x.args[0])

    def _slice(self, x: Node) -> str:
        return ":".join("" if a.head == "name" and not a.text else self.text(a) for a in x.args)

    def _tuple(self, x: Node) -> str:
        inner = ", ".join(map(self.text, x.args))
        return f"({inner},)" if len(x.args) == 1 else f"({inner})"

    def _list(self, x: Node) -> str:
        return f"[{', '.join(map(self.text, x.args))}]"

    def _compare(self, x: Node) -> str:
        return f" {x.text} ".join(self.text(a, SUM) for a in x.args)

    def _and(self, x: Node) -> str:
        return " and ".join(self.text(a, COMPARISON) for a in x.args)

    def _or(self, x: Node) -> str:
        return " or ".join(self.text(a, COMPARISON) for a in x.args)

    def _not(self, x: Node) -> str:
        return f"not {self.text(x.args[0], COMPARISON)}"

    def _cases(self, x: Node) -> str:
        *pairs, last = x.args
        chain = "".join(f"{self.text(v, SUM)} if {self.text(c)} else "
                        for v, c in zip(pairs[::2], pairs[1::2], strict=True))
        return f"({chain}{self.text(last, SUM)})"

    def _bracket(self, x: Node) -> str:
        return f"[{' and '.join(self.text(c, COMPARISON) for c in x.args)}]"

    def _indicator(self, x: Node) -> str:
        return f"({self._compare(x)})"

    def _reduce(self, x: Node) -> str:
        body, *conditions = x.args
        below = ",".join(x.over)
        if conditions:
            below = f"{{{below} | {' and '.join(self.text(c, COMPARISON) for c in conditions)}}}"
        elif len(x.over) > 1:
            below = f"{{{below}}}"
        return f"{x.text}_{below} {self.text(body, REDUCTION)}"

    def _floordiv(self, x: Node) -> str:
        return "//".join(self.text(a, POWER) for a in x.args)

    def _mod(self, x: Node) -> str:
        return " % ".join(self.text(a, POWER) for a in x.args)


_APART = frozenset({"matmul", "div", "floordiv", "mod", "reduce"})
