"""The kinds of structure that a linear map can have, as frozen data.

A map takes a tensor over column axes to one over row axes. Its axes stand in *places*, each a
row axis beside a column axis. A structure speaks of some of these places (`open`), for every
index over others (`batch`): its tensors have the batch axes first, then one axis for all open
row axes merged, or for all open column axes merged, or both.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from symdl.algebra.structure.frames import Frame
from symdl.language.form import ONE, Form, Least
from symdl.language.tensor import Tensor


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
    def dense(self) -> bool:
        """Whether `solve` and `logdet` form all entries, rows times columns in number."""
        return False

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
    dense = True


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
class PlusLowRank(Structure):
    """D + U Vᵀ, for a D that is diagonal, banded or quasiseparable."""

    base: Diagonal | Banded | Quasiseparable
    update: LowRank

    @property
    def kind(self) -> str:
        """The name of the structure."""
        constant = isinstance(self.base, Diagonal) and self.base.constant
        return ("identity" if constant else self.base.kind) + " plus low rank"

    @property
    def text(self) -> str:
        """The kind in more words."""
        return f"{self.base.text} plus {self.update.text}"


@dataclass(frozen=True)
class Triangular(Structure):
    """Entries on one side of the diagonal only."""

    matrix: Tensor
    lower: bool
    dense = True

    @property
    def kind(self) -> str:
        """The name of the structure."""
        return "lower triangular" if self.lower else "upper triangular"


@dataclass(frozen=True)
class Banded(Structure):
    """Entries on some diagonals beside the main one only.

    Attributes
    ----------
    bands : Tensor, (..., n, below + above + 1)
        H[i, i + c] at [i, c + below]; 0 outside of H.
    below : Form
        How many diagonals there are below the main one.
    """

    bands: Tensor
    below: Form

    @property
    def above(self) -> Form:
        """How many diagonals there are above the main one."""
        return self.bands.shape[-1] - 1 - self.below

    @property
    def kind(self) -> str:
        """The name of the structure."""
        return "tridiagonal" if self.below == self.above == 1 else "banded"

    @property
    def text(self) -> str:
        """The kind in more words."""
        sides = ((self.below, "below"), (self.above, "above"))
        count = " and ".join(f"{_usual(n)} {side}" for n, side in sides if n != 0)
        return self.kind if self.kind == "tridiagonal" else f"banded ({count} the diagonal)"


def _usual(count: Form) -> Form:
    """A number of diagonals where sizes are no smaller than 1."""
    ones = (a for a in count.atoms if isinstance(a, Least) and ONE in a.inner)
    return count.substitute(dict.fromkeys(ones, ONE))


@dataclass(frozen=True)
class Quasiseparable(Structure):
    """A band, and below or above the diagonal the entries of matrices of low rank."""

    band: Banded
    lower: LowRank | None
    upper: LowRank | None

    @property
    def kind(self) -> str:
        """The name of the structure."""
        if self.upper is None and self.band.above == 0:
            return "lower triangular"
        if self.lower is None and self.band.below == 0:
            return "upper triangular"
        return "quasiseparable"

    @property
    def text(self) -> str:
        """The kind in more words."""
        sides = ((self.lower, "below"), (self.upper, "above"))
        ranks = " and ".join(f"{h.text} {side}" for h, side in sides if h is not None)
        return f"{self.kind} ({ranks} the diagonal)"


@dataclass(frozen=True)
class Sparse(Structure):
    """Entries only where one of the conditions on row and column indices holds."""

    matrix: Tensor
    pattern: tuple[str, ...]
    dense = True

    @property
    def kind(self) -> str:
        """The name of the structure."""
        return "sparse"

    @property
    def text(self) -> str:
        """The kind in more words."""
        return f"sparse (only where {' or '.join(self.pattern)})"
