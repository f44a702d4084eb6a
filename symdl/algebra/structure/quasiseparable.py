"""Quasiseparable systems as banded ones with more unknowns.

A band plus U Vᵀ strictly below the diagonal and P Qᵀ strictly above it: with the running sums

    s[i] = s[i-1] + V[i-1] x[i-1],    t[i] = t[i+1] + Q[i+1] x[i+1]

row i of the system is (B x)[i] + U[i]·s[i] + P[i]·t[i] = b[i]. In the order s[0], x[0], t[0],
s[1], ... this is a banded system, and its determinant is that of the map: the equations of the
sums have ones on their diagonals (Chandrasekaran et al., *Some fast algorithms for sequentially
semiseparable representations*, SIAM J. Matrix Anal. Appl. 27, 2005, section 4).
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from symdl.algebra.structure.banded import Bordered
from symdl.algebra.structure.kinds import LowRank, Quasiseparable
from symdl.language.body import slot
from symdl.language.bounds import guard_range
from symdl.language.form import ONE, ZERO, Form, quotient, remainder
from symdl.language.guard import Guard
from symdl.language.scheme import Access, Leaf, Scheme, Value
from symdl.language.shaping import at, view
from symdl.language.tensor import Equation, Tensor


@dataclass(frozen=True)
class Sums:
    """How many running sums stand before and after each unknown."""

    before: Form
    after: Form

    @property
    def block(self) -> Form:
        """The number of unknowns that stand for one."""
        return self.before + 1 + self.after

    def beside(self, b: Tensor) -> Tensor:
        """The rows of a matrix, zeros between them."""
        row, m = b.ndim - 2, self.block
        if m == 1:
            return b
        index = [quotient(at(k), m) if k == row else at(k) for k in range(b.ndim)]
        sizes = (*b.shape[:row], b.shape[row] * m, b.shape[-1])
        return view(b, sizes, index, (Guard(remainder(at(row), m) - self.before, "=="),))

    def without(self, x: Tensor) -> Tensor:
        """The rows of a matrix without those of the sums."""
        row, m = x.ndim - 2, self.block
        if m == 1:
            return x
        index = [m * at(k) + self.before if k == row else at(k) for k in range(x.ndim)]
        return view(x, (*x.shape[:row], quotient(x.shape[row], m), x.shape[-1]), index)


def unrolled(h: Quasiseparable, left: Tensor, right: Tensor) -> tuple[Bordered, Sums]:
    """The banded system of a quasiseparable map with a border."""
    sums = Sums(_rank(h.lower), _rank(h.upper))
    below = _reach(h.band.below, sums.before) * sums.block
    above = _reach(h.band.above, sums.after) * sums.block
    bands = _bands(h, sums, below, above)
    return Bordered(bands, below, sums.beside(left), sums.beside(right)), sums


def _rank(h: LowRank | None) -> Form:
    return ZERO if h is None else h.rank


def _reach(diagonals: Form, rank: Form) -> Form:
    """How many blocks: at least one where there are sums."""
    return ONE if rank != 0 and diagonals == 0 else diagonals


def _bands(h: Quasiseparable, sums: Sums, below: Form, above: Form) -> Tensor:
    frame, r, m, lead = h.frame, sums.before, sums.block, len(h.frame.lead)
    sizes = (*frame.lead, frame.rows * m, below + above + 1)
    row = at(lead)
    column = row + at(lead + 1) - below
    batch = [at(k) for k in range(lead)]
    (i, e), (j, f) = ((quotient(x, m), remainder(x, m)) for x in (row, column))
    here, before, after = (Guard(j - i - c, "==") for c in (0, -1, 1))
    same, own, of_x = Guard(e - f, "=="), Guard(e - r, "=="), Guard(f - r, "==")
    in_s, in_t = Guard(r - 1 - e, ">="), Guard(e - r - 1, ">=")
    leaves: list[tuple[int, Leaf]] = [
        (1, Value(ONE, (here, same, Guard(e - r, "!=")))),
        (1, Access(h.band.bands, (*batch, i, j - i + h.band.below), (
            own, of_x, *(Guard(g, ">=") for g in (j - i + h.band.below, h.band.above - j + i)))))]
    if h.lower is not None:
        leaves += [(-1, Value(ONE, (before, same, in_s))),
                   (-1, Access(h.lower.right, (*batch, j, e), (before, in_s, of_x))),
                   (1, Access(h.lower.left, (*batch, i, f), (
                       here, own, Guard(r - 1 - f, ">="))))]
    if h.upper is not None:
        leaves += [(-1, Value(ONE, (after, same, in_t))),
                   (-1, Access(h.upper.right, (*batch, j, e - r - 1), (after, in_t, of_x))),
                   (1, Access(h.upper.left, (*batch, i, f - r - 1), (
                       here, own, Guard(f - r - 1, ">="))))]
    body = sympy.Add(*(sign * slot(k) for k, (sign, _) in enumerate(leaves)))
    inside = tuple(guard_range(column, frame.rows * m, sizes))
    return Equation.make(Scheme(sizes, lead + 2, "none", inside, body,
                                tuple(x for _, x in leaves)))
