"""From text to Python's syntax tree, and from its nodes back to places in the text."""

from __future__ import annotations

import ast
import warnings

from symdl.language.syntax.errors import ParseError, Refusal
from symdl.language.syntax.limits import LENGTH, PARTS, check_brackets, check_length
from symdl.language.syntax.tree import Node


class Source:
    """A text and its tree: assignments, then an expression.

    Raises
    ------
    ParseError
        If the text is too long, isn't Python, or doesn't end in an expression.
    """

    def __init__(self, text: str):
        self.text = text
        try:
            check_length(text)
            check_brackets(text)
        except Refusal as refusal:
            node = refusal.node or Node(0, min(len(text), LENGTH))
            raise ParseError(text, node.start, node.end, refusal.reason) from None
        stripped = text.strip()
        self._lines = [0]
        for line in text.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))
        self._indent = len(text) - len(text.lstrip(" \t"))
        self.body = self._parsed(text if "\n" in stripped else stripped)
        if sum(1 for part in self.body for _ in ast.walk(part)) > 4 * PARTS:
            raise ParseError(text, 0, len(text), f"the formula has more than {PARTS} parts")

    def _parsed(self, text: str) -> list[ast.stmt]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                body = ast.parse(text).body
        except SyntaxError as error:
            at = self._at(error.lineno or 1, (error.offset or 1) - 1, in_bytes=False)
            raise ParseError(self.text, at, at + 1, f"this isn't Python: {error.msg}") from None
        except (ValueError, RecursionError, MemoryError):
            raise ParseError(self.text, 0, 1, "this can't be read as Python") from None
        if not body or not isinstance(body[-1], ast.Expr):
            raise ParseError(self.text, 0, len(self.text),
                             "an expression is wanted, after assignments name = ... if need be")
        return body

    def _at(self, line: int, column: int, in_bytes: bool = True) -> int:
        start = self._lines[min(line, len(self._lines)) - 1]
        if len(self._lines) == 2 or "\n" not in self.text.strip():
            start = self._indent
        rest = self.text[start:]
        return start + (len(rest.encode()[:column].decode(errors="ignore")) if in_bytes else column)

    def place(self, node: ast.AST) -> Node:
        """Where a node stands."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        last, end = getattr(node, "end_lineno", line), getattr(node, "end_col_offset", column)
        return Node(self._at(line, column), self._at(last, end))

    def digits(self, node: ast.AST) -> str:
        """A node's text."""
        place = self.place(node)
        return self.text[place.start:place.end]

    def error(self, node: ast.AST, reason: str) -> ParseError:
        """An error at a node."""
        place = self.place(node)
        return ParseError(self.text, place.start, place.end, reason)
