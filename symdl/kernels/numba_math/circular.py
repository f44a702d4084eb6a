"""Sines, cosines and their inverses.

x = n pi/2 + r with |r| <= pi/4, where pi/2 stands in three parts and the first one leaves an exact
remainder (Cody and Waite's reduction; Muller, *Elementary Functions*, 3rd edition, chapter 11).
"""

from __future__ import annotations

from dataclasses import dataclass

from symdl.kernels.numba_math.coefficients import ASIN, ATAN, COS, HALF_PI, SIN, TWO_OVER_PI
from symdl.kernels.numba_math.function import function
from symdl.kernels.numba_math.library import beyond
from symdl.kernels.numba_math.operations import copysign, fma, polynomial, square_root, where
from symdl.kernels.numba_math.values import Real, Truth, Whole

LIMIT = {"float64": 2.0**30, "float32": 2.0**17}
"""How far the reduction goes; it is left to the C library beyond."""


@dataclass(frozen=True)
class Angle:
    """sin and cos of r = x - n pi/2; the lowest bits of `quarter` hold n."""

    quarter: Whole
    sine: Real
    cosine: Real

    def turned(self, by: int) -> Real:
        """sin(x + by pi/2)."""
        format, quarter = self.sine.format, self.quarter + by
        value = where((quarter & 1).any(), self.cosine, self.sine)
        return (value.bits() ^ (quarter & 2) << format.width - 2).number()


def angle(x: Real) -> Angle:
    """Reduce x."""
    format = x.format
    shifted = fma(x, x.pick(TWO_OVER_PI)[0], format.rounder)
    n, r = shifted - format.rounder, x
    for part in x.pick(HALF_PI):
        r = fma(n, -part, r)
    z = r * r
    sine = fma(r * z, polynomial(z, z.pick(SIN)), r)
    cosine = fma(z * z, polynomial(z, z.pick(COS)), fma(z, -0.5, 1.0))
    return Angle(shifted.bits(), sine, cosine)


def near(x: Real, name: str, value: Real) -> Real:
    """The value, or the C library's far from 0."""
    limit = x.pick(LIMIT)
    return where(abs(x) <= limit, value, beyond(limit, name, x))


@function
def sin(x: Real) -> Real:
    """The sine."""
    return near(x, "sin", angle(x).turned(0))


@function
def cos(x: Real) -> Real:
    """The cosine."""
    return near(x, "cos", angle(x).turned(1))


@function
def tan(x: Real) -> Real:
    """sin(x)/cos(x)."""
    a = angle(x)
    return near(x, "tan", a.turned(0) / a.turned(1))


@function
def atan(x: Real) -> Real:
    """The inverse of tan, from atan(t) with t = a, (a - 1)/(a + 1) or -1/a for a = |x|."""
    a = abs(x)
    small, large = a < 0.41421356237309503, a > 2.414213562373095
    over = where(small, a, where(large, -1.0, a - 1.0))
    t = over / where(small, 1.0, where(large, a, a + 1.0))
    high, low, _ = x.pick(HALF_PI)
    part = where(small, 0.0, where(large, high, 0.5 * high))
    rest = where(small, 0.0, where(large, low, 0.5 * low))
    z = t * t
    return copysign(part + (t + fma(t * z, polynomial(z, z.pick(ATAN)), rest)), x)


def arc(x: Real) -> tuple[Truth, Real]:
    """Whether |x| < 1/2 and asin(|x|); else acos(|x|)/2 = asin(sqrt((1 - |x|)/2))."""
    a = abs(x)
    small = a < 0.5
    z = where(small, a * a, fma(a, -0.5, 0.5))
    s = where(small, a, square_root(z))
    return small, fma(s * z, polynomial(z, x.pick(ASIN)), s)


@function
def asin(x: Real) -> Real:
    """The inverse of sin."""
    high, low, _ = x.pick(HALF_PI)
    small, value = arc(x)
    return copysign(where(small, value, high - (2.0 * value - low)), x)


@function
def acos(x: Real) -> Real:
    """The inverse of cos."""
    high, low, _ = x.pick(HALF_PI)
    small, value = arc(x)
    double = 2.0 * value
    large = where(x < 0.0, 2.0 * high - (double - 2.0 * low), double)
    return where(small, high - (copysign(value, x) - low), large)
