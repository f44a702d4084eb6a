"""Ratios of medians, and their means."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

Record = dict[str, Any]


def ratio(record: Record, peer: str) -> float | None:
    """A peer's median time over ours: above 1 we are faster."""
    times = record["times"]
    if peer not in times or "symdl" not in times:
        return None
    return float(times[peer]["median"] / times["symdl"]["median"])


def fastest(record: Record) -> float | None:
    """The ratio to the fastest peer; the limit is none."""
    found = [r for p in record["times"] if p not in ("symdl", "limit")
             and (r := ratio(record, p)) is not None]
    return min(found, default=None)


def mean(found: Iterable[float | None]) -> float | None:
    """The geometric mean of what there is."""
    logs = [math.log(x) for x in found if x]
    return math.exp(sum(logs) / len(logs)) if logs else None
