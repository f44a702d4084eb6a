"""Symdl's side: the program compiled, its results written in place."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

import symdl as sd
from benchmarks.speed.timing import Run
from benchmarks.speed.workload import Array, Arrays, Workload


def ways(w: Workload, dtype: str, threads: int) -> dict[str, Callable[[Arrays], Run]]:
    """The one way: `sd.compile`, with `parallel` where it is offered and there are threads."""
    offered = inspect.signature(sd.compile).parameters
    options = {"parallel": True} if threads > 1 and "parallel" in offered else {}
    return {"": lambda arrays: called(w, sd.compile(tuple(w.program()), dtype, **options), arrays)}


def called(w: Workload, kernel: sd.Kernel, arrays: Arrays) -> Run:
    """A call without arguments; a step's results are the next call's state."""
    if w.keywords:
        return lambda: kernel(**arrays)
    first = tuple(np.array(x) for x in kernel(**arrays))
    if not w.state:
        return kernel.bind(arrays, out=first)
    second = tuple(np.empty_like(x) for x in first)
    fixed = {k: x for k, x in arrays.items() if k not in w.state.values()}
    state = {name: arrays[name] for name in w.state.values()}
    steps = [kernel.bind(fixed, state, out=first)]
    for old, new in ((first, second), (second, first)):
        steps.append(kernel.bind(fixed, {n: old[k] for k, n in w.state.items()}, out=new))
    turn = iter(in_order(steps))
    return lambda: next(turn)()


def in_order(steps: Sequence[Run]) -> Iterable[Run]:
    """The first step, then the other two in turns."""
    first, *others = steps
    yield first
    while True:
        yield from others


def plainly(w: Workload, arrays: Arrays, dtype: str) -> list[Array]:
    """The answer without generated code."""
    return numbers(sd.compile(tuple(w.program()), dtype, "numpy")(**arrays))


def numbers(result: Iterable[Any]) -> list[Array]:
    """The results as arrays."""
    return [np.array(x) for x in result]
