"""The inside of a recurrence, rewritten as a program of its own.

A step's members that read each other at the same time are opened into one program, whose
only slots are states of earlier steps; it goes through the same rewriting as any other and
becomes members again. What no longer depends on a state leaves the recurrence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import sympy

from symdl.language.form import Form, Idx
from symdl.language.owners import Member, Recurrence, is_member, member_slot
from symdl.language.rebuild import replaced, rewired
from symdl.language.scheme import Access
from symdl.language.tensor import Equation, Part, Slot, Tensor, topological, transform

Rewrite = Callable[[Sequence[Tensor]], list[Tensor]]


def tightened(roots: Sequence[Tensor], rewrite: Rewrite) -> dict[Tensor, Tensor]:
    """Rebuild a program with the inside of its recurrences rewritten."""
    wanted: dict[bytes, set[int]] = {}
    for t in topological(roots):
        if isinstance(t, Part):
            wanted.setdefault(t.owner.digest, set()).add(t.number)
    made: dict[bytes, dict[int, Tensor]] = {}

    def change(t: Tensor, new: Mapping[Tensor, Tensor]) -> Tensor:
        moved = replaced(t, new)
        if not isinstance(moved, Part) or not isinstance(moved.owner, Recurrence):
            return moved
        assert isinstance(t, Part)
        block = moved.owner
        if block.digest not in made:
            made[block.digest] = _tight(block, wanted[t.owner.digest], rewrite)
        return made[block.digest][moved.number]

    return transform(roots, change)


def _tight(block: Recurrence, wanted: set[int], rewrite: Rewrite) -> dict[int, Tensor]:
    """What stands for each wanted member of the rewritten recurrence."""
    slots = [member_slot(k, *sig) for k, sig in enumerate(block.signature)]
    opened = _opened(block, slots)
    past = _lagged(opened, wanted)
    kept = sorted(wanted | past)
    normal = dict(zip(kept, _apart([opened[k] for k in kept], rewrite), strict=True))
    seen = {x for k in kept if k in past or not _exponential(normal[k])
            for x in topological([normal[k]])}
    inside = [x for x in _stateful(list(normal.values())) if x in seen or not _exponential(x)]
    at: dict[Tensor, Tensor] = {x: member_slot(n, x.shape, x.dtype) for n, x in enumerate(inside)}
    at |= {slots[k]: at.get(x, x) for k, x in normal.items()}
    time = block.members[0].time
    new = Recurrence(block.length, block.reverse, tuple(
        Member(replaced(x, {o: at.get(o, o) for o in x.operands}), time) for x in inside))
    parts: dict[Tensor, Tensor] = {x: Part.make(new, n) for n, x in enumerate(inside)}
    parts |= {slots[k]: parts.get(x, x) for k, x in normal.items()}
    return {k: rewired([x], parts)[0] for k, x in normal.items()}


def _apart(members: Sequence[Tensor], rewrite: Rewrite) -> list[Tensor]:
    """Rewrite members alone: what other owners give is no part of a step.

    So a tensor that is read within several recurrences stays the same in all.
    """
    inside = {x for x in _stateful(members) if isinstance(x, Part)}
    parts = (x for x in topological(members) if isinstance(x, Part) and x not in inside)
    given: dict[Tensor, Tensor] = {x: Slot.make(("given", k), x.shape, x.dtype)
                                   for k, x in enumerate(parts)}
    back = {slot: x for x, slot in given.items()}
    return list(rewired(rewrite(rewired(members, given)), back))


def _exponential(t: Tensor) -> bool:
    """Whether the tensor is a product with an exponential, which its readers may balance."""
    return isinstance(t, Equation) and t.scheme.reduce == "none" and any(
        isinstance(f, sympy.exp) for f in sympy.Mul.make_args(t.scheme.body))


def _stateful(roots: Sequence[Tensor]) -> list[Tensor]:
    """The tensors that depend on an earlier state, in order."""
    found: dict[Tensor, None] = {}
    for x in topological(roots):
        if any(is_member(y) or y in found for y in x.operands):
            found[x] = None
    return list(found)


def _opened(block: Recurrence, slots: Sequence[Tensor]) -> list[Tensor]:
    """The members with what they read of the same step written in full."""
    opened: list[Tensor] = []
    for m in block.members:
        now = {slots[j]: x for j, x in enumerate(opened) if not _reads_past(m, slots[j])}
        opened.append(replaced(m.tensor, now))
    return opened


def _reads_past(m: Member, slot: Tensor) -> bool:
    """Whether a member reads another one at another time than its own."""
    if not isinstance(m.tensor, Equation):
        return False
    now = Form.of(0 if m.tensor.shape[m.time] == 1 else Idx(m.time))
    return any(isinstance(x, Access) and x.tensor is slot and x.index[m.time] != now
               for x in m.tensor.scheme.leaves)


def _lagged(opened: Sequence[Tensor], wanted: set[int]) -> set[int]:
    """The members that a wanted one reads at an earlier step, directly or not."""
    found: set[int] = set()
    todo = set(wanted)
    while todo:
        read = {x.number[1] for x in topological([opened[k] for k in todo])  # type: ignore[index]
                if isinstance(x, Slot) and is_member(x)}
        todo = read - found
        found |= read
    return found
