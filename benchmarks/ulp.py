"""`python -m benchmarks.ulp [function ...]`: how exact the scalar functions are, and how fast.

Each function is compiled as a user would, over a vector, and compared with mpmath at a million
points: ranges where it changes, all bit patterns, the edges of the format. An error counts in
units of the last place (ulp) of the exact value; infinities and NaN have to be the same. Times are
nanoseconds of CPU an entry at 10^6 entries of a usual range, on one thread, the smallest of
interleaved runs. The peer is NumPy, or SciPy for sigmoid (expit), erf and erfc.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import symdl as sd
from benchmarks.scalars import CASES, Array, errors, exact

POINTS = 1_000_000
ENTRIES = 1_000_000
DTYPES = ("float64", "float32")
CHUNK = 5_000

Run = Callable[..., Any]


def compiled(name: str, dtype: str) -> Run:
    """A function over vectors, with an array for the result."""
    n = sd.dims("n")
    arguments = [sd.tensor(letter, n) for letter in "xy"[: CASES[name].arity]]
    kernel = sd.compile(getattr(sd, name)(*arguments), dtype=dtype)
    return lambda *points, out: kernel(**dict(zip("xy", points, strict=False)), out=out)


def truth(name: str, points: Sequence[Array], pool: Any) -> tuple[Array, Array]:
    """Exact values, computed by all processes."""
    cuts = range(0, len(points[0]), CHUNK)
    parts = [tuple(x[k:k + CHUNK] for x in points) for k in cuts]
    high, low = zip(*pool.starmap(partial(exact, name), parts), strict=True)
    return np.concatenate(high), np.concatenate(low)


def accuracy(name: str, dtype: str, runs: Sequence[Run], count: int, pool: Any,
             ) -> list[tuple[float, list[float]]]:
    """The largest error of each run, and where it is."""
    points = CASES[name].points(count, dtype)
    high, low = truth(name, points, pool)
    found = []
    for run in runs:
        out = np.empty_like(points[0])
        with np.errstate(all="ignore"):
            run(*points, out=out)
        off = errors(out, high, low)
        worst = int(off.argmax())
        found.append((float(off[worst]), [float(x[worst]) for x in points]))
    return found


def speed(name: str, dtype: str, runs: Sequence[Run], repetitions: int = 7) -> list[float]:
    """The nanoseconds an entry that each run takes."""
    draw = np.random.default_rng(1)
    points = [draw.uniform(*CASES[name].timed, ENTRIES).astype(dtype)
              for _ in range(CASES[name].arity)]
    times: list[list[float]] = [[] for _ in runs]
    out = np.empty_like(points[0])
    for _ in range(repetitions):
        for run, mine in zip(runs, times, strict=True):
            for _ in range(3):  # so that what ran before doesn't count
                start = time.thread_time()
                run(*points, out=out)
                mine.append(time.thread_time() - start)
    return [min(mine) / ENTRIES * 1e9 for mine in times]


def measured(name: str, dtype: str, count: int, pool: Any) -> dict[str, Any]:
    """One line of the table."""
    runs = [compiled(name, dtype), CASES[name].peer]
    (ulp, at), (peer_ulp, _) = accuracy(name, dtype, runs, count, pool)
    ns, peer_ns = speed(name, dtype, runs)
    return {"function": name, "dtype": dtype, "bound": CASES[name].bound, "ulp": ulp, "at": at,
            "peer ulp": peer_ulp, "ns": ns, "peer ns": peer_ns}


def line(row: dict[str, Any]) -> str:
    """A line as text."""
    mark = "" if row["ulp"] <= row["bound"] else f"  more than {row['bound']} at {row['at']}"
    return (f"{row['function']:10}{row['dtype']:9}{row['ulp']:8.2f}{row['peer ulp']:12.3g}"
            f"{row['ns']:9.2f}{row['peer ns']:9.2f}{mark}")


def main(names: Sequence[str], count: int = POINTS) -> bool:
    """Print the table, write out/ulp.json and say whether all bounds hold."""
    print(f"{'':19}{'ulp':>8}{'its peer':>12}{'ns':>9}{'its peer':>9}")
    rows = []
    with multiprocessing.get_context("forkserver").Pool() as pool:
        for name in names or CASES:
            for dtype in DTYPES:
                rows.append(measured(name, dtype, count, pool))
                print(line(rows[-1]), flush=True)
    folder = Path("out")
    folder.mkdir(exist_ok=True)
    (folder / "ulp.json").write_text(json.dumps(rows, indent=1))
    return all(row["ulp"] <= row["bound"] for row in rows)


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else "a bound is exceeded")
