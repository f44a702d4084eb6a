"""What a gradient check found: numbers of both sides, their errors, the point, the verdict."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from symdl.evidence.line import Point

Status: TypeAlias = Literal["passed", "failed", "inconclusive"]

CERTAINTY = 4.0
"""A gap counts as an error of the gradient if it exceeds this many error estimates."""


@dataclass(frozen=True)
class Check:
    """One derivative, claimed and measured.

    Attributes
    ----------
    label : str
        An entry such as "W[2, 1]", or a random direction.
    claimed, measured : float
        The derivative by the gradient, and by the value alone.
    error : float
        The estimated error of `measured`.
    allowed : float
        How far the two may be apart.
    step : float
        The step of the measurement.
    """

    label: str
    claimed: float
    measured: float
    error: float
    allowed: float
    step: float

    @property
    def gap(self) -> float:
        """How far the two numbers are apart."""
        gap = abs(self.claimed - self.measured)
        return math.inf if math.isnan(gap) else gap

    @property
    def status(self) -> Status:
        """Whether they agree; a measurement too coarse to tell is inconclusive."""
        if not (math.isfinite(self.measured) and math.isfinite(self.error)):
            return "inconclusive"
        if self.gap <= self.allowed:
            return "passed" if self.error <= self.allowed else "inconclusive"
        return "failed" if self.gap > self.allowed + CERTAINTY * self.error else "inconclusive"

    @property
    def severity(self) -> tuple[int, float]:
        """Order checks from good to bad: by status, then by the gap in units of the allowed."""
        rank = ("passed", "inconclusive", "failed").index(self.status)
        worst = max(self.gap, self.error if math.isfinite(self.error) else math.inf)
        return rank, worst / self.allowed if self.allowed else worst

    def contradicts(self, other: Check) -> bool:
        """Return whether two measurements differ by more than their errors explain.

        Parameters
        ----------
        other : Check
            The same derivative, measured in another way.

        Returns
        -------
        bool
            False where one of them is not finite.
        """
        gap = abs(self.measured - other.measured)
        return gap > CERTAINTY * (self.error + other.error)

    def __str__(self) -> str:
        """Show both numbers with their gap."""
        return (
            f"{self.label}: claimed {self.claimed:.12g}, measured {self.measured:.12g} "
            f"± {self.error:.1g}; {self.gap:.2g} apart, {self.allowed:.2g} allowed "
            f"(step {self.step:.1g})"
        )


@dataclass(frozen=True)
class GradientReport:
    """The result of a gradient check; true where the gradient passed.

    Attributes
    ----------
    point : mapping of str to ndarray
        Where the gradient was checked.
    value : float
        The function's value there.
    checks : tuple of Check
        All derivatives that were compared.
    nonfinite : tuple of str
        The value and the entries of the gradient that are NaN or infinite.
    tolerance : float
        The relative tolerance.
    method : str
        How the derivatives were measured.
    seed : int
        The seed of the random directions.
    """

    point: Point
    value: float
    checks: tuple[Check, ...]
    nonfinite: tuple[str, ...]
    tolerance: float
    method: str
    seed: int

    @property
    def status(self) -> Status:
        """The verdict: failed if one derivative is wrong, passed if every one is right."""
        if not math.isfinite(self.value):
            return "inconclusive"
        return max((check.status for check in self.checks), key=_RANK.index, default="passed")

    @property
    def passed(self) -> bool:
        """Whether every derivative agrees."""
        return self.status == "passed"

    @property
    def worst(self) -> Check | None:
        """The check that disagrees most, measured by what is allowed."""
        return max(self.checks, key=lambda check: check.severity, default=None)

    def of_status(self, status: Status) -> tuple[Check, ...]:
        """Return the checks of one status.

        Parameters
        ----------
        status : {"passed", "failed", "inconclusive"}
            Which ones.

        Returns
        -------
        tuple of Check
            In the order in which they were made.
        """
        return tuple(check for check in self.checks if check.status == status)

    def __bool__(self) -> bool:
        """Whether the gradient passed."""
        return self.passed

    def __str__(self) -> str:
        """Show the verdict, the numbers that decided it and the point."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterable[str]:
        counts = ", ".join(
            f"{len(checks)} {status}" for status in _RANK if (checks := self.of_status(status))
        )
        yield (
            f"gradient check {self.status}: {counts or 'nothing to compare'} "
            f"(tolerance {self.tolerance:g}, {self.method}, seed {self.seed})"
        )
        if self.nonfinite:
            shown = ", ".join(self.nonfinite[:8])
            more = len(self.nonfinite) - 8
            yield f"  not finite: {shown}" + (f" and {more} more" if more > 0 else "")
        ordered = sorted(self.checks, key=lambda check: check.severity, reverse=True)
        yield from (f"  {check}" for check in ordered[: 1 if self.passed else 5])
        yield f"  value {self.value!r} at"
        for name, values in self.point.items():
            text = np.array2string(np.asarray(values), threshold=30, prefix=f"    {name} = ")
            yield f"    {name} = {text}"


_RANK: tuple[Status, ...] = ("passed", "inconclusive", "failed")
