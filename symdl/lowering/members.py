"""The inside of a recurrence: views read in place, members that nobody reads left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symdl.language.inline import inline_where, is_view
from symdl.language.owners import Recurrence, closed, is_member, member_slot
from symdl.language.rebuild import replaced
from symdl.language.tensor import Equation, Part, Slot, Tensor, topological, transform


def tightened(roots: Sequence[Tensor]) -> dict[Tensor, Tensor]:
    """Rebuild a program with its recurrences tightened."""
    wanted = _read_outside(roots)
    made: dict[bytes, list[Tensor]] = {}

    def change(t: Tensor, new: Mapping[Tensor, Tensor]) -> Tensor:
        moved = replaced(t, new)
        if not isinstance(moved, Part) or not isinstance(moved.owner, Recurrence):
            return moved
        assert isinstance(t, Part)
        block = moved.owner
        if block.digest not in made:
            made[block.digest] = _tight(block, wanted[t.owner.digest])
        return made[block.digest][moved.number]

    return transform(roots, change)


def _read_outside(roots: Sequence[Tensor]) -> dict[bytes, set[int]]:
    """The members of each recurrence that something outside it reads."""
    found: dict[bytes, set[int]] = {}
    for t in topological(roots):
        if isinstance(t, Part):
            found.setdefault(t.owner.digest, set()).add(t.number)
    return found


def _tight(block: Recurrence, wanted: set[int]) -> list[Tensor]:
    """What stands for each member: a part of the new recurrence, or a view of parts."""
    slots: list[Tensor] = [member_slot(k, *sig) for k, sig in enumerate(block.signature)]
    bodies = _views_read(block, slots)
    needed = _needed(bodies, slots, {k for k in wanted if not _view(bodies[k], block, k)} | {
        n for k in wanted if _view(bodies[k], block, k)
        for n in _numbers(bodies[k])})
    kept = [k for k in range(len(slots)) if k in needed]
    entries = [(slots[k], bodies[k], block.members[k].time) for k in kept]
    if len(entries) == len(slots) and all(
            b is m.tensor for b, m in zip(bodies, block.members, strict=True)):
        return list(block.outputs())
    new = closed(block.length, block.reverse, entries)
    parts: dict[Tensor, Tensor] = {slots[k]: Part.make(new, n) for n, k in enumerate(kept)}
    return [parts.get(s, replaced(b, parts)) for s, b in zip(slots, bodies, strict=True)]


def _views_read(block: Recurrence, slots: Sequence[Tensor]) -> list[Tensor]:
    """The members' definitions with views of this very step read in place."""
    views: dict[Tensor, Tensor] = {}
    out: list[Tensor] = []
    for k, m in enumerate(block.members):
        body = replaced(m.tensor, views)
        if isinstance(body, Equation):
            body = inline_where([body], lambda reader, operand: is_view(operand))[body]
        elif views:
            body = m.tensor
        out.append(body)
        if _view(body, block, k):
            views[slots[k]] = body
    return out


def _view(body: Tensor, block: Recurrence, k: int) -> bool:
    """Whether a member only re-addresses members of the same step."""
    if not is_view(body) or not isinstance(body, Equation):
        return False
    time = block.members[k].time
    leaf = body.scheme.leaves[0]
    index = getattr(leaf, "index", ())
    return all(is_member(t) for t in body.operands) and len(index) > time and (
        index[time].indices == {time} and index[time].atom is not None)


def _numbers(body: Tensor) -> set[int]:
    return {t.number[1] for t in body.operands  # type: ignore[index, misc]
            if isinstance(t, Slot) and is_member(t)}


def _needed(bodies: Sequence[Tensor], slots: Sequence[Tensor], start: set[int]) -> set[int]:
    """The members that some wanted one reads, directly or not."""
    needed, size = set(start), -1
    while size != len(needed):
        size = len(needed)
        for k in list(needed):
            needed |= _numbers(bodies[k])
    return needed


