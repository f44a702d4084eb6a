"""A recurrence's adjoints, a recurrence with time reversed, and its tangents, one in step.

Each member, read over whole trajectories, is an ordinary equation, and each of its pulls an
ordinary pull: the delta turns a read at t - 1 into a contribution at t + 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from symdl.calculus.pullback import pulled, pulled_through
from symdl.calculus.terms import added
from symdl.language.form import fresh
from symdl.language.owners import Application, Recurrence, closed, member_slot
from symdl.language.rebuild import replaced, rewired
from symdl.language.tensor import Part, Slot, Tensor, topological

Contributions = list[tuple[Tensor, Tensor]]


def pulled_back_in_time(block: Recurrence, outside: Sequence[Tensor | None],
                        active: Callable[[Tensor], bool], wrt: set[Tensor],
                        ) -> tuple[dict[Tensor, Tensor], Contributions]:
    """Pull a recurrence back.

    Parameters
    ----------
    block : Recurrence
        The forward recurrence.
    outside : sequence of Tensor or None
        What the members' readers outside contribute to their adjoints.
    active, wrt
        Which operands outside and which members are asked for.

    Returns
    -------
    adjoints : dict
        The total adjoint of each member, all later steps included.
    contributions : list of (operand, contribution)
        For the operands outside.
    """
    members, whole = block.outputs(), in_whole(block)
    wanted = _wanted(members, whole, active, wrt)
    marks = {p: Slot.make((fresh(), "adjoint"), p.shape) for p in members}
    terms: dict[Tensor, list[Tensor]] = {
        p: [c] for p, c in zip(members, outside, strict=True) if c is not None and p in wanted}
    contributions: Contributions = []
    alive = _reached(members, whole, set(terms))
    for p, definition in reversed(list(zip(members, whole, strict=True))):
        if p not in wanted or p not in alive:
            continue
        for operand, part in _pulled(p, definition, marks[p], lambda t: t in wanted or active(t)):
            if operand in marks:
                terms.setdefault(operand, []).append(part)
            else:
                contributions.append((operand, part))
    terms = _grounded(terms, marks)
    totals = [(marks[p], added(terms[p])) for p in reversed(members) if p in terms]
    final = scheduled(block, not block.reverse, totals)
    adjoints: dict[Tensor, Tensor] = {p: final[m] for p, m in marks.items() if m in final}
    outer = [(t, rewired([c], final)[0]) for t, c in contributions
             if all(m in final for m in marks.values() if _depends(c, {m}))]
    return adjoints, outer


def pushed_in_time(block: Recurrence, seeds: Mapping[Tensor, Tensor],
                   push: Callable[[Tensor, Mapping[Tensor, Tensor], Part], Tensor | None],
                   ) -> dict[Tensor, Tensor]:
    """Push tangents through a recurrence: a recurrence of the members' tangents, in its direction.

    Parameters
    ----------
    block : Recurrence
        The forward recurrence.
    seeds : mapping
        The tangents of the operands outside, and what moves the members besides.
    push : callable
        Takes a definition, the tangents it may read and the member; gives its tangent.

    Returns
    -------
    dict
        The members' tangents, those that are 0 left out.
    """
    members, whole = block.outputs(), in_whole(block)
    moving = _moving(members, whole, set(seeds))
    marks: dict[Tensor, Slot] = {p: Slot.make((fresh(), "tangent"), p.shape) for p in moving}
    terms: dict[Tensor, list[Tensor]] = {}
    for p, definition in zip(members, whole, strict=True):
        if p in marks:
            outside = {t: v for t, v in seeds.items() if t not in members}
            pushed = push(definition, {**outside, **marks}, p)
            terms[p] = [t for t in (pushed, seeds.get(p)) if t is not None]
    terms = _grounded(terms, marks)
    final = scheduled(block, block.reverse, [(marks[p], added(terms[p])) for p in marks
                                             if p in terms])
    return {p: final[m] for p, m in marks.items() if m in final}


def in_whole(block: Recurrence) -> list[Tensor]:
    """The members' definitions, read over whole trajectories."""
    values: dict[Tensor, Tensor] = {
        member_slot(k, *block.signature[k]): p for k, p in enumerate(block.outputs())}
    return [replaced(m.tensor, values) for m in block.members]


