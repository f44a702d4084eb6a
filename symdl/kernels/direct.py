"""The short way through a call: sizes that were met before go straight to compiled code.

Compiled code refuses arrays of other types, layouts or shapes by itself, and checks the labels.
Whatever is refused is looked at by the long way, which converts it or says what is wrong. The
short way is a function that is written for its kernel, with neither a loop nor a search in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np

from symdl.kernels.compiled import Compiled
from symdl.kernels.trees import expression
from symdl.kernels.workspace import Layout
from symdl.language.form import Dim
from symdl.language.tensor import Variable

Array = np.ndarray[Any, Any]
Sizes = tuple[int, ...]
MISSED = object()
"""What a call returns that the short way can't take."""
MANY = 64
"""For how many sizes plans are remembered."""

_TEXT = """def call(given):
    try:
        {arrays} = pick(given)
{numbers}        {plan} = plans[{sizes}]
{outputs}        block = lend(layout)
        fine = kernel({arrays}{constants}{computed}block, *{sizes})
    except refused:
        return MISSED
    take_back(layout, block)
    return {tree} if fine and len(given) == {count} else MISSED
"""


@dataclass(frozen=True)
class Plan:
    """What sizes lead to: shape and type of each output."""

    sizes: Sizes
    outputs: tuple[tuple[Sizes, np.dtype[Any]], ...]


class Direct:
    """Calls by keyword of a kernel that is compiled.

    Attributes
    ----------
    call : callable
        From arrays by name to the result, or to MISSED.
    """

    def __init__(self, inputs: Sequence[Variable], types: Sequence[np.dtype[Any]], sizes: str,
                 program: Compiled, plan: Plan, tree: Any) -> None:
        self._program = program
        self._plans: dict[Sizes, tuple[Layout | Sizes, ...]] = {}
        space: dict[str, Any] = {
            "MISSED": MISSED, "refused": (KeyError, IndexError, TypeError, AttributeError),
            "pick": picker([str(v.name) for v in inputs]), "one_entry": one_entry,
            "empty": np.empty, "plans": self._plans, "kernel": program.module.kernel,
            "lend": program.blocks.lend, "take_back": program.blocks.take_back}
        space |= {f"t{k}": dtype for k, dtype in enumerate(types)}
        space |= {f"u{k}": dtype for k, (_, dtype) in enumerate(plan.outputs)}
        space |= {f"k{k}": array for k, array in enumerate(program.constants)}
        leaves = [f"o{k}" if shape else f"o{k}[0]" for k, (shape, _) in enumerate(plan.outputs)]
        outputs = range(len(plan.outputs))
        numbers = [k for k, v in enumerate(inputs) if not v.ndim]
        text = _TEXT.format(
            arrays="".join(f"a{k}, " for k in range(len(inputs))), count=len(inputs), sizes=sizes,
            numbers="".join(f"        a{k} = one_entry(a{k}, t{k})\n" for k in numbers),
            plan=", ".join(["layout", *(f"s{k}" for k in outputs)]),
            outputs="".join(f"        o{k} = empty(s{k}, u{k})\n" for k in outputs),
            constants="".join(f"k{k}, " for k in range(len(program.constants))),
            computed="".join(f"o{k}, " for k in outputs), tree=expression(tree, leaves, space))
        exec(text, space)  # the names in it are made here
        self.call: Callable[[Mapping[str, Any]], Any] = space["call"]

    def learn(self, plan: Plan) -> None:
        """Remember what these sizes lead to."""
        if len(self._plans) >= MANY:
            self._plans.clear()
        self._plans[plan.sizes] = (self._program.layout(plan.sizes),
                                   *(shape or (1,) for shape, _ in plan.outputs))


def picker(names: Sequence[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """A function that takes values by name out of a mapping, in order."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda given: tuple([given[name] for name in names])


def sizes_text(inputs: Sequence[Variable], sizes: Sequence[Dim]) -> str | None:
    """The sizes as read off arrays a0, a1, ...; None where one stands in no shape by itself."""
    found = {form.atom: f"a{k}.shape[{axis}]" for k, v in enumerate(inputs)
             for axis, form in enumerate(v.shape)}
    if any(d not in found for d in sizes):
        return None
    return f"({''.join(f'{found[d]}, ' for d in sizes)})"


def one_entry(x: Any, dtype: np.dtype[Any]) -> Array:
    """A number as an array of one entry; raises TypeError where it would have to be converted."""
    if type(x) is (float if dtype.kind == "f" else int):
        return np.array((x,), dtype)
    if x.dtype is not dtype or x.ndim:
        raise TypeError("another kind of number")
    entry: Array = x.reshape(1)
    return entry
