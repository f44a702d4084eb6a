"""A function along a straight line through a point: what every numeric derivative looks at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array: TypeAlias = NDArray[Any]
Point: TypeAlias = Mapping[str, Array]
Function: TypeAlias = Callable[[dict[str, Array]], ArrayLike]

EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Derivative:
    """A numeric derivative along a direction, entry by entry.

    Attributes
    ----------
    value : ndarray
        The derivative of every entry of the function.
    error : ndarray
        An estimate of the error of `value`; infinite where no finite number was found.
    step : float
        The step of the best estimate (the smallest one, where entries differ).
    size : ndarray
        The magnitude of the function where the best estimate was taken.
    """

    value: Array
    error: Array
    step: float
    size: Array


@dataclass(frozen=True)
class Line:
    """The function `t -> f(x + t*d)`.

    Attributes
    ----------
    function : callable
        Takes a dictionary of arrays and returns a number or an array.
    at : mapping of str to ndarray
        The point x.
    direction : mapping of str to array_like
        The direction d; a name that is left out stays fixed.
    """

    function: Function
    at: Point
    direction: Mapping[str, ArrayLike]

    def __post_init__(self) -> None:
        """Check that the direction fits the point."""
        for name, toward in self.direction.items():
            if name not in self.at:
                raise ValueError(f"direction: {name!r} is not one of {sorted(self.at)}")
            here, there = np.asarray(self.at[name]), np.asarray(toward)
            if here.shape != there.shape:
                raise ValueError(f"direction: {name} is {there.shape}, the point's {here.shape}")
            if here.dtype.kind not in "fc":
                raise ValueError(f"direction: {name} holds {here.dtype} and can't be varied")

    def __call__(self, t: complex) -> Array:
        """Return `f(x + t*d)`, or NaN where the arithmetic breaks down."""
        point = {name: np.array(values) for name, values in self.at.items()}
        for name, toward in self.direction.items():
            point[name] = point[name] + t * np.asarray(toward)
        with np.errstate(all="ignore"):
            try:
                return np.asarray(self.function(point))
            except (np.linalg.LinAlgError, ArithmeticError):
                return np.asarray(np.nan)

    def coarseness(self) -> float:
        """Return the largest `|x/d|`: how much coarser than t the point's own rounding is."""
        ratios = [
            np.abs(np.asarray(self.at[name])[moves] / np.asarray(toward)[moves])
            for name, toward in self.direction.items()
            if (moves := np.asarray(toward) != 0).any()
        ]
        return float(max((ratio.max() for ratio in ratios), default=0.0))
