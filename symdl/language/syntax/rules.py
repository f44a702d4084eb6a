"""The meaning of each kind of node: its shape first, its tensor later."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any

from symdl.language import operators as op
from symdl.language.body import literal
from symdl.language.define import define
from symdl.language.errors import SymdlError
from symdl.language.form import Dim, Form, Free
from symdl.language.syntax import arithmetic, functions
from symdl.language.syntax.bounded import bounded_call, bounded_exact, bounded_power
from symdl.language.syntax.declarations import Declarations, is_square
from symdl.language.syntax.errors import ParseError, Refusal
from symdl.language.syntax.indices import Addresses, bounds, new_index
from symdl.language.syntax.names import CONSTANTS, IDENTITY
from symdl.language.syntax.operands import Context, Made, Operand
from symdl.language.syntax.options import option
from symdl.language.syntax.sizes import Size, Sizes
from symdl.language.syntax.tree import (
    Binary,
    Call,
    Derivative,
    Item,
    Name,
    Node,
    Number,
    Reduce,
    Several,
    Slice,
    Tuple,
    Unary,
    addresses,
    fold,
)
from symdl.language.tensor import Tensor

REDUCTIONS: Mapping[str, Callable[..., Tensor]] = {
    "sum": op.sum, "prod": op.prod, "max": op.max, "min": op.min, "mean": op.mean}
"""Reductions over indices."""


class Reading:
    """A formula under certain declarations: `read` finds its shapes, `made` its tensors."""

    def __init__(self, source: str, known: Declarations, indices: Sequence[str],
                 sizes: Collection[str], arrays: bool):
        self._source, self._known, self._indices = source, known, indices
        self._dims = sizes
        self._context = Context(Sizes({*known, *sizes, *indices}), arrays)
        self._makes: dict[int, Made] = {}
        self._free: Mapping[str, Size] = {}
        self._forms: dict[str, Form] = {}
        self._shapes = {name: tuple(self._context.sizes.fresh() if s is None else s
                                    for s in d.sizes) for name, d in known.items()}
        for name, d in known.items():
            if is_square(d):
                *_, rows, columns = self._shapes[name]
                self._context.sizes.unify(rows, columns)

    def read(self, root: Node) -> None:
        """Find every shape.

        Raises
        ------
        Refusal
            At the node where shapes don't fit.
        """
        self._forms = {name: new_index(name) for name in self._indices}
        self._free = fold(root, self._operand).indices

    def _operand(self, node: Node, inner: list[Operand]) -> Operand:
        text = self._source[node.start:node.end]
        try:
            made = getattr(self, f"_{type(node).__name__.lower()}")(node, inner)
        except Refusal as refusal:
            raise Refusal(refusal.reason, refusal.node or node) from None
        indices = self._merged(node, inner)
        self._makes[id(node)] = made
        return Operand(text, made.shape, made.row, indices, _number(node, inner))

    def _merged(self, node: Node, inner: list[Operand]) -> Mapping[str, Size]:
        found: dict[str, Size] = {}
        for name, size, text in [*((k, s, x.text) for x in inner for k, s in x.indices.items()),
                                 *self._own(node, inner)]:
            if name in found and not self._context.sizes.unify(found[name], size):
                shown = self._context.sizes.shown
                raise Refusal(f"the index {name} runs over {shown(found[name])} and, in {text}, "
                              f"over {shown(size)}", node)
            found.setdefault(name, size)
        if isinstance(node, Reduce):
            for name, _ in node.indices:
                found.pop(name, None)
        return found

    def _own(self, node: Node, inner: list[Operand]) -> list[tuple[str, Size, str]]:
        """The indices in a node's own addresses, with the size of the axis where one is alone."""
        if not isinstance(node, Item):
            return []
        found = self._alone(node, inner[0].shape)
        for part in (part for k in node.index for part in addresses(k)):
            if isinstance(part, Item) and isinstance(part.tensor, Name):
                found += self._alone(part, self._shapes.get(part.tensor.name, ()))
            elif isinstance(part, Name) and part.name in self._forms and all(
                    part.name != name for name, _, _ in found):
                found.append((part.name, self._context.sizes.fresh(), part.name))
        return found

    def _alone(self, item: Item, shape: tuple[Size, ...]) -> list[tuple[str, Size, str]]:
        text = self._source[item.start:item.end]
        return [(k.name, size, text) for k, size in zip(item.index, shape, strict=False)
                if isinstance(k, Name) and k.name in self._forms]

    def _number(self, node: Number, inner: list[Operand]) -> Made:
        return Made((), lambda: op.as_tensor(literal(Fraction(node.text))))

    def _name(self, node: Name, inner: list[Operand]) -> Made:
        name = node.name
        if name in self._forms:
            return Made((), lambda: op.as_tensor(self._forms[name]))
        if name in self._known:
            return Made(self._shapes[name], lambda: self.tensor(name))
        if name == IDENTITY:
            n = self._context.sizes.fresh()
            return Made((n, n), lambda: op.eye(self._context.sizes.form(n)))
        if name in CONSTANTS:
            return Made((), lambda: op.as_tensor(CONSTANTS[name]))
        return Made((), lambda: op.as_tensor(Form.of(Dim(name))))

    def tensor(self, name: str) -> Tensor:
        """The tensor of a name, its sizes found."""
        return self._known[name].made(map(self._context.sizes.form, self._shapes[name]))

    def _unary(self, node: Unary, inner: list[Operand]) -> Made:
        (a,) = inner
        if node.op == "'":
            return arithmetic.transpose(self._context, a)
        return Made(a.shape, op.negative if node.op == "-" else op.logical_not, a.row)

    def _binary(self, node: Binary, inner: list[Operand]) -> Made:
        a, b = inner
        c = self._context
        if node.op in ("^", ".^"):
            made = (arithmetic.power(c, a, b, b.number) if node.op == "^" else
                    arithmetic.entrywise(c, node.op, op.power, inner))
            if not b.rank and _primed(node.right):
                made = arithmetic.transposed_power(c, a.text, made)
            return Made(made.shape, bounded_power(made.make), made.row)
        made = self._arithmetic(node, inner)
        return Made(made.shape, bounded_exact(made.make), made.row)

    def _arithmetic(self, node: Binary, inner: list[Operand]) -> Made:
        special = {"*": arithmetic.product, "·": arithmetic.dot,
                   "@": arithmetic.matrix_product, "/": arithmetic.quotient}
        if node.op in special:
            return special[node.op](self._context, *inner)
        return arithmetic.entrywise(self._context, node.op, arithmetic.ENTRYWISE[node.op], inner)

    def _call(self, node: Call, inner: list[Operand]) -> Made:
        options = {key: option(key, value) for key, value in node.options}
        made = functions.call(self._context, node.function, inner, options)
        return Made(made.shape, bounded_call(node.function, made.make), made.row)

    def _tuple(self, node: Tuple, inner: list[Operand]) -> Made:
        raise Refusal("several values in brackets stand only in an option such as axis=(0, 1)")

    def _slice(self, node: Slice, inner: list[Operand]) -> Made:
        raise Refusal("`:` stands only inside [ ]")

    def _item(self, node: Item, inner: list[Operand]) -> Made:
        (a,) = inner
        if len(node.index) > a.rank:
            raise Refusal(f"{a.said(self._context.sizes)}, but {len(node.index)} indices are given")
        shape = tuple(self._length(k, s) for k, s in zip(node.index, a.shape, strict=False)
                      if isinstance(k, Slice)) + a.shape[len(node.index):]

        def make(x: Tensor) -> Any:
            places = Addresses({**self._forms, **self._tables()})
            return x[tuple(places.read(k) for k in node.index)]

        return Made(shape, make)

    def _length(self, place: Slice, size: Size) -> Size:
        if place.low is None and place.high is None:
            return size
        whole = self._context.sizes.form(size)
        low, high = (default if end is None else self._end(end, whole)
                     for end, default in ((place.low, Form.of(0)), (place.high, whole)))
        return high - low

    def _end(self, node: Node, size: Form) -> Form:
        """An end of a slice as NumPy has it: counted from the back, clipped."""
        end = Form.of(Addresses(self._forms).read(node))
        if end.constant is not None and end.constant < 0:
            end = size + end
        if end.constant is not None and size.constant is not None:
            return Form.of(max(0, min(end.constant, size.constant)))
        return end

    def _tables(self) -> dict[str, Tensor]:
        return {name: self.tensor(name) for name, d in self._known.items()
                if "integer" in d.facts or (d.value is not None and d.value.dtype == "int")}

    def _reduce(self, node: Reduce, inner: list[Operand]) -> Made:
        (a,) = inner
        if node.reduce not in REDUCTIONS:
            raise Refusal(f"{node.reduce}[...] is no reduction over indices; there are "
                          f"{', '.join(REDUCTIONS)}")
        for name, size in node.indices:
            if size is not None:
                stated = Form.of(Addresses({})._form(size))
                self._forms[name] = new_index(name, stated)
                if name in a.indices:  # a size that isn't known yet is the stated one
                    self._context.sizes.unify(a.indices[name], stated)
            elif name not in a.indices and node.where is None:
                raise Refusal(f"the index {name} doesn't occur in {a.text}")
        for part in bounds(node):
            if part in self._known:
                raise Refusal(f"{part} bounds an index, so it is a size: leave its declaration out")
        over = [name for name, _ in node.indices]
        reduce, where = REDUCTIONS[node.reduce], node.where

        def make(x: Tensor) -> Tensor:
            holds = where if where is None else Addresses(self._forms).condition(where)
            return reduce(x, tuple(self._forms[k] for k in over), where=holds)

        return Made(a.shape, make)

    def _derivative(self, node: Derivative | Several, inner: list[Operand]) -> Made:
        return Made((), lambda *made: made)

    _several = _derivative

    def made(self, root: Node) -> list[Tensor]:
        """The tensor; for a derivative the function and the variables, for several formulas all.

        Raises
        ------
        ParseError
            Where a tensor can't be made.
        """
        for name in self._known:
            for size in self._shapes[name]:
                self._context.sizes.form(size)
        parts = root.children if isinstance(root, (Derivative, Several)) else (root,)
        return [self._closed(fold(part, self._make), root) for part in parts]

    def _make(self, node: Node, inner: list[Any]) -> Any:
        try:
            return self._makes[id(node)].make(*inner)
        except SymdlError as error:
            at, reason = node, str(error)
            if isinstance(error, Refusal):
                at, reason = error.node or node, error.reason
            raise ParseError(self._source, at.start, at.end, reason) from None

    def _closed(self, t: Tensor, root: Node) -> Tensor:
        """Free indices become axes, in the order of their appearance."""
        held = {f.key for f in t.free}
        order = [name for name in self._indices if name in self._free]
        axes = tuple(self._forms[k] for k in order
                     if isinstance(f := self._forms[k].atom, Free) and f.key in held)
        try:
            return define(None, axes, t) if axes else t
        except SymdlError as error:
            raise ParseError(self._source, root.start, root.end, str(error)) from None


def _primed(exponent: Node) -> bool:
    """Whether a transpose stands behind it: `A^-1'` is the transpose of A^-1."""
    if isinstance(exponent, Unary):
        return (exponent.op == "'") != _primed(exponent.operand)
    return False


def _number(node: Node, inner: list[Operand]) -> Fraction | None:
    """The value of arithmetic on literals."""
    if isinstance(node, Number):
        return Fraction(node.text)
    values = [x.number for x in inner]
    if isinstance(node, Unary) and node.op in ("-", "'") and values[0] is not None:
        return -values[0] if node.op == "-" else values[0]
    if isinstance(node, Binary) and None not in values:
        a, b = values
        assert a is not None and b is not None
        if node.op == "/" and b:
            return a / b
        if node.op in ("+", "-", "*"):
            return a + b if node.op == "+" else a - b if node.op == "-" else a * b
    return None

