"""The ranges of a user's indices that a formula leaves unsaid."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from symdl.display.arrays import size
from symdl.display.tree import Node, name
from symdl.language.form import Free
from symdl.language.guard import Guard
from symdl.language.scheme import Access
from symdl.language.tensor import Equation, Tensor, topological


def ranges_beside(t: Tensor) -> list[Node]:
    """`i < n` for each index that isn't an address over its range, nor equal to such a one."""
    schemes = [x.scheme for x in topological([t]) if isinstance(x, Equation) and x.free]
    said = {form.atom for s in schemes for x in s.leaves if isinstance(x, Access)
            for form, extent in zip(x.index, x.tensor.shape, strict=True)
            if isinstance(form.atom, Free) and form.atom.size == extent}
    guards = [g for s in schemes for g in chain(s.guards, *(x.mask for x in s.leaves))]
    for pair in _equal(guards):
        said |= pair if said & pair else set()
    left = sorted((f for f in t.free if f.size is not None and f not in said),
                  key=lambda f: f.serial)
    return [Node("compare", (name(str(f), scalar=True), size(f.size)), "<")
            for f in left if f.size is not None]


def _equal(guards: list[Guard]) -> Iterator[set[Free]]:
    for g in guards:
        free = set(g.form.free)
        if g.relation == "==" and len(free) == 2 and len({f.size for f in free}) == 1:
            yield free
