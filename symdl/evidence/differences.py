"""Central differences, extrapolated to step zero, with an error estimate."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from symdl.evidence.line import EPSILON, Array, Derivative, Function, Line, Point

RATIO = 3.0**0.5
"""Of two steps; irrational, so that no wave looks slow at all of them."""

LEAST_LEVELS = 5
MOST_COLUMNS = 6
SOUND = 1e-3
ROUNDING = 1e3


def difference_along(
    function: Function,
    at: Point,
    direction: Mapping[str, ArrayLike],
    *,
    step: float = 2.0**-4,
    levels: int = 40,
) -> Derivative:
    r"""Differentiate a function along a direction by extrapolated central differences.

    The differences :math:`D(h) = (f(x + hd) - f(x - hd)) / 2h` err by even powers of h, which
    Richardson's table removes one by one as h shrinks by a factor :math:`r = \sqrt 3`,

    .. math:: D_0(h) = D(h), \qquad
              D_k(h) = D_{k-1}(h) + \frac{D_{k-1}(h) - D_{k-1}(rh)}{r^{2k} - 1}.

    Each entry takes the number in the table whose neighbours agree with it best (Ridders). A
    difference that grows as h shrinks shows that the larger steps overlooked something, and they
    are dropped. The shrinking ends when rounding alone exceeds the estimated error. An estimate
    that reaches neither three digits nor the level of rounding is not trusted at all.

    Parameters
    ----------
    function : callable
        Takes a dictionary of float64 arrays and returns a real number or array. A non-finite
        result, or an arithmetic error such as a failed factorisation, only shrinks the step.
    at : mapping of str to ndarray
        The point.
    direction : mapping of str to array_like
        The direction; its length sets the scale on which the function is looked at.
    step : float
        The first h.
    levels : int
        How many steps are taken at most.

    Returns
    -------
    Derivative
        The derivative of every entry, and an estimate of its error.

    References
    ----------
    C. J. F. Ridders, Accurate computation of F'(x) and F'(x) F''(x), Advances in Engineering
    Software 4(2), 1982. W. H. Press et al., Numerical Recipes, 3rd edition, section 5.7.
    """
    if levels < 1:
        raise ValueError(f"levels: {levels}, but at least 1 is needed")
    line = Line(function, at, direction)
    coarseness = line.coarseness()
    nothing = np.asarray(np.nan)
    best = Derivative(nothing, np.asarray(np.inf), step, nothing)
    above = [nothing]
    for level in range(levels):
        h = step / RATIO**level
        right, left = line(h), line(-h)
        with np.errstate(all="ignore"):
            difference, size = (right - left) / (2 * h), np.maximum(np.abs(right), np.abs(left))
            noise = EPSILON * (size + (coarseness + h) * np.abs(difference)) / h
            above, best = _drop_blind(above, best, difference, noise)
            row = _extrapolate(difference, above)
            best = _better(best, _pick(row, above, noise, size, h))
            if level + 1 >= LEAST_LEVELS and np.all(best.error <= 2 * noise):
                break
        above = row[:MOST_COLUMNS]
    return _trusted(best)


def _drop_blind(
    above: list[Array], best: Derivative, difference: Array, noise: Array
) -> tuple[list[Array], Derivative]:
    """Forget larger steps where the difference has grown, and not by rounding."""
    growth = np.abs(difference) - 1.5 * np.abs(above[0])
    blind = (growth > 0) & (growth > ROUNDING * noise)
    error = np.where(blind, np.inf, best.error)
    kept = [np.where(blind, np.nan, column) for column in above]
    return kept, Derivative(best.value, error, best.step, best.size)


def _extrapolate(difference: Array, above: list[Array]) -> list[Array]:
    row = [difference]
    for k, coarser in enumerate(above, start=1):
        row.append(row[-1] + (row[-1] - coarser) / (RATIO ** (2 * k) - 1))
    return row


def _pick(row: list[Array], above: list[Array], noise: Array, size: Array, h: float) -> Derivative:
    """Choose, entry by entry, the number of a row that agrees best with its neighbours."""
    value, error = row[0], np.full(row[0].shape, np.inf)
    for k, coarser in enumerate(above, start=1):
        apart = np.maximum(np.abs(row[k] - row[k - 1]), np.abs(row[k] - coarser)) + noise
        closer = apart < error
        value, error = np.where(closer, row[k], value), np.where(closer, apart, error)
    return Derivative(value, error, h, size)


def _better(old: Derivative, new: Derivative) -> Derivative:
    closer = (new.error < old.error) | ~np.isfinite(old.error)
    return Derivative(
        np.where(closer, new.value, old.value),
        np.where(closer, new.error, old.error),
        new.step if closer.any() else old.step,
        np.where(closer, new.size, old.size),
    )


def _trusted(found: Derivative) -> Derivative:
    with np.errstate(all="ignore"):
        noise = ROUNDING * EPSILON * found.size / found.step
        sound = found.error <= np.maximum(SOUND * np.abs(found.value), noise)
    error = np.where(sound, found.error, np.inf)
    return Derivative(found.value, error, found.step, found.size)
