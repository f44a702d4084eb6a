"""Stable forms against the literal formula at high precision, rounded once."""

from math import inf, isfinite, isinf, isnan, nan

import mpmath
import numpy as np
import pytest
import sympy as sp
from sympy import exp, log

from symdl.calculus.scalar import partial
from symdl.kernels.scalar_code import helper_names, prelude_source, print_python
from symdl.language.body import slot
from symdl.language.scalars import CATALOGUE
from symdl.lowering.scalar_forms import (
    expm1,
    log1mexp,
    log1p,
    logaddexp,
    sigmoid,
    softplus,
    stable,
)

x, y, z = slot(0), slot(1), slot(2)
SIZES = (1e-300, 1e-8, 1.0, 20.0, 700.0, 1000.0, inf)
POINTS = [0.0, nan, *SIZES, *(-v for v in SIZES)]
CANCELS = {("tanh", 1), ("tanh", 2), ("mish", 1), ("mish", 2), ("gelu_tanh", 2)}
"""1 - tanh(u)^2 is right to one rounding of 1, not of itself."""

_HEADS = {
    sp.exp: mpmath.exp, sp.sin: mpmath.sin, sp.cos: mpmath.cos, sp.tan: mpmath.tan,
    sp.sinh: mpmath.sinh, sp.cosh: mpmath.cosh, sp.tanh: mpmath.tanh, sp.asin: mpmath.asin,
    sp.acos: mpmath.acos, sp.atan: mpmath.atan, sp.asinh: mpmath.asinh, sp.acosh: mpmath.acosh,
    sp.atanh: mpmath.atanh, sp.erf: mpmath.erf, sp.erfc: mpmath.erfc, sp.Abs: abs,
    sp.Max: max, sp.Min: min, sp.sign: mpmath.sign,
    sp.floor: lambda u: u if mpmath.isinf(u) else mpmath.floor(u),
    sp.ceiling: lambda u: u if mpmath.isinf(u) else mpmath.ceil(u),
    sp.log: lambda u: mpmath.log(u) if u >= 0 else mpmath.nan,
    sp.loggamma: lambda u: mpmath.loggamma(u) if u > 0 else _left_loggamma(u),
    sp.polygamma: lambda n, u: _polygamma(int(n), u),
}


def _left_loggamma(u):
    return mpmath.inf if u == mpmath.floor(u) else mpmath.log(abs(mpmath.gamma(u)))


def _polygamma(n, u):
    with mpmath.workdps(50):
        if u <= 0 and u == mpmath.floor(u):
            return mpmath.inf if n % 2 and isfinite(u) else (-mpmath.inf if u == 0 else mpmath.nan)
        return mpmath.psi(n, u)


def _power(base, power):
    whole = mpmath.isfinite(power) and power == mpmath.floor(power)
    if base < 0 and mpmath.isfinite(power) and not whole:
        return mpmath.nan
    if not (mpmath.isfinite(base) and mpmath.isfinite(power)):
        return mpmath.mpf(float(np.power(float(base), float(power))))
    if base == 0 and power < 0:
        return mpmath.inf
    return base ** int(power) if whole else mpmath.power(base, power)


def literal_value(expr, at):
    """Evaluate the expression as it stands, with IEEE's infinities and NaN but no rounding."""
    if expr.is_Rational:
        return mpmath.mpf(int(expr.p)) / int(expr.q)
    if expr.is_NumberSymbol:
        return +{sp.pi: mpmath.pi, sp.E: mpmath.e}[expr]
    if expr.is_Symbol:
        return at[expr]
    if isinstance(expr, sp.Piecewise):
        return next((literal_value(e, at) for e, c in expr.args if holds(c, at)), mpmath.nan)
    args = [literal_value(a, at) for a in expr.args]
    if expr.is_Add:
        return mpmath.fsum(args) if all(map(mpmath.isfinite, args)) else sum(args)
    if expr.is_Mul:
        return mpmath.fprod(args)
    if expr.is_Pow:
        return _power(*args)
    if any(map(mpmath.isnan, args)):
        return mpmath.nan
    value = _HEADS[expr.func](*args)
    return value if not isinstance(value, mpmath.mpc) else mpmath.nan


