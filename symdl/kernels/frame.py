"""The fixed arguments of a compiled kernel as words, and the compiled function that reads them."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symdl.kernels.cache import loaded, seal

Array = np.ndarray[Any, Any]

_TEXT = """import numpy as np
from numba import njit

from symdl.kernels.numba_memory import address, held, invoke


@njit(error_model='numpy', no_cpython_wrapper=True, no_cfunc_wrapper=True)
def meets(array, frame):
    start, found = address(array), False
    end = start + array.size*array.itemsize
    for k in range({outputs}):
        found = found or (start < frame[2*k + 2] and frame[2*k + 1] < end)
    return found


@njit(error_model='numpy', no_cfunc_wrapper=True, cache=True)
def run(frame, {free}):
{types}    if {meeting}:
        return False
    return invoke(frame[0], ({arguments}))
"""


@dataclass(frozen=True, slots=True)
class Frame:
    """Words that say where fixed arguments are.

    Attributes
    ----------
    words : array
        The address of the kernel, where outputs begin and end, address and shape of each array,
        sizes.
    sizes : tuple of int
        The sizes.
    held : tuple
        What the words point to. Weak references keep NumPy from resizing an array in place.
    """

    words: Array
    sizes: tuple[int, ...]
    held: tuple[Any, ...]


def frame_of(kernel: int, arrays: Sequence[Array], free: Collection[int], outputs: Sequence[Array],
             sizes: Sequence[int]) -> Frame:
    """The frame of a call.

    Parameters
    ----------
    kernel : int
        Its address.
    arrays : sequence of array
        All arrays it takes; those at the places `free` are given in each call.
    outputs : sequence of array
        Those that it writes into.
    """
    words = [kernel]
    for a in outputs:
        words += [a.ctypes.data, a.ctypes.data + a.nbytes]
    for k, a in enumerate(arrays):
        if k not in free:
            words += [a.ctypes.data, *a.shape]
    fixed = [a for k, a in enumerate(arrays) if k not in free]
    return Frame(np.array([*words, *sizes], np.int64), tuple(sizes),
                 tuple((a, weakref.ref(a)) for a in (*fixed, *outputs)))


def reader_of(frame: Frame, arrays: Sequence[Array], free: Collection[int], outputs: int,
              ) -> Callable[..., bool]:
    """The compiled function that takes a frame and what is free, and calls the kernel.

    The parameters are as for `frame_of`; `outputs` is how many there are.
    """
    at, arguments = 1 + 2 * outputs, []
    for k, a in enumerate(arrays):
        if k in free:
            arguments.append(f"a{k}")
            continue
        shape = "".join(f"frame[{at + 1 + axis}], " for axis in range(a.ndim))
        arguments.append(f"held(frame[{at}], ({shape}), np.{a.dtype})")
        at += 1 + a.ndim
    arguments += [f"frame[{at + k}]" for k in range(len(frame.sizes))]
    names = [f"a{k}" for k in sorted(free)]
    module = loaded(_TEXT.format(
        free=", ".join(names), outputs=outputs, arguments="".join(f"{x}, " for x in arguments),
        types="".join(f"    # a{k}: {arrays[k].dtype}, {arrays[k].ndim} axes\n"
                      for k in sorted(free)),
        meeting=" or ".join(f"meets({x}, frame)" for x in names)))
    run: Callable[..., bool] = module.run
    if not module.run.overloads:
        run(frame.words, *(arrays[k] for k in sorted(free)))  # compiles it
        module.run.disable_compile()
        seal(module)
    return run
