"""Scalar domains over which the oracle evaluates: float64, complex128, Fraction and mpf."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import mpmath
import sympy


def real_part(x: Any) -> Any:
    """What numbers are compared by."""
    return x.real if isinstance(x, complex) else x


RELATIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "StrictGreaterThan": lambda a, b: real_part(a) > real_part(b),
    "GreaterThan": lambda a, b: real_part(a) >= real_part(b),
    "StrictLessThan": lambda a, b: real_part(a) < real_part(b),
    "LessThan": lambda a, b: real_part(a) <= real_part(b),
    "Equality": lambda a, b: real_part(a) == real_part(b),
    "Unequality": lambda a, b: real_part(a) != real_part(b),
}


@dataclass(frozen=True)
class Domain:
    """Numbers of one kind: how to make them, the functions they have, how they are compared."""

    name: str
    number: Callable[[Any], Any]
    functions: Mapping[str, Callable[..., Any]] = field(repr=False)
    infinity: Any = math.inf
    nan: Any = math.nan
    relations: Mapping[str, Callable[[Any, Any], Any]] = field(default_factory=lambda: RELATIONS,
                                                               repr=False)

    def constant(self, x: sympy.Expr) -> Any:
        """An exact SymPy number in this domain."""
        if x.is_Rational:
            return self.number(int(x.p)) / self.number(int(x.q)) if x.q != 1 else (
                self.number(int(x.p)))
        if x is sympy.oo or x is -sympy.oo:
            return self.infinity if x is sympy.oo else -self.infinity
        if x is sympy.nan:
            return self.nan
        return self.functions["constant"](x)


def _guarded(function: Callable[..., Any], pole: type[Exception] = ValueError,
             ) -> Callable[..., Any]:
    def call(*args: Any) -> Any:
        if any(a != a for a in args):
            return args[0] + args[-1]
        try:
            return function(*args)
        except (ValueError, ZeroDivisionError, pole):
            return type(args[0])("nan")

    return call


def _logarithm(log: Callable[[Any], Any], infinity: Any) -> Callable[[Any], Any]:
    def call(x: Any) -> Any:
        if x == 0:
            return -infinity
        return log(x) if x > 0 else x * math.nan if x != x or x < 0 else log(x)

    return call


def _float_exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def _float_power(x: float, y: float) -> float:
    try:
        return float(x) ** y if x >= 0 or float(y).is_integer() else math.nan
    except OverflowError:
        return math.copysign(math.inf, x) if y % 2 == 1 else math.inf
    except ZeroDivisionError:
        return math.copysign(math.inf, x) if y % 2 == 1 else math.inf


def _overflow(function: Callable[[float], float], odd: bool) -> Callable[[float], float]:
    def call(x: float) -> float:
        try:
            return function(x)
        except OverflowError:
            return math.copysign(math.inf, x) if odd else math.inf
        except ValueError:
            return math.nan

    return call


def _polygamma(n: Any, x: Any) -> Any:
    with mpmath.workdps(30):
        return float(mpmath.polygamma(int(n), x)) if x == x else x


FLOAT64 = Domain("float64", float, {
    "constant": float,
    "exp": _float_exp, "log": _logarithm(math.log, math.inf), "pow": _float_power,
    "sqrt": _guarded(math.sqrt),
    "sin": _guarded(math.sin), "cos": _guarded(math.cos), "tan": _guarded(math.tan),
    "sinh": _overflow(math.sinh, True), "cosh": _overflow(math.cosh, False), "tanh": math.tanh,
    "asin": _guarded(math.asin), "acos": _guarded(math.acos), "atan": math.atan,
    "asinh": math.asinh, "acosh": _guarded(math.acosh), "atanh": _guarded(math.atanh),
    "atan2": math.atan2, "erf": math.erf, "erfc": math.erfc,
    "loggamma": _guarded(lambda x: math.inf if x == math.inf else math.lgamma(x), OverflowError),
    "gamma": _guarded(math.gamma, OverflowError), "polygamma": _polygamma,
    "floor": lambda x: float(math.floor(x)) if math.isfinite(x) else x,
    "ceiling": lambda x: float(math.ceil(x)) if math.isfinite(x) else x,
})

def precise(digits: int) -> Domain:
    """Numbers of so many decimal digits."""
    mp = mpmath.mp.clone()
    mp.dps = digits

    def number(x: Any) -> Any:
        return mp.mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else mp.mpf(x)

    def power(x: Any, y: Any) -> Any:
        if x == 0 and y < 0:
            return mp.inf
        value = mp.power(x, y)
        return value if isinstance(value, mpmath.mpf) or not value.imag else mp.nan

    def real(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            if any(mp.isnan(a) for a in args):
                return mp.nan
            try:
                value = function(*args)
            except (ValueError, ZeroDivisionError):
                return mp.nan
            return value if not isinstance(value, mp.mpc) else (
                value.real if not value.imag else mp.nan)

        return call

    return Domain("mpf", number, {
        **{name: real(getattr(mp, name)) for name in (*_SHARED, "atan2", "erf", "erfc", "gamma")},
        "constant": lambda x: mp.mpf(str(sympy.N(x, digits + 10))),
        "log": _logarithm(mp.log, mp.inf), "pow": real(power),
        "loggamma": real(lambda x: mp.log(abs(mp.gamma(x))) if x < 170 else mp.loggamma(x)),
        "polygamma": real(lambda n, x: mp.polygamma(int(n), x)),
        "floor": lambda x: mp.floor(x) if mp.isfinite(x) else x,
        "ceiling": lambda x: mp.ceil(x) if mp.isfinite(x) else x,
    }, mp.inf, mp.nan)


_SHARED = ("exp", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan",
           "asinh", "acosh", "atanh")
MPF = precise(50)


def _complex(function: Callable[..., Any]) -> Callable[..., complex]:
    """With digits enough for an imaginary part that is tiny beside the real one."""

    def call(*args: Any) -> complex:
        with mpmath.workdps(60):
            return complex(function(*args))

    return call


def _complex_loggamma(x: complex) -> Any:
    """The continuation of log|Γ| from the real line near x."""
    if x.real > 0:
        return mpmath.loggamma(x)
    gamma = mpmath.gamma(x)
    return mpmath.log(gamma if gamma.real > 0 else -gamma)


COMPLEX128 = Domain("complex128", complex, {
    **{name: getattr(cmath, name) for name in
       ("log", *_SHARED)},
    "constant": complex, "pow": lambda x, y: x**y if x or y.real > 0 else x * 0 + (y == 0),
    "erf": _complex(mpmath.erf), "erfc": _complex(mpmath.erfc), "gamma": _complex(mpmath.gamma),
    "loggamma": _complex(_complex_loggamma),
    "polygamma": _complex(lambda n, x: mpmath.polygamma(int(n.real), x)),
    "floor": lambda x: complex(math.floor(x.real)),
    "ceiling": lambda x: complex(math.ceil(x.real)),
})


def _fraction_power(x: Fraction, y: Fraction) -> Fraction:
    if y.denominator != 1:
        raise TypeError("a root is not rational")
    return x ** y.numerator


def _fraction(x: Any) -> Any:
    """Exact; infinity and NaN, which a division by 0 gives, stay what they are."""
    return x if isinstance(x, float) and not math.isfinite(x) else Fraction(x)


FRACTION = Domain("Fraction", _fraction, {"pow": _fraction_power})

DOMAINS = {d.name: d for d in (FLOAT64, MPF, COMPLEX128, FRACTION)}