def holds(condition, at):
    """Evaluate a condition; a comparison with NaN is false."""
    if condition in (sp.true, sp.false):
        return bool(condition)
    if isinstance(condition, (sp.And, sp.Or)):
        join = all if isinstance(condition, sp.And) else any
        return join(holds(c, at) for c in condition.args)
    if isinstance(condition, sp.ITE):
        when, yes, no = condition.args
        return holds(yes if holds(when, at) else no, at)
    left, right = (literal_value(a, at) for a in condition.args)
    return {"<=": left <= right, "<": left < right, ">=": left >= right, ">": left > right,
            "==": left == right, "!=": left != right}[condition.rel_op]


def python_function(expr, arity):
    """Compile the printed source as plain Python."""
    names = "xyz"[:arity]
    text = print_python(expr, dict(enumerate(names)))
    space = {}
    exec(prelude_source(helper_names(text)), space)
    exec(f"def f({', '.join(names)}):\n    return {text}", space)
    return lambda *args: space["f"](*map(np.float64, args))


def agree(found, expected, tolerance=1e-13, absolute=False):
    if isnan(expected) or isnan(found):
        return isnan(expected) and isnan(found)
    if isinf(expected) or isinf(found):
        return isinf(expected) and isinf(found)
    scale = max(1.0, abs(expected)) if absolute else abs(expected)
    return abs(found - expected) <= tolerance * scale + 1e-307


def rounded(value):
    with np.errstate(over="ignore"):
        return float(value)


@pytest.fixture(autouse=True)
def _ieee():
    with np.errstate(all="ignore"), mpmath.workdps(1000):
        yield


CASES = [(name, k, order) for name, s in CATALOGUE.items() for k in range(s.arity)
         for order in range(3) if k == 0 or order]


@pytest.mark.parametrize(("name", "k", "order"), CASES)
def test_catalogue_and_its_derivatives_hold_everywhere(name, k, order):
    body = CATALOGUE[name].body()
    for _ in range(order):
        body = partial(body, k)
    arity = CATALOGUE[name].arity
    f = python_function(stable(body), arity)
    others = [0.0, 2.0, -1.0, inf, -inf, nan] if arity == 2 else [None]
    for point in POINTS:
        for other in others:
            at = (point,) if other is None else (point, other)
            with mpmath.workdps(60 if body.has(sp.loggamma, sp.polygamma) else 1000):
                exact = {slot(n): mpmath.mpf(v) for n, v in enumerate(at)}
                expected = rounded(literal_value(body, exact))
            found = f(*at)
            assert agree(found, expected, absolute=(name, order) in CANCELS), (at, found, expected)


