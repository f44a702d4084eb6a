"""Row j: whole processes from a formula to its first gradient, cold and warm.

Cold, every folder in which a system caches is empty; warm, the same process ran before. The
systems take turns. A saved kernel stands beside a process that imports Numba and loads one
function from its cache, as its limit.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import quantiles
from time import perf_counter
from typing import Any

import numpy as np

import symdl as sd
from benchmarks.speed import ours
from benchmarks.speed.contest import PEERS
from benchmarks.speed.ratios import Record
from benchmarks.speed.workload import Workload
from benchmarks.speed.workloads import row

ROOT = Path(__file__).parents[2]
CHOSEN = {"mlp": "batch 32", "lstm": "batch 1, hidden 64"}
KNOWN = ("jax", "torch", "pytensor")
LINE = "from numba import njit\n\n\n@njit(cache=True)\ndef f(x):\n    return x + 1\n"


def records(settings: Mapping[str, Any]) -> Iterator[Record]:
    """A dense net and a recurrence, each cold and warm."""
    tiny = settings["tiny"]
    for dtype in settings["dtypes"]:
        for w in (w for letter in "ce" for w in row(letter, tiny)):
            if w.kind in CHOSEN and (tiny or w.name.endswith(CHOSEN[w.kind])):
                yield from Processes(w, dtype, settings).records()


@dataclass
class Processes:
    """The processes of one workload."""

    w: Workload
    dtype: str
    settings: Mapping[str, Any]
    notes: dict[str, str] = field(default_factory=dict)

    def records(self) -> list[Record]:
        """Cold, warm, and what of `lazy` and `saved` there is."""
        peers = [p for p in KNOWN if p in self.settings["peers"]]
        self.notes |= {p: "not installed" for p in peers if not find_spec(PEERS[p])}
        peers = [p for p in peers if p not in self.notes]
        compiled = self.settings["backend"] == "numba"
        lazy = ["lazy"] if compiled and ours.offered(lazy=True) else []
        saved = ["saved"] if hasattr(sd.Kernel, "save") else []
        with tempfile.TemporaryDirectory() as folder:
            np.savez(Path(folder, "arrays.npz"), **self.w.arrays(self.dtype))
            Path(folder, "one_line.py").write_text(LINE)
            if saved:
                kernel: Any = sd.compile(tuple(self.w.program()), self.dtype)
                kernel.save(Path(folder, "saved_kernel.py"))
            cold = self._times(["symdl", *lazy, *peers], Path(folder), warm=False)
            warm = self._times(["symdl", *saved, *peers, "numba"], Path(folder), warm=True)
        warm["limit"] = warm.pop("numba", [])
        found = [self._record("cold", cold, "symdl"), self._record("warm", warm, "symdl")]
        found += [self._record("cold, lazy", cold, "lazy") for _ in lazy]
        return found + [self._record("warm, saved", warm, "saved") for _ in saved]

    def _times(self, systems: Sequence[str], folder: Path, warm: bool) -> dict[str, list[float]]:
        times: dict[str, list[float]] = {s: [] for s in systems}
        for turn in range(self.settings["effort"]["rounds"] // 2 + warm):
            for s in [s for s in systems if s not in self.notes]:
                cache = folder / (f"{s} warm" if warm else f"{s} {turn}")
                seconds = self._seconds(s, folder, cache)
                if seconds is None:
                    del times[s]
                elif turn or not warm:  # the first warm process fills the cache
                    times[s].append(seconds)
        return times

    def _seconds(self, system: str, folder: Path, cache: Path) -> float | None:
        """One process, by the clock that counts."""
        environment = {**os.environ, **caches(cache)}
        start, busy = perf_counter(), processor()
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.speed.first", system, self.w.kind, self.w.row,
             self.w.name, str(folder / "arrays.npz"), self.settings["backend"]],
            cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
        wall, busy = perf_counter() - start, processor() - busy
        if done.returncode:
            self.notes[system] = f"error: {(done.stderr.splitlines() or ['?'])[-1][:200]}"
            return None
        return wall if self.settings["effort"]["clock"] == "wall" else busy

    def _record(self, state: str, times: Mapping[str, list[float]], own: str) -> Record:
        kept = {("symdl" if s == own else s): t for s, t in times.items()
                if t and (s == own or s not in ("symdl", "lazy", "saved"))}
        return {"row": "j", "name": f"{state}: {self.w.name}", "dtype": self.dtype,
                "threads": self.settings["threads"], "clock": self.settings["effort"]["clock"],
                "times": {s: summary(t) for s, t in kept.items()}, "notes": self.notes,
                "all notes": self.notes}


def caches(folder: Path) -> dict[str, str]:
    """The variables by which every system finds its cache."""
    return {"SYMDL_CACHE_DIR": str(folder / "symdl"), "NUMBA_CACHE_DIR": str(folder / "numba"),
            "JAX_COMPILATION_CACHE_DIR": str(folder / "jax"),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
            "PYTENSOR_FLAGS": f"base_compiledir={folder / 'pytensor'}"}


def processor() -> float:
    """Processor seconds of all children so far."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def summary(times: Sequence[float]) -> dict[str, Any]:
    """As `Times.summary` has it."""
    low, middle, high = quantiles(times, n=4) if len(times) > 1 else 3 * times
    return {"median": middle, "low": low, "high": high, "samples": len(times), "way": "process"}
