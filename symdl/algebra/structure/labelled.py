"""Tensors whose axes are places, and what acts on some of these as one axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce as fold
from operator import mul

from symdl.algebra.structure.frames import Frame, Place
from symdl.language.form import ONE
from symdl.language.shaping import reshape, transpose
from symdl.language.tensor import Tensor


@dataclass(frozen=True)
class Labelled:
    """A tensor with one axis for each of some places, in this order."""

    tensor: Tensor
    places: tuple[Place, ...]

    def ordered(self, places: Sequence[Place]) -> Tensor:
        """The tensor with its axes in another order."""
        order = [self.places.index(p) for p in places]
        return self.tensor if order == sorted(order) else transpose(self.tensor, order)

    def along(self, frame: Frame, change: Callable[[Tensor], Tensor]) -> Labelled:
        """The result of changing matrices: an index over the batch, a row for the open places."""
        extra = tuple(p for p in self.places if p not in (*frame.batch, *frame.open))
        places = (*frame.batch, *frame.open, *extra)
        x = self.ordered(places)
        columns = fold(mul, (p.height for p in extra), ONE)
        flat = change(reshape(x, (*frame.lead, frame.rows, columns)))
        return Labelled(reshape(flat, x.shape), places)
