"""Sums over windows as matrix products: the window is laid out, a copy for each product (im2col).

K. Chellapilla, S. Puri, P. Simard, *High performance convolutional neural networks for
document processing*, 2006. The copy is small: it is made anew inside the loops over leading
indices (`symdl.lowering.op.block`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import log2

from symdl.language.body import slot, slots_of
from symdl.language.form import Form, Idx
from symdl.language.scheme import Access, Leaf, Scheme
from symdl.language.tensor import Equation, Tensor
from symdl.lowering.contraction import NOMINAL, Contraction, Group
from symdl.lowering.product import product
from symdl.lowering.sparse import gathered, recentred

FEW = 4
"""What a filter's sizes count as."""

SMALL = 1 << 20
"""Entries up to which a copy counts as staying in the processor's cache."""


def is_windowed(g: Group, s: Scheme) -> bool:
    """Whether an access runs several of our indices along one axis."""
    return any(len(f.indices) > 1 and not any(hasattr(a, "tensor") for a in f.all_atoms)
               for k in slots_of(g.body) for f in s.leaves[k].forms)


def unrolled(t: Equation, groups: Sequence[Group], again: Callable[[Tensor], Tensor]) -> Tensor:
    """The product of a window and another factor as a matrix product, where it is one."""
    s = t.scheme
    windows = [g for g in groups if is_windowed(g, s)]
    if len(groups) != 2 or len(windows) != 1:
        return t
    window = windows[0]
    other = next(g for g in groups if g is not window)
    if not is_dense(s, window):
        return _filled(t, window, other, again)
    if not set(s.bound) <= window.indices & other.indices:
        return t
    for layout in sorted(_layouts(s, window, other), key=lambda x: x.cost):
        state = Contraction(s, lambda t: t)
        factor = state.named(other, layout.other) if layout.copied else other
        made = state.made((factor, state.named(window, layout.window)), range(s.axes))
        p = product(made, made.scheme) if isinstance(made, Equation) else None
        if p and p.m and p.n and {*p.lead, *p.over} & window.indices == set(layout.lead):
            return made
    return t


def _filled(t: Equation, window: Group, other: Group, again: Callable[[Tensor], Tensor]) -> Tensor:
    """The sum over a window that is mostly empty, by windows that aren't."""
    moved = recentred(t.scheme, window)
    if moved and all(is_dense(moved, Group(frozenset(), slot(k))) for k in slots_of(moved.body)):
        return again(Equation.make(moved, t.dtype))
    found = gathered(t, window, other, again)
    return t if found is None else found


@dataclass(frozen=True)
class Layout:
    """In which orders a window and the other factor are stored, and which indices are loops."""

    lead: tuple[int, ...]
    window: tuple[int, ...]
    other: tuple[int, ...]
    copied: bool
    cost: float


def _layouts(s: Scheme, window: Group, other: Group) -> Iterator[Layout]:
    """Layouts that may make a product: of rows and columns those last along the window's axes."""
    state = Contraction(s, lambda t: t)
    bare = state.bare(other)
    axes = [k for k in range(s.axes) if k in window.indices]
    rows = [k for k in range(s.axes) if k in other.indices - window.indices]
    reach = _reach(s, window)
    for copied in (False, True) if bare else (True,):
        summed = list(s.bound) if copied or not bare else [k for k in bare if k >= s.axes]
        for outer in range(len(axes)):
            if other.indices & {*axes[outer:]}:  # what both hold is neither a row nor a column
                continue
            for terms in range(len(summed)):
                lead, m, n, k = (*axes[:outer], *summed[:terms]), rows, axes[outer:], summed[terms:]
                sides = sorted((n, k), key=lambda side: min(reach[x] for x in side))
                shared = [x for x in lead if x in other.indices]
                order = (*shared, *rows, *k) if copied or not bare else tuple(bare)
                size = [state.volume(frozenset(x)) for x in (m, n, k, lead)]
                copy = state.volume(other.indices) if copied else 0.0
                cost = _cost(size[0], size[1], size[2], size[3], copy)
                yield Layout(lead, (*lead, *sides[0], *sides[1]), order, copied, cost)


def is_dense(s: Scheme, window: Group) -> bool:
    """Whether most places of a window lie inside of what it shows.

    Sizes count as `NOMINAL`, but those as few that some size is diminished by (of a filter,
    in the size of what it leaves).
    """
    less = {a for n in s.sizes for monomial, c in n.terms if c < 0 for a in monomial}
    atoms = {a for k in slots_of(window.body) for f in (*s.sizes, *_shape(s.leaves[k]))
             for a in f.all_atoms}
    typical = {a: FEW if a in less else NOMINAL for a in atoms}
    for k in slots_of(window.body):
        leaf = s.leaves[k]
        for form, size in zip(getattr(leaf, "index", ()), _shape(leaf), strict=True):
            reach = 1
            for x in form.indices:
                parts = form.split(Idx(x))
                step = parts[0].constant if parts else None
                reach += abs(step or 1) * (s.sizes[x].value(typical) - 1)
            if reach > 2 * size.value(typical):
                return False
    return True


def _shape(leaf: Leaf) -> tuple[Form, ...]:
    return leaf.tensor.shape if isinstance(leaf, Access) else ()


def _cost(m: float, n: float, k: float, lead: float, copied: float) -> float:
    """Time of a product with its copies, in operations: thin matrices and far memory cost more."""
    product_ = 2 * lead * m * n * k * (1 + 16 / m) * (1 + 16 / n) * (1 + 16 / k)
    return product_ + 8 * copied + lead * n * k * (2 + max(0.0, log2(n * k / SMALL)))


def _reach(s: Scheme, window: Group) -> dict[int, int]:
    """The first axis of what a window reads along which each index runs."""
    found = dict.fromkeys(window.indices, -1)
    for k in slots_of(window.body):
        leaf = s.leaves[k]
        for d, form in enumerate(leaf.index if isinstance(leaf, Access) else ()):
            for x in form.indices:
                found[x] = d if found[x] < 0 else min(d, found[x])
    return found
