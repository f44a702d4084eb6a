"""What stands below a sum in LaTeX: its indices, where they start, and conditions on them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import NoReturn

from symdl.language.syntax.latex.names import Names
from symdl.language.syntax.latex.tokens import Token
from symdl.language.syntax.latex.vocabulary import COMPARISONS
from symdl.language.syntax.tree import Binary, Name, Node, Number, addresses


@dataclass
class Below:
    """The start of each index, the last value, and relations between places: `i < j`."""

    starts: dict[str, int] = field(default_factory=dict)
    end: Node | None = None
    relations: list[tuple[Token | Node, str, Token | Node]] = field(default_factory=list)


class Ranges(Names, ABC):
    """Reads what stands below a sum."""

    @abstractmethod
    def sum(self) -> Node:
        """Terms with their signs."""

    def below(self) -> Below:
        r"""`i`, `i,j`, `i=1`, `j=i+1`, `j \ne i`, `1 \le i < j \le n`."""
        found, opened = Below(), self.taken("{")
        while True:
            if self.next.kind not in ("letter", "number"):
                self.no_indices()
            if opened is not None and self.looks(1, ("=",)):
                self.start(found)
            else:
                self.chain(found, opened is not None)
            if opened is None or self.taken("}"):
                return found
            if not self.taken(","):
                self.no_indices()

    def no_indices(self, token: Token | None = None) -> NoReturn:
        """Refuse what is no index."""
        self.refuse("below a sum stand its indices, e.g. i=1, or i,j, or i<j", token)

    def start(self, found: Below) -> None:
        """`i=1`, or another place at which the index starts."""
        index = self.take()
        if index.kind != "letter":
            self.no_indices(index)
        self.take()
        low = self.sum()
        if isinstance(low, Number) and low.text.isdigit():
            found.starts[index.text] = int(low.text)
        else:
            found.starts[index.text] = self.base
            found.relations.append((index, ">=", low))

    def chain(self, found: Below, signs: bool) -> None:
        """Letters with signs between them; what the body reads no entry at is a size."""
        places, between = [self.take()], list[str]()
        while signs and self.next.text in COMPARISONS:
            between.append(COMPARISONS[self.take().text])
            places.append(self.take())
            if places[-1].kind not in ("letter", "number"):
                self.no_indices(places[-1])
        new = [t.text for t in places if t.kind == "letter" and t.text not in self.indices
               and t.text not in found.starts and (not between or self.is_subscript(t.text))]
        if not new and not any(t.text in found.starts for t in places):
            self.no_indices(places[0])
        if new != sorted(new):
            self.refuse(f"say what {min(new)} runs over, in a sum around this one", places[0])
        found.starts.update(dict.fromkeys(new, self.base))
        for left, op, right in zip(places, between, places[1:], strict=False):
            if left.kind == "number" and op in ("<", "<="):
                first = int(left.text) + (op == "<")
                found.starts.update(dict.fromkeys(new, first))
            elif op in ("<", "<=") and right.text not in {*found.starts, *self.indices}:
                found.end = self.plus(self.bound(right), -(op == "<"))
            else:
                found.relations.append((left, op, right))

    def is_subscript(self, letter: str) -> bool:
        """Whether a letter stands in a subscript of what follows."""
        depth = inside = 0
        for before, t in zip(self.all[self.at:], self.all[self.at + 1:], strict=False):
            inside = inside or before.text == "_"
            depth += (t.text == "{") - (t.text == "}") if inside else 0
            if inside and t.text == letter:
                return True
            inside = inside and depth > 0
        return False

    def bound(self, token: Token) -> Node:
        """A letter or a number as a place."""
        if token.kind == "number":
            return Number(token.start, token.end, token.text)
        return self.valued(Name(token.start, token.end, token.text))

    def ranges(self, below: Below, outer: Mapping[str, int],
               ) -> tuple[tuple[tuple[str, Node | None], ...], Node | None]:
        """Each index with the size of its range, if it has one, and what holds of the indices."""
        end = below.end
        said = list(below.relations)
        if end is not None and any(isinstance(part, Name) and part.name in outer
                                   for part in addresses(end)):
            said += [(Token("letter", k, end.start, end.end), "<=", end) for k in below.starts]
            end = None
        found = [self.compared(*relation) for relation in said]
        sizes = tuple((k, None if end is None else self.plus(end, 1 - start))
                      for k, start in below.starts.items())
        whole = reduce(lambda a, b: Binary(a.start, b.end, "and", a, b), found) if found else None
        return sizes, whole

    def compared(self, a: Token | Node, op: str, b: Token | Node) -> Binary:
        """A comparison of two places."""
        left, right = (self.bound(x) if isinstance(x, Token) else x for x in (a, b))
        return Binary(left.start, right.end, op, left, right)
