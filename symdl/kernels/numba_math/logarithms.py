"""The logarithm and what is made of it.

log(u) = k log(2) + log(1 + f) with u = 2^k (1 + f) and sqrt(1/2) <= 1 + f < sqrt(2);
log(1 + f) = 2 atanh(s) with s = f/(2 + f) is summed as f - (h - s (h + R)), h = f^2/2, where f
is exact and R = 2 atanh(s)/s - 2 (Tang 1990, Table-driven implementation of the logarithm
function in IEEE floating-point arithmetic, and FDLIBM's e_log.c, which has this sum).
"""

from __future__ import annotations

from math import inf, nan

from symdl.kernels.numba_math.coefficients import LOG, LOG2, LOG_WIDE
from symdl.kernels.numba_math.exponentials import LEAST, decay, power
from symdl.kernels.numba_math.function import function
from symdl.kernels.numba_math.values import (
    Real,
    at_least,
    at_most,
    copysign,
    fma,
    polynomial,
    square_root,
    where,
)

ROOT_HALF = {"float64": 0x3FE6A09E667F3BCD, "float32": 0x3F3504F3}
"""The bits of sqrt(1/2)."""


def parts(u: Real) -> tuple[Real, Real]:
    """k and m with u = 2^k m and sqrt(1/2) <= m < sqrt(2), for a normal number u > 0."""
    form, root = u.form, ROOT_HALF[u.form.name]
    offset = u.bits() - (root - (form.bias << form.fraction))
    m = ((offset & (1 << form.fraction) - 1) + root).real()
    carrier = (form.fraction + form.bias) << form.fraction  # the bits of 2^fraction
    k = (offset >> form.fraction | carrier).real() - (2.0**form.fraction + form.bias)
    return k, m


def logarithm(u: Real, low: Real | None = None, lift: Real | float = 0.0) -> Real:
    """log(u + low) - lift log(2) for a normal number u > 0 and what it lacks to be exact."""
    form = u.form
    log2, log2_low = LOG2[form.name]
    k, m = parts(u)
    f = m - 1.0
    if isinstance(lift, Real):
        k = k - lift
    if low is not None:  # 2^-k, which is out of range where low doesn't count
        bounded = at_most(1.0 / (8.0 * form.tiny), u)
        f = fma(low, (m.bits() - bounded.bits() + (form.bias << form.fraction)).real(), f)
    s = f / (2.0 + f)
    h = 0.5 * f * f
    z = s * s
    rest = fma(s, fma(z, polynomial(z, LOG[z.form.name]), h), k * log2_low)
    return fma(k, log2, f - (h - rest))


def checked(u: Real, value: Real) -> Real:
    """The value of a logarithm of u, right at 0, at infinity and below 0."""
    return where(u > 0.0, where(u < inf, value, u), where(u.equals(0.0), -inf, nan))


@function
def log(x: Real) -> Real:
    """The natural logarithm."""
    return log_of(x)


def log_of(x: Real, low: Real | None = None) -> Real:
    """log(x + low), also for a number x that isn't normal."""
    raised, lift = normal(x)
    return checked(x, logarithm(raised, low, lift))


def normal(x: Real) -> tuple[Real, Real]:
    """x 2^l and l, so that it is a normal number."""
    lift, small = float(x.form.fraction + 1), x < x.form.tiny
    return where(small, x * 2.0**lift, x), where(small, lift, 0.0)


def log1p_of(x: Real) -> Real:
    """log(1 + x)."""
    u = 1.0 + x
    return checked(u, logarithm(u, x - (u - 1.0)))


@function
def log1p(x: Real) -> Real:
    """log(1 + x)."""
    return log1p_of(x)


def log1p_decay(x: Real) -> Real:
    """log(1 + e^-|x|), with k = 0."""
    f = decay(x)
    s = f / (2.0 + f)
    h = 0.5 * f * f
    z = s * s
    return f - fma(-s, fma(z, polynomial(z, LOG_WIDE[z.form.name]), h), h)


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
    p = power(at_least(LEAST[x.form.name], at_most(1.0, x)), biases=2)
    near, e = x > -0.6931471805599453, p.scaled(p.fraction())
    u = where(near, -p.less(1.0, p.scale()), 1.0 - e)
    return log_of(u, where(near, 0.0, (1.0 - u) - e))


@function
def asinh(x: Real) -> Real:
    """log(1 + a + a^2/(1 + sqrt(1 + a^2))) for a = |x|, with the sign of x; log(2 a) where large."""
    a, log2 = abs(x), LOG2[x.form.name][0]
    large = a > 2.0 ** (x.form.fraction // 2 + 3)
    near = where(large, 1.0, a)
    root = square_root(fma(near, near, 1.0))
    value = log1p_of(where(large, a - 1.0, near + near * near / (1.0 + root)))
    return copysign(value + where(large, log2, 0.0), x)


@function
def acosh(x: Real) -> Real:
    """log(1 + t + sqrt(2 t + t^2)) for t = x - 1; log(2 x) where large."""
    large = x > 2.0 ** (x.form.fraction // 2 + 3)
    t = where(large, 1.0, x) - 1.0
    value = log1p_of(where(large, x - 1.0, t + square_root(t * (t + 2.0))))
    return where(x < 1.0, nan, value + where(large, LOG2[x.form.name][0], 0.0))


@function
def atanh(x: Real) -> Real:
    """log(1 + 2 a/(1 - a))/2 for a = |x|, with the sign of x."""
    a = abs(x)
    return copysign(0.5 * log1p_of(2.0 * a / (1.0 - a)), x)
