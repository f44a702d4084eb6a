"""Scalar derivatives against differences at 50 digits, and exactly at kinks, ties and edges."""

import mpmath as mp
import pytest
import sympy as sp
from sympy import Abs, Eq, Max, Min, exp, log, sign, tanh

from symdl.calculus.scalar import output_form, partial
from symdl.language.body import check_body, piecewise, slot, substitute
from symdl.language.scalars import CATALOGUE

x, y, z, out = slot(0), slot(1), slot(2), slot(-1)
LINE = ("-3.7", "-1.2", "-0.4", "0.3", "1.1", "2.9", "5.3")
RIGHT = ("0.05", "0.6", "1.7", "12.3")
INSIDE = ("-0.8", "-0.15", "0.55")
PAIRS = (("0.7", "2.3"), ("1.9", "-0.6"), ("2.5", "0.4"))


def sigmoid(t):
    return 1 / (1 + mp.exp(-t))


def clamp(t, lo, hi):
    return min(max(t, lo), hi)


FUNCTIONS = {
    "identity": (lambda t: t, LINE), "square": (lambda t: t * t, LINE),
    "reciprocal": (lambda t: 1 / t, LINE),
    "relu": (lambda t: max(t, 0), LINE),
    "leaky_relu": (lambda t: max(t, t / 100), LINE),
    "elu": (lambda t: t if t > 0 else mp.expm1(t), LINE),
    "selu": (lambda t: mp.mpf("1.0507009873554804934193349852946") * (
        t if t > 0 else mp.mpf("1.6732632423543772848170429916717") * mp.expm1(t)), LINE),
    "celu": (lambda t: t if t > 0 else mp.expm1(t), LINE),
    "gelu": (lambda t: t * mp.ncdf(t), LINE),
    "gelu_tanh": (lambda t: t / 2 * (1 + mp.tanh(
        mp.sqrt(2 / mp.pi) * (t + mp.mpf("0.044715") * t**3))), LINE),
    "silu": (lambda t: t * sigmoid(t), LINE),
    "mish": (lambda t: t * mp.tanh(mp.log1p(mp.exp(t))), LINE),
    "softplus": (lambda t: mp.log1p(mp.exp(t)), LINE),
    "softsign": (lambda t: t / (1 + abs(t)), LINE),
    "hardtanh": (lambda t: clamp(t, -1, 1), LINE),
    "sigmoid": (sigmoid, LINE),
    "hardsigmoid": (lambda t: clamp(t + 3, 0, 6) / 6, LINE),
    "hardswish": (lambda t: t * clamp(t + 3, 0, 6) / 6, LINE),
    "log_sigmoid": (lambda t: -mp.log1p(mp.exp(-t)), LINE),
    "exp": (mp.exp, LINE), "expm1": (mp.expm1, LINE), "log": (mp.log, RIGHT),
    "log1p": (mp.log1p, RIGHT), "logaddexp": (lambda s, t: mp.log(mp.exp(s) + mp.exp(t)), PAIRS),
    "logit": (lambda t: mp.log(t / (1 - t)), ("0.1", "0.7")),
    "xlogy": (lambda s, t: s * mp.log(t), (("0.7", "2.3"), ("-1.9", "0.6"))),
    "pow": (mp.power, PAIRS), "sqrt": (mp.sqrt, RIGHT), "rsqrt": (lambda t: 1 / mp.sqrt(t), RIGHT),
    "sin": (mp.sin, LINE), "cos": (mp.cos, LINE), "tan": (mp.tan, INSIDE),
    "asin": (mp.asin, INSIDE), "acos": (mp.acos, INSIDE), "atan": (mp.atan, LINE),
    "sinh": (mp.sinh, LINE), "cosh": (mp.cosh, LINE), "tanh": (mp.tanh, LINE),
    "asinh": (mp.asinh, LINE), "acosh": (mp.acosh, ("1.4", "7.5")), "atanh": (mp.atanh, INSIDE),
    "abs": (abs, LINE), "sign": (mp.sign, LINE), "maximum": (max, PAIRS), "minimum": (min, PAIRS),
    "floor": (mp.floor, LINE), "round": (mp.nint, LINE),
    "erf": (mp.erf, LINE), "erfc": (mp.erfc, LINE), "lgamma": (mp.loggamma, RIGHT),
    "digamma": (mp.digamma, RIGHT), "polygamma": (lambda t: mp.psi(1, t), RIGHT),
}
FORBIDDEN = (sp.Heaviside, sp.DiracDelta, sp.Subs, sp.Derivative, sp.re, sp.im)


def at(body, *values):
    """Evaluate exactly where possible; values are texts of decimals."""
    numbers = {slot(k): sp.Rational(v) for k, v in enumerate(values)}
    return body.xreplace(numbers)


def differences(function, point, k, order):
    def along(t):
        return function(*(t if n == k else mp.mpf(v) for n, v in enumerate(point)))

    with mp.workdps(50):
        return mp.diff(along, mp.mpf(point[k]), order)


