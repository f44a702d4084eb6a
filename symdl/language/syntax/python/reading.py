"""What an expression in NumPy's spelling means: a walk over Python's syntax tree.

Nothing is run: a node that isn't listed here is refused. Numbers stay exact, comprehensions over
fixed ranges are written out, and every step counts towards a bound.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from symdl.language import operators as op
from symdl.language.errors import SymdlError
from symdl.language.form import Form
from symdl.language.syntax.bounded import bounded_power
from symdl.language.syntax.errors import ParseError, Refusal
from symdl.language.syntax.limits import DEPTH, DIGITS, EXPONENT, OPTION
from symdl.language.syntax.python.calls import Calls
from symdl.language.syntax.python.functions import CONSTANTS
from symdl.language.syntax.python.lists import Kept, Value, operand
from symdl.language.syntax.python.tree import MODULES, no_operator
from symdl.language.tensor import Tensor

STEPS = 50_000
"""Nodes visited, those of comprehensions each time."""

_OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: op.add, ast.Sub: op.subtract, ast.Mult: op.multiply, ast.Div: op.divide,
    ast.MatMult: op.matmul, ast.Pow: bounded_power(op.power),
    ast.Lt: op.less, ast.LtE: op.less_equal, ast.Gt: op.greater, ast.GtE: op.greater_equal,
    ast.Eq: op.equal_to, ast.NotEq: op.not_equal, ast.BitAnd: op.logical_and,
    ast.BitOr: op.logical_or, ast.FloorDiv: op.floor_divide, ast.Mod: op.remainder,
}
_EXACT: Mapping[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b, ast.Sub: lambda a, b: a - b, ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: Fraction(a) / b, ast.FloorDiv: lambda a, b: a // b,
    ast.Mod: lambda a, b: a % b,
    ast.Lt: lambda a, b: a < b, ast.LtE: lambda a, b: a <= b, ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b, ast.Eq: lambda a, b: a == b, ast.NotEq: lambda a, b: a != b,
}


class Reading(Calls):
    """Reads the expressions of one source.

    Parameters
    ----------
    source : Source
        The text and its tree.
    names : mapping
        Tensors and sizes by name.
    functions : mapping
        More functions by name.
    """

    def result(self) -> Tensor:
        """The tensor that the source stands for: its assignments, then its expression.

        Raises
        ------
        ParseError
            With the column, for whatever can't be read.
        """
        *before, last = self._source.body
        for statement in before:
            if not isinstance(statement, ast.Assign) or len(statement.targets) != 1 or (
                    not isinstance(statement.targets[0], ast.Name)):
                raise self._source.error(statement, "only name = ... may stand before the formula")
            self._names[statement.targets[0].id] = self.value(statement.value)
        assert isinstance(last, ast.Expr)
        try:
            return op.as_tensor(operand(self.value(last.value)))
        except Refusal as refusal:
            raise self._source.error(last, refusal.reason) from None
        except RecursionError:
            raise self._source.error(last, "the formula is nested too deeply") from None

    def value(self, node: ast.AST) -> Value:
        """The meaning of a node."""
        self._steps += 1
        self._depth += 1
        if self._steps > STEPS or self._depth > 2 * DEPTH:
            bound = f"{STEPS} steps" if self._steps > STEPS else f"{2 * DEPTH} levels"
            raise self._source.error(node, f"the formula takes more than {bound}")
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        try:
            if method is None:
                raise Refusal(f"a {type(node).__name__} has no meaning in a formula")
            return method(node)
        except ParseError:
            raise
        except Refusal as refusal:
            raise self._source.error(node, refusal.reason) from None
        except ZeroDivisionError:
            raise self._source.error(node, "division by zero") from None
        except (SymdlError, TypeError, IndexError) as error:
            raise self._source.error(node, str(error)) from None
        finally:
            self._depth -= 1

    def _constant(self, node: ast.Constant) -> Value:
        if node.value in (None, ...) or isinstance(node.value, (bool, str)):
            return node.value
        if isinstance(node.value, (int, float)):
            return self._number(self._source.digits(node))
        raise Refusal(f"{node.value!r} is no real number")

    def _number(self, digits: str) -> Value:
        digits = digits.replace("_", "")
        if len(digits) > DIGITS:
            raise Refusal(f"a number may have {DIGITS} digits")
        mantissa, _, power = digits.lower().partition("e")
        if not mantissa.replace(".", "").isdigit() or abs(int(power or 0)) > DIGITS:
            raise Refusal(f"{digits} is no decimal number of at most {DIGITS} digits")
        return int(digits) if digits.isdigit() else Fraction(digits)

    def _name(self, node: ast.Name) -> Value:
        if node.id in self._names:
            return self._names[node.id]
        if node.id in CONSTANTS:
            return op.as_tensor(CONSTANTS[node.id])
        near = get_close_matches(node.id, self._names, 1)
        known = "is a function: write its argument" if self._function(node.id) else (
            "isn't declared" + (f". Did you mean {near[0]}?" if near else
                                f"; say what it is, e.g. {node.id}='vector[n]'"))
        raise Refusal(f"{node.id} {known}")

    def _binop(self, node: ast.BinOp) -> Value:
        chain: list[ast.BinOp] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):  # a long sum is deep on the left
            chain.append(left)
            left = left.left
        out = self.value(left)
        for part in reversed(chain):
            right = self.value(part.right)
            try:
                out = self._operated(part.op, out, right)
            except Refusal as refusal:
                raise self._source.error(part, refusal.reason) from None
            except SymdlError as error:
                reason = self._said(str(error), [(out, part.left), (right, part.right)])
                raise self._source.error(part, reason) from None
        return out

    def _operated(self, sign: ast.AST, a: Value, b: Value) -> Value:
        kind = type(sign)
        if isinstance(a, list) and isinstance(b, list) and kind is ast.Add:
            return a + b
        numbers = all(isinstance(x, (int, Fraction)) for x in (a, b))
        if numbers and kind is ast.Pow:
            return self._exact_power(a, b)
        sizes = all(isinstance(x, (int, Form)) for x in (a, b)) and kind in (
            ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod)
        if (numbers or sizes) and kind in _EXACT:
            return _EXACT[kind](a, b)
        if kind not in _OPERATORS:
            raise Refusal(no_operator(sign))
        return _OPERATORS[kind](operand(a), operand(b))

    def _exact_power(self, a: Any, b: Any) -> Value:
        if Fraction(b).denominator != 1:
            return op.power(a, b)
        size = max(abs(Fraction(a).numerator), Fraction(a).denominator).bit_length()
        if abs(b) > EXPONENT or abs(b) * size > 4 * DIGITS:
            raise Refusal("this power of numbers is too large to be computed exactly")
        out = Fraction(a) ** int(b)
        return int(out) if isinstance(a, int) and b >= 0 else out

    def _unaryop(self, node: ast.UnaryOp) -> Value:
        x = self.value(node.operand)
        if isinstance(node.op, ast.USub):
            return -x if isinstance(x, (int, Fraction, Form)) else op.negative(operand(x))
        if isinstance(node.op, ast.UAdd):
            return x
        if isinstance(node.op, ast.Not) and isinstance(x, bool):
            return not x
        return op.logical_not(operand(x))

    def _compare(self, node: ast.Compare) -> Value:
        values = [self.value(x) for x in (node.left, *node.comparators)]
        parts = [self._operated(sign, a, b)
                 for sign, a, b in zip(node.ops, values, values[1:], strict=False)]
        out = parts[0]
        for part in parts[1:]:
            plain = isinstance(out, bool) and isinstance(part, bool)
            out = (out and part) if plain else op.logical_and(out, part)
        return out

    def _ifexp(self, node: ast.IfExp) -> Value:
        test = self.value(node.test)
        if isinstance(test, bool):
            return self.value(node.body if test else node.orelse)
        return op.where(test, operand(self.value(node.body)), operand(self.value(node.orelse)))

    def _list(self, node: ast.List | ast.Tuple) -> Value:
        return [self.value(x) for x in node.elts]

    def _tuple(self, node: ast.Tuple) -> Value:
        return tuple(self._list(node))

    def _listcomp(self, node: ast.ListComp | ast.GeneratorExp) -> Value:
        return self._unrolled(node.elt, node.generators)

    _generatorexp = _listcomp

    def _unrolled(self, item: ast.expr, loops: list[ast.comprehension]) -> list[Value]:
        """The items of a comprehension, written out."""
        if not loops:
            return [self.value(item)]
        loop, *inner = loops
        if not isinstance(loop.target, ast.Name):
            raise self._source.error(loop.target, "a loop runs over one name")
        over = self.value(loop.iter)
        if not isinstance(over, (list, tuple, range)) or len(over) > OPTION:
            raise self._source.error(loop.iter, f"a loop runs over a list or a fixed range of at "
                                                f"most {OPTION}, e.g. range(3)")
        name, outer = loop.target.id, self._names
        out: list[Value] = []
        for x in over:
            self._names = {**outer, name: x}
            tests = [self.value(test) for test in loop.ifs]
            data = [test for test in tests if isinstance(test, Tensor)]
            if all(test for test in tests if not isinstance(test, Tensor)):
                out += [_kept(y, data) for y in self._unrolled(item, inner)]
        self._names = outer
        return out

    def _lambda(self, node: ast.Lambda) -> Callable[..., Any]:
        a, names = node.args, dict(self._names)
        if a.vararg or a.kwarg or a.kwonlyargs or a.posonlyargs:
            raise Refusal("a lambda takes plain arguments")
        first = len(a.args) - len(a.defaults)
        names.update({x.arg: self.value(d)
                      for x, d in zip(a.args[first:], a.defaults, strict=True)})

        def function(*args: Value) -> Value:
            outer = self._names
            self._names = {**names, **{x.arg: v for x, v in zip(a.args, args, strict=False)}}
            try:
                return self.value(node.body)
            finally:
                self._names = outer

        return function

    def _attribute(self, node: ast.Attribute) -> Value:
        if isinstance(node.value, ast.Name) and node.value.id in MODULES - self._names.keys():
            key = f"np.{node.attr}"
            if key in CONSTANTS:
                return None if CONSTANTS[key] is None else op.as_tensor(CONSTANTS[key])
            raise Refusal(f"{self._source.digits(node)} isn't known")
        x = self.value(node.value)
        if node.attr == "T":
            return op.transpose(operand(x))
        if node.attr == "shape":
            return tuple(op.as_tensor(operand(x)).shape)
        if node.attr == "ndim":
            return op.as_tensor(operand(x)).ndim
        raise Refusal(f"an array has no attribute {node.attr} here")

    def _subscript(self, node: ast.Subscript) -> Value:
        x, key = self.value(node.value), self.value(node.slice)
        if isinstance(x, (list, tuple, range)) and isinstance(key, (int, slice)):
            return x[key]
        return op.as_tensor(operand(x))[_key(key)]

    def _slice(self, node: ast.Slice) -> Value:
        ends = [None if x is None else self.value(x) for x in (node.lower, node.upper, node.step)]
        return slice(*ends)


def _kept(value: Value, conditions: list[Tensor]) -> Value:
    for condition in conditions:
        value = Kept(value.value, op.logical_and(value.condition, condition)) if isinstance(
            value, Kept) else Kept(value, condition)
    return value


def _key(key: Value) -> Any:
    """An index: lists of numbers gather."""
    if isinstance(key, tuple):
        return tuple(map(_key, key))
    if isinstance(key, Fraction):
        raise Refusal("an index is a whole number")
    return key
