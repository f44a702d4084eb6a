"""What a part of a formula is: its shape, its place, and how its tensor is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from symdl.language.syntax.errors import Refusal
from symdl.language.syntax.sizes import Size, Sizes, Unknown

Make = Callable[..., Any]


@dataclass(frozen=True)
class Operand:
    """A part of a formula before its tensor is made, when sizes may still be unknown.

    Attributes
    ----------
    text : str
        As it was written.
    shape : tuple of Size
        One size an axis.
    row : bool
        Whether a vector lies: a row. The tensor has one axis either way.
    indices : mapping
        The free indices that occur and what they run over.
    number : Fraction or None
        Its value, where it is arithmetic of literals.
    """

    text: str
    shape: tuple[Size, ...]
    row: bool = False
    indices: Mapping[str, Size] = field(default_factory=dict)
    number: Fraction | None = None

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def said(self, sizes: Sizes) -> str:
        """Its text and its shape: `x' is a row of n`."""
        if not self.rank:
            return f"{self.text} is a scalar"
        if self.row:
            return f"{self.text} is (1, {sizes.shown(self.shape[0])})"
        return f"{self.text} is {sizes.text(self.shape)}"


@dataclass(frozen=True)
class Made:
    """What a rule answers: the shape now, and the function that makes the tensor later."""

    shape: tuple[Size, ...]
    make: Make
    row: bool = False


@dataclass(frozen=True)
class Context:
    """What a rule may ask.

    Attributes
    ----------
    sizes : Sizes
        The sizes, known and unknown.
    arrays : bool
        NumPy's conventions: vectors have no direction and shapes broadcast. Else a vector is a
        column, and only scalars broadcast.
    """

    sizes: Sizes
    arrays: bool = False

    def same(self, a: Size, b: Size, reason: Callable[[], str]) -> None:
        """Let two sizes be equal, or refuse."""
        if not self.sizes.unify(a, b):
            raise Refusal(f"{reason()}: {self.sizes.differ(a, b)}")

    def fit(self, a: Size, b: Size) -> bool:
        """Whether two sizes can be equal, without letting them be."""
        a, b = self.sizes.find(a), self.sizes.find(b)
        return a == b or isinstance(a, Unknown) or isinstance(b, Unknown)

    def square(self, a: Operand, what: str) -> None:
        """Refuse what isn't a square matrix."""
        def reason() -> str:
            return f"{what} takes a square matrix, but {a.said(self.sizes)}"

        if a.rank != 2:
            raise Refusal(reason())
        self.same(a.shape[0], a.shape[1], reason)
