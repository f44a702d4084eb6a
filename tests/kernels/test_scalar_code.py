"""Printed scalar source: its text, and its values as plain Python, by Numba and by NumPy."""

import ast
from math import inf, isnan, nan

import mpmath
import numba
import numpy as np
import pytest
import scipy.special as special
import sympy as sp

from symdl.calculus.scalar import partial
from symdl.kernels import prelude
from symdl.kernels.numba_math import HOMES
from symdl.kernels.scalar_code import helper_names, prelude_source, print_python
from symdl.kernels.scalar_numpy import print_numpy
from symdl.language.body import piecewise, slot, substitute
from symdl.language.scalars import CATALOGUE
from symdl.lowering.scalar_forms import log1mexp, logaddexp, sigmoid, softplus, stable

x, y = slot(0), slot(1)
NAMES = {0: "x", 1: "y"}
POINTS = (0.0, 1e-8, -1e-8, 0.3, -0.7, 1.0, -1.0, 2.5, -2.5, 4.0, 20.0, -20.0, 700.0, -700.0,
          1000.0, -1000.0, inf, -inf, nan)


def programs():
    """Every catalogue function and its first two derivatives, in stable form."""
    out = []
    for entry in CATALOGUE.values():
        for k in range(entry.arity):
            body = entry.body()
            out += [] if k else [stable(body)]
            for _ in range(2):
                body = partial(body, k)
                out += [stable(body)] if body.free_symbols else []
    return list(dict.fromkeys(out))


PROGRAMS = programs()


def module(dtype, decorator=""):
    """One function that evaluates all programs, as a kernel would."""
    lines = [f"    out[{n}] = {print_python(p, NAMES, dtype)}" for n, p in enumerate(PROGRAMS)]
    text = "def evaluate(x, y, out):\n" + "\n".join(lines)
    space = {"njit": numba.njit}
    exec(prelude_source(helper_names(text), dtype, decorator, HOMES if decorator else None), space)
    exec(f"{decorator}\n{text}", space)
    return space["evaluate"]


def evaluated(evaluate, dtype):
    rows = []
    for a in POINTS:
        for b in (0.0, 2.0, -1.5, a):
            row = np.empty(len(PROGRAMS), dtype)
            with np.errstate(all="ignore"):
                evaluate(row.dtype.type(a), row.dtype.type(b), row)
            rows.append(row)
    return np.array(rows)


@pytest.fixture(scope="module")
def plain():
    return evaluated(module("float64"), "float64")


def assert_same(found, expected, tolerance):
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    same |= np.isinf(found) & np.isinf(expected)
    with np.errstate(all="ignore"):
        same |= abs(found - expected) <= tolerance * np.maximum(1, abs(expected))
    point, program = map(int, np.argwhere(~same)[0]) if not same.all() else (0, 0)
    assert same.all(), (PROGRAMS[program], point, found[point, program], expected[point, program])


def test_numba_computes_what_plain_python_computes(plain):
    compiled = module("float64", '@njit(error_model="numpy")')
    assert_same(evaluated(compiled, "float64"), plain, 2e-14)


def test_numpy_source_computes_the_same(plain):
    space = {"np": np, "special": special}
    grid = [(a, b) for a in POINTS for b in (0.0, 2.0, -1.5, a)]
    space["x"], space["y"] = np.array(grid).T
    with np.errstate(all="ignore"):
        columns = [np.broadcast_to(eval(print_numpy(p, NAMES), space), len(grid)) for p in PROGRAMS]
    pole = np.isin(space["x"], (0.0, -1.0, -20.0, -700.0, -1000.0, -inf))
    gamma = np.array([p.has(sp.polygamma, sp.loggamma) for p in PROGRAMS])
    assert_same(np.where(pole[:, None] & gamma, plain, np.array(columns).T), plain, 4e-14)


def test_float32_source_is_float32_throughout():
    samples = [p for p in PROGRAMS if p.free_symbols <= {x}]
    text = "\n".join(f"def f{n}(x):\n    return {print_python(p, NAMES, 'float32')}"
                     for n, p in enumerate(samples))
    space = {}
    exec(prelude_source(helper_names(text), "float32") + text, space)
    with np.errstate(all="ignore"):
        for n, p in enumerate(samples):
            for value in (0.3, -0.7, 2.5, 0.0, inf, nan):
                found = space[f"f{n}"](np.float32(value))
                assert isinstance(found, np.float32), (p, value)
                rough = float(mp_or_nan(p, value))
                assert isnan(rough) or abs(found - rough) <= 2e-5 * max(1, abs(rough)), (p, value)


