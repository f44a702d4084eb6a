"""One sum of a product while it is ordered: groups of factors, and tensors made of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import prod

import sympy

from symdl.language.body import slot, slots_of
from symdl.language.form import Form, Idx
from symdl.language.guard import Conjunction
from symdl.language.scheme import Access, Leaf, Scheme
from symdl.language.tensor import Equation, Tensor
from symdl.lowering.product import product

NOMINAL = 64
"""What every size counts as where contractions are compared."""


@dataclass(frozen=True)
class Group:
    """Some factors of a product, the indices they hold and the guards on these."""

    indices: frozenset[int]
    body: sympy.Expr
    guards: Conjunction = ()

    def times(self, other: Group) -> Group:
        """The product of two groups."""
        return Group(self.indices | other.indices, self.body * other.body,
                     self.guards + other.guards)


class Contraction:
    """One sum being ordered; new leaves are the partial products."""

    def __init__(self, s: Scheme, again: Callable[[Tensor], Tensor]):
        self.s, self.again = s, again
        self.leaves: list[Leaf] = list(s.leaves)

    def volume(self, indices: frozenset[int]) -> float:
        """The nominal number of points of some indices."""
        return prod(float(nominal(self.s.sizes[k])) for k in indices)

    def cheapest(self, groups: Sequence[Group]) -> tuple[Group, Group]:
        """The pair whose product takes the fewest operations, then the least memory."""

        def cost(pair: tuple[Group, Group]) -> tuple[float, float]:
            a, b = pair
            others = frozenset[int]().union(*(g.indices for g in groups if g not in pair))
            both = a.indices | b.indices
            left = frozenset(k for k in both if k < self.s.axes or k in others)
            return self.volume(both), self.volume(left)

        return min(combinations(groups, 2), key=cost)

    def summed_alone(self, g: Group, others: Sequence[Group], force: bool = False) -> Group:
        """Sum a group over the bound indices that no other group holds."""
        rest = frozenset[int]().union(*(o.indices for o in others if o is not g))
        alone = [k for k in sorted(g.indices) if k >= self.s.axes and k not in rest]
        if not alone and not force:
            return g
        kept = sorted(g.indices - frozenset(alone))
        return self.named(g, kept, alone)

    def named(self, g: Group, kept: Sequence[int], summed: Sequence[int] = ()) -> Group:
        """The group as one access to a tensor of its own."""
        order = [*kept, *summed]
        at = [Form.of(Idx(order.index(k))) if k in order else Form.of(0)
              for k in range(len(self.s.sizes))]
        inner = Scheme(self.s.sizes, self.s.axes, "sum" if summed else "none", g.guards, g.body,
                       tuple(self.leaves))
        placed = inner.place([self.s.sizes[k] for k in order], len(kept), at)
        tensor = self.again(Equation.make(placed)) if summed else Equation.make(placed)
        self.leaves.append(Access(tensor, tuple(Form.of(Idx(k)) for k in kept)))
        return Group(frozenset(kept), slot(len(self.leaves) - 1))

    def finish(self, groups: Sequence[Group]) -> Tensor:
        """The last product, laid out as a matrix product where it is one."""
        s, (a, b) = self.s, groups
        direct = self.made([self.as_read(g) for g in groups], range(s.axes))
        if isinstance(direct, Equation) and product(direct, direct.scheme):
            return direct
        axes = range(s.axes)
        batch = [k for k in axes if k in a.indices & b.indices]
        m = [k for k in axes if k in a.indices - b.indices]
        n = [k for k in axes if k in b.indices - a.indices]
        k = [x for x in s.bound if x in a.indices & b.indices]
        if not k or not (m or n):
            return self.made(groups, list(axes))
        if m and n and min(n) < min(m):
            a, b, m, n = b, a, n, m
        a = self.laid_out(a, (batch, m, k))
        b = self.laid_out(b, (batch, k, n))
        order = [*batch, *m, *n]
        if order == list(axes) or not (m and n):
            return self.made((a, b), list(axes))
        index = tuple(Form.of(Idx(x)) for x in order)
        return Equation.make(Scheme(s.sizes[: s.axes], s.axes, "none", (), slot(0),
                                    (Access(self.made((a, b), order), index),)))

    def as_read(self, g: Group) -> Group:
        """The group as one tensor, stored like the largest one that it reads."""
        if self.bare(g):
            return g
        found = [[f.atom.position for f in x.index if isinstance(f.atom, Idx)]
                 for k in slots_of(g.body) if isinstance(x := self.leaves[k], Access)]
        largest = max(found, key=lambda at: len(set(at)), default=[])
        return self.named(g, list(dict.fromkeys([*largest, *sorted(g.indices)])))

    def laid_out(self, g: Group, parts: tuple[Sequence[int], ...]) -> Group:
        """The group stored as batch, rows, columns (or batch, columns, rows)."""
        batch, rows, columns = parts
        orders = ([*batch, *rows, *columns], [*batch, *columns, *rows])
        return g if self.bare(g) in orders else self.named(g, max(orders, key=lambda order: (
            self.along(g, order))))

    def along(self, g: Group, order: Sequence[int]) -> int:
        """How many matrices of a group run along memory with the last index of an order."""
        last = [x.index[-1] for k in slots_of(g.body) if isinstance(x := self.leaves[k], Access)
                and len(x.index) > 1]
        return sum(f.atom is Idx(order[-1]) for f in last)

    def bare(self, g: Group) -> list[int] | None:
        """The index at each axis of a group that is one whole tensor."""
        if not g.body.is_Symbol or g.guards:
            return None
        leaf = self.leaves[slots_of(g.body)[0]]
        if not isinstance(leaf, Access) or leaf.mask:
            return None
        index = [f.atom.position for f in leaf.index if isinstance(f.atom, Idx)]
        whole = tuple(self.s.sizes[k] for k in index)
        return index if len(set(index)) == leaf.tensor.ndim and whole == leaf.tensor.shape else None

    def made(self, groups: Sequence[Group], axes: Sequence[int]) -> Tensor:
        """The product of some groups over these axes, summed over what they still hold."""
        s = self.s
        used = frozenset[int]().union(*(g.indices for g in groups))
        order = [*axes, *(x for x in s.bound if x in used)]
        at = [Form.of(Idx(order.index(x))) if x in order else Form.of(0)
              for x in range(len(s.sizes))]
        whole = replace(s, body=sympy.Mul(*(g.body for g in groups)), leaves=tuple(self.leaves),
                        guards=tuple(x for g in groups for x in g.guards),
                        reduce="sum" if len(order) > len(axes) else "none")
        return Equation.make(whole.place([s.sizes[x] for x in order], len(axes), at))


def nominal(size: Form) -> int:
    """A size where every named one is `NOMINAL`."""
    return max(size.value(dict.fromkeys(size.all_atoms, NOMINAL)), 1)


