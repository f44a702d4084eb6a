"""Products of square matrices as the chains of their factors."""

from __future__ import annotations

import sympy

from symdl.algebra.bodies import equation, powers, product
from symdl.algebra.terms import Sizes, Term
from symdl.language.body import rename, slots_of
from symdl.language.form import Form, Idx
from symdl.language.scheme import Access, Leaf, Scheme
from symdl.language.shaping import at, swapaxes
from symdl.language.tensor import Tensor


def chain(t: Term) -> tuple[Tensor, list[Tensor]] | None:
    """The c and the matrices of c A B ... Z, all of them square; None for other products."""
    s = t.scheme
    if s.axes != 2 or s.guards or s.reduce not in ("none", "sum") or (
            len({f.token for f in s.sizes}) > 1):
        return None
    found = powers(s.body)[1]
    links, front = dict[int, Access](), dict(found)
    for base, e in found.items():
        leaf = s.leaves[slots_of(base)[0]] if base.is_Symbol else None
        if leaf is not None and any(f.indices for f in leaf.forms):
            if e != 1 or not isinstance(leaf, Access) or not _is_link(leaf, s.sizes[:2]):
                return None
            links[slots_of(base)[0]] = leaf
            del front[base]
    matrices = _walked(list(links.values()), at(0), at(1))
    if matrices is None or len(links) != len(s.bound) + 1:
        return None
    return _scalar(t.number * product(front), s.leaves), matrices


def _is_link(x: Access, shape: Sizes) -> bool:
    """Whether a leaf is the entry of a matrix of that shape at two different indices."""
    return x.tensor.shape == shape and not x.mask and x.index[0] != x.index[1] and all(
        isinstance(f.atom, Idx) for f in x.index)


def _walked(links: list[Access], start: Form, end: Form) -> list[Tensor] | None:
    """The matrices on the way from one index to another, each turned as it is passed."""
    out: list[Tensor] = []
    while links:
        here = [x for x in links if start in x.index]
        if len(here) != 1:
            return None
        (x,) = here
        links.remove(x)
        forward = x.index[0] == start
        out.append(x.tensor if forward else swapaxes(x.tensor, -1, -2))
        start = x.index[1] if forward else x.index[0]
    return out if start == end else None


def _scalar(body: sympy.Expr, leaves: tuple[Leaf, ...]) -> Tensor:
    used = slots_of(body)
    return equation(Scheme((), 0, "none", (), rename(body, {n: p for p, n in enumerate(used)}),
                           tuple(leaves[n] for n in used)))
