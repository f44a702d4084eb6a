"""One workload: everybody's answer, whether it is right, and the times of those who are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.speed import ours
from benchmarks.speed.ratios import Record
from benchmarks.speed.timing import Effort, Run, in_turns
from benchmarks.speed.workload import Array, Arrays, Workload

PEERS = {"jax": "jax", "jax_closed": "jax", "torch": "torch", "pytensor": "pytensor",
         "numexpr": "numexpr", "casadi": "casadi", "symjit": "symjit", "limit": "numpy"}
"""Name -> the package it needs; its code is in `benchmarks.peers.<name>_speed`."""

TOLERANCE = {"float64": 1e-7, "float32": 2e-3}
"""How far two right answers may be apart, relative to an array's largest entry."""

Way = tuple[str, str]
Make = Callable[[Arrays], Run]
Numbers = Callable[[Any], list[Array]] | None


def contest(w: Workload, dtype: str, threads: int, peers: Sequence[str], effort: Effort,
            backend: str = "numba") -> Record:
    """Time a workload by symdl and by those peers that know it and are right."""
    arrays = w.arrays(dtype)
    known, notes = ways_of(w, dtype, threads, peers, backend)
    runs, refused = entrants(known, arrays)
    notes |= refused
    answers: dict[Way, list[Array]] = {}
    for way, (run, numbers) in list(runs.items()):
        if numbers is None:
            continue
        try:
            answers[way] = moved(w, arrays, numbers(run()))
        except Exception as error:  # whatever a peer raises stands in the table
            notes[way] = f"error: {said(error)}"
            del runs[way]
    for way, off in wrong(w, answers, arrays, dtype).items():
        notes[way] = f"wrong: apart by {off:.1g}"
        del runs[way]
    tried = trials({way: run for way, (run, _) in runs.items()}, effort.clock)
    best = {system: min(own, key=own.__getitem__) for system, own in tried.items()}
    times = in_turns({system: runs[system, way][0] for system, way in best.items()}, effort)
    summary = {s: {**t.summary(effort.clock), "way": best[s], "tried": tried[s]}
               for s, t in times.items()}
    failed = {s: note for (s, _), note in notes.items() if s not in summary}
    return {"row": w.row, "name": w.name, "dtype": dtype, "threads": threads,
            "clock": effort.clock, "times": summary, "notes": failed,
            "all notes": {" ".join(way): n for way, n in notes.items()}}


def ways_of(w: Workload, dtype: str, threads: int, peers: Sequence[str], backend: str,
            ) -> tuple[dict[Way, tuple[Make, Numbers]], dict[Way, str]]:
    """Everybody's ways to compute the workload, and who has none because of what."""
    known: dict[Way, tuple[Make, Numbers]] = {
        ("symdl", way): (make, ours.numbers)
        for way, make in ours.ways(w, dtype, threads, backend).items()}
    notes = {}
    for peer in peers:
        if not find_spec(PEERS[peer]):
            notes[peer, ""] = "not installed"
            continue
        try:
            home: Any = import_module(f"benchmarks.peers.{peer}_speed")
        except Exception as error:  # an installation that doesn't work is the peer's matter
            notes[peer, ""] = f"error: {said(error)}"
            continue
        known |= {(peer, way): (make, home.numbers) for way, make in home.ways(w.kind).items()}
    return known, notes


def entrants(known: Mapping[Way, tuple[Make, Numbers]], arrays: Arrays,
             ) -> tuple[dict[Way, tuple[Run, Numbers]], dict[Way, str]]:
    """A call for each way, and the errors of those that can't make one."""
    runs, notes = {}, {}
    for way, (make, numbers) in known.items():
        try:
            runs[way] = make(arrays), numbers
        except NotImplementedError:  # as a workload that a peer doesn't know
            continue
        except Exception as error:  # whatever is raised stands in the table
            notes[way] = f"error: {said(error)}"
    return runs, notes


def said(error: Exception) -> str:
    """An error in one line."""
    lines = f"{type(error).__name__}: {error}".splitlines()
    return lines[0][:200]


def moved(w: Workload, arrays: Arrays, answer: Sequence[Any]) -> list[Array]:
    """What is compared: the answer, of a new state how far it is from the old one."""
    if len(answer) < w.answers:
        raise ValueError(f"{len(answer)} results of {w.answers}")
    old = w.state or {}
    return [np.array(x, float) - (arrays[old[k]] if k in old else 0.0)
            for k, x in enumerate(answer[: w.answers])]


def wrong(w: Workload, answers: Mapping[Way, list[Array]], arrays: Arrays, dtype: str,
          ) -> dict[Way, float]:
    """Who is apart from more than half of the other systems, and by how much.

    Symdl alone is compared with its program as NumPy's functions compute it.
    """
    if {system for system, _ in answers} == {"symdl"}:
        answers = {**answers, ("numpy", ""): moved(w, arrays, ours.plainly(w, arrays, dtype))}
    found = {}
    for way, answer in answers.items():
        distances: dict[str, float] = {}
        for (system, _), other in answers.items():
            if system != way[0]:
                far = distance(w, other, answer, arrays, dtype)
                distances[system] = min(far, distances.get(system, np.inf))
        middle = sorted(distances.values())[(len(distances) - 1) // 2] if distances else 0.0
        if way[0] != "numpy" and middle > 1:
            found[way] = middle * TOLERANCE[dtype]
    return found


def distance(w: Workload, a: Sequence[Array], b: Sequence[Array], arrays: Arrays, dtype: str,
             ) -> float:
    """The largest distance of two answers, as a multiple of what is tolerated."""
    worst = 0.0
    for k, (x, y) in enumerate(zip(a, b, strict=True)):
        if x.shape != y.shape:
            return np.inf
        rounding = 0.0
        if w.state and k in w.state and x.size:
            rounding = 4 * np.finfo(dtype).eps * float(np.abs(arrays[w.state[k]]).max())
        allowed = TOLERANCE[dtype] * float(np.abs(x).max(initial=1e-30)) + rounding
        worst = max(worst, float(np.nan_to_num(np.abs(x - y), nan=np.inf).max(initial=0.0))
                    / allowed)
    return worst


def trials(runs: Mapping[Way, Run], clock: str) -> dict[str, dict[str, float]]:
    """Seconds a call of each system's ways, from a few samples where there are several."""
    found: dict[str, dict[str, float]] = {}
    for system in dict.fromkeys(s for s, _ in runs):
        own = {name: run for (s, name), run in runs.items() if s == system}
        times = in_turns(own, Effort(0.0, 3)) if len(own) > 1 else {}
        found[system] = {name: min(times[name].samples(clock)) if times else 0.0 for name in own}
    return found