def mp_or_nan(expr, value):
    if value in (0.0, inf) or value != value:
        return nan
    number = expr.xreplace({x: sp.Rational(str(np.float32(value)))})
    number = number.evalf(20)
    return number if number.is_Float or number.is_Rational else nan


def test_float32_is_compiled_as_float32():
    decorator = '@njit(error_model="numpy")'
    text = print_python(stable(partial(CATALOGUE["gelu_tanh"].body(), 0)) + softplus(x) ** 5 / 3
                        + logaddexp(x, 2) + sp.Max(x, 0) + sp.polygamma(1, x), NAMES, "float32")
    space = {"njit": numba.njit}
    exec(prelude_source(helper_names(text), "float32", decorator, HOMES), space)
    exec(f"{decorator}\ndef f(x):\n    return {text}", space)
    space["f"](np.float32(1.5))
    assert space["f"].nopython_signatures[0].return_type == numba.float32


@pytest.mark.parametrize(("expr", "text"), [
    (x**2, "x*x"), (x**3 * y, "y*x*x*x"), (x**5, "x**5"), (1 / x, "one/x"),
    (3 / x**2, "real(3.0)/(x*x)"),
    ((x + 1) ** 2, "_square(1.0 + x)"), (sp.sqrt(x), "sqrt(x)"),
    (x ** sp.Rational(3, 2), "x*sqrt(x)"),
    (1 / sp.sqrt(x + 1), "one/sqrt(1.0 + x)"), (x**y, "pow_(x, y)"), (2**x, "pow_(2.0, x)"),
    (x ** sp.Rational(1, 3), "pow_(x, 0.3333333333333333)"), (x * y / 10, "0.1*x*y"),
    (-x / (y + 1), "-x/(1.0 + y)"), (x - 1, "x - 1.0"), (y - x, "y - x"), (-x - y, "-x - y"),
    (x * (y + 1), "x*(1.0 + y)"), (sp.sqrt(2) * sp.pi * x, "4.442882938158366*x"),
    (sp.exp(-(x**2) / 2), "exp(-0.5*x*x)"), (sp.Integer(2), "2.0"), (sp.oo * 1, "inf"),
    (piecewise((0, x <= 0), (x, True)), "(zero if x <= 0.0 else x)"),
    (piecewise((2, x <= 0), (x, y < 1)),
     "(real(2.0) if x <= 0.0 else (x if y < 1.0 else nan))"),
    (piecewise((1, (x > 0) & (y > 0)), (-1, True)), "(one if (x > 0.0) and (y > 0.0) else -one)"),
    (sp.Max(x, y, 0), "_max(_max(0.0, x), y)"), (sp.Abs(x) + sp.sign(y), "abs(x) + _sign(y)"),
    (sp.digamma(x), "_digamma(x)"), (sp.polygamma(2, x), "_polygamma(2, x)"),
    (sp.loggamma(x), "_lgamma(x)"), (sp.ceiling(x) + sp.floor(y), "ceil(x) + floor(y)"),
    (sigmoid(-x) * softplus(y), "_sigmoid(-x)*_softplus(y)"), (log1mexp(x), "_log1mexp(x)"),
    (sp.Symbol("t") * x, "t*x"),
])
def test_text(expr, text):
    assert print_python(expr, NAMES) == text


@pytest.mark.parametrize(("expr", "text"), [
    (x / 10 + 1, "one + real(0.1)*x"), (-2 * x, "-real(2.0)*x"),
    (sp.Max(x, 3), "_max(real(3.0), x)"), (x**5, "x**5"), (x**-1, "one/x"),
])
def test_float32_text(expr, text):
    assert print_python(expr, NAMES, "float32") == text


@pytest.mark.parametrize(("expr", "text"), [
    (sigmoid(x) + softplus(y), "special.expit(x) + np.logaddexp(0.0, y)"),
    (piecewise((0, (x <= 0) | (y > 1)), (x, True)), "np.where((x <= 0.0) | (y > 1.0), 0.0, x)"),
    (sp.Max(x, 0) / x**2, "np.maximum(0.0, x)/(x*x)"), (sp.asin(x), "np.arcsin(x)"),
    (sp.digamma(x) + sp.polygamma(1, x), "special.psi(x) + special.polygamma(1, x)"),
])
def test_numpy_text(expr, text):
    assert print_numpy(expr, NAMES) == text


def test_names_may_be_accesses():
    text = print_python(x**2 / y, {0: "u[i, j]", 1: "v[j]"})
    assert text == "u[i, j]*u[i, j]/v[j]"


def test_a_head_without_source_is_refused():
    with pytest.raises(TypeError, match="no source text for zeta"):
        print_python(sp.zeta(x), NAMES)


