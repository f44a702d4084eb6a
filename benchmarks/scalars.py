"""Where scalar functions are looked at, and what they are there, in mpmath's numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from mpmath import libmp, mp, mpf
from scipy import special

Array = np.ndarray
Draw = Callable[[np.random.Generator, int, np.finfo], Array]
"""So many points of a kind; of functions of two arguments, a row an argument."""

BITS = 120
"""The precision of exact values."""


def even(lo: float, hi: float) -> Draw:
    """Evenly spread."""
    return lambda draw, n, kind: draw.uniform(lo, hi, n)


def each(lo: float, hi: float) -> Draw:
    """In every size alike, with both signs."""
    return lambda draw, n, kind: (np.exp(draw.uniform(np.log(lo), np.log(hi), n))
                                  * draw.choice([-1, 1], n))


def near(x: float, far: float = 0.5) -> Draw:
    """In every distance alike from a number."""
    return lambda draw, n, kind: x + each(1e-9, far)(draw, n, kind)


def patterns(draw: np.random.Generator, n: int, kind: np.finfo) -> Array:
    """All bits alike: every size, both signs, infinities and NaN."""
    whole = np.dtype(f"u{kind.bits // 8}")
    return draw.integers(0, np.iinfo(whole).max, n, whole, endpoint=True).view(kind.dtype)


def edges(draw: np.random.Generator, n: int, kind: np.finfo) -> Array:
    """The few numbers near 0, overflow, underflow and the end of the normal numbers."""
    at = [0.0, 1.0, np.inf, np.nan, kind.smallest_subnormal, kind.tiny, kind.max, np.log(kind.max),
          -np.log(kind.tiny), -np.log(kind.tiny * kind.eps)]
    beside = [np.nextafter(kind.dtype.type(x), kind.dtype.type(y)) for x in at for y in (-9, 9)]
    return np.array([*at, *beside, *(-x for x in (*at, *beside))])


@dataclass(frozen=True)
class Case:
    """A function of the catalogue: its exact value, where it is tried, and how far it may be off.

    Attributes
    ----------
    exact : callable
        Its value in mpmath's numbers.
    peer : callable
        What NumPy or SciPy has.
    draws : tuple of callable
        Where it is tried beside all bit patterns and the edges, in equal shares.
    bound : float
        The largest error in units of the last place.
    timed : (float, float)
        The range of the arguments that are timed.
    """

    exact: Callable[..., Any]
    peer: Callable[..., Array]
    draws: tuple[Draw, ...]
    bound: float = 2.0
    timed: tuple[float, float] = (-4.0, 4.0)

    @property
    def arity(self) -> int:
        """How many arguments it takes."""
        return 2 if self.peer is np.power else 1

    def points(self, count: int, dtype: str, seed: int = 0) -> tuple[Array, ...]:
        """About so many points, one array an argument."""
        draw, kind = np.random.default_rng(seed), np.finfo(dtype)
        draws = self.draws if self.arity == 2 else (*self.draws, patterns, edges)
        with np.errstate(all="ignore"):
            parts = [d(draw, -(-count // len(draws)), kind) for d in draws]
            return tuple(np.atleast_2d(np.concatenate(parts, axis=-1)).astype(dtype))


def _softplus(x: mpf) -> mpf:
    return mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x))


def _erfc(x: mpf) -> mpf:
    return mp.erfc(x) if x < 40 else mpf(0)


def _pow(x: mpf, y: mpf) -> Any:
    if x == 1 or y == 0:
        return mpf(1)
    size = abs(x)
    odd = mp.isfinite(y) and y == mp.floor(y) and int(y) % 2 == 1
    if x < 0 and mp.isfinite(x) and mp.isfinite(y) and y != mp.floor(y):
        return mp.nan
    with mp.workprec(BITS + 20):
        exponent = y * mp.log(size) if size != 1 else mpf(0)
    value = mp.exp(max(min(exponent, mpf(2000)), mpf(-2000))) if exponent == exponent else exponent
    return -value if odd and x < 0 else value


def _power_points(draw: np.random.Generator, n: int, kind: np.finfo) -> Array:
    """Powers of every size, from bases of every size, near 1 and in between."""
    most = 1.05 * np.log(kind.max)
    bases = np.concatenate([abs(each(float(kind.tiny), float(kind.max) / 2)(draw, n // 3, kind)),
                            draw.uniform(0.5, 2, n // 3), near(1.0)(draw, n - 2 * (n // 3), kind)])
    return np.array([bases, draw.uniform(-most, most, n) / np.log(bases)])


def _whole_powers(draw: np.random.Generator, n: int, kind: np.finfo) -> Array:
    return np.array([draw.uniform(-9, 9, n), draw.integers(-30, 30, n)])


def _all_sizes(draw: np.random.Generator, n: int, kind: np.finfo) -> Array:
    return np.array([patterns(draw, n, kind), patterns(draw, n, kind)])




def _quarters(draw: np.random.Generator, n: int, kind: np.finfo) -> Array:
    """Next to multiples of pi/2."""
    return draw.integers(1, 2**20, n) * (np.pi / 2)


_CIRCLE = (even(-10, 10), each(1e-6, 2.0**31), even(-(2.0**20), 2.0**20), _quarters)

CASES = {
    "exp": Case(mp.exp, np.exp, (even(-746, 710), each(1e-9, 100), even(-104, 89))),
    "expm1": Case(mp.expm1, np.expm1, (even(-1, 1), each(1e-9, 100), even(-104, 710))),
    "log": Case(mp.log, np.log, (even(0.4, 3), near(1.0), lambda *a: abs(each(1e-300, 1e300)(*a))),
                timed=(0.1, 9)),
    "log1p": Case(mp.log1p, np.log1p, (even(-1, 3), each(1e-9, 0.9), near(-1.0)),
                  timed=(-0.5, 5)),
    "tanh": Case(mp.tanh, np.tanh, (even(-1, 1), even(-20, 20), each(1e-9, 20))),
    "sigmoid": Case(lambda x: 1 / (1 + mp.exp(-x)), special.expit,
                    (even(-5, 5), even(-746, 40), each(1e-9, 100))),
    "softplus": Case(_softplus, lambda x, out: np.logaddexp(0.0, x, out=out, dtype=x.dtype),
                     (even(-1, 1), even(-5, 5), even(-746, 40))),
    "erf": Case(mp.erf, special.erf, (even(-1, 1), even(-6, 6), each(1e-9, 6))),
    "erfc": Case(_erfc, special.erfc, (even(-1, 3), even(-10, 10), even(-6, 27.3)), 4.0),
    "sin": Case(mp.sin, np.sin, _CIRCLE),
    "cos": Case(mp.cos, np.cos, _CIRCLE),
    "pow": Case(_pow, np.power, (_power_points, _whole_powers, _all_sizes), 4.0, (0.1, 5.0)),
    "tan": Case(mp.tan, np.tan, _CIRCLE, 4.0),
    "asin": Case(mp.asin, np.arcsin, (even(-1, 1), each(1e-9, 1), near(1.0)), 3.0, (-1, 1)),
    "acos": Case(mp.acos, np.arccos, (even(-1, 1), each(1e-9, 1), near(1.0)), timed=(-1, 1)),
    "atan": Case(mp.atan, np.arctan, (even(-1, 1), even(-4, 4), each(1e-9, 1e30))),
    "sinh": Case(mp.sinh, np.sinh, (even(-2, 2), even(-711, 711), each(1e-9, 90)), 3.0),
    "cosh": Case(mp.cosh, np.cosh, (even(-2, 2), even(-711, 711), each(1e-9, 90))),
    "asinh": Case(mp.asinh, np.arcsinh, (even(-3, 3), each(1e-9, 1), each(1, 1e30))),
    "acosh": Case(mp.acosh, np.arccosh, (even(1, 3), near(1.0), even(1, 1e9)), 3.0, (1.1, 5)),
    "atanh": Case(mp.atanh, np.arctanh, (even(-1, 1), each(1e-9, 1), near(1.0)), timed=(-0.9, 0.9)),
}


def exact(name: str, *points: Array) -> tuple[Array, Array]:
    """The values of a function as float64 numbers, and what these lack."""
    function = CASES[name].exact
    with mp.workprec(BITS):
        values = [_value(function, [mp.make_mpf(libmp.from_float(float(x))) for x in at])
                  for at in zip(*points, strict=True)]
        high = np.array([float(v) for v in values])
        low = np.array([float(v - h) if np.isfinite(h) else 0.0
                        for v, h in zip(values, high.tolist(), strict=True)])
    return high, low


def _value(function: Callable[..., Any], at: list[mpf]) -> mpf:
    if any(x != x for x in at) and len(at) == 1:
        return mp.nan
    try:
        value = function(*at)
    except (ValueError, ZeroDivisionError):
        return mp.nan
    return value if isinstance(value, mpf) else mp.nan


def errors(found: Array, high: Array, low: Array) -> Array:
    """How far numbers are off, in units of the last place of the exact value."""
    kind = np.finfo(found.dtype)
    with np.errstate(all="ignore"):
        nearest = high.astype(found.dtype)
        _, exponent = np.frexp(np.maximum(abs(high), float(kind.tiny)))
        unit = np.ldexp(1.0, exponent - 1 - kind.nmant)
        off = abs((found.astype(np.float64) - high) - low) / unit
        same = (found == nearest) | (np.isnan(found) & np.isnan(nearest))
        finite = np.isfinite(found) & np.isfinite(nearest)
    return np.where(finite, off, np.where(same, 0.0, np.inf))
