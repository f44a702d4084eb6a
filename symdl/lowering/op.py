"""An operation of the lowered program: one equation as loops around a scalar body.

A loop runs over one index of the equation. `target` says which entry of the result an
iteration writes: the axes themselves, or an index computed from other loops (scatter).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from symdl.language.body import slot
from symdl.language.bounds import guard_range
from symdl.language.form import Form, Idx
from symdl.language.guard import Conjunction, Guard
from symdl.language.scheme import Access, Scheme, reads
from symdl.language.tensor import Equation, Tensor
from symdl.lowering.pieces import pieces, shifted_target
from symdl.lowering.product import Product


@dataclass(frozen=True)
class Scan:
    """A running reduction: `bound` up to `axis` (direction 1) or from it on (-1), lagging."""

    axis: int
    bound: int
    direction: int
    lag: int


@dataclass(frozen=True)
class Op:
    """One equation, with the loops that compute it in a good order."""

    result: Tensor
    scheme: Scheme
    loops: tuple[int, ...]
    target: tuple[Form, ...]
    scan: Scan | None = None
    fixed: tuple[int, str] | None = None  # the axis of an enclosing loop, and its variable
    product: Product | None = None  # what an iteration computes, where it isn't a number
    packed: Op | None = None  # the factor that an iteration copies for its product
    piece: bool = False  # whether it writes a part of the result only

    @property
    def accumulates(self) -> bool:
        """Whether an entry gathers several iterations."""
        if self.product:
            return bool(self.product.over)
        return self.scheme.reduce != "none"

    @property
    def scatters(self) -> bool:
        """Whether an iteration computes where it writes."""
        return not all(_moved(f, k) for k, f in enumerate(self.target))

    def is_axis(self, loop: int) -> bool:
        """Whether the loop runs over an axis of the result (else over a bound index)."""
        return loop < self.scheme.axes and _moved(self.target[loop], loop)

    def size(self, loop: int) -> Form:
        """The range of a loop."""
        return self.scheme.sizes[loop]

    @property
    def forms(self) -> tuple[Form, ...]:
        """All forms: those of the scheme, and where it writes."""
        return (*self.scheme.forms, *self.target)

    @property
    def reads(self) -> tuple[Tensor, ...]:
        """The tensors it reads, those inside indices included."""
        inside = (t for f in self.target for t in reads(f))
        found = dict.fromkeys((*self.scheme.tensors, *inside))
        if self.packed:
            del found[self.packed.result]
            found |= dict.fromkeys(self.packed.reads)
        return tuple(found)


def _moved(place: Form, loop: int) -> bool:
    """Whether a place is the loop's index, counted from another beginning."""
    return place.atom is Idx(loop) or not (place - Form.of(Idx(loop))).indices


def operations(t: Tensor, s: Scheme, at: tuple[int, str] | None = None) -> list[Op]:
    """The loops of an equation: one for each of its pieces."""
    return [replace(operation(t, piece, at), target=shifted_target(s.axes, k, start), piece=True)
            for k, start, piece in pieces(s, at[0] if at else None)] or [operation(t, s, at)]


def operation(t: Tensor, s: Scheme, at: tuple[int, str] | None = None) -> Op:
    """The loops of an equation; `at` is the axis that an enclosing loop runs over."""
    fixed = at[0] if at else None
    scan = _scan(s, fixed)
    s, target = (s, _identity(s)) if scan else _scattered(s, fixed)
    loops = [k for k in range(len(s.sizes))
             if k != fixed and (k >= s.axes or target[k].atom is Idx(k))]
    if scan:
        loops = [k for k in loops if k not in (scan.axis, scan.bound) and k < s.axes]
        loops += [scan.axis, *(k for k in s.bound if k != scan.bound)]
        return Op(t, s, tuple(loops), target, scan, at)
    return Op(t, s, tuple(_ordered(s, loops, target)), target, None, at)


def touched(op: Op) -> tuple[Tensor, ...]:
    """What an operation reads, and what it writes with others."""
    return (*op.reads, op.result) if op.piece else op.reads


def block(p: Product, at: tuple[int, str] | None, packed: Tensor | None) -> Op:
    """A matrix product with loops around it; one factor may be copied for each."""
    copy = operation(packed, packed.scheme) if isinstance(packed, Equation) else None
    return Op(p.result, p.scheme, (*p.lead, *p.over), _identity(p.scheme), None, at, p, copy)


