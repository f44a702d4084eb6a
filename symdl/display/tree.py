"""Formulas as trees: what every notation builds and every printer reads.

Constructors keep a tree in reading order: numbers, names, then what is longer; positive
terms before negative ones; one fraction instead of several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from decimal import Context, Decimal
from functools import cached_property
from typing import Any

import sympy

from symdl.language.owners import Application
from symdl.language.tensor import Part, Tensor


@dataclass(frozen=True)
class Node:
    """One operation of a formula.

    Attributes
    ----------
    head : str
        What it is: ``number name tensor add mul div neg power matmul transpose call keyword
        item entry compare and or not cases bracket indicator reduce tuple slice floordiv
        mod``.
    args : tuple of Node
        The operands; of a `reduce` the body, then the conditions.
    text : str
        A name, a number's digits, a comparison's sign.
    tensor : Tensor or None
        The tensor that a `tensor` node stands for; its name is chosen when a page is set.
    over : tuple of str
        The indices of a `reduce`.
    scalar : bool
        Whether it is a single number.
    """

    head: str
    args: tuple[Node, ...] = ()
    text: str = ""
    tensor: Tensor | None = None
    over: tuple[str, ...] = ()
    scalar: bool = field(default=False, compare=False)

    @cached_property
    def size(self) -> int:
        """The number of leaves and operations; transposing counts for nothing."""
        return (self.head not in ("transpose", "neg")) + sum(a.size for a in self.args)

    @cached_property
    def order(self) -> tuple[Any, ...]:
        """A key in which factors are read: numbers, names, powers, functions, products, sums."""
        core = self.args[0] if self.head in ("transpose", "power") else self
        label = core.tensor.label if core.tensor is not None else core.text
        alone = self.scalar and self.first == (_NONE, "")
        kind = 0 if is_numeric(self) else 1 if alone else 2
        rank = _RANKS.get(self.head, 4)
        return (kind, rank, self.first, self.size if rank > 1 else 0, label, self.head,
                tuple(a.order for a in self.args))

    @cached_property
    def first(self) -> tuple[int, str]:
        """The least number among the indices that occur, axes having the least; then letters."""
        if self.head == "index":
            return int(self.text), ""
        letters = self.args[1:] if self.head in ("entry", "item") else ()
        return min([*(a.first for a in self.args),
                    *((_LETTER, a.text) for a in letters if a.head == "name" and a.scalar)],
                   default=(_NONE, ""))


_LETTER, _NONE = 1 << 30, 1 << 31


_RANKS = {"number": 0, "name": 1, "tensor": 1, "transpose": 1, "item": 1, "entry": 1, "bracket": 0,
          "indicator": 0, "power": 2, "call": 3, "cases": 5, "matmul": 5, "reduce": 6, "add": 7}


def is_numeric(x: Node) -> bool:
    """Whether the node is a number or a fraction of two."""
    return x.head == "number" or (x.head == "div" and all(is_numeric(a) for a in x.args))


def name(text: str, scalar: bool = False) -> Node:
    """A name of a size, an index or a function's value."""
    return Node("name", text=text, scalar=scalar)


def reference(t: Tensor) -> Node:
    """A tensor by its name."""
    return Node("tensor", tensor=t, scalar=t.ndim == 0)


def number(x: Any) -> Node:
    """An exact number."""
    value = sympy.S(x)
    if value.is_Integer:
        return negative(number(-value)) if value < 0 else Node("number", text=str(value),
                                                               scalar=True)
    if value.is_Rational:
        return quotient([number(value.p)], [number(value.q)])
    if value is sympy.S.NegativeInfinity:
        return negative(number(sympy.oo))
    if value is sympy.E:
        return call("exp", number(1))
    return name(_CONSTANTS[value], scalar=True)


_CONSTANTS = {sympy.pi: "pi", sympy.oo: "inf", sympy.nan: "nan",
              sympy.EulerGamma: "euler_gamma"}


def is_one(x: Node) -> bool:
    """Whether the node is the number 1."""
    return x.head == "number" and x.text == "1"


def is_zero(x: Node) -> bool:
    """Whether the node is the number 0."""
    return x.head == "number" and x.text == "0"


def negative(x: Node) -> Node:
    """-x, the sign in front."""
    if is_zero(x):
        return x
    if x.head == "neg":
        return x.args[0]
    if x.head == "add" and all(t.head == "neg" for t in x.args):
        return added([t.args[0] for t in x.args])
    return Node("neg", (x,), scalar=x.scalar)


