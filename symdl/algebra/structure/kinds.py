"""The kinds of structure that a linear map can have, as frozen data.

A map takes a tensor over column axes to one over row axes. Its axes stand in *places*, each a
row axis beside a column axis. A structure speaks of some of these places (`open`), for every
index over others (`batch`): its tensors have the batch axes first, then one axis for all open
row axes merged, or for all open column axes merged, or both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import mul

from symdl.language.form import ONE, Form
from symdl.language.tensor import Tensor


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


@dataclass(frozen=True)
class Structure:
    """What a linear map is, proved from its index equation.

    Attributes
    ----------
    frame : Frame
        Which axes it speaks of.
    symmetric : bool
        Whether the whole map is proved to equal its transpose.
    """

    frame: Frame
    symmetric: bool = field(default=False, kw_only=True)

    @property
    def kind(self) -> str:
        """The name of the structure: "diagonal", "low rank", ..., "general"."""
        return "general"

    @property
    def text(self) -> str:
        """The kind in more words: sizes, ranks, parts."""
        return self.kind

    def __str__(self) -> str:
        implied = isinstance(self, (Zero, Diagonal))
        return self.text + (", symmetric" if self.symmetric and not implied else "")


@dataclass(frozen=True)
class General(Structure):
    """Nothing is known; the entries, rows and columns merged."""

    matrix: Tensor


@dataclass(frozen=True)
class Zero(Structure):
    """Every entry is 0."""

    @property
    def kind(self) -> str:
        """The name of the structure."""
        return "zero"


@dataclass(frozen=True)
class Diagonal(Structure):
    """D[i, j] = [i = j] d[i]; d has one entry in all where it is the same for all i."""

    entries: Tensor
    one: bool = False

    @property
    def constant(self) -> bool:
        """Whether all entries of the diagonal are the same."""
        return self.entries.shape[-1] == 1 and self.frame.rows != 1

    @property
    def kind(self) -> str:
        """The name of the structure."""
        return ("identity" if self.one else "scaled identity") if self.constant else "diagonal"


@dataclass(frozen=True)
class LowRank(Structure):
    """U Vᵀ, of rank at most the number of columns of U."""

    left: Tensor
    right: Tensor

    @property
    def rank(self) -> Form:
        """An upper bound of the rank."""
        return self.left.shape[-1]

    @property
    def kind(self) -> str:
        """The name of the structure."""
        return "low rank"

    @property
    def text(self) -> str:
        """The kind in more words."""
        return "rank 1" if self.rank == 1 else f"low rank (at most {self.rank})"


@dataclass(frozen=True)
class DiagonalPlusLowRank(Structure):
    """D + U Vᵀ."""

    base: Diagonal
    update: LowRank

    @property
    def kind(self) -> str:
        """The name of the structure."""
        return ("identity" if self.base.constant else "diagonal") + " plus low rank"

    @property
    def text(self) -> str:
        """The kind in more words."""
        return f"{self.base.text} plus {self.update.text}"


@dataclass(frozen=True)
class BlockDiagonal(Structure):
    """One block for each index over the places that its frame has and the block's has not."""

    block: Structure

    @property
    def kind(self) -> str:
        """The name of the structure."""
        return "block-diagonal"

    @property
    def text(self) -> str:
        """The kind in more words."""
        count = " x ".join(str(p.height) for p in self.frame.open
                           if p not in self.block.frame.open)
        return f"block-diagonal ({count} blocks, each {self.block.text})"


@dataclass(frozen=True)
class Kronecker(Structure):
    """A ⊗ B ⊗ ..., each factor over places of its own."""

    factors: tuple[Structure, ...]

    @property
    def kind(self) -> str:
        """The name of the structure."""
        return "Kronecker"

    @property
    def text(self) -> str:
        """The kind in more words."""
        return f"Kronecker product ({' ⊗ '.join(f.text for f in self.factors)})"


@dataclass(frozen=True)
class KroneckerSum(Structure):
    """A ⊗ B + C ⊗ D + ..."""

    matrix: Tensor
    products: tuple[Kronecker, ...]

    @property
    def kind(self) -> str:
        """The name of the structure."""
        return "sum of Kronecker products"

    @property
    def text(self) -> str:
        """The kind in more words."""
        return " + ".join(" ⊗ ".join(f.text for f in p.factors) for p in self.products)


@dataclass(frozen=True)
class Triangular(Structure):
    """Entries on one side of the diagonal only."""

    matrix: Tensor
    lower: bool

    @property
    def kind(self) -> str:
        """The name of the structure."""
        return "lower triangular" if self.lower else "upper triangular"


@dataclass(frozen=True)
class Tridiagonal(Structure):
    """Entries on the diagonal and beside it; one of each a row, those outside are 0."""

    lower: Tensor
    main: Tensor
    upper: Tensor

    @property
    def kind(self) -> str:
        """The name of the structure."""
        return "tridiagonal"


@dataclass(frozen=True)
class Sparse(Structure):
    """Entries only where one of the conditions on row and column indices holds."""

    matrix: Tensor
    pattern: tuple[str, ...]

    @property
    def kind(self) -> str:
        """The name of the structure."""
        return "sparse"

    @property
    def text(self) -> str:
        """The kind in more words."""
        return f"sparse (only where {' or '.join(self.pattern)})"


@dataclass(frozen=True)
class Permuted(Structure):
    """A structure whose column axes come in another order than its row axes."""

    core: Structure

    @property
    def kind(self) -> str:
        """The name of the structure."""
        plain = isinstance(self.core, Diagonal) and self.core.one
        return "permutation" if plain else "permuted " + self.core.kind

    @property
    def text(self) -> str:
        """The kind in more words."""
        return self.kind if self.kind == "permutation" else f"permuted {self.core.text}"
