"""Times of competitors that take turns."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import repeat
from statistics import quantiles
from time import perf_counter, process_time
from typing import Any

Run = Callable[[], Any]
SAMPLE = 1e-3
"""Seconds that one sample lasts at least."""


@dataclass(frozen=True)
class Effort:
    """How long a case may take, in seconds of measuring and in rounds, and which clock counts.

    On a busy machine the clock on the wall measures the others, too; the processor's time is
    what one thread would take on a quiet one.
    """

    seconds: float
    rounds: int
    clock: str = "wall"

    def enough(self, rounds: int, seconds: float) -> bool:
        """Whether to stop: few rounds will do where one takes long."""
        needed = self.rounds if seconds < 10 * self.seconds else 3
        return seconds >= self.seconds and rounds >= needed


@dataclass
class Times:
    """Seconds a call, of every sample: of the clock on the wall, and of all processors."""

    loops: int
    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def add(self, run: Run) -> None:
        """Take a sample."""
        start, busy = perf_counter(), process_time()
        for _ in repeat(None, self.loops):
            run()
        processor, seconds = process_time() - busy, perf_counter() - start
        self.wall.append(seconds / self.loops)
        self.processor.append(processor / self.loops)

    def samples(self, clock: str) -> list[float]:
        """Seconds a call by a clock."""
        return self.wall if clock == "wall" else self.processor

    def summary(self, clock: str) -> dict[str, float]:
        """What is kept of the samples; `busy` counts processor seconds a second."""
        samples = self.samples(clock)
        low, middle, high = quantiles(samples, n=4)
        return {"median": middle, "low": low, "high": high, "samples": len(samples),
                "loops": self.loops, "busy": sum(self.processor) / sum(self.wall)}


def loops_for(run: Run) -> int:
    """How often to call it so that a sample lasts long enough."""
    loops = 1
    while True:
        times = Times(loops)
        times.add(run)
        seconds = times.wall[0] * loops
        if seconds >= SAMPLE:
            return loops
        loops = max(2 * loops, min(int(1.2 * loops * SAMPLE / seconds), 100 * loops))


def in_turns(runs: Mapping[str, Run], effort: Effort) -> dict[str, Times]:
    """Time each of them in every round.

    Two samples a turn count, after one that doesn't: it fills the caches, and the threads of
    whoever came before have gone to sleep after it.
    """
    found = {name: Times(loops_for(run)) for name, run in runs.items()}
    gc.collect()
    gc.disable()
    try:
        start, rounds = perf_counter(), 0
        while not effort.enough(rounds, perf_counter() - start):
            for name, run in runs.items():
                Times(found[name].loops).add(run)
                found[name].add(run)
                found[name].add(run)
            rounds += 1
    finally:
        gc.enable()
    return found
