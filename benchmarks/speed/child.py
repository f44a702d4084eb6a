"""One process of the family: a row at a number of threads.

    python -m benchmarks.speed.child FILE SETTINGS

The number of threads is set by the environment, before anything is imported; the records go to
the file, a line each. The settings are written as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.speed import cold
from benchmarks.speed.contest import PEERS, contest
from benchmarks.speed.ratios import Record
from benchmarks.speed.report import line
from benchmarks.speed.timing import Effort
from benchmarks.speed.workloads import row

VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS",
             "NUMEXPR_NUM_THREADS", "NUMEXPR_MAX_THREADS", "NPROC")


def environment(threads: int) -> dict[str, str]:
    """The variables by which every library counts its threads; NPROC is XLA's."""
    found = {**os.environ, **dict.fromkeys(VARIABLES, str(threads))}
    if threads == 1:
        found["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    return found


def main(file: str, settings: Mapping[str, Any]) -> None:
    """Time a row and print each line as it is known."""
    warnings.simplefilter("ignore")
    peers = [p for p in PEERS if p in settings["peers"]]
    with Path(file).open("w", encoding="utf-8") as out:
        for record in cold.records(settings) if settings["row"] == "j" else records(settings):
            out.write(json.dumps(record) + "\n")
            out.flush()
            print(line(record, peers), flush=True)


def records(settings: Mapping[str, Any]) -> Iterator[Record]:
    """What is measured in this process."""
    peers = [p for p in PEERS if p in settings["peers"]]
    for dtype in settings["dtypes"]:
        for w in row(settings["row"], settings["tiny"]):
            if settings["only"] in w.name:
                yield contest(w, dtype, settings["threads"], peers, Effort(**settings["effort"]),
                              settings["backend"])


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
