"""The rows of the table, by letter: functions from `tiny` to workloads."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from benchmarks.speed.workload import Workload

HOMES = {
    "a": "activations", "b": "softmax", "c": "mlp", "d": "images", "e": "recurrent",
}


def row(letter: str, tiny: bool = False) -> Sequence[Workload]:
    """The workloads of a row, at the sizes of the table or at tiny ones."""
    home = import_module(f"benchmarks.speed.workloads.{HOMES[letter]}")
    found: Sequence[Workload] = home.workloads(tiny)
    return found
