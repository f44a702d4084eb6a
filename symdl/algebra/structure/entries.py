"""All entries of a map, rows merged and columns merged."""

from __future__ import annotations

from symdl.algebra.structure.composite import KroneckerSum
from symdl.algebra.structure.kinds import (
    Banded,
    Diagonal,
    General,
    LowRank,
    PlusLowRank,
    Quasiseparable,
    Sparse,
    Structure,
    Triangular,
    Zero,
)
from symdl.algebra.structure.parts import added
from symdl.algebra.structure.regimes import cut
from symdl.language.form import ONE, Form
from symdl.language.guard import Guard
from symdl.language.shaping import (
    at,
    broadcast_to,
    expand_dims,
    eye,
    swapaxes,
    tril,
    triu,
    view,
    zeros,
)
from symdl.language.tensor import Tensor


def entries(h: Structure, n: Form) -> Tensor:
    """The first n rows and columns, for each index over the batch."""
    if isinstance(h, (General, KroneckerSum, Sparse, Triangular)):
        return cut(h.matrix, n, n)
    if isinstance(h, Diagonal):
        d = expand_dims(broadcast_to(h.entries, (*h.frame.lead, h.frame.rows)), -1)
        return eye(n) * cut(d, n, ONE)
    if isinstance(h, LowRank):
        left, right = (cut(x, n, h.rank) for x in (h.left, h.right))
        return left @ swapaxes(right, -2, -1)
    if isinstance(h, PlusLowRank):
        return entries(h.base, n) + entries(h.update, n)
    if isinstance(h, Banded):
        return _of_bands(h, n)
    if isinstance(h, Quasiseparable):
        halves = [tril(entries(h.lower, n), -1)] if h.lower else []
        halves += [triu(entries(h.upper, n), 1)] if h.upper else []
        return added([entries(h.band, n), *halves])
    assert isinstance(h, Zero)
    return zeros(*h.frame.lead, n, n)


def _of_bands(h: Banded, n: Form) -> Tensor:
    lead, rows = len(h.frame.lead), h.frame.rows
    i, j = at(lead), at(lead + 1)
    inside = [j - i + h.below, h.above - j + i, rows - 1 - i, rows - 1 - j]
    return view(h.bands, (*h.frame.lead, n, n), [*map(at, range(lead)), i, j - i + h.below],
                tuple(Guard(g, ">=") for g in inside))
