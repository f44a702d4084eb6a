"""Errors that point at a column."""

from __future__ import annotations

from symdl.language.errors import SymdlError
from symdl.language.syntax.tree import Node

WIDTH = 72


class ParseError(SymdlError):
    """A formula that can't be read: where, what, and what may have been meant.

    Attributes
    ----------
    column : int
        The column, counted from 1.
    reason : str
        What is wrong, without the place.
    """

    def __init__(self, source: str, start: int, end: int, reason: str):
        self.column = start + 1
        self.reason = reason
        part = " ".join(source[start:end].split())
        said = f"{_short(part)} — {reason}" if part else reason
        super().__init__(f"col {self.column}: {said}\n{caret(source, start, end)}")


class Refusal(SymdlError):
    """A reason without a place: whoever knows the place says it again as a `ParseError`."""

    def __init__(self, reason: str, node: Node | None = None):
        self.reason, self.node = reason, node
        super().__init__(reason)


def caret(source: str, start: int, end: int) -> str:
    """The source around a place, and a line of carets below it."""
    line = "".join(" " if c.isspace() else c for c in source)
    first = max(0, start - WIDTH // 2) if len(line) > WIDTH else 0
    shown = line[first:first + WIDTH]
    count = max(1, min(end, first + len(shown)) - start)
    return f"    {shown}\n    {' ' * (start - first)}{'^' * count}"


def _short(text: str) -> str:
    return text if len(text) <= WIDTH // 2 else f"{text[:WIDTH // 2 - 1]}…"