def test_nothing_raises_on_division_by_a_branch_that_is_zero():
    step = piecewise((0, x <= 0), (1, True))
    text = print_python(substitute(1 / y + 2 / x, {y: step}), NAMES)
    space = {}
    exec(prelude_source(helper_names(text)), space)
    with np.errstate(all="ignore"):
        assert eval(text, {**space, "x": np.float64(0.0)}) == inf


def test_prelude_holds_what_is_needed_and_no_more():
    source = prelude_source(["_softplus", "unknown"], "float32", "@njit")
    defined = [n.name for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)]
    assert defined == ["_max", "_softplus"]
    assert "real = np.float32" in source
    assert source.count("@njit") == 2
    assert "tan" not in source
    every = {n.name for n in ast.parse(prelude_source(["_polygamma"])).body
             if isinstance(n, ast.FunctionDef)}
    assert every == {"_polygamma", "_digamma", "_hurwitz"}


@pytest.mark.parametrize(("a", "b", "most", "least"), [
    (1.0, 2.0, 2.0, 1.0), (nan, 1.0, nan, nan), (1.0, nan, nan, nan), (inf, -inf, inf, -inf),
])
def test_extrema_keep_nan(a, b, most, least):
    assert prelude._max(a, b) == pytest.approx(most, nan_ok=True)
    assert prelude._min(a, b) == pytest.approx(least, nan_ok=True)


SPECIAL = {
    "_sigmoid": (lambda t: 1 / (1 + mpmath.exp(-t)), (-700, 700)),
    "_softplus": (lambda t: mpmath.log1p(mpmath.exp(t)), (-700, 700)),
    "_log1mexp": (lambda t: mpmath.log1p(-mpmath.exp(t)), (-40, 0)),
    "_digamma": (mpmath.digamma, (-30, 60)),
    "_lgamma": (lambda t: mpmath.log(abs(mpmath.gamma(t))), (-30, 60)),
    "_gamma": (mpmath.gamma, (-20, 60)),
}


@pytest.mark.parametrize("name", SPECIAL)
def test_helper_against_mpmath(name):
    exact, ends = SPECIAL[name]
    bounded = name in ("_digamma", "_lgamma")
    with mpmath.workdps(40), np.errstate(all="ignore"):
        for t in np.random.default_rng(5).uniform(*ends, 200):
            expected = exact(mpmath.mpf(float(t)))
            scale = max(1, abs(expected)) if bounded else abs(expected)
            found = mpmath.mpf(float(getattr(prelude, name)(t)))
            assert abs(found - expected) <= 3e-15 * scale, (t, found, expected)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 8])
def test_polygamma_against_mpmath(n):
    generator = np.random.default_rng(n)
    with mpmath.workdps(40):
        for t in [*10 ** generator.uniform(-5, 4, 60), *generator.uniform(-30, 0, 60), -1e-8]:
            expected = mpmath.psi(n, mpmath.mpf(float(t)))
            found = mpmath.mpf(float(prelude._polygamma(n, t)))
            scale = abs(expected) if t > 0 else max(abs(expected), mpmath.factorial(n))
            assert abs(found - expected) <= 4e-15 * scale, (t, found, expected)


@pytest.mark.parametrize(("name", "at", "value"), [
    ("_gamma", 0.0, inf), ("_gamma", -1.0, nan), ("_gamma", 172.0, inf), ("_gamma", -inf, nan),
    ("_lgamma", 0.0, inf), ("_lgamma", -3.0, inf), ("_lgamma", 1e308, inf), ("_lgamma", inf, inf),
    ("_digamma", 0.0, -inf), ("_digamma", -2.0, nan), ("_digamma", inf, inf),
    ("_digamma", -inf, nan), ("_sign", nan, nan), ("_sign", -0.0, 0.0), ("_softplus", inf, inf),
    ("_log1mexp", 0.0, -inf), ("_log1mexp", 1.0, nan), ("_log1mexp", -inf, 0.0),
])
def test_helper_at_its_edges(name, at, value):
    with np.errstate(all="ignore"):
        found = getattr(prelude, name)(np.float64(at))
    assert found == pytest.approx(value, nan_ok=True)


@pytest.mark.parametrize(("n", "at", "value"), [
    (1, 0.0, inf), (1, -2.0, inf), (2, 0.0, -inf), (2, -2.0, nan), (1, inf, 0.0), (1, -inf, nan),
    (0, 1.0, -0.5772156649015329), (1, nan, nan),
])
def test_polygamma_at_its_edges(n, at, value):
    with np.errstate(all="ignore"):
        found = prelude._polygamma(n, np.float64(at))
    assert found == pytest.approx(value, rel=1e-14, nan_ok=True)