def scheduled(block: Recurrence, reverse: bool, totals: Sequence[tuple[Slot, Tensor]],
              ) -> dict[Tensor, Tensor]:
    """The tensors that some marks stand for, from their definitions in order of computation.

    What reads another mark, or itself at another time, becomes a member of a recurrence.
    """
    time = block.members[0].time
    entries: list[tuple[Tensor, Tensor, int]] = []
    placed: set[Tensor] = {mark for mark, _ in totals}
    same: dict[Tensor, Tensor] = {}
    for mark, definition in totals:
        total = rewired([definition], same)[0]
        if isinstance(total, Slot) or not _depends(total, placed):
            same[mark] = total
            continue
        for inner in topological([total])[:-1]:
            if inner not in placed and _depends(inner, placed):
                entries.append((inner, inner, time))
                placed.add(inner)
        entries.append((mark, total, time))
    final: dict[Tensor, Tensor] = dict(same)
    if entries:
        entries = [(*rewired([at, d], same), time) for at, d, time in entries]  # type: ignore[misc]
        recurrence = closed(block.length, reverse, entries)
        for k, (placeholder, _, _) in enumerate(entries):
            final[placeholder] = Part.make(recurrence, k)
    for at, value in same.items():
        final[at] = rewired([value], final)[0] if value is not at else value
    return final


def _grounded(terms: dict[Tensor, list[Tensor]], marks: Mapping[Any, Slot],
              ) -> dict[Tensor, list[Tensor]]:
    """The terms without those of adjoints that nothing contributes to: they are 0."""
    empty: set[Tensor] = {m for p, m in marks.items() if p not in terms}
    size = -1
    while size != len(empty):
        size = len(empty)
        terms = {p: [c for c in parts if not _depends(c, empty)] for p, parts in terms.items()}
        empty |= {m for p, m in marks.items() if not terms.get(p)}
    return {p: parts for p, parts in terms.items() if parts}


def _pulled(member: Part, definition: Tensor, mark: Tensor, wanted: Callable[[Tensor], bool],
            ) -> Contributions:
    if isinstance(definition, Part) and isinstance(definition.owner, Application):
        cotangents: list[Tensor | None] = [None] * len(definition.owner.signature)
        cotangents[definition.number] = mark
        return list(pulled_through(definition.owner, cotangents, wanted))
    return list(pulled(definition, mark, wanted, member))


def _depends(x: Tensor, on: set[Tensor]) -> bool:
    return any(t in on for t in topological([x]))


def _wanted(members: Sequence[Part], whole: Sequence[Tensor], active: Callable[[Tensor], bool],
            wrt: set[Tensor]) -> set[Tensor]:
    """The members on a path to something asked for, found by going round until none is new."""
    wanted: set[Tensor] = {p for p in members if p in wrt}
    size = -1
    while size != len(wanted):
        size = len(wanted)
        for p, definition in zip(members, whole, strict=True):
            if any(t in wanted or (active(t) and t not in members) for t in definition.operands):
                wanted.add(p)
    return wanted


def _moving(members: Sequence[Part], whole: Sequence[Tensor], moved: set[Tensor]) -> list[Part]:
    """The members that read a tensor that moves, directly or not, in their order."""
    size = -1
    while size != len(moved):
        size = len(moved)
        for p, definition in zip(members, whole, strict=True):
            if p.dtype == "real" and any(t in moved for t in definition.operands):
                moved.add(p)
    return [p for p in members if p in moved]


def _reached(members: Sequence[Part], whole: Sequence[Tensor], start: set[Tensor]) -> set[Tensor]:
    """The members that a member with an adjoint reads, directly or not."""
    alive = set(start)
    size = -1
    while size != len(alive):
        size = len(alive)
        for p, definition in zip(members, whole, strict=True):
            if p in alive:
                alive.update(t for t in definition.operands if t in members)
    return alive
