"""The gradient check: a gradient against numeric derivatives of the value alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from symdl.evidence.complex_step import complex_step_along
from symdl.evidence.differences import difference_along
from symdl.evidence.directions import entry_directions, label_of, random_directions, split
from symdl.evidence.line import Array, Derivative, Function, Point
from symdl.evidence.report import CERTAINTY, Check, GradientReport

START = 2.0**-4
CLOSER = (2.0**-10, 2.0**-20, 2.0**-30)


def gradient_check(
    value: Function,
    gradient: Callable[[dict[str, Array]], Mapping[str, ArrayLike]],
    at: Mapping[str, ArrayLike],
    *,
    directions: int = 8,
    entries: int = 64,
    seed: int = 0,
    tolerance: float = 1e-6,
    negligible: float = 1e-11,
    complex_step: Function | None = None,
) -> GradientReport:
    r"""Check a gradient against derivatives that are measured from the value alone.

    For random directions d, and for single entries, :math:`\sum_i g_i d_i` is compared with the
    derivative of :math:`f(x + td)` in t. The two may differ by `tolerance` times the larger of
    the two and :math:`\sqrt{\sum_i (g_i d_i)^2}`, and by `negligible` times :math:`|f|`. A
    measurement whose own error estimate is larger than that is inconclusive and never passes.
    If a direction fails, it is halved until an entry that fails is found.

    Parameters
    ----------
    value : callable
        The function: a dictionary of arrays in, one real number out.
    gradient : callable
        The gradient to be checked: the same dictionary in, a dictionary of arrays out. It names
        what is differentiated; everything else at the point stays fixed.
    at : mapping of str to array_like
        The point, away from kinks. Floats become float64.
    directions : int
        How many random directions are tried.
    entries : int
        How many single entries are tried: all of the small arrays first, then random ones.
    seed : int
        The seed of the directions and of the choice of entries.
    tolerance : float
        The relative tolerance.
    negligible : float
        Derivatives along a step of the point's own size that are smaller than this part of the
        value count as zero.
    complex_step : callable, optional
        `value`, or a version of it, that accepts complex arrays and is analytic: derivatives are
        then measured by the complex step, and differences only confirm that it is analytic.

    Returns
    -------
    GradientReport
        True if the gradient passed; its text shows the numbers and the point.
    """
    point = {name: _float64(values) for name, values in at.items()}
    claimed = {name: np.asarray(g, dtype=np.float64) for name, g in gradient(_copy(point)).items()}
    _require_fit(point, claimed)
    start = _scalar(value(_copy(point)))
    trial = _Trial(value, complex_step, point, claimed, tolerance, negligible)
    generator = np.random.default_rng(seed)
    checks = tuple(trial.run(directions, entries, generator)) if math.isfinite(start) else ()
    return GradientReport(
        point=point,
        value=start,
        checks=checks,
        nonfinite=tuple(_nonfinite(start, claimed)),
        tolerance=tolerance,
        method="central differences" if complex_step is None else "complex step",
        seed=seed,
    )


@dataclass(frozen=True)
class _Trial:
    """What stays the same from one derivative to the next."""

    value: Function
    complex_value: Function | None
    point: Point
    claimed: Point
    tolerance: float
    negligible: float

    def run(self, directions: int, entries: int, generator: Generator) -> Iterator[Check]:
        variables = {name: self.point[name] for name in self.claimed}
        fails = None
        for number in range(directions if any(x.size for x in variables.values()) else 0):
            scales = random_directions(variables, number, generator)
            check, direction = self.decide(f"direction {number}", scales)
            fails = direction if check.status == "failed" and fails is None else fails
            yield check
        located = False
        for label, scales in entry_directions(variables, entries, generator):
            check, _ = self.decide(label, scales)
            located |= check.status == "failed"
            yield check
        if fails is not None and not located:
            yield from self.locate(fails)

    def decide(self, label: str, scales: Iterable[Point]) -> tuple[Check, Point]:
        """Return the first check that is conclusive: directions of different scales are tried.

        A failure is measured again from ever smaller steps, which win where they contradict.
        """
        tried = []
        for direction in scales:
            check = self.check(label, direction)
            if check.status == "failed":
                for start in CLOSER:
                    again = self.check(label, direction, start)
                    check = again if again.contradicts(check) else check
            tried.append((check, direction))
            if tried[-1][0].status != "inconclusive":
                return tried[-1]
        return min(tried, key=lambda pair: pair[0].severity)

    def locate(self, direction: Point) -> Iterator[Check]:
        """Halve a direction that fails, keeping a half that fails, down to a single entry."""
        while halves := split(direction):
            failing = [half for half in halves if self.check("", half).status == "failed"]
            if not failing:
                return
            direction = failing[0]
        yield self.check(label_of(direction), direction)

    def check(self, label: str, direction: Point, start: float = START) -> Check:
        """Compare the two sides along one direction; for one entry, per unit of that entry."""
        with np.errstate(all="ignore"):
            terms = np.concatenate(
                [(self.claimed[name] * d)[d != 0].ravel() for name, d in direction.items()]
            )
            claimed = float(terms.sum())
        measured = self.measure(direction, start)
        number = float(measured.value)
        scale = max(_norm(terms), abs(claimed), abs(number))
        allowed = self.tolerance * scale + self.negligible * float(measured.size)
        unit = 1.0
        if terms.size == 1:
            unit = float(max(np.abs(d).max() for d in direction.values() if d.any()))
        return Check(
            label,
            claimed / unit,
            number / unit,
            float(measured.error) / unit,
            allowed / unit if math.isfinite(allowed) else 0.0,
            measured.step,
        )

    def measure(self, direction: Point, start: float) -> Derivative:
        """Measure the derivative of the value along a direction."""
        moves = {name: d for name, d in direction.items() if d.any()}
        differences = difference_along(self.value, self.point, moves, step=start)
        if self.complex_value is None:
            return differences
        exact = complex_step_along(self.complex_value, self.point, moves)
        apart = np.abs(exact.value - differences.value) - CERTAINTY * differences.error
        doubt = np.where(apart > 0, apart, 0.0)
        return Derivative(exact.value, exact.error + doubt, exact.step, exact.size)


def _float64(values: ArrayLike) -> Array:
    array = np.array(values)
    return array.astype(np.float64) if array.dtype.kind == "f" else array


def _norm(terms: Array) -> float:
    """Return the Euclidean norm, free of overflow."""
    largest = float(np.abs(terms).max(initial=0.0))
    if largest == 0 or not math.isfinite(largest):
        return largest
    return largest * float(np.linalg.norm(terms / largest))


def _copy(point: Point) -> dict[str, Array]:
    return {name: values.copy() for name, values in point.items()}


def _scalar(result: ArrayLike) -> float:
    number = np.asarray(result)
    if number.shape != ():
        raise ValueError(f"value: one number is needed, not an array of shape {number.shape}")
    return float(number)


def _require_fit(point: Point, claimed: Point) -> None:
    for name, gradient in claimed.items():
        if name not in point:
            raise ValueError(f"gradient: {name!r} is not one of the point's {sorted(point)}")
        if point[name].dtype.kind != "f":
            raise ValueError(f"gradient: {name} holds {point[name].dtype} and has no gradient")
        if gradient.shape != point[name].shape:
            raise ValueError(
                f"gradient: {name} has shape {point[name].shape}, its gradient {gradient.shape}"
            )


def _nonfinite(value: float, claimed: Point) -> Iterator[str]:
    if not math.isfinite(value):
        yield f"value is {value}"
    for name, gradient in claimed.items():
        for index in np.argwhere(~np.isfinite(gradient)):
            place = ", ".join(map(str, index))
            yield f"gradient {name}[{place}] is {gradient[tuple(index)]}"
