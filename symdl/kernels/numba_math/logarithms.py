"""The logarithm and what is made of it.

log(u) = k log(2) + log(1 + f) with u = 2^k (1 + f) and sqrt(1/2) <= 1 + f < sqrt(2). There
log(1 + f) = f - (h - s (h + R)) with h = f^2/2, s = f/(2 + f) and R = 2 atanh(s)/s - 2: what
follows f, which is exact, is small (FDLIBM, e_log.c, 1993).
"""

from __future__ import annotations

from math import inf, nan

from symdl.kernels.numba_math.coefficients import LOG, LOG2, LOG_WIDE
from symdl.kernels.numba_math.exponentials import LEAST, decay, power
from symdl.kernels.numba_math.function import function
from symdl.kernels.numba_math.operations import (
    at_least,
    at_most,
    copysign,
    fma,
    polynomial,
    square_root,
    where,
)
from symdl.kernels.numba_math.values import Real

ROOT_HALF = {"float64": 0x3FE6A09E667F3BCD, "float32": 0x3F3504F3}
"""The bits of sqrt(1/2)."""


def parts(u: Real) -> tuple[Real, Real]:
    """Return k and m with u = 2^k m and sqrt(1/2) <= m < sqrt(2), for a normal number u > 0."""
    format, root = u.format, u.pick(ROOT_HALF)
    offset = u.bits() - (root - (format.bias << format.fraction))
    m = ((offset & (1 << format.fraction) - 1) + root).number()
    carrier = (format.fraction + format.bias) << format.fraction  # the bits of 2^fraction
    k = (offset >> format.fraction | carrier).number() - (2.0**format.fraction + format.bias)
    return k, m


def logarithm(u: Real, low: Real | None = None, lift: Real | None = None) -> Real:
    """log(u + low) - lift log(2) for a normal number u > 0 and what it lacks to be exact."""
    format = u.format
    log2, log2_low = u.pick(LOG2)
    k, m = parts(u)
    k = k if lift is None else k - lift
    f = m - 1.0
    if low is not None:  # 2^-k is out of range only where low doesn't count
        bounded = at_most(1.0 / (8.0 * format.tiny), u)
        f = fma(low, (m.bits() - bounded.bits() + (format.bias << format.fraction)).number(), f)
    s = f / (2.0 + f)
    h, z = 0.5 * f * f, s * s
    rest = fma(s, fma(z, polynomial(z, z.pick(LOG)), h), k * log2_low)
    return fma(k, log2, f - (h - rest))


def checked(u: Real, value: Real) -> Real:
    """The value of a logarithm of u, right at 0, at infinity and below 0."""
    return where(u > 0.0, where(u < inf, value, u), where(u.equals(0.0), -inf, nan))


def normal(x: Real) -> tuple[Real, Real]:
    """Return a normal number x 2^l, and l."""
    lift, small = float(x.format.fraction + 1), x < x.format.tiny
    return where(small, x * 2.0**lift, x), where(small, lift, 0.0)


def any_logarithm(x: Real, low: Real | None = None) -> Real:
    """log(x + low), whatever x is."""
    raised, lift = normal(x)
    return checked(x, logarithm(raised, low, lift))


def logarithm_from_one(x: Real) -> Real:
    """log(1 + x)."""
    u = 1.0 + x
    return checked(u, logarithm(u, x - (u - 1.0)))


def log1p_decay(x: Real) -> Real:
    """log(1 + f) for f = e^-|x|, with k = 0."""
    f = decay(x)
    s = f / (2.0 + f)
    h, z = 0.5 * f * f, s * s
    return f - fma(-s, fma(z, polynomial(z, z.pick(LOG_WIDE)), h), h)


@function
def log(x: Real) -> Real:
    """The natural logarithm."""
    return any_logarithm(x)


@function
def log1p(x: Real) -> Real:
    """log(1 + x)."""
    return logarithm_from_one(x)


@function
def _softplus(x: Real) -> Real:
    """log(1 + e^x) = max(x, 0) + log(1 + e^-|x|)."""
    return at_least(0.0, x) + log1p_decay(x)


@function
def _logaddexp(a: Real, b: Real) -> Real:
    """log(e^a + e^b) = max(a, b) + log(1 + e^-|a - b|)."""
    return where(a > b, a, b) + log1p_decay(where(a.equals(b), 0.0, a - b))


@function
def _log1mexp(x: Real) -> Real:
    """log(1 - e^x) for x < 0: log(-(e^x - 1)) near 0, else log1p(-e^x)."""
    p = power(at_least(x.pick(LEAST), at_most(1.0, x)), biases=2)
    near, e = x > -0.6931471805599453, p.scaled(p.fraction())
    u = where(near, -p.less(1.0, p.scale()), 1.0 - e)
    return any_logarithm(u, where(near, 0.0, (1.0 - u) - e))


@function
def asinh(x: Real) -> Real:
    """log(1 + a + a^2/(1 + sqrt(1 + a^2))) for a = |x|, with the sign of x; log(2 a) if large."""
    a = abs(x)
    large = a > 2.0 ** (x.format.fraction // 2 + 3)
    near = where(large, 1.0, a)
    root = square_root(fma(near, near, 1.0))
    value = logarithm_from_one(where(large, a - 1.0, near + near * near / (1.0 + root)))
    return copysign(value + where(large, x.pick(LOG2)[0], 0.0), x)


@function
def acosh(x: Real) -> Real:
    """log(1 + t + sqrt(2 t + t^2)) for t = x - 1; log(2 x) if large."""
    large = x > 2.0 ** (x.format.fraction // 2 + 3)
    t = where(large, 1.0, x) - 1.0
    value = logarithm_from_one(where(large, x - 1.0, t + square_root(t * (t + 2.0))))
    return where(x < 1.0, nan, value + where(large, x.pick(LOG2)[0], 0.0))


@function
def atanh(x: Real) -> Real:
    """log(1 + 2 a/(1 - a))/2 for a = |x|, with the sign of x."""
    a = abs(x)
    return copysign(0.5 * logarithm_from_one(2.0 * a / (1.0 - a)), x)
