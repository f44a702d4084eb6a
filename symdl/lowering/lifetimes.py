"""How many steps of a recurrence are looked back at: a kernel keeps no more of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from symdl.language.form import Form, Idx
from symdl.language.tensor import Tensor
from symdl.lowering.fuse import Nest, Statement
from symdl.lowering.lower import Call, Multiply, Program, Step, TimeLoop, accesses, statements


@dataclass(frozen=True)
class Look:
    """A read of a tensor: in which loop over time, and at which place of its first axis."""

    tensor: Tensor
    loop: TimeLoop | None
    at: Form | None
    now: Form | None = None


def lifetimes(program: Program) -> dict[Tensor, int]:
    """The members of recurrences that aren't read as a whole, and how many steps of each count.

    A member is read at its own step, at fixed steps before it, or after the loop at fixed places
    from where it ended. Step t stands at t modulo the number of steps that count.
    """
    loops = {t: s for s in program.steps if isinstance(s, TimeLoop) for t in s.results}
    found = {t: 1 for t, s in loops.items()
             if t.ndim and all(m.time == 0 for m in s.block.members)}
    for t in program.roots:
        found.pop(t, None)
    for look in _looks(program.steps, None):
        if look.tensor not in found:
            continue
        back = _back(look, loops[look.tensor])
        if back is None:
            del found[look.tensor]
        else:
            found[look.tensor] = max(found[look.tensor], back + 1)
    return found


def _back(look: Look, made: TimeLoop) -> int | None:
    """How many steps before the last one, so far, a read looks; None where that varies."""
    if look.at is None:
        return None
    if look.loop is not made:
        first = Form.of(0) if made.block.reverse else made.block.length - 1
        apart = look.at - first
    elif look.now is None:
        return None
    else:
        apart = look.at - look.now
    steps = (apart if made.block.reverse else -apart).constant
    return steps if steps is not None and steps >= 0 else None


def _looks(steps: Iterable[Step], loop: TimeLoop | None) -> Iterator[Look]:
    for step in steps:
        if isinstance(step, TimeLoop):
            yield from _looks(step.items, step)
        elif isinstance(step, (Nest, Statement)):
            for p in statements([step]):
                now = Form.of(Idx(p.op.fixed[0])) if p.op.fixed else None
                for x in accesses(p.op):
                    yield Look(x.tensor, loop, x.index[0] if x.index else None, now)
        elif isinstance(step, Multiply):
            now = Form.of(Idx(0)) if step.time else None
            for factor in (step.product.left, step.product.right):
                yield Look(factor.access.tensor, loop, next(iter(factor.lead), None), now)
        elif isinstance(step, Call):
            here = Form.of(Idx(0)) if step.time else None
            for t in step.reads:
                yield Look(t, loop, here, here)
