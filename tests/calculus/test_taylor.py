"""Taylor polynomials against SymPy's series, NumPy and the remainder's order."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

import symdl as sd
from tests.values import assert_near, value

n = sd.dims("n")
t, x, A = sd.tensor("t"), sd.tensor("x", n), sd.tensor("A", n, n)
g = np.random.default_rng(4)


@pytest.mark.parametrize(("ours", "theirs", "at"), [
    (sd.exp, sympy.exp, 0), (sd.sin, sympy.sin, 1), (sd.log, sympy.log, 2),
    (sd.sqrt, sympy.sqrt, 1), (sd.tanh, sympy.tanh, 0), (lambda u: 1 / (1 - u), None, 0),
])
@pytest.mark.parametrize("order", [0, 1, 4])
def test_a_scalar_series_is_sympys(ours, theirs, at, order):
    s = sympy.Symbol("s")
    f = theirs(s) if theirs else 1 / (1 - s)
    expected = f.series(s, at, order + 1).removeO().subs(s, sympy.Rational(5, 4))
    assert_near(value(sd.taylor(ours(t), t, order, at=at), {"t": 1.25}), float(expected))


def test_exp_reads_as_its_polynomial():
    assert repr(sd.taylor(sd.exp(t), t, 3, at=0).simplify()) == "1 + t**2/2 + t**3/6 + t"


@pytest.mark.parametrize("f", [
    sd.logsumexp(x), sd.softmax(x, axis=0), sd.prod(x), sd.inv(A + sd.diag(x)),
    sd.logdet(A @ A.T + sd.outer(x, x)), sd.recur("S", n, x[0], lambda t, s: sd.sin(s * x[t])),
])
def test_the_remainder_shrinks_with_one_power_more_than_the_order(f):
    at = {"x": g.normal(size=3) + 3, "A": g.normal(size=(3, 3)), "dx": g.normal(size=3)}
    for order in (1, 2):
        polynomial = sd.taylor(f, x, order)
        errors = []
        for h in (0.02, 0.01):
            exact = value(f, {**at, "x": at["x"] + h * at["dx"]}, n=3)
            found = value(polynomial, {**at, "dx": h * at["dx"]}, n=3)
            errors.append(np.abs(exact - found).max())
        assert 2 ** (order + 0.6) < errors[0] / errors[1] < 2 ** (order + 1.4)


def test_a_quadratic_form_is_its_own_polynomial():
    at = {"x": g.normal(size=3), "A": g.normal(size=(3, 3)), "x0": g.normal(size=3)}
    x0, h = sd.tensor("x0", n), sd.tensor("h", n)
    found = value(sd.taylor(x @ A @ x, x, 2, at=x0), at)
    assert_near(found, at["x"] @ at["A"] @ at["x"])
    moved = value(sd.taylor(x @ A @ x, x, 2, increment=h), {**at, "h": at["x0"] - at["x"]})
    assert_near(moved, at["x0"] @ at["A"] @ at["x0"])


def test_a_number_is_a_point_for_every_entry():
    found = sd.taylor(sd.exp(x), x, 2, at=0)
    assert_near(value(found, {"x": np.array([0.5, -1.0])}), np.array([1.625, 0.5]))


@pytest.mark.parametrize("order", [-1, 13, 1.5, True])
def test_the_order_is_bounded(order):
    with pytest.raises(sd.DifferentiationError, match="a whole number from 0 to 12"):
        sd.taylor(sd.exp(t), t, order)


def test_points_and_increments_must_fit():
    with pytest.raises(sd.ShapeError, match=r"x has shape \(n,\), but the point A"):
        sd.taylor(x @ x, x, 1, at=A)
    with pytest.raises(sd.ShapeError, match="but the increment t has shape"):
        sd.taylor(x @ x, x, 1, increment=t)
    with pytest.raises(sd.DifferentiationError, match="one of the two"):
        sd.taylor(x @ x, x, 1, at=x, increment=x)
    with pytest.raises(sd.DifferentiationError, match="expands in one tensor"):
        sd.taylor(x @ A @ x, (x, A), 1)