def close(found, expected):
    return abs(found - expected) <= 1e-13 * max(1, abs(expected))


def test_every_entry_has_an_independent_formula():
    assert set(FUNCTIONS) == set(CATALOGUE)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_orders_one_to_three(name):
    function, points = FUNCTIONS[name]
    for k in range(CATALOGUE[name].arity):
        body = CATALOGUE[name].body()
        for order in (1, 2, 3):
            body = partial(body, k)
            check_body(body, CATALOGUE[name].arity)
            assert not body.has(*FORBIDDEN)
            for point in points:
                point = point if isinstance(point, tuple) else (point,)
                found = mp.mpf(str(at(body, *point).evalf(30)))
                expected = differences(function, point, k, order)
                assert close(found, expected), (k, order, point, found, expected)


def test_a_derivative_off_by_one_part_in_a_thousand_is_noticed():
    wrong = partial(tanh(x), 0) * sp.Rational(1001, 1000)
    assert not close(mp.mpf(str(at(wrong, "0.3").evalf(30))), differences(mp.tanh, ("0.3",), 0, 1))


@pytest.mark.parametrize("name", ["logaddexp", "pow", "xlogy"])
def test_mixed_derivatives_commute(name):
    body = CATALOGUE[name].body()
    one, other = partial(partial(body, 0), 1), partial(partial(body, 1), 0)
    for point in PAIRS:
        point = (point[0], point[1].lstrip("-"))
        assert close(at(one, *point).evalf(25), at(other, *point).evalf(25))


def of(name, k=0, order=1, **params):
    body = CATALOGUE[name].body(**params)
    for _ in range(order):
        body = partial(body, k)
    return body


clipped = Min(Max(x, -1), 1)
where_log = piecewise((log(x), x > 0), (0, True))
CONVENTIONS = [
    ("relu at 0", of("relu"), ("0",), 0),
    ("leaky_relu at 0", of("leaky_relu"), ("0",), sp.Rational(1, 100)),
    ("elu at 0", of("elu", alpha=2), ("0",), 2),
    ("abs at 0", of("abs"), ("0",), 0),
    ("abs beside 0", of("abs"), ("-1/10000",), -1),
    ("sign at 0", of("sign"), ("0",), 0),
    ("softsign at 0", of("softsign"), ("0",), 1),
    ("hardtanh below", of("hardtanh"), ("-1",), 0),
    ("hardtanh above", of("hardtanh"), ("1",), 0),
    ("hardsigmoid below", of("hardsigmoid"), ("-3",), 0),
    ("hardsigmoid above", of("hardsigmoid"), ("3",), 0),
    ("hardswish below", of("hardswish"), ("-3",), 0),
    ("hardswish above", of("hardswish"), ("3",), 1),
    ("maximum, greater", of("maximum", 0), ("3", "2"), 1),
    ("maximum, less", of("maximum", 0), ("1", "2"), 0),
    ("maximum tie, first", of("maximum", 0), ("2", "2"), sp.Rational(1, 2)),
    ("maximum tie, second", of("maximum", 1), ("2", "2"), sp.Rational(1, 2)),
    ("minimum tie, first", of("minimum", 0), ("2", "2"), sp.Rational(1, 2)),
    ("minimum tie, second", of("minimum", 1), ("2", "2"), sp.Rational(1, 2)),
    ("tie of functions", partial(Max(x**2, 3 * x + 4), 0), ("4",), sp.Rational(11, 2)),
    ("constant wins a tie", partial(Max(x, 0), 0), ("0",), 0),
    ("clip below", partial(clipped, 0), ("-1",), 0),
    ("clip inside", partial(clipped, 0), ("1/2",), 1),
    ("clip above", partial(clipped, 0), ("1",), 0),
    ("three-way tie, first", partial(Max(x, y, z), 0), ("1", "1", "1"), sp.Rational(1, 3)),
    ("three-way tie, second", partial(Max(x, y, z), 1), ("1", "1", "1"), sp.Rational(1, 3)),
    ("tie of the last two", partial(Max(x, y, z), 1), ("0", "1", "1"), sp.Rational(1, 2)),
    ("below a tie", partial(Max(x, y, z), 0), ("0", "1", "1"), 0),
    ("constant wins a three-way tie", partial(Max(x, y, 1), 0), ("1", "1"), 0),
    ("square at 0", of("square"), ("0",), 0),
    ("square at 0, twice", of("square", order=2), ("0",), 2),
    ("cube at 0, twice", partial(partial(x**3, 0), 0), ("0",), 0),
    ("x^1 at 0", of("pow", 0), ("0", "1"), 1),
    ("x^2 at 0", of("pow", 0), ("0", "2"), 0),
    ("x^0 at 0", of("pow", 0), ("0", "0"), 0),
    ("x^1 at 0, twice", of("pow", 0, 2), ("0", "1"), 0),
    ("x^2 at 0, twice", of("pow", 0, 2), ("0", "2"), 2),
    ("0^y", of("pow", 1), ("0", "2"), 0),
    ("0^y, twice", of("pow", 1, 2), ("0", "2"), 0),
    ("(-2)^3", of("pow", 0), ("-2", "3"), 12),
    ("x log y in x at x = 0", of("xlogy", 0), ("0", "2"), log(2)),
    ("x log y in x at 0, 0", of("xlogy", 0), ("0", "0"), 0),
    ("x log y in y at 0, 0", of("xlogy", 1), ("0", "0"), 0),
    ("log not taken", partial(where_log, 0), ("0",), 0),
    ("log not taken, twice", partial(partial(where_log, 0), 0), ("0",), 0),
    ("log taken", partial(where_log, 0), ("2",), sp.Rational(1, 2)),
    ("root of relu", partial(sp.sqrt(CATALOGUE["relu"].body()), 0), ("-1",), 0),
    ("root of relu at 0", partial(sp.sqrt(Max(x, 0)), 0), ("0",), 0),
    ("power of relu", partial(Max(x, 0) ** sp.Rational(1, 3), 0), ("-1",), 0),
    ("quotient not taken", partial(piecewise((y / x, x > 0), (y, True)), 1), ("0", "3"), 1),
    ("1/relu where it is infinite", partial(substitute(1 / y, {y: of("relu", order=0)}), 0),
     ("-1",), 0),
    ("1/relu where it is finite", partial(substitute(1 / y, {y: of("relu", order=0)}), 0),
     ("2",), sp.Rational(-1, 4)),
    ("root not taken", partial(Max(sp.sqrt(x), 2) * y, 0), ("0", "3"), 0),
]


