"""Symdl's side: the program compiled, its results written in place."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import cycle
from typing import Any

import numpy as np

import symdl as sd
from benchmarks.speed.timing import Run
from benchmarks.speed.workload import Array, Arrays, Workload

FRESH = ("X", "x", "Z", "y", "E")
"""What another call may bring: data, labels, noise."""


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
    """A call without arguments: parameters and results are bound, what is fresh is handed over.

    A step's results are the next call's state.
    """
    arrays = read(kernel, arrays)
    if w.keywords:
        return lambda: kernel(**arrays)
    first = tuple(np.array(x) for x in kernel(**arrays))
    state = w.state or {}
    fresh = [name for name in arrays if name in FRESH and name not in state.values()]
    given = {name: arrays[name] for name in fresh or list(arrays)[:1]}
    fixed = {name: x for name, x in arrays.items() if name not in given}

    def bound(old: Sequence[Array], new: Sequence[Array]) -> Run:
        now = fixed | {name: old[k] for k, name in state.items()}
        return partial(kernel.bind(now, out=new), *given.values())

    if not state:
        return bound((), first)
    second = tuple(np.empty_like(x) for x in first)
    for k, name in state.items():
        second[k][...] = arrays[name]
    turns = cycle((bound(second, first), bound(first, second)))
    return lambda: next(turns)()


def read(kernel: sd.Kernel, arrays: Arrays) -> Arrays:
    """The arrays that the program depends on: a Hessian may do without some."""
    return {str(v.name): arrays[str(v.name)] for v in kernel.inputs}


def plainly(w: Workload, arrays: Arrays, dtype: str) -> list[Array]:
    """The answer without generated code."""
    kernel = sd.compile(tuple(w.program()), dtype, "numpy")
    return numbers(kernel(**read(kernel, arrays)))


def numbers(result: Iterable[Any]) -> list[Array]:
    """The results as arrays."""
    return [np.array(x) for x in result]