def added(terms: Iterable[Node]) -> Node:
    """A sum in reading order: a number, long terms, short ones; what is subtracted last."""
    flat = [t for x in terms for t in (x.args if x.head == "add" else (x,)) if not is_zero(t)]
    if not flat:
        return number(0)
    if len(flat) == 1:
        return flat[0]
    flat.sort(key=_term_order)
    return Node("add", tuple(flat), scalar=all(t.scalar for t in flat))


def _term_order(t: Node) -> tuple[Any, ...]:
    core = t.args[0] if t.head == "neg" else t
    minus = t.head == "neg"
    return (minus, is_numeric(core) == minus, -core.size, core.order)


def quotient(above: Sequence[Node], below: Sequence[Node] = ()) -> Node:
    """A product of factors over a product of others, one sign in front."""
    sign, ratio, num, den = 1, sympy.S.One, list[Node](), list[Node]()
    for side, factors in ((0, above), (1, below)):
        todo = list(factors)
        while todo:
            x = todo.pop()
            if x.head == "neg":
                sign = -sign
                todo.append(x.args[0])
            elif x.head == "mul":
                todo.extend(x.args)
            elif x.head == "div":
                todo.append(x.args[0])
                (num if side else den).extend(_factors(x.args[1]))
            elif x.head == "number":
                ratio *= sympy.Rational(x.text) ** (-1 if side else 1)
            else:
                (den if side else num).append(x)
    if _is_long(ratio):
        num.append(Node("number", text=_decimal(ratio), scalar=True))
    else:
        num += [] if ratio.p == 1 else [number(ratio.p)]
        den += [] if ratio.q == 1 else [number(ratio.q)]
    out = _product(num)
    if den:
        bottom = _product(den)
        out = Node("div", (out, bottom), scalar=out.scalar and bottom.scalar)
    return negative(out) if sign < 0 else out


def _is_long(x: sympy.Rational) -> bool:
    """Whether a number is a decimal fraction that is long as a quotient."""
    twos, fives = sympy.multiplicity(2, x.q), sympy.multiplicity(5, x.q)
    return 2**twos * 5**fives == x.q and len(str(x.q)) > _DIGITS


def _decimal(x: sympy.Rational) -> str:
    """A number to as many digits as double precision has."""
    digits = Context(prec=17).divide(Decimal(int(x.p)), Decimal(int(x.q))).normalize()
    return str(digits).lower()


_DIGITS = 4


def _factors(x: Node) -> tuple[Node, ...]:
    return x.args if x.head == "mul" else () if is_one(x) else (x,)


def _product(factors: list[Node]) -> Node:
    if any(is_zero(f) for f in factors):
        return number(0)
    if len(factors) < 2:
        return factors[0] if factors else Node("number", text="1", scalar=True)
    return Node("mul", tuple(sorted(factors, key=lambda f: f.order)),
                scalar=all(f.scalar for f in factors))


def power(base: Node, exponent: Node) -> Node:
    """The base to the power of the exponent."""
    return Node("power", (base, exponent), scalar=base.scalar and exponent.scalar)


def call(function: str, *args: Node, **keywords: Node) -> Node:
    """A function's value."""
    named = (Node("keyword", (value,), key) for key, value in keywords.items())
    alone = function not in _MAKERS and all(a.scalar for a in args)
    return Node("call", (*args, *named), function, scalar=alone)


_MAKERS = frozenset({"eye", "arange", "one_hot", "array"})
"""Functions of numbers whose values are arrays."""


def application(t: Part, operand: Callable[[Tensor], Node]) -> Node:
    """A primitive's output as a function of its operands, its parameters as keywords."""
    owner = t.owner
    assert isinstance(owner, Application)
    p = owner.primitive
    keywords = {f.name: name(repr(getattr(p, f.name))) for f in fields(p)
                if getattr(p, f.name) != f.default}
    out = call(p.name, *map(operand, owner.operands), **keywords)
    if len(owner.signature) > 1:
        out = Node("item", (out, number(t.number)))
    return replace(out, scalar=t.ndim == 0)


def array(x: Any) -> Node:
    """An array of numbers as nested lists, the middle of long ones left out."""
    if not isinstance(x, list):
        return number(int(x)) if isinstance(x, int) else name(repr(x), scalar=True)
    items = [array(i) for i in (x if len(x) <= _MANY else [*x[:2], x[-1]])]
    if len(x) > _MANY:
        items.insert(2, name("..."))
    return Node("list", tuple(items))


_MANY = 16
