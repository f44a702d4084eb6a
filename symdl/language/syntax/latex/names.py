"""Names in LaTeX: letters, words, accents, and their subscripts, which name or address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from symdl.language.syntax.declarations import Declarations
from symdl.language.syntax.latex.scanner import Scanner, digits
from symdl.language.syntax.latex.vocabulary import ACCENTS, BRACKETS, GREEK, STYLES
from symdl.language.syntax.tree import Binary, Call, Item, Name, Node, Number, Slice

_MARKS = {"(": ")", "[": "]"}
"""Brackets of a mark above a name."""


class Names(Scanner):
    """What stands for a tensor, an index or a size.

    Attributes
    ----------
    declared : mapping
        Names that are declared.
    indices : dict
        The indices of the sums around, and where each starts.
    base : int
        What indices count from: 1, or 0 where a sum starts at 0.
    closers : list of str
        What closes the brackets around.
    """

    def __init__(self, source: str, declared: Declarations):
        super().__init__(source)
        self.declared = declared
        self.indices: dict[str, int] = {}
        self.closers: list[str] = []
        starts = [b.text for a, b in zip(self.all, self.all[1:], strict=False) if a.text == "="]
        sums = any(t.text in (r"\sum", r"\prod") for t in self.all)
        self.base = 0 if sums and "0" in starts else 1

    def name(self) -> Name:
        """A letter, a Greek letter, a word, with style and accents."""
        token = self.take()
        if token.kind == "letter":
            return Name(token.start, token.end, token.text)
        if token.text in GREEK:
            return Name(token.start, token.end, GREEK[token.text])
        if token.text in STYLES:
            inner = self.text_of(self.group())
            text = GREEK.get(inner, inner)
            if token.text == r"\mathbb" and (self.next.text in BRACKETS or inner == "E"):
                self.refuse(f"the operator {inner} has no meaning here; an expectation is written "
                            "out as a sum", token)
            if token.text in (r"\mathbf", r"\mathbb", r"\boldsymbol") and text in ("1", "0"):
                return Name(token.start, self.last_end, text)
            if not text.isidentifier():
                self.refuse(f"{inner} is no name", token)
            return Name(token.start, self.last_end, text)
        if token.text in ACCENTS:
            opened = self.taken("{")
            self.deeper()
            base = self.name()
            self.back()
            if opened is not None:
                self.wanted("}", opened)
            return Name(token.start, self.last_end, f"{base.name}_{ACCENTS[token.text]}")
        if token.kind == "command":
            self.refuse(f"the command {token.text} has no meaning here", token)
        self.refuse("a name, a number or a bracket is wanted here", token)

    def valued(self, name: Name) -> Node:
        """A name as a value: an index counts from where its sum starts."""
        if name.name in ("1", "0"):
            return Call(name.start, name.end, "vector",
                        (Number(name.start, name.end, name.name),))
        if name.name == "I" and "I" not in self.declared:
            return Name(name.start, name.end, "eye")
        start = self.indices.get(name.name, 0)
        return self.plus(name, start)

    def plus(self, node: Node, shift: int) -> Node:
        """The node and a number."""
        if not shift:
            return node
        return Binary(node.start, node.end, "+" if shift > 0 else "-", node,
                      Number(node.start, node.end, str(abs(shift))))

    def subscripts(self, name: Name) -> Node:
        """A name with a subscript: another name, or an entry."""
        name = self.upper(name)
        if self.next.text != "_":
            return self.valued(name)
        if name.name in ("1", "0") or (name.name == "I" and not any(
                d == "I" or d.startswith("I_") for d in self.declared)):
            self.at = self.past(self.at)
            return self.valued(name)
        self.take()
        start = self.at
        group = self.group()
        text = word = self.text_of(group)
        if group and group[0].text in STYLES:
            word = self.text_of(group[2:-1] if len(group) > 1 else self.group())
        for other in (f"{name.name}_{word}", f"{name.name}{word}"):
            if other in self.declared:
                return Name(name.start, self.last_end, other)
        if (text.isdigit() and name.name not in self.declared) or word != text:
            return Name(name.start, self.last_end, f"{name.name}_{word}")
        self.at = start
        return self.entry(name, self.axes(name.name) != 1)

    def entry(self, node: Node, apart: bool = True) -> Node:
        """The entry of a node at the subscript that comes next, whose digits may stand apart."""
        start = self.at
        group = self.group()
        braced = self.all[start].text == "{"
        if apart and not any(t.text in (",", "+", "-") for t in group):
            group = [digit for t in group for digit in digits(t)]
            self.all[start + braced:self.at - braced] = group
        self.at = start + braced
        end = self.at + len(group)
        places = self.places(end)
        self.at = end + braced
        return Item(node.start, self.last_end, node, tuple(places))

    def upper(self, name: Name) -> Name:
        r"""The name with its mark in brackets: `W^{(2)}` is W_2, `x^{(i)}_j` an entry of x."""
        first = self.past(self.at) if self.next.text == "_" else self.at
        if [t.text for t in self.all[first:first + 2]] != ["^", "{"] or not self.looks(
                first + 2 - self.at, _MARKS):
            return name
        last = self.past(first)
        inside, closer = self.all[first + 3:last - 2], _MARKS[self.all[first + 2].text]
        if not inside or self.all[last - 2].text != closer or closer in (t.text for t in inside):
            return name
        word = self.text_of(inside)
        below = self.all[self.at:first]
        known = next((other for other in (f"{name.name}_{word}", f"{name.name}{word}")
                      if other in self.declared), None)
        if any(t.text in self.indices for t in inside) or (
                known is None and name.name in self.declared):
            after = self.past(last) if self.all[last].text == "_" else last
            below = below or self.all[last:after]
            places = below[2:-1] if len(below) > 2 else below[1:]
            comma = [replace(self.all[first], kind="sign", text=",")] if places else []
            opened, closed = self.all[first + 1], self.all[last - 1]
            mark = replace(self.all[first], text="_")
            self.all[self.at:after] = [mark, opened, *inside, *comma, *places, closed]
            return name
        if not word.isalnum():
            return name
        self.all[first:last] = []
        return Name(name.start, inside[-1].end + 2, known or f"{name.name}_{word}")

    def past(self, at: int) -> int:
        """The place behind a sign and the group or token that it applies to."""
        depth = 0
        for k in range(at + 1, len(self.all)):
            depth += (self.all[k].text == "{") - (self.all[k].text == "}")
            if depth <= 0:
                return k + 1
        return len(self.all)

    def axes(self, name: str) -> int | None:
        """How many axes a name is declared with, if it is."""
        known = self.declared.get(name)
        return None if known is None else len(known.sizes)

    def places(self, end: int) -> list[Node]:
        """The indices in a subscript: side by side, or with commas between them."""
        texts = [t.text for t in self.all[self.at:end]]
        apart = any(t in (",", "+", "-") for t in texts)
        found: list[Node] = []
        while self.at < end:
            if (colon := self.taken(":", r"\cdot", "*")) is not None:
                found.append(Slice(colon.start, colon.end))
            else:
                found.append(self.place() if apart else self.place_atom(None))
            self.taken(",")
        return found

    def place(self) -> Node:
        """An index with numbers added: it counts from the formula's base on."""
        total = None
        sign = self.taken("+", "-")
        while True:
            part = self.place_atom(total)
            if sign is not None and total is None:
                self.refuse("an index doesn't begin with a sign", sign)
            total = part if total is None else Binary(
                total.start, part.end, sign.text if sign else "+", total, part)
            sign = self.taken("+", "-")
            if sign is None:
                return total

    def place_atom(self, before: Node | None) -> Node:
        """A name or a number inside a subscript, counted from 0; behind a sign as it is."""
        token = self.take()
        if token.kind == "number" and token.text.isdigit():
            value = int(token.text) - (0 if before is not None else self.base)
            if value < 0:
                self.refuse(f"indices count from {self.base} here", token)
            return Number(token.start, token.end, str(value))
        if token.kind != "letter" and token.text not in GREEK:
            self.refuse("an index is a letter or a number", token)
        name = Name(token.start, token.end, GREEK.get(token.text, token.text))
        if before is not None or name.name not in self.indices:
            return name
        return self.plus(name, self.indices[name.name] - self.base)

    def variable(self) -> Name:
        """A variable's name, with a subscript if that is declared."""
        node = self.subscripts(self.name())
        if not isinstance(node, Name):
            self.refuse("a derivative is taken in a whole tensor")
        return node

    def whole(self) -> int:
        """The order of a derivative."""
        token = self.next
        text = self.text_of(self.group())
        if not text.isdigit() or not 1 <= int(text) <= 4:
            self.refuse("the order of a derivative is a number from 1 to 4", token)
        return int(text)

    @contextmanager
    def inside(self, closer: str) -> Iterator[None]:
        """Within brackets."""
        self.closers.append(closer)
        yield
        self.closers.pop()
