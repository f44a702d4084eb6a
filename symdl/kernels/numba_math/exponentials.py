"""The exponential function and what is made of it.

e^x = 2^n e^r with x = n log(2) + r and |r| <= log(2)/2, where log(2) stands in two parts (Cody
and Waite's reduction; Muller, *Elementary Functions*, 3rd edition, chapter 11).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symdl.kernels.numba_math.coefficients import EXP, LOG2, LOG2E
from symdl.kernels.numba_math.function import function
from symdl.kernels.numba_math.operations import at_least, at_most, copysign, fma, polynomial, where
from symdl.kernels.numba_math.values import Real, Whole

MOST = {"float64": 710.0, "float32": 89.0}
"""Beyond it the exponential is infinite."""

LEAST = {"float64": -746.0, "float32": -104.0}
"""Below it the exponential is 0."""


@dataclass(frozen=True)
class Power:
    """e^x as 2^n (1 + r + q r^2).

    The lowest bits of `exponent` hold n plus the format's bias, or twice the bias.
    """

    exponent: Whole
    biases: int
    r: Real
    q: Real

    def scale(self, shift: int = 0) -> Real:
        """2^(n + shift), where that is a normal number."""
        format = self.r.format
        exponent = self.exponent + (shift - (self.biases - 1) * format.bias)
        return (exponent << format.fraction).number()

    def fraction(self) -> Real:
        """e^r."""
        return fma(self.r, fma(self.r, self.q, 1.0), 1.0)

    def times(self, factor: Real) -> Real:
        """e^r times a factor."""
        return fma(factor, fma(self.r, self.r * self.q, self.r), factor)

    def less(self, part: float, scale: Real) -> Real:
        """Scale times e^r, less a part."""
        grown = scale * self.r
        return fma(grown, self.r * self.q, grown + (scale - part))

    def scaled(self, x: Real) -> Real:
        """2^n x, in two steps since 2^n may be out of range; asks for two biases."""
        half, fraction = self.exponent >> 1, x.format.fraction
        rest = self.exponent - half
        return x * (half << fraction).number() * (rest << fraction).number()


def power(x: Real, low: Real | None = None, biases: int = 1,
          table: Sequence[float] | None = None) -> Power:
    """Reduce x + low. Another table may have less precision."""
    format = x.format
    log2, log2_low = x.pick(LOG2)
    rounder = format.rounder + biases * format.bias
    shifted = fma(x, x.pick(LOG2E)[0], rounder)
    n = shifted - rounder
    r = fma(n, -log2, x)
    r = fma(n, -log2_low, r) if low is None else r + fma(n, -log2_low, low)
    return Power(shifted.bits(), biases, r, polynomial(r, table or x.pick(EXP)))


def exponential(x: Real) -> Real:
    """e^x, for x where it isn't yet infinite, and not long 0."""
    p = power(x, biases=2)
    return p.scaled(p.fraction())


@function
def exp(x: Real) -> Real:
    """e^x."""
    return exponential(at_least(x.pick(LEAST), at_most(x.pick(MOST), x)))


def decay(x: Real) -> Real:
    """e^-|x|."""
    return exponential(at_least(x.pick(LEAST), -abs(x)))


@function
def expm1(x: Real) -> Real:
    """e^x - 1, as twice its half, which doesn't overflow too early."""
    p = power(at_least(-40.0, at_most(x.pick(MOST), x)))
    half = p.less(0.5, p.scale(-1))
    return where(abs(x) < 4.0 * x.format.tiny, x, half + half)


@function
def _sigmoid(x: Real) -> Real:
    """1/(1 + t) = 1 - q or t/(1 + t) = t - t q, with t = e^-|x| and q = t/(1 + t)."""
    t = decay(x)
    whole = where(x < 0.0, t, 1.0)
    return fma(-whole, t / (1.0 + t), whole)


@function
def tanh(x: Real) -> Real:
    """(1 - e)/(1 + e) with e = e^-2a = 2^n e^-2v, a = |x| = v - n log(2)/2, and the sign of x.

    The sign of the number 2 2^n is part of what is added to n. What 1 + e loses in rounding is
    taken from 1 - e, times about their quotient.
    """
    format, a = x.format, at_most(20.0, abs(x))
    log2, log2_low = x.pick(LOG2)
    sign = 1 << format.width - 1 - format.fraction
    rounder = format.rounder + (format.bias + 1 + sign)
    shifted = fma(a, -2.0 * x.pick(LOG2E)[0], rounder)
    n = shifted - rounder
    v = fma(n, 0.5 * log2_low, fma(n, 0.5 * log2, a))
    double = (shifted.bits() << format.fraction).number()  # -2 2^n
    grown = double * v
    tail = v * polynomial(v, [c * (-2.0) ** (k + 1) for k, c in enumerate(x.pick(EXP))])
    change = fma(grown, tail, grown)  # e - 2^n
    more = fma(double, -0.5, 1.0)
    total = more + change
    lost = (more - total) + change
    less = fma(double, 0.5, 1.0) - (grown + fma(grown, tail, at_most(1.0, a) * lost))
    return copysign(less / total, x)


@function
def sinh(x: Real) -> Real:
    """(u + u/(1 + u))/2 with u = e^|x| - 1, and the sign of x."""
    p = power(at_most(x.pick(MOST) + 0.5, abs(x)))
    quarter = p.less(0.25, p.scale(-2))
    half = quarter + quarter
    bounded = at_most(2.0**100, half)
    value = half + bounded / (1.0 + (bounded + bounded))
    return copysign(where(abs(x) < 8.0 * x.format.tiny, x, value), x)


@function
def cosh(x: Real) -> Real:
    """E + 1/(4 E) with E = e^|x|/2."""
    p = power(at_most(x.pick(MOST) + 0.5, abs(x)))
    quarter = p.fraction() * p.scale(-2)
    return (quarter + quarter) + 0.125 / quarter
