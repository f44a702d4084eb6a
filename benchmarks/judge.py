"""What a system makes of a claim: right, wrong or unsupported, by the referee's numbers alone."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.formulas.referee import Claim, apart, measured, point

SEEDS = (0, 1)
TOLERANCE = 1e-4
"""Relative; some of a peer's operations are in single precision."""

Derive = Callable[[Claim, Sequence[Mapping[str, Any]]], list[Any]]


@dataclass(frozen=True)
class Verdict:
    """The outcome of each way in which a system was asked; the best one counts."""

    ways: Mapping[str, str]
    reason: str = ""

    @property
    def outcome(self) -> str:
        """The best outcome; a number that is wrong counts before an error does."""
        return min(self.ways.values(), key=("right", "wrong", "unsupported").index)


def judged(c: Claim, ways: Mapping[str, Derive]) -> Verdict:
    """A claim's derivative by each way, compared at the referee's points."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        points = [point(c, seed) for seed in SEEDS]
        truth = [measured(c, at) for at in points]
        found = {name: compared(c, derive, points, truth) for name, derive in ways.items()}
    return Verdict({name: outcome for name, (outcome, _) in found.items()},
                   next((reason for _, reason in found.values() if reason), ""))


def compared(c: Claim, derive: Derive, points: list[Any], truth: list[Any]) -> tuple[str, str]:
    """One way's outcome, and why where it is unsupported."""
    try:
        values = derive(c, points)
    except Exception as error:  # whatever a system raises means that it can't
        return "unsupported", f"{type(error).__name__}: {error}".splitlines()[0][:200]
    axes = np.ndim(points[0][c["wrt"]]) * (2 if c["kind"] == "hess" else 1)
    error = max(off(v, t, axes) for v, t in zip(values, truth, strict=True))
    return ("right", "") if error < TOLERANCE else ("wrong", f"apart by {error:.2g}")


def off(value: Any, truth: Any, axes: int) -> float:
    """How far a value is from the truth in the nearer layout; axes of size one don't count.

    The last `axes` axes of the truth are the variable's; a layout has them last, or first, or is
    the transpose of one of these.
    """
    last = tuple(range(truth.ndim - axes, truth.ndim))
    other = np.moveaxis(truth, last, range(axes))
    flat = np.squeeze(np.asarray(value, float))
    return min(apart(np.squeeze(t), flat) for t in (truth, other, truth.T, other.T))
