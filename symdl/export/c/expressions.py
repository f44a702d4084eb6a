"""Expressions of the generated Python as C."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from symdl.export.c.types import BOOL, INT, LIBM, REAL, WIDE, Names, Type, Untranslatable, Value

CHOICE, OR, AND, COMPARE, SUM, PRODUCT, UNARY, ATOM = range(1, 9)
_SIGNS: Mapping[type, tuple[str, int]] = {
    ast.Add: ("+", SUM), ast.Sub: ("-", SUM), ast.Mult: ("*", PRODUCT), ast.Div: ("/", PRODUCT)}
_RELATIONS: Mapping[type, str] = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=",
                                  ast.Gt: ">", ast.GtE: ">="}


@dataclass
class Expressions:
    """Translates expressions over some variables.

    Attributes
    ----------
    variables : dict
        The variables by name.
    constants : mapping
        The module's constants.
    functions : mapping
        The module's names for the mathematical library's functions.
    call : callable
        Translates a call of one of the module's functions.
    names : Names
        C's names.
    """

    variables: dict[str, Value]
    constants: Mapping[str, Value]
    functions: Mapping[str, str]
    call: Callable[[str, Sequence[Value]], Value]
    names: Names

    def value(self, node: ast.expr) -> Value:
        """Translate an expression."""
        method = getattr(self, f"_{type(node).__name__}", None)
        if method is None:
            raise Untranslatable(f"{ast.unparse(node)} has no equal in C")
        found: Value = method(node)
        return found

    def code(self, node: ast.expr, level: int = 0) -> str:
        """The code of an expression, in brackets where what is around it binds tighter."""
        return bracketed(self.value(node), level)

    def _Constant(self, node: ast.Constant) -> Value:
        x = node.value
        if isinstance(x, bool):
            return Value(str(int(x)), BOOL)
        if isinstance(x, int):
            return Value(str(x), INT, ATOM if x >= 0 else UNARY)
        if isinstance(x, float):
            kind = REAL if self.names.real == "double" else WIDE
            return Value(self.names.number(x, "wide"), kind)
        raise Untranslatable(f"{x!r} is no number")

    def _Name(self, node: ast.Name) -> Value:
        found = self.variables.get(node.id) or self.constants.get(node.id)
        if found is None:
            raise Untranslatable(f"the name {node.id} isn't known")
        return found

    def _Attribute(self, node: ast.Attribute) -> Value:
        if ast.unparse(node) == "math.pi":
            return Value("3.141592653589793", WIDE)
        raise Untranslatable(f"{ast.unparse(node)} has no equal in C")

    def _BinOp(self, node: ast.BinOp) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        kind = left.type.joined(right.type)
        if kind.rank:
            raise Untranslatable(f"{ast.unparse(node)} computes with whole arrays")
        if isinstance(node.op, (ast.FloorDiv, ast.Mod)) and kind.kind == "int":
            name = "sd_floor_div" if isinstance(node.op, ast.FloorDiv) else "sd_floor_mod"
            return Value(f"{name}({left.code}, {right.code})", INT)
        if isinstance(node.op, ast.Pow) and kind.kind != "int":
            power = self.names.function("pow", kind.kind)
            return Value(f"{power}({left.code}, {right.code})", kind)
        if type(node.op) not in _SIGNS:
            raise Untranslatable(f"{ast.unparse(node)} has no equal in C")
        sign, level = _SIGNS[type(node.op)]
        if sign == "/" and kind.kind == "int":
            left, kind = Value(f"(double){bracketed(left, UNARY)}", WIDE, UNARY), WIDE
        text = f"{bracketed(left, level)}{_spaced(sign)}{bracketed(right, level + 1)}"
        return Value(text, INT if kind.kind == "bool" else kind, level)

    def _UnaryOp(self, node: ast.UnaryOp) -> Value:
        x = self.value(node.operand)
        if isinstance(node.op, ast.Not):
            return Value(f"!{bracketed(x, UNARY)}", BOOL, UNARY)
        if isinstance(node.op, ast.USub):
            inner = bracketed(x, UNARY)
            return Value(f"-{f'({inner})' if inner.startswith('-') else inner}", x.type, UNARY)
        raise Untranslatable(f"{ast.unparse(node)} has no equal in C")

    def _BoolOp(self, node: ast.BoolOp) -> Value:
        sign, level = ("&&", AND) if isinstance(node.op, ast.And) else ("||", OR)
        parts = [self.code(x, COMPARE) for x in node.values]
        return Value(f" {sign} ".join(parts), BOOL, level)

    def _Compare(self, node: ast.Compare) -> Value:
        ends = [node.left, *node.comparators]
        parts = [f"{self.code(a, SUM)} {_RELATIONS[type(op)]} {self.code(b, SUM)}"
                 for a, op, b in zip(ends, node.ops, ends[1:], strict=False)]
        return Value(" && ".join(parts), BOOL, COMPARE if len(parts) == 1 else AND)

    def _IfExp(self, node: ast.IfExp) -> Value:
        yes, no = self.value(node.body), self.value(node.orelse)
        text = (f"{self.code(node.test, OR)} ? {bracketed(yes, OR)} : {bracketed(no, OR)}")
        return Value(text, yes.type.joined(no.type), CHOICE)

    def _Subscript(self, node: ast.Subscript) -> Value:
        shape = self._shape_of(node)
        if shape is not None:
            return shape
        base = self.value(node.value)
        index = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if not base.type.rank or len(index) > base.type.rank:
            raise Untranslatable(f"{ast.unparse(node)} is no entry of an array")
        places = [self.code(i, ATOM if len(index) > 1 else 0) for i in index]
        at = places[0]
        for place, size in zip(places[1:], base.shape[1:], strict=False):
            at = f"({at})*{_factor(size)} + {place}" if " " in at else (
                f"{at}*{_factor(size)} + {place}")
        rest = base.shape[len(index):]
        if not rest:
            return Value(f"{bracketed(base, ATOM)}[{at}]", Type(base.type.kind))
        step = "*".join(map(_factor, rest))
        return Value(f"{bracketed(base, SUM)} + ({at})*{step}",
                     Type(base.type.kind, len(rest)), SUM, rest)

    def _shape_of(self, node: ast.Subscript) -> Value | None:
        """`a.shape[0]`."""
        inner = node.value
        if isinstance(inner, ast.Attribute) and inner.attr == "shape":
            axis = node.slice
            if isinstance(axis, ast.Constant) and isinstance(axis.value, int):
                size = self.value(inner.value).shape[axis.value]
                return Value(size, INT, ATOM if size.isidentifier() else SUM)
        return None

    def _Call(self, node: ast.Call) -> Value:
        function = node.func
        if isinstance(function, ast.Attribute):
            return self._method(node, function)
        assert isinstance(function, ast.Name)
        arguments = [self.value(a) for a in node.args]
        name = function.id
        if name in ("_plus", "_times"):
            sign = ast.Add() if name == "_plus" else ast.Mult()
            return self._BinOp(ast.BinOp(node.args[0], sign, node.args[1]))
        if name in ("real", "wide", "int", "_at", "bool"):
            return self._converted(name, arguments[0])
        if name in ("min", "max"):
            first, *rest = arguments
            if any(a.type != INT for a in arguments):
                raise Untranslatable(f"{ast.unparse(node)} compares other numbers than integers")
            for x in rest:
                first = Value(f"sd_{name}_int({first.code}, {x.code})", INT)
            return first
        if name == "abs":
            x = arguments[0]
            call = "llabs" if x.type.kind == "int" else self.names.function("fabs", x.type.kind)
            return Value(f"{call}({x.code})", x.type)
        if name in self.functions:
            return self._library(self.functions[name], arguments)
        return self.call(name, arguments)

    def _library(self, name: str, arguments: Sequence[Value], wide: bool = False) -> Value:
        kind = WIDE if wide or any(a.type.kind == "wide" for a in arguments) else REAL
        code = ", ".join(a.code for a in arguments)
        return Value(f"{self.names.function(name, kind.kind)}({code})", kind)

    def _converted(self, name: str, x: Value) -> Value:
        if name == "_at":
            return x
        kind = {"real": REAL, "wide": WIDE, "int": INT, "bool": BOOL}[name]
        if x.type == kind:
            return x
        if name == "bool":
            return Value(f"{bracketed(x, SUM)} != 0", BOOL, COMPARE)
        if name in ("real", "wide") and x.code.replace(".", "").replace("e-", "").isdigit():
            return Value(self.names.number(float(x.code), kind.kind), kind)
        return Value(f"({self.names.declared(kind).strip()}){bracketed(x, ATOM)}", kind, UNARY)

    def _method(self, node: ast.Call, function: ast.Attribute) -> Value:
        if function.attr == "reshape":
            base = self.value(function.value)
            sizes = node.args[0]
            shape = sizes.elts if isinstance(sizes, ast.Tuple) else [sizes]
            return Value(base.code, Type(base.type.kind, len(shape)), base.level,
                         tuple(self.code(s) for s in shape))
        owner = ast.unparse(function.value)
        if owner in ("math", "np") and function.attr in LIBM:
            return self._library(LIBM[function.attr], [self.value(a) for a in node.args],
                                 owner == "math")
        raise Untranslatable(f"{ast.unparse(function)} has no equal in C")


def bracketed(x: Value, level: int) -> str:
    """The code, in brackets where what is around it binds tighter."""
    return f"({x.code})" if x.level < level else x.code


def _factor(size: str) -> str:
    return size if size.isidentifier() or size.isdigit() else f"({size})"


def _spaced(sign: str) -> str:
    return sign if sign in "*/" else f" {sign} "
