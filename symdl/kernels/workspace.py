"""The memory that a call needs beside its outputs: one block, planned by lifetimes, used again.

A kernel's function `workspace` states each buffer's size and the steps in which it is used.
Buffers that are never needed at once may lie in the same place. The block is an array of words
whose first ones say where each buffer begins; `part` reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
LINE = 64
"""The bytes of a cache line: buffers begin at multiples of it."""
KEPT = 1 << 30
"""The bytes of the largest block that is kept between calls."""


@dataclass(frozen=True)
class Buffer:
    """So many bytes, from the first to the last step that uses them."""

    size: int
    first: int
    last: int

    def meets(self, other: Buffer) -> bool:
        """Whether both are needed at once."""
        return self.first <= other.last and other.first <= self.last


def placed(buffers: Sequence[Buffer]) -> tuple[list[int], int]:
    """Where each buffer begins, and where all end.

    The largest come first, each in the smallest gap that it fits between those that it meets
    (greedy by size; Pisarchyk and Lee 2020, "Efficient memory management for deep neural net
    inference", algorithm 3).
    """
    starts = [0] * len(buffers)
    done: list[int] = []
    for k in sorted(range(len(buffers)), key=lambda k: -buffers[k].size):
        taken = sorted((starts[m], starts[m] + _whole(buffers[m].size))
                       for m in done if buffers[m].meets(buffers[k]))
        starts[k] = _gap(taken, _whole(buffers[k].size))
        done.append(k)
    ends = (start + _whole(b.size) for start, b in zip(starts, buffers, strict=True))
    return starts, max(ends, default=0)


def _gap(taken: Sequence[tuple[int, int]], size: int) -> int:
    """The beginning of the smallest gap of at least that size, else of what is free behind all."""
    end, gaps = 0, []
    for start, stop in taken:
        if start - end >= size:
            gaps.append((start - end, end))
        end = max(end, stop)
    return min(gaps)[1] if gaps else end


def _whole(size: int) -> int:
    return -(-size // LINE) * LINE


class Layout:
    """Where the buffers of a kernel lie at certain sizes."""

    def __init__(self, buffers: Sequence[Buffer]) -> None:
        starts, end = placed(buffers)
        head = _whole(8 * len(buffers))
        self.starts = np.array(starts, np.int64) + head
        self.words = (head + end + LINE) // 8 if buffers else 1

    def block(self, old: Array | None = None) -> Array:
        """A block with the places written into it: the old one where it is large enough."""
        block = old if old is not None and old.size >= self.words else np.empty(
            self.words, np.int64)
        block[:len(self.starts)] = self.starts + -block.ctypes.data % LINE
        return block


@dataclass
class Blocks:
    """The blocks of a kernel: as many as there are calls at once."""

    kept: list[tuple[Layout, Array]] = field(default_factory=list)

    def lend(self, layout: Layout) -> Array:
        """A block that nobody else has."""
        try:
            owner, block = self.kept.pop()
        except IndexError:
            return layout.block()
        return block if owner is layout else layout.block(block)

    def take_back(self, layout: Layout, block: Array) -> None:
        """Keep a block for the next call, if it isn't very large."""
        if block.nbytes <= KEPT:
            self.kept.append((layout, block))
