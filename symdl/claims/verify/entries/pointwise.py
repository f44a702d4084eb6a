"""Expressions that act on each entry by itself: what holds of one entry holds of all."""

from __future__ import annotations

from collections.abc import Sequence

from symdl.language.form import Form, Idx
from symdl.language.scheme import Access
from symdl.language.tensor import Constant, Equation, Tensor, Variable


def is_pointwise(roots: Sequence[Tensor]) -> bool:
    """Whether an entry of the roots reads one entry of each input, at some of its own indices.

    No size and no index may occur as a number. Then every entry is the same function of as many
    numbers, and the expressions are equal for all sizes if they are for all sizes 1.
    """
    read: dict[Tensor, tuple[Form, ...]] = {}
    work = [(r, tuple(Form.of(Idx(k)) for k in range(r.ndim))) for r in roots]
    seen = set[tuple[Tensor, tuple[Form, ...]]]()
    while work:
        t, index = work.pop()
        if (t, index) in seen:
            continue
        seen.add((t, index))
        if isinstance(t, Variable):
            if read.setdefault(t, index) != index or t.dtype != "real" or t.facts & _OF_MANY:
                return False
        elif isinstance(t, Constant) and not t.ndim:
            continue
        elif isinstance(t, Equation) and t.scheme.reduce == "none" and not t.scheme.guards:
            for x in t.scheme.leaves:
                if not isinstance(x, Access) or x.mask:
                    return False
                place = tuple(f.substitute({Idx(k): g for k, g in enumerate(index)})
                              for f in x.index)
                if any(not isinstance(f.atom, Idx) for f in place):
                    return False
                work.append((x.tensor, place))
        else:
            return False
    return True


_OF_MANY = frozenset({"simplex", "one_hot", "unit_norm", "symmetric", "positive_definite",
                      "orthogonal", "diagonal", "lower_triangular", "upper_triangular",
                      "idempotent"})
"""Facts that tie several entries."""
