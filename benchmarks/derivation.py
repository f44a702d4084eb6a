"""`python -m benchmarks.derivation`: how long derivatives take, beside tensorgrad.

Every measurement is the first derivation in a process of its own, in seconds of its CPU time,
imports excluded; the systems take turns. Without tensorgrad its columns stay empty.

Both stop at derivatives over symbolic sizes, before any kernel is made. tensorgrad resolves and
simplifies all gradients in `compile_to_callable`, whose own lowering, less than a tenth of the
time, is counted; its specialisation to given sizes, which takes longer than that call, and
symdl's `compile` are not. tensorgrad's layer norm comes with its derivative, symdl derives one.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

WORKLOADS = {
    "gradients of a 10-layer net, all parameters": "net:10",
    "Hessian of softmax cross-entropy, simplified": "hessian:",
    "gradients of a 12-block transformer": "transformer:12",
    "gradients of nets of 125 layers": "net:125",
    "... 250 layers": "net:250",
    "... 500 layers": "net:500",
}
OWN = {"symdl": "benchmarks.workloads", "tensorgrad": "benchmarks.peers.tensorgrad_"}
ONCE = """
import importlib, sys, time
sys.setrecursionlimit(20000)
derive = importlib.import_module(sys.argv[1]).derive
start = time.process_time()
derive(sys.argv[2])
print(time.process_time() - start)
"""


def seconds(system: str, workload: str) -> float:
    """One derivation in a fresh process."""
    out = subprocess.run([sys.executable, "-c", ONCE, OWN[system], workload], check=True,
                         capture_output=True, text=True, cwd=Path(__file__).parents[1])
    return float(out.stdout.split()[-1])


def measured(repetitions: int) -> dict[str, dict[str, float]]:
    """The median time of each workload by each system."""
    systems = ["symdl", *(["tensorgrad"] if find_spec("tensorgrad") else [])]
    found: dict[str, dict[str, float]] = {}
    for title, workload in WORKLOADS.items():
        times: dict[str, list[float]] = {s: [] for s in systems}
        for _ in range(repetitions):
            for s in systems:
                times[s].append(seconds(s, workload))
        found[title] = {s: statistics.median(x) for s, x in times.items()}
    return found


def main(repetitions: int = 5) -> None:
    """Print the table and write it to out/derivation.json."""
    found = measured(repetitions)
    print(f"{'':48}{'symdl':>10}{'tensorgrad':>12}{'ratio':>8}")
    for title, row in found.items():
        peer = row.get("tensorgrad")
        extra = f"{peer:10.3f} s{peer / row['symdl']:8.1f}" if peer else ""
        print(f"{title:48}{row['symdl']:8.3f} s{extra}")
    folder = Path("out")
    folder.mkdir(exist_ok=True)
    (folder / "derivation.json").write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
