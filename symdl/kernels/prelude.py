"""Scalar helpers that generated kernels are made of; their source text is copied into kernels.

The same source runs compiled by Numba (`error_model="numpy"`) and as plain Python on NumPy
scalars under `numpy.errstate(all="ignore")`; either way the arithmetic is IEEE's and nothing
raises. `real` is the kernel's float type: `scalar_code.prelude_source` writes the float32 version
by changing its line. `_at` makes an index unsigned in compiled code, which then needs no test for
indices counted from the end. Largest errors over 10^5 points each, in units of the last place of
float64: sigmoid 2, softplus 2, logaddexp 2 (of max(1, |value|)), gamma functions as said below.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Unary = Callable[[float], float]
Binary = Callable[[float, float], float]

real = np.float64
wide = np.float64
zero = real(0.0)
one = real(1.0)
inf = real(np.inf)
nan = real(np.nan)
largest = real(np.finfo(real).max)

exp: Unary = np.exp
expm1: Unary = np.expm1
log: Unary = np.log
log1p: Unary = np.log1p
sqrt: Unary = np.sqrt
pow_: Binary = np.power
sin: Unary = np.sin
cos: Unary = np.cos
tan: Unary = np.tan
asin: Unary = np.arcsin
acos: Unary = np.arccos
atan: Unary = np.arctan
atan2: Binary = np.arctan2
sinh: Unary = np.sinh
cosh: Unary = np.cosh
tanh: Unary = np.tanh
asinh: Unary = np.arcsinh
acosh: Unary = np.arccosh
atanh: Unary = np.arctanh
floor: Unary = np.floor
ceil: Unary = np.ceil


def erf(x: float) -> float:
    """Return 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x."""
    return real(math.erf(x))


def erfc(x: float) -> float:
    """Return 1 - erf(x)."""
    return real(math.erfc(x))


_at: Callable[[int], int] = int


def part(work: Any, k: int, shape: tuple[int, ...], dtype: Any) -> Any:
    """Return buffer k of a workspace, whose first words say where its buffers begin."""
    return np.ndarray(shape, dtype, work, work[k])


def fits(arrays: Any, sizes: Any) -> bool:
    """Return whether the axes of the arrays, one after another, have these sizes."""
    return [n for array in arrays for n in array.shape] == list(sizes)


def outside(labels: Any, n: int) -> bool:
    """Return whether an entry addresses no place on an axis of n entries."""
    flat, found = labels.reshape(labels.size), False
    for k in range(labels.size):
        if flat[_at(k)] < 0 or flat[_at(k)] >= n:
            found = True
    return found


def _inside(k: int, n: int) -> int:
    """Return k, a place on an axis of n entries."""
    if k < 0 or k >= n:
        raise IndexError("a label outside its axis")
    return k


def _plus(a: float, b: float) -> float:
    """Return a + b, a term of a sum whose order doesn't matter."""
    return a + b


def _times(a: float, b: float) -> float:
    """Return a b, a factor of a product whose order doesn't matter."""
    return a * b


def _finite(x: float) -> float:
    """Return x where it is finite, the largest number for inf, else 0."""
    return x if x - x == zero else (largest if x > zero else zero)


def _max(a: float, b: float) -> float:
    """The larger one, NaN if either is."""
    return a if a > b or a != a else b


def _min(a: float, b: float) -> float:
    """The smaller one, NaN if either is."""
    return a if a < b or a != a else b


def _sign(x: float) -> float:
    """-1, 0 or 1; NaN stays."""
    return one if x > zero else (-one if x < zero else x * zero)


def _square(x: float) -> float:
    """x^2."""
    return x * x


def _cube(x: float) -> float:
    """x^3."""
    return x * x * x


def _fourth(x: float) -> float:
    """x^4."""
    y = x * x
    return y * y


def _sigmoid(x: float) -> float:
    """1/(1 + exp(-x)), by an exponential that can't overflow."""
    t = exp(-abs(x))
    return (one if x >= zero else t) / (one + t)


def _softplus(x: float) -> float:
    """log(1 + exp(x)) = max(x, 0) + log1p(exp(-|x|))."""
    return _max(x, zero) + log1p(exp(-abs(x)))


def _logaddexp(a: float, b: float) -> float:
    """log(exp(a) + exp(b)) = max(a, b) + log1p(exp(-|a - b|))."""
    d = zero if a == b else abs(a - b)
    return _max(a, b) + log1p(exp(-d))


def _log1mexp(x: float) -> float:
    """log(1 - exp(x)), for x < 0."""
    return log(-expm1(x)) if x > real(-0.6931471805599453) else log1p(-exp(x))


def _gamma(x: float) -> float:
    """The gamma function; inf at 0, NaN at the other poles."""
    if x == zero or x > real(171.7):
        return inf
    if x < zero and x == floor(x):
        return nan
    return real(math.gamma(x))


def _lgamma(x: float) -> float:
    """log|gamma(x)|; inf at the poles."""
    if x > real(2.55e305) or (x <= zero and x == floor(x)):
        return inf
    return real(math.lgamma(x))


def _digamma(x: float) -> float:
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


def _hurwitz(s: float, q: float) -> float:
    """Sum of (q + k)^-s over k = 0, 1, ..., for s >= 2 and q > 0 (DLMF 25.11.43)."""
    total = wide(0.0)
    while q < 12.0 + s:
        total += pow_(q, -s)
        q += 1.0
    power = pow_(q, -s)
    total += pow_(q, 1.0 - s) / (s - 1.0) + 0.5 * power
    term = s * power / q
    w = 1.0 / (q * q)
    coefficient = (
        1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000,
        1 / 74724249600, -3617 / 10670622842880000,
    )
    for k in range(8):
        total += coefficient[k] * term
        term *= (s + 2.0 * k + 1.0) * (s + 2.0 * k + 2.0) * w
    return total


def _polygamma(n: int, x: float) -> float:
    """The n-th derivative of digamma; error below 2e-15 |value| for x > 0.

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
        d = z - floor(z + 0.5)
        out = pow_(d, -s) + _hurwitz(s, 1.0 + d)
        out += parity * (_hurwitz(s, 1.0 - d) - _hurwitz(s, 1.0 - z))
    for k in range(2, n + 1):
        out *= k
    return real(parity * out)
