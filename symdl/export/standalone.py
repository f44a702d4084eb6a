"""What a saved kernel brings along besides its loops: checks, a self-test, a main.

The text of the functions is copied into the file, with what they import.
"""

import sys
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from symdl.kernels.workspace import Blocks, Buffer, Layout

_BLOCKS = Blocks()
_LAYOUTS: dict[Any, Layout] = {}


def _given(name: str, x: Any, dtype: Any, rank: int) -> Any:
    """The argument as a contiguous array of its type; a number as an array of one entry."""
    a = np.asarray(x)
    known = isinstance(x, (np.ndarray, np.generic))
    if a.dtype != dtype and (known or (dtype == np.int64 and a.dtype.kind not in "biu")):
        raise TypeError(f"{name} takes {np.dtype(dtype)}, but the array is {a.dtype}")
    if a.ndim != rank:
        raise ValueError(f"{name} has {rank} axes, but the array has shape {a.shape}")
    a = np.ascontiguousarray(a, dtype)
    return a if a.flags.writeable and a.flags.aligned else a.copy()


def _agree(name: str, said: str, shape: tuple[int, ...], due: tuple[int, ...]) -> None:
    """Refuse an array whose shape isn't the one that the sizes ask for."""
    if shape != due:
        raise ValueError(f"{name} must have shape {said} = {due}, not {shape}")


def _labels(name: str, a: Any, n: int) -> None:
    """Refuse labels that don't address an axis of n entries."""
    if a.size and (a.min() < 0 or a.max() >= n):
        raise ValueError(f"{name} holds labels outside 0 to {n - 1}")


def _need(holds: bool, said: str) -> None:
    """Refuse sizes for which the formula isn't defined."""
    if not holds:
        raise ValueError(said)


def _run(kernel: Any, workspace: Any, arrays: tuple[Any, ...], sizes: tuple[int, ...]) -> None:
    """Run the kernel with a block of memory, which is kept for the next call."""
    if sizes not in _LAYOUTS:
        if len(_LAYOUTS) >= 64:
            _LAYOUTS.clear()
        _LAYOUTS[sizes] = Layout([Buffer(*row) for row in workspace(*sizes)])
    layout = _LAYOUTS[sizes]
    block = _BLOCKS.lend(layout)
    try:
        if not kernel(*arrays, block, *sizes):
            raise ValueError("the kernel refuses the shape of an array, or a label")
    finally:
        _BLOCKS.take_back(layout, block)


def _leaves(tree: Any) -> Iterator[Any]:
    """The arrays of nested dicts, lists and tuples, in order."""
    if isinstance(tree, (dict, list, tuple)):
        for branch in tree.values() if isinstance(tree, dict) else tree:
            yield from _leaves(branch)
    else:
        yield tree


def _check_values(found: list[Any], labels: Any, expected: Any, tolerances: Any) -> None:
    """Compare outputs with numbers that were computed entry by entry in 50 digits."""
    for label, value, due, allowed in zip(labels, found, expected, tolerances, strict=True):
        near = np.isclose(value, due, rtol=0.0, atol=allowed, equal_nan=True)
        if np.shape(value) != due.shape or not near.all():
            raise AssertionError(f"{label} is {value}, but should be {due}")


def _check_gradients(function: Callable[..., Any], point: Any, labels: Any, gradients: Any,
                     ) -> tuple[int, int]:
    """Compare gradients with central differences, extrapolated once.

    (f(x + h) - f(x - h))/2h is off by a multiple of h²; (4 D(h/2) - D(h))/3 by one of h⁴. Where
    D(h/2) and D(h) are as far from each other as from the gradient, they don't tell. Returns how
    many entries were compared, and how many of them differences don't tell.
    """
    count = silent = 0
    for of, number, name in gradients:
        found = list(_leaves(function(**point)))
        value, gradient = float(found[of]), np.asarray(found[number], np.float64)
        eps = float(np.finfo(np.asarray(found[of]).dtype).eps)
        scale = float(np.abs(gradient).max(initial=0.0))
        for place in np.ndindex(gradient.shape):
            count += 1
            x = max(abs(float(np.asarray(point[name])[place])), 0.1)
            for step in (7e-4 * x, 7e-5 * x, 7e-6 * x)[: 3 if eps < 1e-10 else 1]:
                rough, fine = (_slope(function, point, of, name, place, h)
                               for h in (step, step / 2))
                off = abs((4 * fine - rough) / 3 - gradient[place])
                if off <= eps**0.4 * scale + 20 * eps * max(abs(value), 1.0) / step:
                    break
            else:
                silent += 1
                if not off <= 3 * abs(fine - rough):
                    raise AssertionError(f"{labels[number]}{list(place)} is {gradient[place]}, "
                                         f"but differences give {(4 * fine - rough) / 3}")
    return count, silent


def _slope(function: Callable[..., Any], point: Any, of: int, name: str, place: Any, h: float,
           ) -> float:
    """The central difference of an output in one entry of an input."""
    ends, values = [], []
    for sign in (1, -1):
        moved = np.array(point[name])
        moved[place] += sign * h
        ends.append(float(moved[place]))
        values.append(float(list(_leaves(function(**{**point, name: moved})))[of]))
    return (values[0] - values[1]) / (ends[0] - ends[1])


def _sized(arguments: list[str], example: Any) -> Any:
    """Sizes from the command line, as in `n=1000`; the example's for the others."""
    sizes = dict(example)
    for text in arguments:
        name, _, number = text.partition("=")
        if name not in sizes or not number.isdigit():
            sys.exit(f"sizes are given as in {next(iter(sizes), 'n')}=100; there are "
                     f"{', '.join(sizes) or 'none'}")
        sizes[name] = int(number)
    return sizes


def _timed(call: Callable[[], Any]) -> float:
    """The median of many calls, in seconds."""
    call()
    seconds: list[float] = []
    while len(seconds) < 7 or (sum(seconds) < 0.5 and len(seconds) < 1000):
        begin = perf_counter()
        call()
        seconds.append(perf_counter() - begin)
    return median(seconds)
