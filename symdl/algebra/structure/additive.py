"""Sums of terms that are diagonal, near the diagonal, beside it, or of low rank."""

from __future__ import annotations

from collections.abc import Sequence

from symdl.algebra.structure.bands import diagonals, reach
from symdl.algebra.structure.frames import Frame
from symdl.algebra.structure.kinds import (
    Banded,
    Diagonal,
    LowRank,
    PlusLowRank,
    Quasiseparable,
    Structure,
)
from symdl.algebra.structure.parts import (
    Product,
    Term,
    added,
    diagonal,
    is_low,
    rank,
    separated,
)
from symdl.algebra.structure.triangles import narrow, triangle
from symdl.language.form import ZERO
from symdl.language.shaping import concatenate
from symdl.language.tensor import Tensor

Terms = Sequence[Term]


def diagonal_of(found: Terms, frame: Frame) -> Diagonal:
    """The sum of terms that tie each row to its column."""
    entries = added([diagonal(t, frame) for t in found])
    plain = len(found) == 1 and found[0].pieces in ((), (1,))
    return Diagonal(frame, entries, one=plain)


def plus_low_rank(found: Terms, frame: Frame) -> LowRank | PlusLowRank | None:
    """D + U Vᵀ, from terms that are diagonal and terms that are products of two sides."""
    on_diagonal = [t for t in found if t.shared.keys() >= set(frame.open)]
    update = _low_rank([separated(t, frame) for t in found if t not in on_diagonal], frame)
    if update is None or not on_diagonal:
        return update
    return PlusLowRank(frame, diagonal_of(on_diagonal, frame), update)


def _low_rank(sides: Sequence[Product | None], frame: Frame) -> LowRank | None:
    """A sum of products of two sides; None where one isn't, or their rank may be full."""
    found = _gathered([p for p in sides if p is not None])
    if None in sides or not all(is_low(rank(found), n) for n in (frame.rows, frame.columns)):
        return None
    return LowRank(frame, concatenate([p.left for p in found], -1),
                   concatenate([p.right for p in found], -1))


def _gathered(products: Sequence[Product]) -> list[Product]:
    """U Vᵀ + U Wᵀ = U (V + W)ᵀ, and the like on the left."""
    found: dict[Tensor, Tensor] = {}
    for p in products:
        found[p.left] = found[p.left] + p.right if p.left in found else p.right
    turned: dict[Tensor, Tensor] = {}
    for left, right in found.items():
        turned[right] = turned[right] + left if right in turned else left
    return [Product(left, right) for right, left in turned.items()]


def banded(found: Terms, frame: Frame) -> Structure | None:
    """A band, with what is of low rank beside the diagonal or everywhere.

    The place that bounds the band comes first, so that the rows of one block are neighbours.
    """
    if not frame.square:
        return None
    first = frame.open
    orders = [(p, *(q for q in first if q != p)) for p in first]
    tried = (_around_diagonal(found, Frame(order, frame.batch)) for order in orders)
    return next((h for h in tried if h is not None), None)


def _around_diagonal(found: Terms, frame: Frame) -> Structure | None:
    near = [t for t in found if reach([t], frame) is not None]
    others = [t for t in found if t not in near]
    one = len(frame.open) == 1
    triangles = [triangle(t, frame) if one else None for t in others]
    halves = {lower: [x.strictly for x in triangles if x is not None and x.lower == lower]
              for lower in (True, False)}
    full = [separated(t, frame) or (narrow(t, frame) if one else None)
            for t, x in zip(others, triangles, strict=True) if x is None]
    low, lower, upper = (_low_rank(sides, frame) if sides else None
                         for sides in (full, halves[True], halves[False]))
    if any(bool(sides) != (h is not None) for sides, h in (
            (full, low), (halves[True], lower), (halves[False], upper))):
        return None
    near += [t for x in triangles if x is not None for t in x.band]
    if not near and not lower and not upper:
        return None
    far = reach(near, frame)
    assert far is not None
    band = Banded(frame, diagonals(near, frame, far), far[0])
    base: Diagonal | Banded | Quasiseparable = band
    if lower or upper:
        base = Quasiseparable(frame, band, lower, upper)
    elif far == (ZERO, ZERO):
        base = Diagonal(frame, band.bands[..., 0])
    return base if low is None else PlusLowRank(frame, base, low)
