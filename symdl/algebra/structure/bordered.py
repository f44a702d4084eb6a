"""Banded matrices with a border of a few full rows and columns."""

from __future__ import annotations

from dataclasses import dataclass

from symdl.algebra.structure.regimes import cut
from symdl.language.bounds import nonnegative
from symdl.language.form import Form
from symdl.language.guard import Guard
from symdl.language.shaping import at, broadcast_to, concatenate, eye, flip, view, zeros
from symdl.language.tensor import Tensor


@dataclass(frozen=True)
class Bordered:
    """A + U Vᵀ for each index over some leading axes.

    Attributes
    ----------
    bands : Tensor, (..., n, p + q + 1)
        A[i, i + c] at [i, c + p]; 0 outside of A.
    below : Form
        How many diagonals are below the main one, p.
    left, right : Tensor, (..., n, r)
        U and V.
    """

    bands: Tensor
    below: Form
    left: Tensor
    right: Tensor

    @property
    def above(self) -> Form:
        """How many diagonals are above the main one, q."""
        return self.bands.shape[-1] - 1 - self.below

    @property
    def rank(self) -> Form:
        """The number of columns of the border, r."""
        return self.left.shape[-1]

    @property
    def width(self) -> Form:
        """How many entries a row of the eliminated system has beside its pivot."""
        return self.bands.shape[-1] - 1 + 2 * self.rank

    def cut(self, flag: Form) -> Bordered:
        """The whole system where a form is 1, and one without rows where it is 0."""
        n, w = self.bands.shape[-2:]
        n, w, r = n * flag, (w - 1) * flag + 1, self.rank * flag
        return Bordered(cut(self.bands, n, w), self.below * flag,
                        cut(self.left, n, r), cut(self.right, n, r))

    @property
    def turned(self) -> Bordered:
        """The same system with its rows and columns in the opposite order."""
        rows = self.bands.ndim - 2
        return Bordered(flip(self.bands, (rows, rows + 1)), self.above,
                        flip(self.left, rows), flip(self.right, rows))

    @property
    def leans(self) -> bool:
        """Whether more diagonals are known to be below than above the main one."""
        return self.above == 0 != self.below or nonnegative(self.below - self.above - 1, ())

    @property
    def plain(self) -> bool:
        """Whether there is nothing to be eliminated."""
        return self.below == 0 == self.rank

    @property
    def rows(self) -> Tensor:
        """The rows of A with those of U, as elimination takes them: (..., n, p + q + 1 + 2 r)."""
        n, r, lead = self.bands.shape[-2], self.rank, self.bands.shape[:-2]
        return self.bands if r == 0 else concatenate(
            [self.bands, zeros(*lead, n, r), self.left], -1)

    @property
    def first(self) -> Tensor:
        """The first p rows of A, U and those of (-Vᵀ, -I, I), before the window's first move."""
        p, r, lead = self.below, self.rank, self.bands.ndim - 2
        n, w = self.bands.shape[-2:]
        sizes, (i, c) = self.bands.shape[:-2], (at(lead), at(lead + 1))
        batch, column = [at(k) for k in range(lead)], c - 1
        inside = (n - 1 - i, column - i + p, i - column + w - 1 - p)
        top = view(self.bands, (*sizes, p, w), [*batch, i, column - i + p],
                   tuple(Guard(g, ">=") for g in inside))
        if r == 0:
            return top
        side = view(self.left, (*sizes, p, 2 * r), [*batch, i, c - r], (
            Guard(n - 1 - i, ">="), Guard(c - r, ">=")))
        below = view(self.right, (*sizes, r, w), [*batch, column, i], (
            Guard(n - 1 - column, ">="), Guard(column, ">=")))
        unit = broadcast_to(eye(r, 2 * r, r) - eye(r, 2 * r), (*sizes, r, 2 * r))
        return concatenate([concatenate([top, side], -1), concatenate([-below, unit], -1)], -2)
