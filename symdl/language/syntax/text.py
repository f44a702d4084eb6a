"""Text to syntax tree: matrixcalculus.org's notation, extended."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from functools import cache
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF

from symdl.language.errors import SymdlError
from symdl.language.form import Form
from symdl.language.syntax.declarations import Declaration, declaration
from symdl.language.syntax.errors import ParseError, Refusal
from symdl.language.syntax.fraction import framed
from symdl.language.syntax.indices import Addresses
from symdl.language.syntax.limits import AXES, check_address, check_brackets, check_length
from symdl.language.syntax.tree import (
    Binary,
    Call,
    Derivative,
    Item,
    Name,
    Node,
    Number,
    Reduce,
    Slice,
    Tuple,
    Unary,
)

_SPELLED = {"⊙": ".*", "−": "-", "≤": "<=", "≥": ">=", "≠": "!=", "||": "or", "|": "or",
            "&&": "and", "&": "and", "~": "not", "ᵀ": "'", "’": "'"}


def tree(source: str, taken: Container[str] = ()) -> Node:
    """The syntax tree of a formula.

    Parameters
    ----------
    source : str
        The formula; `d f / dx` and the like ask for a derivative.
    taken : container of str
        Names of tensors: `d x / dt` is a quotient where `dt` is one.

    Raises
    ------
    ParseError
        With the column at which reading stopped.
    """
    frame = framed(source, taken)
    if frame is None:
        return _parsed(source, "formula")  # type: ignore[no-any-return]
    body = _parsed(" " * frame.start + source[frame.start:frame.end], "formula", source)
    return Derivative(0, len(source), body, frame.variables)


def declarations(source: str) -> list[Declaration]:
    """The declarations in a text such as `A: matrix[n,n] symmetric, x: vector[n]`.

    Raises
    ------
    ParseError
        For text that is no declaration, unknown kinds and facts.
    """
    if not source.strip():
        return []
    found = []
    for names, words, sizes in _parsed(source, "declarations"):
        kinds = [w for w in words if str(w) in _KINDS]
        if len(kinds) != 1:
            raise ParseError(source, names[0].start_pos, words[-1].end_pos if words else
                             names[-1].end_pos, f"say what it is: {', '.join(_KINDS)}")
        try:
            if sizes and len(sizes) > AXES:
                raise Refusal(f"a tensor may have {AXES} axes, not {len(sizes)}")
            stated = None if sizes is None else tuple(map(_size, sizes))
            facts = [str(w) for w in words if w is not kinds[0]]
            found += [declaration(str(name), str(kinds[0]), stated, facts) for name in names]
        except Refusal as refusal:
            node = refusal.node or sizes[0]
            raise ParseError(source, node.start, node.end, refusal.reason) from None
        except SymdlError as error:
            raise ParseError(source, names[0].start_pos, words[-1].end_pos, str(error)) from None
    return found


_KINDS = ("scalar", "vector", "matrix", "tensor")


def _size(node: Node) -> Form:
    check_address(node)
    size = Form.of(Addresses({}).read(node))
    if size.constant is not None and size.constant < 0:
        raise Refusal("a size isn't negative", node)
    return size


@cache
def _parser() -> Lark:
    return Lark.open("text.lark", rel_to=__file__, parser="lalr", start=["formula", "declarations"],
                     transformer=_Builder(), maybe_placeholders=True)


def _parsed(masked: str, start: str, source: str | None = None) -> Any:
    source = masked if source is None else source
    try:
        check_length(source)
        check_brackets(source)
        return _parser().parse(masked, start=start)
    except Refusal as refusal:
        node = refusal.node or Node(0, 0)
        raise ParseError(source, node.start, node.end, refusal.reason) from None
    except UnexpectedInput as error:
        raise _unexpected(source, len(masked), error) from None


def _unexpected(source: str, end: int, error: UnexpectedInput) -> ParseError:
    token = getattr(error, "token", None)
    if isinstance(error, UnexpectedEOF) or (token is not None and token.type == "$END"):
        opened = _unclosed(source[:end])
        if opened is not None:
            return ParseError(source, opened, opened + 1, "this bracket is never closed")
        return ParseError(source, end, end, "the formula ends too early" if source.strip() else
                          "there is no formula")
    start = error.pos_in_stream or 0
    if isinstance(error, UnexpectedCharacters) or token is None:
        return ParseError(source, start, start + 1,
                          "this can't be read" + _hint(source, start, source[start]))
    return ParseError(source, start, start + len(token),
                      "this is unexpected here" + _hint(source, start, str(token)))


def _hint(source: str, start: int, token: str) -> str:
    before = source[:start].rstrip()
    if token == "*" and before.endswith("*"):
        return ". A power is written ^"
    if token == "." or source.startswith(".T", start):
        return ". A transpose is written '"
    if token == "@":
        return ". A matrix product is written *"
    if token == "=":
        return ". Equality is written =="
    if (token[0].isalnum() or token[0] in "([") and before and (before[-1].isalnum()
                                                                or before[-1] in ")]'"):
        return ". A product is written with *"
    return ""


def _unclosed(source: str) -> int | None:
    opened: list[int] = []
    for place, c in enumerate(source):
        if c in "([":
            opened.append(place)
        elif c in ")]" and opened:
            opened.pop()
    return opened[-1] if opened else None


class _Builder(Transformer[Token, Any]):
    """One method a rule of the grammar."""

    def number(self, parts: list[Any]) -> Node:
        (token,) = parts
        return Number(token.start_pos, token.end_pos, str(token))

    def name(self, parts: list[Any]) -> Node:
        (token,) = parts
        return Name(token.start_pos, token.end_pos, str(token))

    def binary(self, parts: list[Any]) -> Node:
        left, token, right = parts
        return Binary(left.start, right.end, _SPELLED.get(token, str(token)), left, right)

    def prefix(self, parts: list[Any]) -> Node:
        token, operand = parts
        op = _SPELLED.get(token, str(token))
        if op == "+":
            return replace(operand, start=token.start_pos)  # type: ignore[no-any-return]
        return Unary(token.start_pos, operand.end, op, operand)

    def transpose(self, parts: list[Any]) -> Node:
        operand, token = parts
        return Unary(operand.start, token.end_pos, "'", operand)

    def group(self, parts: list[Any]) -> Node:
        first, inner, last = parts
        return replace(inner, start=first.start_pos, end=last.end_pos)  # type: ignore[no-any-return]

    def tuple(self, parts: list[Any]) -> Node:
        first, *items, last = parts
        return Tuple(first.start_pos, last.end_pos, (*(x for x in items if x is not None),))

    def call(self, parts: list[Any]) -> Node:
        token, *given, last = parts
        options = tuple(x for x in given if not isinstance(x, Node))
        args = tuple(x for x in given if isinstance(x, Node))
        return Call(token.start_pos, last.end_pos, str(token), args, options)

    def option(self, parts: list[Any]) -> Any:
        token, value = parts
        return str(token), value

    def item(self, parts: list[Any]) -> Node:
        tensor, *index, last = parts
        return Item(tensor.start, last.end_pos, tensor, (*index,))

    def slice(self, parts: list[Any]) -> Node:
        low, colon, high = parts
        start = colon.start_pos if low is None else low.start
        return Slice(start, colon.end_pos if high is None else high.end, low, high)

    def reduce(self, parts: list[Any]) -> Node:
        function, *index, _, body, last = parts
        for part, what in ((function, "a reduction"), *((k, "an index") for k in index)):
            if not isinstance(part, Name):
                raise Refusal(f"{what} is a name, as in sum[i](x[i])", part)
        names = tuple((k.name, None) for k in index)
        return Reduce(function.start, last.end_pos, function.name, names, body)

    def declarations(self, parts: list[Any]) -> Any:
        return parts

    def declaration(self, parts: list[Any]) -> Any:
        names, kind = parts
        sizes = next((x for x in kind if not isinstance(x, Token)), None)
        return names, [x for x in kind if isinstance(x, Token)], sizes

    def names(self, parts: list[Any]) -> Any:
        return parts

    kind = names

    def sizes(self, parts: list[Any]) -> Any:
        return parts[:-1]
