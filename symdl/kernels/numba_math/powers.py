"""Powers with real exponents, with the conventions of C's pow (ISO C11, F.10.4.4).

x^y = e^(y log x), where log x = k log(2) + 2 atanh(s) and y log x are sums of two numbers, since
an absolute error of the exponent is a relative one of the power (Muller et al., *Handbook of
Floating-Point Arithmetic*, 2nd edition, chapters 4 and 10). Float32 is computed in float64.
"""

from __future__ import annotations

from math import inf, nan

from symdl.kernels.numba_math.coefficients import EXP, LOG2, LOG_TAIL, THIRD
from symdl.kernels.numba_math.exponentials import LEAST, MOST, power
from symdl.kernels.numba_math.format import FLOAT32, FLOAT64
from symdl.kernels.numba_math.function import function
from symdl.kernels.numba_math.logarithms import logarithm, normal, parts
from symdl.kernels.numba_math.operations import (
    at_least,
    at_most,
    copysign,
    fma,
    polynomial,
    rounded_down,
    where,
)
from symdl.kernels.numba_math.values import Real


def long_log(x: Real) -> tuple[Real, Real]:
    """log(x) for a finite x > 0 as a sum of two numbers, to some 65 bits in float64."""
    log2, log2_low = x.pick(LOG2)
    raised, lift = normal(x)
    k, m = parts(raised)
    k = k - lift
    s, s_low = divided(m - 1.0)
    cubic, cubic_low = beyond_linear(s, s_low)
    large = k * log2
    large_low = fma(k, log2, -large) + k * log2_low
    first = large + 2.0 * s
    first_low = (large - first) + 2.0 * s
    total = first + 2.0 * cubic
    total_low = (first - total) + 2.0 * cubic
    return total, total_low + first_low + large_low + 2.0 * (s_low + cubic_low)


def divided(f: Real) -> tuple[Real, Real]:
    """f/(2 + f) as a sum of two numbers."""
    total = 2.0 + f
    low = f - (total - 2.0)
    inverse = 1.0 / total
    s = f * inverse
    return s, fma(-s, low, fma(-s, total, f)) * inverse


def beyond_linear(s: Real, s_low: Real) -> tuple[Real, Real]:
    """atanh(s) - s = s^3 (1/3 + s^2/5 + ...) as a sum of two numbers."""
    third, third_low = s.pick(THIRD)
    z = s * s
    z_low = fma(s, s, -z) + 2.0 * s * s_low
    tail = z * polynomial(z, s.pick(LOG_TAIL))
    c = third + tail
    c_low = ((third - c) + tail) + third_low
    w = z * c
    w_low = fma(z, c, -w) + fma(z, c_low, z_low * c)
    cubic = s * w
    return cubic, fma(s, w, -cubic) + fma(s, w_low, s_low * w)


def log_at_ends(x: Real, value: Real) -> Real:
    """The value of log(x) for x >= 0, right at 0 and infinity too."""
    return where(x < inf, where(x > 0.0, value, -inf), x)


def magnitude(x: Real, y: Real) -> Real:
    """x^y for x >= 0 and |y| that isn't huge."""
    high, low = long_log(x)
    high = log_at_ends(x, high)
    w = y * high
    bounded = at_least(LEAST["float64"], at_most(MOST["float64"], w))
    w_low = where(bounded.equals(w), fma(y, high, -w) + y * low, 0.0)
    p = power(bounded, w_low, biases=2)
    return p.scaled(p.fraction())


def short_magnitude(x: Real, y: Real) -> Real:
    """The same in float64, good enough for float32."""
    w = y * log_at_ends(x, logarithm(x))
    p = power(at_least(LEAST["float32"], at_most(MOST["float32"], w)), table=EXP["float32"])
    return p.fraction() * p.scale()


@function
def pow_(x: Real, y: Real) -> Real:
    """x^y."""
    a, half = abs(x), 0.5 * y
    bounded = at_least(-(2.0**80), at_most(2.0**80, y))
    if x.format is FLOAT32:
        value = short_magnitude(a.to(FLOAT64), bounded.to(FLOAT64)).to(FLOAT32)
    else:
        value = magnitude(a, bounded)
    whole = rounded_down(y).equals(y)
    odd = whole & ~rounded_down(half).equals(half)
    value = where(odd, copysign(value, x), value)
    value = where((x < 0.0) & (a < inf) & ~whole, nan, value)
    return where(x.equals(1.0) | y.equals(0.0), 1.0, value)
