"""Symdl's side: the program compiled, its results written in place."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

import symdl as sd
from benchmarks.speed.timing import Run
from benchmarks.speed.workload import Array, Arrays, Workload


def ways(w: Workload, dtype: str, threads: int, backend: str,
         ) -> dict[str, Callable[[Arrays], Run]]:
    """The one way: `sd.compile`, with threads where there are several."""
    options = offered(parallel=True) if threads > 1 else {}
    return {"": lambda arrays: called(
        w, sd.compile(tuple(w.program()), dtype, backend, **options), arrays)}


def offered(**options: Any) -> dict[str, Any]:
    """Those of the options that `sd.compile` knows."""
    known = inspect.signature(sd.compile).parameters
    return {name: x for name, x in options.items() if name in known}


def once(w: Workload, arrays: Arrays, **options: Any) -> None:
    """Compile and call once."""
    (dtype,) = {str(x.dtype) for x in arrays.values() if x.dtype.kind == "f"}
    kernel = sd.compile(tuple(w.program()), dtype, **options)
    kernel(**read(kernel, arrays))


def called(w: Workload, kernel: sd.Kernel, arrays: Arrays) -> Run:
    """A call without arguments; a step's results are the next call's state."""
    arrays = read(kernel, arrays)
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


def read(kernel: sd.Kernel, arrays: Arrays) -> Arrays:
    """The arrays that the program depends on: a Hessian may do without some."""
    return {str(v.name): arrays[str(v.name)] for v in kernel.inputs}


def in_order(steps: Sequence[Run]) -> Iterable[Run]:
    """The first step, then the other two in turns."""
    first, *others = steps
    yield first
    while True:
        yield from others


def plainly(w: Workload, arrays: Arrays, dtype: str) -> list[Array]:
    """The answer without generated code."""
    kernel = sd.compile(tuple(w.program()), dtype, "numpy")
    return numbers(kernel(**read(kernel, arrays)))


def numbers(result: Iterable[Any]) -> list[Array]:
    """The results as arrays."""
    return [np.array(x) for x in result]
