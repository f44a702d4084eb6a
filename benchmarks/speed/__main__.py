"""`python -m benchmarks.speed`: how fast kernels are, beside JAX, torch and others.

Each row of the table runs in a process of its own for each number of threads; in it the
competitors take turns. What isn't installed is called absent, whose answer differs from most
others' is called wrong and isn't timed. The table goes to the terminal, all numbers to
`out/speed.json`, a picture to `out/speed.png`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.speed import report
from benchmarks.speed.child import environment
from benchmarks.speed.contest import PEERS
from benchmarks.speed.machine import busy, machine
from benchmarks.speed.workloads import HOMES

ROOT = Path(__file__).parents[2]
ROWS = ",".join([*HOMES, "j"])


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    p = argparse.ArgumentParser(prog="python -m benchmarks.speed",
                                description="Kernels beside peers: a peer's time over symdl's.")
    p.add_argument("--rows", default=ROWS, help="letters of the table, by commas")
    p.add_argument("--only", default="", help="a part of the workloads' names")
    p.add_argument("--dtype", default="float32,float64")
    p.add_argument("--threads", default="1,2")
    p.add_argument("--peers", default=",".join(PEERS), help="by commas; empty for symdl alone")
    p.add_argument("--backend", default="numba", help="symdl's: numba, numpy or python")
    p.add_argument("--quick", action="store_true", help="a quarter of the time, rougher numbers")
    p.add_argument("--tiny", action="store_true", help="tiny sizes: does it run, is it right?")
    p.add_argument("--clock", choices=("wall", "processor"), default="wall",
                   help="processor: for one thread on a machine that others use")
    p.add_argument("--out", type=Path, default=Path("out"), help="the folder for JSON and picture")
    return p.parse_args(arguments)


def records_of(letter: str, threads: int, o: argparse.Namespace) -> list[dict[str, Any]]:
    """A row in a process of its own; what it had measured before an early end counts."""
    seconds, rounds = (0.01, 2) if o.tiny else (0.4, 4) if o.quick else (1.5, 7)
    settings = {
        "row": letter, "threads": threads, "dtypes": o.dtype.split(","), "only": o.only,
        "peers": o.peers.split(","), "tiny": o.tiny, "backend": o.backend,
        "effort": {"seconds": seconds, "rounds": rounds, "clock": o.clock},
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "records"
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.speed.child", str(file), json.dumps(settings)],
            cwd=ROOT, env=environment(threads), check=False)
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    if done.returncode:
        print(f"row {letter} at {threads} threads ended early: {done.returncode}", flush=True)
    return [json.loads(line) for line in lines]


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table, write JSON and the picture; 1 where symdl is missing or wrong."""
    o, found = options(arguments), []
    peers = [p for p in PEERS if p in o.peers.split(",")]
    threads = [int(n) for n in o.threads.split(",")]
    here, warning = machine(), busy(o.clock, threads)
    print(warning, flush=True)
    for n in threads:
        print(f"{n} thread{'s' * (n > 1)}\n{report.heading(peers)}", flush=True)
        for letter in o.rows.split(","):
            found += records_of(letter, n, o)
    print(report.table(found, peers))
    print(warning)
    report.write(found, here, o.out)
    return 0 if found and all("symdl" in r["times"] for r in found) else 1


if __name__ == "__main__":
    sys.exit(main())