@pytest.mark.parametrize(("what", "body", "point", "expected"), CONVENTIONS,
                         ids=[c[0] for c in CONVENTIONS])
def test_convention(what, body, point, expected):
    assert at(body, *point) == expected


@pytest.mark.parametrize("body", [
    sp.floor(x), sp.ceiling(x), sign(x), CATALOGUE["round"].body(), y, sp.floor(x) * sign(x) + y,
])
def test_steps_have_derivative_zero(body):
    assert partial(body, 0) == 0


STEPS = [
    Max(Abs(x), sp.floor(x) * x), Abs(Max(x, y) * sp.sin(x)), sign(x) * tanh(x * y),
    piecewise((Max(x, y) ** 2, (x > 0) | (Abs(y) < 1)), (exp(x), Eq(y, 2)), (x * y, True)),
    Min(x, y, z * x) ** x, (1 + Abs(x)) ** Max(x, y), sp.atan2(y, Abs(x)), sp.gamma(Abs(x) + 1),
]


@pytest.mark.parametrize("body", STEPS, ids=map(str, STEPS))
def test_no_distribution_is_left_at_any_order(body):
    derivative = body
    for _ in range(3):
        derivative = partial(derivative, 0)
        check_body(derivative, 3)
        assert not derivative.has(*FORBIDDEN)


def test_power_of_a_negative_number_has_no_derivative_in_its_exponent():
    assert partial((-2) ** x, 0) is sp.nan
    assert partial(y * (-1) ** x, 1) == (-1) ** x


@pytest.mark.parametrize(("body", "form"), [
    (exp(x), out), (tanh(x), 1 - out**2), (CATALOGUE["sigmoid"].body(), out * (1 - out)),
    (sp.sqrt(x), 1 / (2 * out)), (1 / x, -(out**2)), (sp.tan(x), 1 + out**2),
    (CATALOGUE["rsqrt"].body(), -(out**3) / 2), (exp(x * y), y * out), (tanh(x + y), 1 - out**2),
    (sp.sin(x), None), (CATALOGUE["silu"].body(), None), (log(x), None), (x**2, None),
])
def test_output_form(body, form):
    found = output_form(body, 0)
    assert found is None if form is None else sp.expand(found - form) == 0


SMALL = [("sigmoid", 60), ("softplus", 40), ("tanh", 40), ("silu", 100), ("logaddexp", 60),
         ("gelu", 30), ("elu", 6), ("softsign", 10), ("asinh", 25), ("acosh", 30)]


@pytest.mark.parametrize(("name", "most"), SMALL)
def test_third_derivative_stays_small(name, most):
    assert of(name, order=3).count_ops() <= most


def test_sigmoid_and_its_kin_have_textbook_derivatives():
    s, t = 1 / (1 + exp(-x)), 1 / (1 + exp(x))
    assert of("softplus") == s
    assert of("log_sigmoid") == t
    assert of("sigmoid") == s * t
    assert of("tanh") == 1 - tanh(x) ** 2
    assert of("logaddexp") == 1 / (1 + exp(y - x))
    assert of("digamma") == sp.polygamma(1, x)
    assert of("softsign") == (1 + Abs(x)) ** -2
