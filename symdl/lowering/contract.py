"""Contraction order: a sum of a product becomes sums of two factors each.

Factors are grouped by the indices they hold. Two groups at a time are multiplied and what
no other group holds is summed, cheapest first with every size taken as equal (the greedy
order of Smith & Gray, *opt_einsum*, 2018). The factors of a matrix product are laid out so
that a BLAS routine takes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import prod

import sympy

from symdl.language.body import slot, slots_of
from symdl.language.form import Form, Idx
from symdl.language.guard import Conjunction
from symdl.language.rebuild import replaced
from symdl.language.scheme import Access, Leaf, Scheme
from symdl.language.solve import solved
from symdl.language.tensor import Equation, Tensor, transform

NOMINAL = 64


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


def contracted(roots: Sequence[Tensor]) -> dict[Tensor, Tensor]:
    """Rebuild a program with its sums of products in a good order."""

    def change(t: Tensor, new: dict[Tensor, Tensor]) -> Tensor:
        moved = replaced(t, new)
        if isinstance(moved, Equation) and moved.scheme.reduce == "sum":
            return _ordered(moved)
        return moved

    return transform(roots, change)  # type: ignore[arg-type]


def _ordered(t: Equation) -> Tensor:
    s = t.scheme
    if not set(s.bound) <= frozenset[int]().union(*(f.indices for f in s.forms)):
        counted = solved(s)  # an index that nothing reads is a factor of its size
        return t if counted is None else _ordered_again(Equation.make(counted, t.dtype))
    groups = _groups(s)
    if groups is None or len(groups) < 2:
        return t
    whole = frozenset(range(len(s.sizes)))
    if any(g.indices == whole for g in groups):
        return t
    state = _Contraction(s)
    groups = [state.summed_alone(g, groups) for g in groups]
    while len(groups) > 2:
        a, b = state.cheapest(groups)
        rest = [g for g in groups if g is not a and g is not b]
        groups = [*rest, state.summed_alone(a.times(b), rest, force=True)]
    return state.finish(groups)


def _groups(s: Scheme) -> list[Group] | None:
    """The factors by their indices; None where a guard or a window ties them together."""
    found: list[Group] = []
    for factor in sympy.Mul.make_args(s.body):
        held = frozenset[int]().union(*(f.indices for k in slots_of(factor)
                                        for f in s.leaves[k].forms))
        found.append(Group(held, factor))
    found.sort(key=lambda g: len(g.indices))
    kept: list[Group] = []
    for k, g in enumerate(found):
        home = next((n for n in range(k + 1, len(found)) if g.indices <= found[n].indices), None)
        if home is None:
            kept.append(g)
        else:
            found[home] = g.times(found[home])
    for guard in s.guards:
        homes = [n for n, g in enumerate(kept) if guard.form.indices <= g.indices]
        if not homes:
            return None
        for n in homes:  # each of them may read out of range where it is false
            kept[n] = replace(kept[n], guards=(*kept[n].guards, guard))
    return None if any(_window(g, s) for g in kept) else kept


def _window(g: Group, s: Scheme) -> bool:
    """Whether an access runs several of our indices along one axis."""
    return any(len(f.indices) > 1 and not any(hasattr(a, "tensor") for a in f.all_atoms)
               for k in slots_of(g.body) for f in s.leaves[k].forms)


class _Contraction:
    """One sum being ordered; new leaves are the partial products."""

    def __init__(self, s: Scheme):
        self.s = s
        self.leaves: list[Leaf] = list(s.leaves)

    def volume(self, indices: frozenset[int]) -> float:
        return prod(float(_nominal(self.s.sizes[k])) for k in indices)

    def cheapest(self, groups: Sequence[Group]) -> tuple[Group, Group]:
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
        tensor = _ordered_again(Equation.make(placed)) if summed else Equation.make(placed)
        self.leaves.append(Access(tensor, tuple(Form.of(Idx(k)) for k in kept)))
        return Group(frozenset(kept), slot(len(self.leaves) - 1))

    def finish(self, groups: Sequence[Group]) -> Tensor:
        """The last product, laid out as a matrix product where it is one."""
        s, (a, b) = self.s, groups
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

    def laid_out(self, g: Group, parts: tuple[Sequence[int], ...]) -> Group:
        """The group stored as batch, rows, columns (or batch, columns, rows)."""
        batch, rows, columns = parts
        orders = ([*batch, *rows, *columns], [*batch, *columns, *rows])
        if g.body.is_Symbol and not g.guards:
            leaf = self.leaves[slots_of(g.body)[0]]
            if isinstance(leaf, Access) and not leaf.mask:
                index = [f.atom.position if isinstance(f.atom, Idx) else None for f in leaf.index]
                whole = tuple(self.s.sizes[k] for k in index if k is not None)
                if index in orders and whole == leaf.tensor.shape:
                    return g
        return self.named(g, orders[0])

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


def _ordered_again(t: Tensor) -> Tensor:
    return _ordered(t) if isinstance(t, Equation) and t.scheme.reduce == "sum" else t


def _nominal(size: Form) -> int:
    return max(size.value(dict.fromkeys(size.all_atoms, NOMINAL)), 1)