def is_window(t: Tensor) -> bool:
    """Whether a tensor shows entries of another one several times, shifted."""
    if not isinstance(t, Equation) or t.scheme.reduce != "none" or len(t.scheme.leaves) != 1:
        return False
    leaf = t.scheme.leaves[0]
    return isinstance(leaf, Access) and t.scheme.body == slot(0) and any(
        len(f.indices) > 1 for f in leaf.index)


def _identity(s: Scheme) -> tuple[Form, ...]:
    return tuple(Form.of(Idx(k)) for k in range(s.axes))


def _scan(s: Scheme, fixed: int | None) -> Scan | None:
    """`reduce over r <= j - lag` (or r >= j + lag) of a body that doesn't depend on j."""
    if s.reduce not in ("sum", "prod"):
        return None
    for guard in s.guards:
        if guard.relation != ">=":
            continue
        for j in guard.form.indices:
            if j >= s.axes or j == fixed:
                continue
            for r in guard.form.indices.intersection(s.bound):
                rest = guard.form - Form.of(Idx(j)) + Form.of(Idx(r))
                back = guard.form + Form.of(Idx(j)) - Form.of(Idx(r))
                direction, lag = (1, rest.constant) if rest.constant is not None else (
                    -1, back.constant)
                if lag not in (0, -1) or s.sizes[j] != s.sizes[r]:
                    continue
                others = [g.form for g in s.guards if g is not guard]
                others += [f for x in s.leaves for f in x.forms]
                if not any(j in f.indices for f in others):
                    return Scan(j, r, direction, -lag)
    return None


def _scattered(s: Scheme, fixed: int | None) -> tuple[Scheme, tuple[Form, ...]]:
    """Turn an unsolved equality `axis = expression` into the place that is written."""
    target = list(_identity(s))
    if s.reduce != "sum":
        return s, tuple(target)
    guards: list[Guard] = list(s.guards)
    computed: set[int] = set()
    for guard in s.guards:
        if guard.relation != "==" or not guard.form.indices.intersection(s.bound):
            continue
        for j in sorted(guard.form.indices):
            if j >= s.axes or j == fixed or j in computed or _used(s, j, guard):
                continue
            parts = guard.form.split(Idx(j))
            if parts is None or parts[0].constant not in (1, -1):
                continue
            place = -parts[1] if parts[0].constant == 1 else parts[1]
            if place.indices & computed:
                continue
            sizes = {k: n for k, n in enumerate(s.sizes) if k != j}
            guards.remove(guard)
            guards += guard_range(place, s.sizes[j], sizes)
            target[j] = place
            computed.add(j)
            break
    return replace(s, guards=tuple(guards)), tuple(target)


def _used(s: Scheme, j: int, but: Guard) -> bool:
    """Whether an axis is read anywhere but in one guard."""
    return any(j in g.form.indices for g in s.guards if g is not but) or any(
        j in f.indices for x in s.leaves for f in x.forms)


def _ordered(s: Scheme, loops: Sequence[int], target: Sequence[Form]) -> list[int]:
    """Axes, then bound indices; the axis that runs along memory last where it pays."""
    loops = list(loops)
    if s.reduce not in ("sum", "prod") or len(loops) < 2:
        return loops
    loops.sort(key=lambda k: (k >= s.axes, -_stride(s, k) if k >= s.axes else k))
    axes = [k for k in loops if k < s.axes]
    if not axes or len(axes) == len(loops):
        return loops
    scores = dict.fromkeys(loops, 0)
    for leaf in s.leaves:
        if isinstance(leaf, Access) and leaf.index:
            for k in leaf.index[-1].indices & scores.keys():
                parts = leaf.index[-1].split(Idx(k))
                scores[k] += parts is not None and parts[0].constant == 1
            for f in leaf.index[:-1]:
                for k in f.indices & scores.keys():
                    scores[k] -= 1
    best = max((k for k in loops), key=lambda k: (scores[k], k == axes[-1]))
    if best in axes and best == axes[-1] and scores[best] > 0 and (
            target[s.axes - 1].atom is Idx(best)):
        return [k for k in loops if k != best] + [best]
    return loops


def _stride(s: Scheme, k: int) -> int:
    """How far from the last axis an index stands in what is read, summed over the accesses."""
    return sum(len(x.index) - 1 - d for x in s.leaves if isinstance(x, Access)
               for d, f in enumerate(x.index) if k in f.indices)


def loop_guards(op: Op, loop: int, outer: frozenset[int]) -> Conjunction:
    """The guards whose last free index is this loop, given the loops around it."""
    known = outer | {loop}
    return tuple(g for g in op.scheme.guards
                 if loop in g.form.indices and g.form.indices <= known)
