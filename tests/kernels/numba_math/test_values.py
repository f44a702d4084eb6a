"""The scalar functions of compiled kernels: their values against mpmath."""

from __future__ import annotations

import math

import mpmath
import numba
import numpy as np
import pytest

import symdl as sd
from benchmarks.scalars import CASES, Case, each, errors, even, exact
from symdl.kernels.numba_math.logarithms import _log1mexp

DTYPES = ("float64", "float32")
UNARY = [name for name in CASES if CASES[name].arity == 1]


@pytest.fixture(scope="module", params=DTYPES)
def kernel(request):
    """All functions of one argument in one kernel, and its type."""
    x = sd.tensor("x", sd.dims("n"))
    bodies = [getattr(sd, name)(x) for name in UNARY]
    return sd.compile(bodies, dtype=request.param), request.param


@pytest.fixture(scope="module", params=DTYPES)
def power(request):
    """A kernel of powers."""
    n = sd.dims("n")
    return sd.compile(sd.tensor("x", n) ** sd.tensor("y", n), dtype=request.param), request.param


@pytest.mark.parametrize("name", UNARY)
def test_function_is_as_exact_as_stated(kernel, name):
    run, dtype = kernel
    (x,) = CASES[name].points(400, dtype)
    found = run(x=x)[UNARY.index(name)]
    off = errors(found, *exact(name, x))
    worst = off.argmax()
    assert off[worst] <= CASES[name].bound, (x[worst], found[worst], off[worst])


def test_powers_are_as_exact_as_stated(power):
    run, dtype = power
    x, y = CASES["pow"].points(1000, dtype)
    off = errors(run(x=x, y=y), *exact("pow", x, y))
    worst = off.argmax()
    assert off[worst] <= CASES["pow"].bound, (x[worst], y[worst])


def test_powers_follow_the_conventions_of_c(power):
    run, dtype = power
    special = np.array([0, -0.0, 1, -1, 2, -2, 0.5, -0.5, 3, -3, 1e4, -1e4 - 1, np.inf, -np.inf,
                        np.nan, np.finfo(dtype).smallest_subnormal], dtype)
    x, y = (a.ravel() for a in np.meshgrid(special, special))
    with np.errstate(all="ignore"):
        expected = np.power(x, y)
    found = run(x=x.copy(), y=y.copy())
    np.testing.assert_array_max_ulp(found, expected, 4)
    assert np.array_equal(np.signbit(found), np.signbit(expected) & ~np.isnan(expected))


def test_angles_far_from_0_are_left_to_the_library():
    x = sd.tensor("x", sd.dims("n"))
    far = np.array([2.0**30, -(2.0**30) * (1 + 2**-52), 1e22, -1e300, 2.0**1023, 3.0, 1e9] * 3)
    for name, function in (("sin", math.sin), ("cos", math.cos), ("tan", math.tan)):
        found = sd.compile(getattr(sd, name)(x))(x=far)
        np.testing.assert_allclose(found, [function(a) for a in far], rtol=1e-15)


@pytest.mark.parametrize("dtype", DTYPES)
def test_log_of_one_less_an_exponential(dtype, monkeypatch):
    case = Case(lambda x: mpmath.log(-mpmath.expm1(x)) if x > -1 else mpmath.log1p(-mpmath.exp(x)),
                np.log, (even(-3, 0), even(-80, 0), each(1e-9, 1)))
    monkeypatch.setitem(CASES, "log1mexp", case)

    @numba.njit
    def run(x, out):
        for i in range(x.size):
            out[i] = _log1mexp(x[i])

    (x,) = case.points(400, dtype)
    out = np.empty_like(x)
    run(x, out)
    assert errors(out, *exact("log1mexp", x)).max() <= 2.5


def test_bounds_are_those_that_were_asked_for():
    tight = ("exp", "expm1", "log", "log1p", "tanh", "sigmoid", "softplus", "erf", "sin", "cos")
    assert all(CASES[name].bound == 2 for name in tight)
    assert CASES["erfc"].bound == CASES["pow"].bound == 4
