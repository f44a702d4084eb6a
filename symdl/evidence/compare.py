"""How far two arrays are apart, in the measure of ADBench."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from symdl.evidence.line import Array


@dataclass(frozen=True)
class Comparison:
    """The distance of two arrays and the entry where it is attained.

    Attributes
    ----------
    rho : float
        The largest distance of two entries; infinite where only one is finite.
    index : tuple of int, or None
        Where it is attained; None for arrays without entries.
    left, right : number, or None
        The two entries there.
    """

    rho: float
    index: tuple[int, ...] | None
    left: Any
    right: Any

    def __str__(self) -> str:
        """Show the distance, the place and both numbers."""
        if self.index is None:
            return "rho = 0 (no entries)"
        return f"rho = {self.rho:.3g} at {list(self.index)}: {self.left!r} and {self.right!r}"


def compare_arrays(a: ArrayLike, b: ArrayLike) -> Comparison:
    r"""Measure how far two arrays are apart.

    .. math:: \rho(a, b) = \max_i \frac{|a_i - b_i|}{\max(1, |a_i| + |b_i|)}

    NaN is at distance 0 from NaN and an infinity from the same infinity; any other pair with a
    non-finite number is at distance infinity.

    Parameters
    ----------
    a, b : array_like
        Numbers of one shape: nothing is broadcast.

    Returns
    -------
    Comparison
        The largest distance and where it is attained.

    References
    ----------
    F. Srajer, Z. Kukelova, A. Fitzgibbon, A benchmark of selected algorithmic differentiation
    tools on some problems in computer vision and machine learning, 2018; ADBench,
    docs/JacobianCheck.md.
    """
    left, right = _as_numbers(a), _as_numbers(b)
    if left.shape != right.shape:
        raise ValueError(f"arrays of shapes {left.shape} and {right.shape} can't be compared")
    if left.size == 0:
        return Comparison(0.0, None, None, None)
    distance = _distance(left, right)
    index = tuple(int(i) for i in np.unravel_index(int(distance.argmax()), distance.shape))
    return Comparison(float(distance[index]), index, left[index].item(), right[index].item())


def rho(a: ArrayLike, b: ArrayLike) -> float:
    """Return only the distance of `compare_arrays`.

    Parameters
    ----------
    a, b : array_like
        Numbers of one shape.

    Returns
    -------
    float
        The largest distance; 0 for arrays without entries.
    """
    return compare_arrays(a, b).rho


def _as_numbers(a: ArrayLike) -> Array:
    values = np.asarray(a)
    return values if values.dtype.kind in "fc" else values.astype(np.float64)


def _distance(left: Array, right: Array) -> Array:
    """Return the distances of the entries, halved first so that no sum overflows."""
    same = (left == right) | (np.isnan(left) & np.isnan(right))
    with np.errstate(all="ignore"):
        gap = np.abs(left / 2 - right / 2)
        distance = gap / np.maximum(0.5, np.abs(left / 2) + np.abs(right / 2))
    finite = np.isfinite(left) & np.isfinite(right)
    return np.where(same, 0.0, np.where(finite, distance, np.inf))
