"""One process of row j: from nothing to a first gradient, and no further.

    python -m benchmarks.speed.first HOW KIND ROW NAME ARRAYS BACKEND

HOW is `symdl`, `lazy` (symdl with `lazy=True`), `saved` (a saved kernel's file), `numba` (a
cached function of one line) or a peer. ARRAYS is a file of numbers by name; beside it lie the
saved kernel and the function of one line.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import numpy as np


def main(how: str, kind: str, row: str, name: str, file: str, backend: str) -> None:
    """Compute a value and its gradients once."""
    arrays = dict(np.load(file))
    if how in ("symdl", "lazy"):
        from benchmarks.speed import ours
        from benchmarks.speed.workloads import found

        options = {"lazy": True} if how == "lazy" else {}
        ours.once(found(row, name), arrays, backend=backend, **options)
    elif how in ("saved", "numba"):
        sys.path.insert(0, str(Path(file).parent))
        if how == "saved":
            import_module("saved_kernel").compute(**arrays)
        else:
            import_module("one_line").f(1.0)
    else:
        ways = import_module(f"benchmarks.peers.{how}_speed").ways(kind)
        next(iter(ways.values()))(arrays)()


if __name__ == "__main__":
    main(*sys.argv[1:])
