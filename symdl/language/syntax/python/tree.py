"""From Python's syntax tree to the one of every grammar: where sizes are still to be found."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from symdl.language.syntax.functions import RULES
from symdl.language.syntax.python.functions import ALIASES, METHODS
from symdl.language.syntax.python.more import MORE
from symdl.language.syntax.python.source import Source
from symdl.language.syntax.tree import Binary, Call, Item, Name, Node, Number, Slice, Tuple, Unary

_OPERATORS: Mapping[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: ".*", ast.Div: "./", ast.MatMult: "@", ast.Pow: ".^",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.BitAnd: "and", ast.BitOr: "or",
}
_NAMES: Mapping[str, str] = {
    "trace": "tr", "lse": "logsumexp", "eig": "eigvalsh", "norm": "norm_fro", "T": "transpose",
    "dot": "@", "matmul": "@", "matrix_power": "^", "mp": "^", "multiply": ".*", "add": "+",
    "subtract": "-", "divide": "./", "power": ".^",
}
_AXIS = frozenset({"sum", "mean", "prod", "max", "min", "var", "softmax", "logsumexp", "cumsum"})
"""Functions whose second argument is the axis."""
MODULES = frozenset({"np", "numpy", "sp", "scipy", "jnp", "linalg", "special", "sl"})


def tree(source: Source, loose: Sequence[str]) -> Node:
    """The tree of an expression of operators and functions; `loose` names aren't declared.

    Raises
    ------
    ParseError
        For what needs the sizes of its arrays: they are to be declared then.
    """
    names = ", ".join(dict.fromkeys(loose)) or "every name"
    advice = (f"this needs the sizes of its arrays: declare {names} with sizes, "
              f"e.g. {loose[0] if loose else 'A'}='matrix[n,m]'")
    if len(source.body) > 1:
        raise source.error(source.body[0], advice)
    (last,) = source.body
    assert isinstance(last, ast.Expr)
    return _Tree(source, advice).node(last.value)


def loose_names(source: Source) -> list[str]:
    """The names that the source reads and doesn't define, functions and modules left out."""
    nodes = [x for part in source.body for x in ast.walk(part)]
    called = {id(x.func) for x in nodes if isinstance(x, ast.Call)}
    defined = {x.id for x in nodes if isinstance(x, ast.Name) and isinstance(x.ctx, ast.Store)}
    defined |= {x.arg for x in nodes if isinstance(x, ast.arg)}
    return [x.id for x in nodes if isinstance(x, ast.Name) and id(x) not in called
            and x.id not in defined | MODULES]


def no_operator(sign: ast.AST) -> str:
    """What to say of an operator that has no meaning for arrays."""
    shown = _SHOWN.get(type(sign), "this")
    return f"{shown} is no operator of arrays" + (
        ". A power is written **" if isinstance(sign, ast.BitXor) else "")


_SHOWN: Mapping[type[ast.AST], str] = {
    ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>", ast.FloorDiv: "//", ast.Mod: "%",
    ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not"}


class _Tree:
    """One method a kind of Python's node."""

    def __init__(self, source: Source, advice: str):
        self._source, self._advice = source, advice

    def node(self, x: ast.AST) -> Node:
        """The node, at its place."""
        method = getattr(self, f"_{type(x).__name__.lower()}", None)
        if method is None:
            raise self._source.error(x, self._advice)
        place = self._source.place(x)
        made: Node = method(x, place.start, place.end)
        return made

    def _constant(self, x: ast.Constant, start: int, end: int) -> Node:
        if x.value is None or isinstance(x.value, bool):
            return Name(start, end, str(x.value))
        if not isinstance(x.value, (int, float)):
            raise self._source.error(x, self._advice)
        return Number(start, end, self._source.digits(x).replace("_", ""))

    def _name(self, x: ast.Name, start: int, end: int) -> Node:
        return Name(start, end, x.id)

    def _binop(self, x: ast.BinOp, start: int, end: int) -> Node:
        chain: list[ast.BinOp] = []
        left: ast.expr = x
        while isinstance(left, ast.BinOp):  # a long sum is deep on the left
            chain.append(left)
            left = left.left
        out = self.node(left)
        for part in reversed(chain):
            right = self.node(part.right)
            out = Binary(out.start, right.end, self._sign(part, part.op), out, right)
        return out

    def _sign(self, x: ast.AST, sign: ast.AST) -> str:
        if type(sign) not in _OPERATORS:
            raise self._source.error(x, no_operator(sign))
        return _OPERATORS[type(sign)]

    def _unaryop(self, x: ast.UnaryOp, start: int, end: int) -> Node:
        inner = self.node(x.operand)
        if isinstance(x.op, ast.UAdd):
            return inner
        return Unary(start, end, "-" if isinstance(x.op, ast.USub) else "not", inner)

    def _compare(self, x: ast.Compare, start: int, end: int) -> Node:
        if len(x.ops) > 1:
            raise self._source.error(x, "comparisons are made one at a time")
        sign = self._sign(x, x.ops[0])
        return Binary(start, end, sign, self.node(x.left), self.node(x.comparators[0]))

    def _ifexp(self, x: ast.IfExp, start: int, end: int) -> Node:
        return Call(start, end, "where", tuple(map(self.node, (x.test, x.body, x.orelse))))

    def _tuple(self, x: ast.Tuple, start: int, end: int) -> Node:
        return Tuple(start, end, tuple(map(self.node, x.elts)))

    def _attribute(self, x: ast.Attribute, start: int, end: int) -> Node:
        if x.attr == "T":
            return Unary(start, end, "'", self.node(x.value))
        if x.attr in ("pi", "e") and isinstance(x.value, ast.Name) and x.value.id in MODULES:
            return Name(start, end, x.attr)
        raise self._source.error(x, self._advice)

    def _subscript(self, x: ast.Subscript, start: int, end: int) -> Node:
        keys = x.slice.elts if isinstance(x.slice, ast.Tuple) else [x.slice]
        if any(isinstance(k, ast.Constant) and k.value is None for k in keys):
            raise self._source.error(x, self._advice)
        return Item(start, end, self.node(x.value), tuple(map(self.node, keys)))

    def _slice(self, x: ast.Slice, start: int, end: int) -> Node:
        if x.step is not None:
            raise self._source.error(x.step, self._advice)
        return Slice(start, end, *(None if k is None else self.node(k) for k in (x.lower, x.upper)))

    def _call(self, x: ast.Call, start: int, end: int) -> Node:
        args = list(map(self.node, x.args))
        if isinstance(x.func, ast.Name):
            name = x.func.id
        elif isinstance(x.func, ast.Attribute):
            name = x.func.attr
            if name in METHODS and not self._of_module(x.func.value):
                args.insert(0, self.node(x.func.value))
        else:
            raise self._source.error(x.func, self._advice)
        if name in MORE and name not in RULES:
            raise self._source.error(x, self._advice)
        name = _NAMES.get(name, ALIASES.get(name, name))
        if not name.isidentifier() and len(args) == 2:
            return Binary(start, end, name, *args)
        options = [(str(k.arg), self.node(k.value)) for k in x.keywords]
        if name in _AXIS and len(args) == 2:
            options.append(("axis", args.pop()))
        return Call(start, end, name, tuple(args), tuple(options))

    def _of_module(self, x: ast.expr) -> bool:
        while isinstance(x, ast.Attribute):
            x = x.value
        return isinstance(x, ast.Name) and x.id in MODULES
