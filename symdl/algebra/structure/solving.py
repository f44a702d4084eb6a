"""Linear systems and determinants by structure: each kind in its own number of operations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce as fold
from operator import mul

from symdl.algebra.structure.kinds import (
    BlockDiagonal,
    Diagonal,
    DiagonalPlusLowRank,
    General,
    Kronecker,
    KroneckerSum,
    LowRank,
    Permuted,
    Place,
    Sparse,
    Structure,
    Triangular,
    Tridiagonal,
)
from symdl.algebra.structure.tridiagonal import tridiagonal_logdet, tridiagonal_solve
from symdl.language.elementwise import as_tensor, function
from symdl.language.form import ONE
from symdl.language.linalg import logdet, solve, triangular_solve
from symdl.language.reductions import prod, sum
from symdl.language.shaping import (
    broadcast_to,
    concatenate,
    diagonal,
    expand_dims,
    eye,
    reshape,
    squeeze,
    swapaxes,
    transpose,
    zeros,
)
from symdl.language.tensor import Tensor

_abs, _log, _sign = function("abs"), function("log"), function("sign")


@dataclass(frozen=True)
class Labelled:
    """A tensor with one axis for each of some places, in this order."""

    tensor: Tensor
    places: tuple[Place, ...]

    def ordered(self, places: Sequence[Place]) -> Tensor:
        """The tensor with its axes in another order."""
        order = [self.places.index(p) for p in places]
        return self.tensor if order == sorted(order) else transpose(self.tensor, order)


def solution(h: Structure, b: Labelled) -> Labelled:
    """X with H X = B."""
    if isinstance(h, Kronecker):
        return fold(lambda x, factor: solution(factor, x), h.factors, b)
    if isinstance(h, BlockDiagonal):
        return solution(h.block, b)
    if isinstance(h, Permuted):
        return solution(h.core, b)
    if isinstance(h, Diagonal) and h.one:
        return b
    frame = h.frame
    extra = tuple(p for p in b.places if p not in (*frame.batch, *frame.open))
    places = (*frame.batch, *frame.open, *extra)
    x = b.ordered(places)
    columns = fold(mul, (p.height for p in extra), ONE)
    flat = reshape(x, (*frame.lead, frame.rows, columns))
    return Labelled(reshape(_solved(h, flat), x.shape), places)


def _solved(h: Structure, b: Tensor) -> Tensor:
    """X with H X = B, for a matrix B for each index over the batch."""
    if isinstance(h, Diagonal):
        return b / column(h.entries)
    if isinstance(h, DiagonalPlusLowRank):
        return _woodbury(h, b)
    if isinstance(h, Triangular):
        return triangular_solve(h.matrix, b, h.lower)
    if isinstance(h, Tridiagonal):
        return tridiagonal_solve(h.lower, h.main, h.upper, b)
    return solve(entries(h), b)


def entries(h: Structure) -> Tensor:
    """All entries, as a matrix for each index over the batch."""
    if isinstance(h, LowRank):
        return h.left @ swapaxes(h.right, -2, -1)
    if isinstance(h, (General, KroneckerSum, Sparse)):
        return h.matrix
    return zeros(*h.frame.lead, h.frame.rows, h.frame.columns)


def column(d: Tensor) -> Tensor:
    """A vector as a matrix of one column."""
    return expand_dims(d, d.ndim)


def _woodbury(h: DiagonalPlusLowRank, b: Tensor) -> Tensor:
    """(D + U Vᵀ)⁻¹ B = D⁻¹B - D⁻¹U (I + VᵀD⁻¹U)⁻¹ VᵀD⁻¹B.

    Golub & Van Loan, *Matrix Computations*, 4th ed., equation 2.1.4 with D for A.
    """
    d, vt = column(h.base.entries), swapaxes(h.update.right, -2, -1)
    db, du = b / d, h.update.left / d
    small = _capacitance(h)
    right = vt @ db
    inner = right / small if h.update.rank == 1 else solve(small, right)
    return db - du @ inner


def _capacitance(h: DiagonalPlusLowRank) -> Tensor:
    """I + VᵀD⁻¹U."""
    d, vt = column(h.base.entries), swapaxes(h.update.right, -2, -1)
    return eye(h.update.rank) + vt @ (h.update.left / d)


def log_determinant(h: Structure) -> Tensor:
    """Log det H for each index over the batch."""
    frame, lead = h.frame, len(h.frame.batch)
    if isinstance(h, Kronecker):
        return _of_product(h)
    if isinstance(h, BlockDiagonal):
        block = log_determinant(h.block)
        return sum(block, axis=tuple(range(lead, block.ndim)))
    if isinstance(h, Diagonal):
        size, sign = _of_diagonal(h)
        return size + _log(sign)
    if isinstance(h, DiagonalPlusLowRank):
        size, sign = _of_diagonal(h.base)
        small = _capacitance(h)
        if h.update.rank == 1:
            return size + _log(sign * squeeze(small, (lead, lead + 1)))
        return size + logdet(_bordered(sign, small))
    if isinstance(h, Triangular):
        return log_determinant(Diagonal(frame, diagonal(h.matrix)))
    if isinstance(h, Tridiagonal):
        return tridiagonal_logdet(h.lower, h.main, h.upper)
    return logdet(entries(h))


def _of_product(h: Kronecker) -> Tensor:
    """Log det (A ⊗ B) = m log det A + n log det B, for A of n rows and B of m."""
    total = as_tensor(0)
    for f in h.factors:
        others = fold(mul, (g.frame.rows for g in h.factors if g is not f), ONE)
        if isinstance(f, Diagonal) and f.one:
            continue
        total = total + as_tensor(others) * log_determinant(f)
    return total


def _of_diagonal(h: Diagonal) -> tuple[Tensor, Tensor]:
    """Log |det D| and the sign of det D."""
    d = broadcast_to(h.entries, (*h.frame.lead, h.frame.rows))
    return sum(_log(_abs(d)), axis=-1), prod(_sign(d), axis=-1)


def _bordered(sign: Tensor, small: Tensor) -> Tensor:
    """The matrix with one row and column more, whose determinant is `sign` times its own."""
    lead, rank = small.shape[:-2], small.shape[-1]
    top = concatenate([column(column(sign)), zeros(*lead, 1, rank)], -1)
    below = concatenate([zeros(*lead, rank, 1), small], -1)
    return concatenate([top, below], -2)
