"""Sizes that aren't known yet, found by unification over a formula."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

from symdl.language.form import Dim, Form

_LETTERS = "n m k p q r s l t u v w"


@dataclass(frozen=True)
class Unknown:
    """A size to be found."""

    number: int


Size = Form | Unknown


def _names(taken: frozenset[str]) -> Iterator[str]:
    """Names for sizes, those that are taken passed over."""
    every = (f"{letter}{k or ''}" for k in count() for letter in _LETTERS.split())
    return (name for name in every if name not in taken)


class Sizes:
    """What is known of unknown sizes: each equals another one, or a form.

    Parameters
    ----------
    taken : iterable of str
        Names that no size may get.
    """

    def __init__(self, taken: Iterable[str] = ()):
        self._names = _names(frozenset(taken))
        self._equal: dict[Unknown, Size] = {}
        self._shown: dict[Unknown, str] = {}
        self._made = 0

    def fresh(self) -> Unknown:
        """A new unknown size."""
        self._made += 1
        return Unknown(self._made)

    def find(self, size: Size) -> Size:
        """The size as far as it is known."""
        while isinstance(size, Unknown) and size in self._equal:
            size = self._equal[size]
        return size

    def unify(self, a: Size, b: Size) -> bool:
        """Let two sizes be equal; false if they are known to differ."""
        a, b = self.find(a), self.find(b)
        if a == b:
            return True
        if isinstance(a, Unknown) and (isinstance(b, Form) or a.number > b.number):
            self._equal[a] = b
            return True
        if isinstance(b, Unknown):
            self._equal[b] = a
            return True
        return False

    def form(self, size: Size) -> Form:
        """The size as a form; an unknown one gets a name."""
        found = self.find(size)
        if isinstance(found, Form):
            return found
        named = Form.of(Dim(self.shown(found)))
        self._equal[found] = named
        return named

    def shown(self, size: Size) -> str:
        """The size as a message says it; an unknown one stays unknown."""
        found = self.find(size)
        if not isinstance(found, Unknown):
            return str(found)
        if found not in self._shown:
            self._shown[found] = next(self._names)
        return self._shown[found]

    def differ(self, a: Size, b: Size) -> str:
        """That two sizes aren't equal."""
        return f"sizes {self.shown(a)} and {self.shown(b)} differ"

    def text(self, shape: Iterable[Size]) -> str:
        """A shape as a message says it."""
        parts = [self.shown(s) for s in shape]
        return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
