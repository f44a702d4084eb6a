"""Small functions that are made of pieces, and the steps of sums and products."""

from __future__ import annotations

from math import inf

from symdl.kernels.numba_math.function import function
from symdl.kernels.numba_math.operations import in_any_order, rounded_down, square_root, where
from symdl.kernels.numba_math.values import Real, called


@function
def sqrt(x: Real) -> Real:
    """The square root."""
    return square_root(x)


@function
def floor(x: Real) -> Real:
    """The largest integer that isn't larger."""
    return rounded_down(x)


@function
def ceil(x: Real) -> Real:
    """The smallest integer that isn't smaller."""
    return called("ceil", x)


@function
def _max(a: Real, b: Real) -> Real:
    """The larger one, NaN if either is."""
    return called("maximum", a, b)


@function
def _min(a: Real, b: Real) -> Real:
    """The smaller one, NaN if either is."""
    return called("minimum", a, b)


@function
def _sign(x: Real) -> Real:
    """-1, 0 or 1; NaN stays."""
    return where(x > 0.0, 1.0, where(x < 0.0, -1.0, x))


@function
def _finite(x: Real) -> Real:
    """Return x where it is finite, the largest number for inf, else 0."""
    return where(abs(x) < inf, x, where(x > 0.0, x.format.largest, 0.0))


@function
def _square(x: Real) -> Real:
    """x^2."""
    return x * x


@function
def _cube(x: Real) -> Real:
    """x^3."""
    return x * x * x


@function
def _fourth(x: Real) -> Real:
    """x^4."""
    square = x * x
    return square * square


@function
def _plus(a: Real, b: Real) -> Real:
    """Return a + b, a term of a sum whose order doesn't matter."""
    return in_any_order("fadd", a, b)


@function
def _times(a: Real, b: Real) -> Real:
    """Return a b, a factor of a product whose order doesn't matter."""
    return in_any_order("fmul", a, b)
