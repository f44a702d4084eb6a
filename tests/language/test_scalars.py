"""The catalogue against SciPy, NumPy and published values."""

from math import erf, exp, inf, log, nan, sqrt, tanh

import numpy as np
import pytest
import scipy.special as special
import sympy as sp
from scipy.stats import norm

from symdl.language.body import check_body, slot
from symdl.language.scalars import CATALOGUE, Interval

x, y = slot(0), slot(1)
LINE = (-4.0, -1.5, -0.3, 0.0, 0.7, 1.0, 2.5, 5.0)
RIGHT = (0.1, 0.5, 1.0, 3.7, 20.0)
INSIDE = (-0.9, -0.2, 0.0, 0.6)
PAIRS = ((-1.0, 2.0), (0.5, 0.5), (3.0, -2.0))


def relu6(t):
    return min(max(t, 0.0), 6.0)


VALUES = {
    "identity": (lambda t: t, LINE),
    "square": (lambda t: t * t, LINE),
    "reciprocal": (lambda t: 1 / t, RIGHT),
    "relu": (lambda t: max(t, 0.0), LINE),
    "leaky_relu": (lambda t: max(0.01 * t, t), LINE),
    "elu": (lambda t: t if t > 0 else exp(t) - 1, LINE),
    "selu": (lambda t: 1.0507009873554804934193349852946 * (
        t if t > 0 else 1.6732632423543772848170429916717 * (exp(t) - 1)), LINE),
    "celu": (lambda t: max(0.0, t) + min(0.0, exp(t) - 1), LINE),
    "gelu": (lambda t: t * norm.cdf(t), LINE),
    "gelu_tanh": (lambda t: 0.5 * t * (
        1 + tanh(sqrt(2 / np.pi) * (t + 0.044715 * t**3))), LINE),
    "silu": (lambda t: t * special.expit(t), LINE),
    "mish": (lambda t: t * tanh(np.logaddexp(0, t)), LINE),
    "softplus": (lambda t: np.logaddexp(0, t), LINE),
    "softsign": (lambda t: t / (1 + abs(t)), LINE),
    "hardtanh": (lambda t: np.clip(t, -1, 1), LINE),
    "sigmoid": (special.expit, LINE),
    "hardsigmoid": (lambda t: relu6(t + 3) / 6, LINE),
    "hardswish": (lambda t: t * relu6(t + 3) / 6, LINE),
    "log_sigmoid": (special.log_expit, LINE),
    "exp": (np.exp, LINE), "expm1": (np.expm1, LINE), "log": (np.log, RIGHT),
    "log1p": (np.log1p, (-0.9, *RIGHT)), "logaddexp": (np.logaddexp, PAIRS),
    "logit": (special.logit, (0.1, 0.5, 0.99)),
    "xlogy": (special.xlogy, ((0.0, 0.0), (0.0, 2.0), (0.0, -1.0), (2.0, 3.0), (-1.0, 0.5))),
    "pow": (np.power, ((2.0, 3.0), (0.5, -1.5), (0.0, 0.0), (-2.0, 3.0))),
    "sqrt": (np.sqrt, (0.0, *RIGHT)), "rsqrt": (lambda t: t**-0.5, RIGHT),
    "sin": (np.sin, LINE), "cos": (np.cos, LINE), "tan": (np.tan, INSIDE),
    "asin": (np.arcsin, INSIDE), "acos": (np.arccos, INSIDE), "atan": (np.arctan, LINE),
    "sinh": (np.sinh, LINE), "cosh": (np.cosh, LINE), "tanh": (np.tanh, LINE),
    "asinh": (np.arcsinh, LINE), "acosh": (np.arccosh, (1.0, 1.5, 20.0)),
    "atanh": (np.arctanh, INSIDE),
    "abs": (abs, LINE), "sign": (np.sign, LINE), "maximum": (np.maximum, PAIRS),
    "minimum": (np.minimum, PAIRS), "floor": (np.floor, (-1.5, -1.0, 0.0, 0.9, 2.0)),
    "round": (np.round, (-2.5, -1.5, -0.7, -0.5, 0.0, 0.49, 0.5, 1.0, 1.5, 2.5, 3.2, 1e6 + 0.5)),
    "erf": (erf, LINE), "erfc": (special.erfc, LINE),
    "lgamma": (special.gammaln, RIGHT), "digamma": (special.psi, RIGHT),
    "polygamma": (lambda t: special.polygamma(1, t), RIGHT),
}


