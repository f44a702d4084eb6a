"""The source of a loop of steps: rows gathered, a kernel called, states exchanged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symdl.kernels.generated import Source

_MARK = "@njit(error_model='numpy', no_cfunc_wrapper=True, cache=True)\n"

_GATHER = """def _gather(order, source, target):
    for row in range(order.shape[0]):
        at = order[row]
        for j in range(source.shape[1]):
            target[row, j] = source[at, j]
"""


@dataclass(frozen=True)
class Roles:
    """What the inputs and outputs of a step are to the loop, by number.

    Attributes
    ----------
    inputs, outputs : int
        How many there are.
    data : tuple of int
        Inputs of which each step takes some rows.
    schedules : tuple of int
        Inputs that are other ones at each step.
    states : tuple of int
        Inputs that a step replaces, by the outputs in front, in this order.
    """

    inputs: int
    outputs: int
    data: tuple[int, ...]
    schedules: tuple[int, ...]
    states: tuple[int, ...]

    @property
    def kept(self) -> tuple[int, ...]:
        """The inputs that no step replaces."""
        return tuple(k for k in range(self.inputs) if k not in self.states)

    @property
    def recorded(self) -> range:
        """The outputs that are recorded at each step."""
        return range(len(self.states), self.outputs)


def loop_text(source: Source, roles: Roles, ranks: Sequence[int], constants: int, blocks: int,
              sizes: int, compiled: bool) -> str:
    """The text of the function `loop` beside that of the step's `kernel`.

    It takes the order of rows, a batch to a row; the inputs; the data as matrices, rows first, and
    for each a batch of that form and one of its own form; the constants; the second arrays of the
    states; the records; the step's block of memory and sizes. It says whether every step took what
    it got. After an odd number of steps the last state is in the second arrays.

    Parameters
    ----------
    source : Source
        The step.
    roles : Roles
        What its inputs and outputs are to the loop.
    ranks : sequence of int
        The ranks of the inputs, then those of the outputs.
    constants, blocks, sizes : int
        How many there are.
    compiled : bool
        Whether the loop is decorated for Numba.
    """
    inputs = [f"x{k}" for k in range(roles.inputs)]
    rows = [f"rows{k}" for k in roles.data]
    flat = [f"flat{k}" for k in roles.data]
    batches = [f"batch{k}" for k in roles.data]
    fixed = [f"c{k}" for k in range(constants)]
    nexts = [f"next{k}" for k in roles.states]
    records = [f"record{k}" for k in roles.recorded]
    work = [*(f"w{k}" for k in range(blocks)), *(f"n{k}" for k in range(sizes))]
    given = dict(enumerate(inputs))
    given |= dict(zip(roles.data, batches, strict=True))
    given |= {k: _at_step(f"x{k}", ranks[k]) for k in roles.schedules}
    made = [*nexts, *(_at_step(r, ranks[roles.inputs + k])
                      for r, k in zip(records, roles.recorded, strict=True))]
    arrays = [*given.values(), *fixed]
    call = [*arrays, *(made[k] for k in source.computed), *work]
    head = ["order", *inputs, *rows, *flat, *batches, *fixed, *nexts, *records, *work]
    lines = ["    for step in range(order.shape[0]):"]
    lines += [f"        _gather(order[step], {r}, {f})" for r, f in zip(rows, flat, strict=True)]
    lines += [f"        if not kernel({', '.join(call)}):", "            return False"]
    everything = [*arrays, *made]
    lines += [f"        {made[k]}[:] = {everything[origin]}" for k, origin in source.copies]
    lines += [f"        x{k}, next{k} = next{k}, x{k}" for k in roles.states]
    lines.append("    return True")
    mark = _MARK if compiled else ""
    body = "\n".join(lines)
    return f"\n\n{mark}{_GATHER}\n\n{mark}def loop({', '.join(head)}):\n{body}\n"


def _at_step(name: str, rank: int) -> str:
    """What a step sees of an array with an axis of steps in front; a number as one entry."""
    return f"{name}[step]" if rank else f"{name}[step:step + 1]"
