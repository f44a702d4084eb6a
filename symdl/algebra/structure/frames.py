"""The axes of a linear map: places, each a row axis beside a column axis, and frames of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import mul

from symdl.language.form import ONE, Form


@dataclass(frozen=True)
class Place:
    """A row axis beside a column axis, by number and size; either may be missing."""

    row: int | None
    column: int | None
    height: Form
    width: Form


@dataclass(frozen=True)
class Frame:
    """The places that a structure speaks of, and those that it is given for every index of."""

    open: tuple[Place, ...]
    batch: tuple[Place, ...] = ()

    @property
    def rows(self) -> Form:
        """The number of rows."""
        return reduce(mul, (p.height for p in self.open), ONE)

    @property
    def columns(self) -> Form:
        """The number of columns."""
        return reduce(mul, (p.width for p in self.open), ONE)

    @property
    def lead(self) -> tuple[Form, ...]:
        """The sizes of the batch axes."""
        return tuple(p.height for p in self.batch)

    @property
    def axes(self) -> tuple[list[int], list[int], list[int]]:
        """The axes of batch, rows and columns, by number."""
        return ([p.row for p in self.batch if p.row is not None],
                [p.row for p in self.open if p.row is not None],
                [p.column for p in self.open if p.column is not None])

    @property
    def square(self) -> bool:
        """Whether each row axis stands beside a column axis of its size."""
        return all(None not in (p.row, p.column) and p.height == p.width for p in self.open)
