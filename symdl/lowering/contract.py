"""Contraction order: a sum of a product becomes sums of two factors each.

Factors are grouped by the indices they hold. Two groups at a time are multiplied and what
no other group holds is summed, cheapest first with every size taken as equal (the greedy
order of Smith & Gray, *opt_einsum*, 2018). The factors of a matrix product are laid out so
that a BLAS routine takes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sympy

from symdl.language.body import slots_of
from symdl.language.rebuild import replaced
from symdl.language.scheme import Scheme
from symdl.language.solve import solved
from symdl.language.tensor import Equation, Tensor, transform
from symdl.lowering.contraction import Contraction, Group
from symdl.lowering.windows import is_windowed, unrolled


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
        return _solved(t)  # an index that nothing reads is a factor of its size
    if any(g.relation == "==" for g in s.guards):
        found = _solved(t)  # a delta from a view that is read in place
        if found is not t:
            return found
    groups = _groups(s)
    if groups is None or len(groups) < 2:
        return t
    if any(is_windowed(g, s) for g in groups):
        return unrolled(t, groups, _ordered_again)
    whole = frozenset(range(len(s.sizes)))
    if any(g.indices == whole for g in groups):
        return t
    state = Contraction(s, _ordered_again)
    groups = [state.summed_alone(g, groups) for g in groups]
    while len(groups) > 2:
        a, b = state.cheapest(groups)
        rest = [g for g in groups if g is not a and g is not b]
        groups = [*rest, state.summed_alone(a.times(b), rest, force=True)]
    return state.finish(groups)


def _solved(t: Equation) -> Tensor:
    found = solved(t.scheme)
    return t if found is None or len(found.sizes) == len(t.scheme.sizes) else (
        _ordered_again(Equation.make(found, t.dtype)))


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
    return kept


def _ordered_again(t: Tensor) -> Tensor:
    return _ordered(t) if isinstance(t, Equation) and t.scheme.reduce == "sum" else t
