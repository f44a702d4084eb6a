"""Sums over windows that are mostly empty, as of a filter that is spread with a stride.

Either the bound index counts from where the window begins, or the product is formed for every
place of the window first and gathered afterwards (col2im).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import sympy

from symdl.language.body import slot, slots_of
from symdl.language.bounds import guard_range
from symdl.language.form import ZERO, Form, Idx
from symdl.language.scheme import Access, Scheme, tidied
from symdl.language.tensor import Equation, Tensor
from symdl.lowering.contraction import Contraction, Group


def recentred(s: Scheme, window: Group) -> Scheme | None:
    """`sum_r f[r - q] g[r]` as `sum_k f[k] g[q + k]`: the bound index counts from q."""
    leaf = _access(s, window)
    if leaf is None:
        return None
    for form, size in zip(leaf.index, leaf.tensor.shape, strict=True):
        if len(form.indices) > 1:
            r = next((r for r in sorted(form.indices.intersection(s.bound))
                      if (parts := form.split(Idx(r))) and parts[0].constant in (1, -1)), None)
            if r is None:
                return None
            s = _counted_by(s, r, form, size)
    return tidied(s)


def _counted_by(s: Scheme, r: int, form: Form, size: Form) -> Scheme:
    """The sum with what `form` is now in place of its bound index r."""
    parts = form.split(Idx(r))
    assert parts is not None
    place = parts[0] * (Form.of(Idx(r)) - parts[1])
    sizes = tuple(size if k == r else n for k, n in enumerate(s.sizes))
    ranges = guard_range(place, s.sizes[r], sizes)
    moved = replace(s.substitute({Idx(r): place}), sizes=sizes)
    return replace(moved, guards=(*moved.guards, *ranges))


def gathered(t: Equation, window: Group, other: Group, again: Callable[[Tensor], Tensor],
             ) -> Tensor | None:
    """`sum_{r,o} f[o, p - r] g[o, r]` as `sum_r h[p - r, r]`, `h[k, r] = sum_o f[o, k] g[o, r]`."""
    s, leaf = t.scheme, _access(t.scheme, window)
    if leaf is None:
        return None
    moving = {d: f for d, f in enumerate(leaf.index) if len(f.indices) > 1}
    tied = frozenset[int]().union(*(f.indices for f in moving.values()),
                                  *(g.form.indices for g in s.guards))
    plain = [f.atom.position for f in leaf.index if isinstance(f.atom, Idx)]
    summed = [k for k in plain if k >= s.axes and k in other.indices - tied]
    if not summed:
        return None
    order = Contraction(s, again).bare(other) or sorted(other.indices)
    first = min(order.index(k) for k in summed)
    fresh = {d: len(s.sizes) + n for n, d in enumerate(moving)}
    axes = [*order[:first], *(k for k in plain if k not in other.indices), *fresh.values(),
            *(k for k in order[first:] if k not in summed)]
    sizes = (*s.sizes, *(leaf.tensor.shape[d] for d in fresh))
    places = tuple(Form.of(Idx(fresh[d])) if d in fresh else f for d, f in enumerate(leaf.index))
    leaves = (*s.leaves, Access(leaf.tensor, places))
    body = sympy.Mul(slot(len(s.leaves)), other.body)
    inner = Scheme(sizes, s.axes, "sum", other.guards, body, leaves)
    h = again(Equation.make(_placed(inner, axes, summed)))
    back = {k: moving[d] for d, k in fresh.items()}
    entry = Access(h, tuple(back.get(k, Form.of(Idx(k))) for k in axes))
    rest = [k for k in s.bound if k not in summed]
    outer = replace(s, body=slot(len(s.leaves)), leaves=(*s.leaves, entry),
                    reduce="sum" if rest else "none")
    return Equation.make(_placed(outer, list(range(s.axes)), rest))


def _placed(s: Scheme, axes: list[int], bound: list[int]) -> Scheme:
    """The scheme over some of its indices, in this order."""
    order = [*axes, *bound]
    at = [Form.of(Idx(order.index(k))) if k in order else ZERO for k in range(len(s.sizes))]
    return s.place([s.sizes[k] for k in order], len(axes), at)


def _access(s: Scheme, g: Group) -> Access | None:
    """The one unmasked entry that a group is."""
    leaf = s.leaves[slots_of(g.body)[0]] if g.body.is_Symbol else None
    return leaf if isinstance(leaf, Access) and not leaf.mask else None