def value(body, *at):
    exact = {slot(k): sp.Rational(str(float(v))) for k, v in enumerate(at)}
    return float(body.xreplace(exact).evalf(20))


def test_every_entry_has_a_reference_value():
    assert set(VALUES) == set(CATALOGUE)


@pytest.mark.parametrize("name", VALUES)
def test_value(name):
    reference, points = VALUES[name]
    body = CATALOGUE[name].body()
    check_body(body, CATALOGUE[name].arity)
    for at in points:
        at = at if isinstance(at, tuple) else (at,)
        assert value(body, *at) == pytest.approx(float(reference(*at)), rel=1e-13, abs=1e-14), at


@pytest.mark.parametrize(("name", "params", "at", "published"), [
    ("selu", {}, -1.0, -1.1113307378125625),
    ("mish", {}, 1.0, 0.8650983882673103),
    ("gelu", {}, 1.0, 0.8413447460685429),
    ("gelu_tanh", {}, 1.0, 0.8411919906082768),
    ("softplus", {}, 0.0, log(2)),
    ("digamma", {}, 1.0, -0.5772156649015329),
    ("polygamma", {"order": 2}, 1.0, -2.404113806319188),
    ("leaky_relu", {"negative_slope": 0.2}, -2.0, -0.4),
    ("elu", {"alpha": 0.5}, -1.0, 0.5 * (exp(-1) - 1)),
    ("celu", {"alpha": 2.0}, -1.0, 2 * (exp(-0.5) - 1)),
    ("hardtanh", {"min_val": -2, "max_val": 0.5}, 1.0, 0.5),
])
def test_published_value(name, params, at, published):
    assert value(CATALOGUE[name].body(**params), at) == pytest.approx(published, rel=1e-15)


def test_parameters_are_exact():
    assert CATALOGUE["leaky_relu"].body().args[0][0] == x / 100


@pytest.mark.parametrize(("name", "expected"), [
    ("relu", [x]), ("elu", [x]), ("hardtanh", [x + 1, x - 1]), ("hardswish", [x + 3, x - 3]),
    ("abs", [x]), ("maximum", [x - y]), ("softsign", [x]), ("gelu", []), ("pow", []),
    ("floor", [sp.sin(sp.pi * x)]),
])
def test_kinks(name, expected):
    assert list(CATALOGUE[name].kinks()) == expected
    assert CATALOGUE[name].analytic == (not expected)


def test_kinks_of_round_are_the_half_integers():
    found = CATALOGUE["round"].kinks()
    for half in (-1.5, -0.5, 0.5, 1.5, 2.5):
        assert min(abs(value(k, half)) for k in found) < 1e-15
    assert min(abs(value(k, 1.0)) for k in found) > 0.5


def test_kinks_follow_the_parameters():
    assert CATALOGUE["hardtanh"].kinks(min_val=-2, max_val=3) == (x + 2, x - 3)


def test_domain_ends():
    assert 0.0 not in CATALOGUE["log"].domain[0]
    assert 1e300 in CATALOGUE["log"].domain[0]
    assert nan not in Interval()
    assert 1.0 in Interval(0.0, 1.0, hi_open=False)
    assert inf not in Interval()


@pytest.mark.parametrize("name", CATALOGUE)
def test_entry_is_complete(name):
    entry = CATALOGUE[name]
    assert entry.name == name
    assert entry.reference
    assert len(entry.domain) == entry.arity
