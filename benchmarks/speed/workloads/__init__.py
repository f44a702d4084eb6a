"""The rows of the table, by letter: functions from `tiny` to workloads."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from benchmarks.speed.workload import Workload

HOMES = {
    "a": "activations", "b": "softmax", "c": "mlp", "d": "images", "e": "recurrent",
    "f": "point", "g": "hessians", "h": "transformer", "i": "models",
}


def row(letter: str, tiny: bool = False) -> Sequence[Workload]:
    """The workloads of a row, at the sizes of the table or at tiny ones."""
    home = import_module(f"benchmarks.speed.workloads.{HOMES[letter]}")
    found: Sequence[Workload] = home.workloads(tiny)
    return found


def found(letter: str, name: str) -> Workload:
    """A workload by its name, at the sizes of the table or at tiny ones."""
    return next(w for tiny in (False, True) for w in row(letter, tiny) if w.name == name)
