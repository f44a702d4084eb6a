"""Reading tokens one by one, and errors at the one that is next."""

from __future__ import annotations

from collections.abc import Container
from typing import NoReturn

from symdl.language.syntax.errors import ParseError, Refusal
from symdl.language.syntax.latex.tokens import Token, tokens
from symdl.language.syntax.limits import DEPTH, PARTS, check_brackets, check_length
from symdl.language.syntax.tree import Node


class Scanner:
    """The tokens of a source and how far they are read."""

    def __init__(self, source: str):
        self.source = source
        try:
            check_length(source)
            check_brackets(source)
        except Refusal as refusal:
            node = refusal.node or Node(0, 0)
            raise ParseError(source, node.start, node.end, refusal.reason) from None
        self.all = tokens(source)
        if len(self.all) > 4 * PARTS:
            raise ParseError(source, 0, 0, f"the formula has more than {4 * PARTS} tokens")
        self.at = 0
        self._depth = 0

    @property
    def next(self) -> Token:
        """The token that isn't read yet."""
        return self.all[self.at]

    @property
    def last_end(self) -> int:
        """Where what is read ends."""
        return self.all[self.at - 1].end if self.at else 0

    def take(self) -> Token:
        """Read one token."""
        token = self.next
        self.at += token.kind != "end"
        return token

    def taken(self, *texts: str) -> Token | None:
        """Read the next token if it is one of these."""
        return self.take() if self.next.text in texts and self.next.kind != "end" else None

    def split_digits(self) -> None:
        """Part the next number into its digits."""
        self.all[self.at:self.at + 1] = digits(self.next)

    def wanted(self, text: str, opened: Token | None = None) -> Token:
        """Read this token, or refuse."""
        token = self.taken(text)
        if token is not None:
            return token
        if opened is not None and self.next.kind == "end":
            raise ParseError(self.source, opened.start, opened.end, "this is never closed")
        self.refuse(f"{text} is wanted here")

    def refuse(self, reason: str, token: Token | None = None) -> NoReturn:
        """An error at a token, the next one if none is given."""
        token = token or self.next
        if token.kind == "end" and not reason.startswith("the"):
            reason = "the formula ends too early"
        raise ParseError(self.source, token.start, token.end, reason)

    def deeper(self) -> None:
        """Count a level of nesting."""
        self._depth += 1
        if self._depth > DEPTH:
            self.refuse(f"the formula is nested deeper than {DEPTH}")

    def back(self) -> None:
        """Leave a level of nesting."""
        self._depth -= 1

    def group(self) -> list[Token]:
        """The tokens of `{...}`, or the single token that stands for it."""
        opened = self.take()
        if opened.kind == "end":
            self.refuse("something is wanted here", opened)
        if opened.text != "{":
            return [opened]
        found, depth = list[Token](), 1
        while True:
            token = self.take()
            if token.kind == "end":
                self.refuse("the brace is never closed", opened)
            depth += (token.text == "{") - (token.text == "}")
            if not depth:
                return found
            found.append(token)

    def text_of(self, group: list[Token]) -> str:
        """Tokens as one text without spaces."""
        return "".join(t.text for t in group)

    def looks(self, ahead: int, texts: Container[str]) -> bool:
        """Whether the token that many places ahead is one of these."""
        return self.at + ahead < len(self.all) and self.all[self.at + ahead].text in texts


def digits(token: Token) -> list[Token]:
    r"""A whole number as its digits: `\frac12` is one half, `a_{12}` an entry."""
    if not token.text.isdigit():
        return [token]
    return [Token("number", c, token.start + k, token.start + k + 1)
            for k, c in enumerate(token.text)]