IDENTITIES = [
    (1 / (1 + exp(x)), sigmoid(-x)),
    (1 / (3 + exp(x)), sigmoid(log(3) - x) / 3),
    (1 / sp.sqrt(1 + exp(-x)), sp.sqrt(sigmoid(x))),
    (exp(-x) / (1 + exp(-x)) ** 2, sigmoid(x) * sigmoid(-x)),
    (exp(3 * x) / (1 + exp(x)) ** 2, exp(x) * sigmoid(x) ** 2),
    (exp(x) / (exp(x) + exp(y)), sigmoid(x - y)),
    (exp(x + y) / (1 + exp(x)), exp(x + y - softplus(x))),
    (exp(x) * exp(-y) * z, z * exp(x - y)),
    ((exp(x) - exp(-x)) / (exp(x) + exp(-x)), sp.tanh(x)),
    ((exp(2 * x) - 1) / (exp(2 * x) + 1), sp.tanh(x)),
    (sp.sinh(x) / sp.cosh(x), sp.tanh(x)),
    (y - y / (1 + exp(-x)), y * sigmoid(-x)),
    (2 / (1 + exp(-x)) - 1, sp.tanh(x / 2)),
    (2 - 2 * exp(x), -2 * expm1(x)),
    (log(1 + exp(x)), softplus(x)),
    (log(1 + 2 * exp(x)), softplus(x + log(2))),
    (log(exp(x) + exp(y) + exp(z)), logaddexp(logaddexp(x, y), z)),
    (log(1 / (1 + exp(-x))), -softplus(-x)),
    (log(1 - 1 / (1 + exp(-x))), -softplus(x)),
    (log(exp(x) / (exp(x) + exp(y))), -softplus(y - x)),
    (log(z * (1 + exp(x)) ** 3), log(z) + 3 * softplus(x)),
    (log(1 + x), log1p(x)),
    (log(1 - exp(x)), log1mexp(x)),
    (log(sp.cosh(x)), logaddexp(x, -x) - log(2)),
    (log(1 - sp.tanh(x) ** 2), 2 * log(2) - softplus(2 * x) - softplus(-2 * x)),
]


@pytest.mark.parametrize(("written", "form"), IDENTITIES, ids=[str(w) for w, _ in IDENTITIES])
def test_identity(written, form):
    assert stable(written) == form
    assert stable(form) == form


BEYOND_OVERFLOW = [
    (log(exp(x) + exp(y) + exp(z)), (1000, 999, -1000)),
    (log(1 + y * exp(x)), (1000, 3, 0)),
    (log(1 + y * exp(x)), (1, -0.1, 0)),
    (log(1 + y * exp(x)), (-inf, 0, 0)),
    (exp(x + y) / (1 + exp(x)), (1000, 0, 0)),
    (exp(x) * exp(y), (1000, -990, 0)),
    (exp(x) / (exp(y) + exp(z)), (1000, 999, 995)),
    (log(1 - exp(x)), (-1e-20, 0, 0)),
    (log(1 - exp(x)), (-50, 0, 0)),
    (log(1 - sp.tanh(x) ** 2), (300, 0, 0)),
    (log(sp.cosh(x)), (-1000, 0, 0)),
    (x - x * sp.erf(y), (2, 9, 0)),
    (x + x * sp.erf(y), (2, -9, 0)),
    (1 + sp.tanh(x), (-100, 0, 0)),
]


@pytest.mark.parametrize(("written", "at"), BEYOND_OVERFLOW)
def test_form_holds_where_the_literal_formula_overflows_or_cancels(written, at):
    exact = {slot(n): mpmath.mpf(v) for n, v in enumerate(at)}
    expected = rounded(literal_value(written, exact))
    assert agree(python_function(stable(written), 3)(*at), expected, 2e-13)


def test_sum_with_an_infinite_term_is_infinite():
    f = python_function(stable(log(exp(x) + exp(y))), 2)
    assert (f(inf, inf), f(-inf, -inf), f(inf, 3.0)) == (inf, -inf, inf)


def test_limit_stands_for_infinity_over_infinity():
    f = python_function(stable(exp(x) / (exp(x) + exp(y))), 2)
    assert (f(inf, 0.0), f(-inf, 0.0)) == (1.0, 0.0)


def test_logistic_is_shared_with_the_square_of_tanh():
    body = (1 + sp.tanh(x)) + y * (1 - sp.tanh(x) ** 2)
    assert stable(body) == 2 * sigmoid(2 * x) + 4 * y * sigmoid(2 * x) * sigmoid(-2 * x)
    assert stable(1 - sp.tanh(x) ** 2) == 1 - sp.tanh(x) ** 2


def test_condition_and_its_branches_are_rewritten_in_place():
    body = sp.Piecewise((log(1 + exp(x)), log(1 + exp(y)) > 1), (0, True))
    assert stable(body) == sp.Piecewise((softplus(x), softplus(y) > 1), (0, True))
