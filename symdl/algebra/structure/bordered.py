"""Banded matrices with a border of a few full rows and columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from symdl.algebra.structure.regimes import cut
from symdl.language.body import slot
from symdl.language.bounds import nonnegative
from symdl.language.form import ONE, Form
from symdl.language.guard import Guard
from symdl.language.scheme import Access, Leaf, Scheme, Value
from symdl.language.shaping import at, concatenate, flip, zeros
from symdl.language.tensor import Equation, Tensor


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
        batch, i, c = [at(k) for k in range(lead)], at(lead), at(lead + 1)
        j, number = c - 1, i - p
        above, window = (p - 1 - i, n - 1 - i), w - 1 - c
        leaves: list[tuple[int, Leaf]] = [(1, Access(self.bands, (*batch, i, j - i + p), _all(
            *above, window, j - i + p, i - j + w - 1 - p)))]
        if r != 0:
            leaves += [
                (1, Access(self.left, (*batch, i, c - w - r), _all(*above, c - w - r))),
                (-1, Access(self.right, (*batch, j, number), _all(number, window, j, n - 1 - j))),
                (-1, Value(ONE, (Guard(number - c + w, "=="),))),
                (1, Value(ONE, (Guard(number - c + w + r, "=="),)))]
        return signed((*self.bands.shape[:-2], p + r, w + 2 * r), leaves)


def signed(shape: Sequence[Form], leaves: Sequence[tuple[int, Leaf]]) -> Tensor:
    """The tensor whose entries are sums of reads where their masks hold, each with a sign."""
    body = sympy.Add(*(sign * slot(k) for k, (sign, _) in enumerate(leaves)))
    return Equation.make(Scheme(tuple(shape), len(shape), "none", (), body,
                                tuple(x for _, x in leaves)))


def _all(*forms: Form) -> tuple[Guard, ...]:
    """That forms are at least 0."""
    return tuple(Guard(f, ">=") for f in forms)
