"""Running the fuzzer over many seeds, in several processes."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

from tests.fuzz.check import Failure, Result, checked
from tests.fuzz.generate import program
from tests.fuzz.planted import planted
from tests.fuzz.program import Program
from tests.fuzz.shrink import shrunk

INTERPRETED = ("python", "numpy")
CHUNK, LIMIT = 25, 300
WITHIN = 300


@dataclass(frozen=True)
class Report:
    """What became of some seeds."""

    programs: int = 0
    compiled: int = 0
    failures: tuple[str, ...] = ()
    differences: Counter[str] = field(default_factory=Counter)
    constructs: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Report) -> Report:
        return Report(self.programs + other.programs, self.compiled + other.compiled,
                      self.failures + other.failures, self.differences + other.differences,
                      self.constructs + other.constructs)


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Raise TimeoutError where something takes longer."""
    def stop(*_: Any) -> None:
        raise TimeoutError(f"no end after {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)  # again: a callback may swallow an exception
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def outcome(p: Program, backends: Sequence[str] = INTERPRETED) -> Result:
    """The checks of one program, stopped where they don't end."""
    try:
        with limited(LIMIT):
            return checked(p, backends, simplify=True)
    except TimeoutError as error:
        return Result(Failure("time", str(error)))


def run(seeds: Sequence[int], every: int = 0, shrink: bool = True) -> Report:
    """Check the programs of some seeds; each `every`-th one is compiled too."""
    total = Report()
    for seed in seeds:
        p = program(seed)
        compiled = bool(every) and seed % every == 0
        backends = (*INTERPRETED, "numba") if compiled else INTERPRETED
        result = outcome(p, backends)
        failures = ()
        if result.failure is not None:
            smaller = _smaller(p, result.failure, backends) if shrink else p
            failures = (said(smaller, seed, result.failure),)
        total += Report(1, compiled, failures, Counter([result.differences]),
                        Counter(p.constructs))
    return total


def _smaller(p: Program, found: Failure, backends: Sequence[str]) -> Program:
    needed = [b for b in backends if found.kind.startswith(b)]
    directions = 2 if found.kind == "differences" else 0
    simplify = found.kind.startswith("simplify")
    return shrunk(p, found.kind, lambda q: checked(q, needed, directions, simplify))


def said(p: Program, seed: int, found: Failure) -> str:
    """A failure as a snippet that runs."""
    about = "\n".join(f"# {row}" for row in [f"seed {seed}: {found.kind}",
                                             *found.message.splitlines()[:8]])
    backends = (*INTERPRETED, "numba") if found.kind.startswith("numba") else INTERPRETED
    return (f"{about}\nfrom tests.fuzz.check import checked\n"
            f"from tests.fuzz.program import parsed\n\n"
            f"p = parsed(\n{p.literal}\n)\n"
            f"print(checked(p, {backends}, simplify=True).failure)\n")


def _chunk(job: tuple[Sequence[int], int]) -> Report:
    return run(*job)


def fuzz(first: int, count: int, every: int, workers: int) -> Iterator[Report]:
    """Run consecutive seeds in fresh processes, a chunk of them at a time."""
    jobs = [(range(k, min(k + CHUNK, first + count)), every)
            for k in range(first, first + count, CHUNK)]
    with get_context("spawn").Pool(workers, maxtasksperchild=2) as pool:
        yield from pool.imap_unordered(_chunk, jobs)


def found_within(bug: str, programs: dict[int, Program], most: int = WITHIN) -> int | None:
    """The first seed whose program shows a planted bug; programs are written without it."""
    for seed in range(most):
        if seed not in programs:
            programs[seed] = program(seed)
        with planted(bug):
            result = outcome(programs[seed], ("python",))
        if result.failure is not None and outcome(programs[seed], ("python",)).failure is None:
            return seed
    return None
