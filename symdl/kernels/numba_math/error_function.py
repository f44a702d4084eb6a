"""The error function and its complement.

erf(a) = 1 - e^-w with w = -log(erfc(a)), a smooth function that starts as 2/sqrt(pi) a. The
complement is e^(-a^2) times a function that changes little, exp(a^2) erfc(a) (a + 4), divided by
a + 4; that function is a polynomial in (a - 4)/(a + 4), as in Shepherd and Laframboise 1981,
Chebyshev approximation of (1 + 2x) exp(x^2) erfc x.
"""

from __future__ import annotations

from symdl.kernels.numba_math.coefficients import ERF, ERFC, TWO_OVER_ROOT_PI
from symdl.kernels.numba_math.exponentials import power
from symdl.kernels.numba_math.function import function
from symdl.kernels.numba_math.operations import at_least, at_most, copysign, fma, polynomial, where
from symdl.kernels.numba_math.values import Real

ONE_FROM = {"float64": 5.93, "float32": 3.93}
"""From here on erf is 1."""

ZERO_FROM = {"float64": 27.3, "float32": 10.1}
"""From here on erfc is 0."""


@function
def erf(x: Real) -> Real:
    """2/sqrt(pi) times the integral of e^(-t^2) from 0 to x."""
    slope, slope_low = x.pick(TWO_OVER_ROOT_PI)
    b = at_least(-x.pick(ONE_FROM), -abs(x))
    p = power(fma(b, slope, b * fma(b, polynomial(b, b.pick(ERF)), slope_low)))
    return copysign(p.less(1.0, p.scale()), x)


@function
def erfc(x: Real) -> Real:
    """1 - erf(x)."""
    a = at_most(x.pick(ZERO_FROM), abs(x))
    share, rest = reciprocal(a, 4.0)
    t = fma(rest, -8.0, fma(share, -8.0, 1.0))
    first, *others = x.pick(ERFC)
    rise = polynomial(t, others)
    smooth = fma(t, rise, first)
    lost = fma(t, rise, first - smooth)
    square = -(a * a)
    p = power(square, -fma(a, a, square), biases=2)
    value = p.scaled(p.times(fma(smooth, share, fma(smooth, rest, share * lost))))
    return where(x < 0.0, 2.0 - value, value)


def reciprocal(a: Real, shift: float) -> tuple[Real, Real]:
    """1/(a + shift) and what it lacks to be exact."""
    total = a + shift
    low = a - (total - shift)
    first = 1.0 / total
    return first, first * fma(-first, low, fma(-first, total, 1.0))
