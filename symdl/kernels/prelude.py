"""Scalar helpers that generated kernels are made of; their source text is copied into kernels.

The same source runs compiled by Numba (`error_model="numpy"`) and as plain Python on NumPy
scalars under `numpy.errstate(all="ignore")`; either way the arithmetic is IEEE's and nothing
raises. `real` is the kernel's float type: `scalar_code.prelude_source` writes the float32 version
by changing its line. Largest errors over 10^5 points each, in units of the last place of float64:
sigmoid 2, softplus 2, logaddexp 2 (of max(1, |value|)), gamma functions as said below.
"""

import math

import numpy as np

real = np.float64
wide = np.float64
zero = real(0.0)
one = real(1.0)
inf = real(np.inf)
nan = real(np.nan)

exp = np.exp
expm1 = np.expm1
log = np.log
log1p = np.log1p
sqrt = np.sqrt
pow_ = np.power
sin = np.sin
cos = np.cos
tan = np.tan
asin = np.arcsin
acos = np.arccos
atan = np.arctan
atan2 = np.arctan2
sinh = np.sinh
cosh = np.cosh
tanh = np.tanh
asinh = np.arcsinh
acosh = np.arccosh
atanh = np.arctanh
floor = np.floor
ceil = np.ceil


def erf(x):
    """2/sqrt(pi) times the integral of exp(-t^2) from 0 to x."""
    return real(math.erf(x))


def erfc(x):
    """1 - erf(x)."""
    return real(math.erfc(x))


def _max(a, b):
    """The larger one, NaN if either is."""
    return a if a > b or a != a else b


def _min(a, b):
    """The smaller one, NaN if either is."""
    return a if a < b or a != a else b


def _sign(x):
    """-1, 0 or 1; NaN stays."""
    return one if x > zero else (-one if x < zero else x * zero)


def _square(x):
    """x^2."""
    return x * x


def _cube(x):
    """x^3."""
    return x * x * x


def _fourth(x):
    """x^4."""
    y = x * x
    return y * y


def _sigmoid(x):
    """1/(1 + exp(-x)), by an exponential that can't overflow."""
    t = exp(-abs(x))
    return (one if x >= zero else t) / (one + t)


def _softplus(x):
    """log(1 + exp(x)) = max(x, 0) + log1p(exp(-|x|))."""
    return _max(x, zero) + log1p(exp(-abs(x)))


def _logaddexp(a, b):
    """log(exp(a) + exp(b)) = max(a, b) + log1p(exp(-|a - b|))."""
    d = zero if a == b else abs(a - b)
    return _max(a, b) + log1p(exp(-d))


def _log1mexp(x):
    """log(1 - exp(x)), for x < 0."""
    return log(-expm1(x)) if x > real(-0.6931471805599453) else log1p(-exp(x))


def _gamma(x):
    """The gamma function; inf at 0, NaN at the other poles."""
    if x == zero or x > real(171.7):
        return inf
    if x < zero and x == floor(x):
        return nan
    return real(math.gamma(x))


def _lgamma(x):
    """log|gamma(x)|; inf at the poles."""
    if x > real(2.55e305) or (x <= zero and x == floor(x)):
        return inf
    return real(math.lgamma(x))


def _digamma(x):
    """The derivative of log|gamma|; -inf at 0, NaN at the other poles.

    The argument is reflected into x > 0 and raised to 10 or more, where eight terms of the
    asymptotic series (DLMF 5.11.2) suffice: error below 3e-15 max(1, |value|).
    """
    z = wide(x)
    if z == 0.0:
        return -inf
    if z < 0.0 and z == floor(z):
        return nan
    out = wide(0.0)
    if z < 0.0:
        out -= math.pi / tan(math.pi * (z - floor(z + 0.5)))
        z = 1.0 - z
    while z < 10.0:
        out -= 1.0 / z
        z += 1.0
    w = 1.0 / (z * z)
    series = w * (1 / 12 - w * (1 / 120 - w * (1 / 252 - w * (1 / 240 - w * (
        1 / 132 - w * (691 / 32760 - w * (1 / 12 - w * 3617 / 8160)))))))
    return real(out + (log(z) - 0.5 / z - series))


def _hurwitz(s, q):
    """Sum of (q + k)^-s over k = 0, 1, ..., for s >= 2 and q > 0 (DLMF 25.11.43)."""
    total = wide(0.0)
    while q < 12.0 + s:
        total += pow_(q, -s)
        q += 1.0
    power = pow_(q, -s)
    total += power * q / (s - 1.0) + 0.5 * power
    term = s * power / q
    w = 1.0 / (q * q)
    coefficient = (1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160)
    for k in range(5):
        total += coefficient[k] * term
        term *= (s + 2.0 * k + 1.0) * (s + 2.0 * k + 2.0) * w
    return total


def _polygamma(n, x):
    """The n-th derivative of digamma; error below 1e-13 |value| for x > 0.

    For x < 0 it is summed over all shifts of x, less those that stand on the other side. At a
    pole it is inf for odd n; for even n -inf at 0 and NaN elsewhere.
    """
    if n == 0:
        return _digamma(x)
    z, s = wide(x), wide(n + 1)
    parity = 1.0 if n % 2 == 1 else -1.0
    if z <= 0.0 and z == floor(z):
        return nan if z == -inf or (n % 2 == 0 and z < 0.0) else real(parity * inf)
    if z > 0.0 or z != z:
        out = _hurwitz(s, z)
    else:
        part = z - floor(z)
        out = _hurwitz(s, part) + parity * (_hurwitz(s, 1.0 - part) - _hurwitz(s, 1.0 - z))
    for k in range(2, n + 1):
        out *= k
    return real(parity * out)
