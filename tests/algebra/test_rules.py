"""Each rule: it applies where it should, says why, and keeps every value."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

import symdl as sd
from symdl.algebra.rule import Network, Rule
from symdl.algebra.rules import RULES
from symdl.language.body import slot
from symdl.language.form import Form, Idx
from symdl.language.guard import Guard
from symdl.language.scheme import Access, Scheme, Value
from symdl.language.tensor import Equation
from tests.display.expressions import A, B, R, S, X, Y, d, lam, m, n, p, x, z
from tests.display.points import point, sizes_of, value

BY_NAME = {rule.name: rule for rule in RULES}


def at(*positions):
    return tuple(Form.of(Idx(q)) for q in positions)


def equation(sizes, axes, reduce, body, *leaves, guards=()):
    return Equation.make(Scheme(sizes, axes, reduce, guards, body, leaves))


a0, a1, a2 = slot(0), slot(1), slot(2)
def total_of(body, *leaves):
    """A sum over the columns of X's shape."""
    return equation(X.shape, 1, "sum", body, *leaves)


G = sd.tensor("G", *X.shape)
x_row, p_row, X_here, G_here = (Access(t, at(*range(t.ndim))) for t in (x, p, X, G))
total = Access(total_of(sympy.exp(a0), X_here), at(0))
weighted = Access(total_of(sympy.exp(a0) * a1, X_here, G_here), at(0))
rows_of_softmax = equation(X.shape, 2, "none", sympy.exp(a0) / a1, X_here, total)
scaled_rows = Access(total_of(a0 / a1, X_here, p_row), at(0))

O, E, Dg, T = (sd.tensor(name, n, n, **{fact: True}) for name, fact in (
    ("O", "orthogonal"), ("E", "idempotent"), ("Dg", "diagonal"), ("T", "lower_triangular")))
unit = sd.tensor("u", n, unit_norm=True)
centred = x - sd.mean(x)
named = (x / p).renamed("ratio")
ratio_in_sum = equation(X.shape, 1, "sum", a0 * a1, X_here, x_row)
s_of = sd.sigmoid(A @ x)
indicator = (Value(Form.of(1), (Guard(Form.of(Idx(0)) - Form.of(Idx(1)), "=="),)))

a3 = slot(3)


def outers(other):
    """A x z' + M z x' with another matrix M, or with the same."""
    return equation((n, n), 2, "none", a0 * a1 + a2 * a3, Access(A @ x, at(0)),
                    Access(z, at(1)), Access(other @ z, at(0)), Access(x, at(1)))


EXAMPLES = {
    "view": A @ x[::-1],
    "axis of size 1": equation((n, Form.of(1), d), 2, "sum", a0, Access(X, at(0, 2))),
    "unused axis": equation((n, m, d), 2, "sum", a0, Access(X, at(0, 2))),
    "elementwise": sd.tanh(x + z),
    "simplex": sd.sum(Y, axis=1),
    "symmetric": S.T,
    "binary": sd.apply(lambda t: t**3, Y),
    "orthogonal": equation((n, n, n), 2, "sum", a0 * a1, Access(O, at(2, 0)),
                           Access(O, at(2, 1))),
    "inverse of an orthogonal matrix": sd.inv(O) @ x,
    "inverse": sd.inv(A) @ A,
    "idempotent": E @ E,
    "unit norm": unit @ unit,
    "diagonal": equation((n, n), 1, "sum", a0 * a1, Access(Dg, at(0, 1)), Access(x, at(1))),
    "triangular": sd.tril(T),
    "positive": sd.apply(lambda s: sympy.Abs(s), p),
    "solve for columns of the identity": sd.solve(A, sd.eye(n)) @ x,
    "symmetric inverse": sd.inv(A + A.T).T,
    "choice as a guard": equation((n, n), 2, "none",
                                  a0 * sympy.Piecewise((1 / a1, a2 > 0), (sympy.S.Zero, True)),
                                  Access(z, at(0)), Access(x, at(1), indicator.mask), indicator),
    "indicator": equation((n, n), 2, "none",
                          a0 * sympy.Piecewise((1 / a1, a2 > 0), (sympy.S.Zero, True)),
                          Access(x, at(0)), Access(p, at(1)), indicator),
    "delta as a factor": equation((n, n), 2, "none", a0 - a1, Access(
        x, at(0), indicator.mask), Access(A, at(0, 1))),
    "indicator power": equation((n, n), 2, "none", a0**2 * a1 + a1, indicator, Access(A, at(0, 1))),
    "delta apart": equation((n, n), 2, "none", a0 * (a1 - a2), Access(x, at(0)), indicator,
                            Access(z, at(1))),
    "softmax": equation(X.shape, 2, "none", sympy.exp(a0) / a1, X_here, total),
    "softmax in a sum": equation(X.shape, 2, "none", a0 / a1 + a2, weighted, total, X_here),
    "sum of a softmax": equation(X.shape, 2, "none", a0 + a1, Access(
        total_of(a0 * a1, Access(rows_of_softmax, at(0, 1)), x_row), at(0)), X_here),
    "deviations": sd.sum(centred),
    "turn": equation((n, n), 2, "none", a0 * a1, Access(x, at(0)), Access(A @ B, at(1, 0))),
    "structured product": equation((d, n), 1, "sum", a0 * a1, Access(
        equation(X.shape, 2, "none", a0 * a1, X_here, x_row), at(1, 0)), Access(z, at(1))),
    "cancel": sd.apply(lambda s, t, u: s * (t / s + u), p, x, z),
    "cancel in place": p * (x / p),
    "delta": equation((n, n), 1, "sum", a0, Access(x, at(1)),
                      guards=(Guard(Form.of(Idx(0)) - Form.of(Idx(1)), "=="),)),
    "merge sums": sd.sum(sd.sum(X, axis=1)),
    "hoist": total_of(a0 * a1, X_here, x_row),
    "hoist to the reader": equation(X.shape, 2, "none", a0 * a1, scaled_rows, G_here),
    "common factor": A @ x + B @ x,
    "like products": A @ S @ B + A @ B @ B,
    "common matrix": outers(A),
    "sigmoid": sd.apply(lambda s, t: t * sympy.exp(s) / (1 + sympy.exp(s)), x, z),
    "exponentials": sd.apply(lambda s, t: sympy.exp(s) * sympy.exp(t), x, z),
    "scale": z * equation((n,), 1, "none", a0 * a1, x_row, Access(lam, ())),
    "collect": sd.apply(lambda s, t, u: s * t + s * u, x, z, p),
    "number": sd.apply(lambda s, t: s * (2 * t - 4), x, z),
    "sign": sd.apply(lambda s, t, u: -s * (t - u), x, z, p),
    "both tails": sd.apply(lambda u, t: t / (1 + sympy.exp(-u)) / (1 + sympy.exp(u)), x, z),
    "named product in a sum": equation((n,), 1, "none", a0 / a1,
                                       Access(ratio_in_sum, at(0)), p_row),
    "named product": sd.apply(lambda s, t, u: s * t / u, z, x, p),
    "named sigmoid": sd.apply(lambda u: (1 / (1 + sympy.exp(-u))) * (1 - 1 / (1 + sympy.exp(-u))),
                              A @ x),
}
KNOWN = (named,)
"""What has a name beside the examples."""


def applied(name):
    """The example, and what the rule makes of it."""
    t = EXAMPLES[name]
    return t, BY_NAME[name].rewrite(t, Network.of([t], KNOWN))


def test_every_rule_has_an_example_and_says_what_it_is():
    assert list(EXAMPLES) == sorted(EXAMPLES, key=[rule.name for rule in RULES].index)
    assert EXAMPLES.keys() == BY_NAME.keys()
    assert len(BY_NAME) == len(RULES)
    for rule in RULES:
        assert isinstance(rule, Rule)
        assert rule.identity.endswith(".")
        assert rule.condition
        assert rule.ends


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_rule_keeps_every_value(name):
    t, found = applied(name)
    assert found is not None
    assert found is not t
    assert found.shape == t.shape
    rng = np.random.default_rng(5)
    for given in ({}, {"n": 1, "d": 1, "m": 1}, {"n": 0}, {"d": 0}, {"n": 2, "d": 0, "k": 2}):
        if name == "simplex" and given.get("n") != 0:
            given = {**given, "k": 3}
        if name == "unit norm" and given.get("n") == 0:
            continue  # a vector without entries has no norm of 1
        sizes = sizes_of([t], rng, **given)
        inputs = point([t], sizes, rng)
        np.testing.assert_allclose(value(found, inputs, sizes), value(t, inputs, sizes),
                                   rtol=1e-12, atol=1e-12)


REFUSED = {
    "simplex": sd.sum(Y * Y, axis=1),
    "symmetric": A.T,
    "binary": sd.apply(lambda t: t**2, x),
    "orthogonal": A.T @ A,
    "inverse of an orthogonal matrix": sd.inv(A) @ x,
    "inverse": sd.inv(A) @ B,
    "idempotent": A @ A,
    "unit norm": x @ x,
    "diagonal": A @ x,
    "triangular": sd.tril(A),
    "positive": sd.apply(lambda s: sympy.Abs(s), x),
    "solve for columns of the identity": sd.solve(A, B) @ x,
    "symmetric inverse": sd.inv(A).T,
    "choice as a guard": equation((n, n), 2, "none",
                                  a0 + sympy.Piecewise((1 / a1, a2 > 0), (sympy.S.Zero, True)),
                                  Access(z, at(0)), Access(x, at(1)), indicator),
    "indicator": equation((n, n), 2, "none",
                          a0 * sympy.Piecewise((1 / a1, a2 > 0), (sympy.S.Zero, True)),
                          Access(p, at(0)), Access(x, at(1)), indicator),
    "delta as a factor": equation((n, n), 2, "none", 1 / (1 + a0**2), Access(
        x, at(0), indicator.mask)),
    "indicator power": equation((n, n), 2, "none", a0**2, Access(A, at(0, 1))),
    "delta apart": sd.apply(lambda s, t, u: s * (t - u), x, z, p),
    "deviations": sd.sum(x - z),
    "turn": x[:, None] * (A @ B),
    "structured product": A @ (x * z),
    "cancel": sd.apply(lambda s, t, u: s * (t + u), p, x, z),
    "cancel in place": z * (x / p),
    "like products": A @ B + B @ A,
    "common matrix": outers(B),
    "sigmoid": sd.apply(lambda s, t: sympy.exp(s) / (1 + sympy.exp(t)), x, z),
    "both tails": sd.apply(lambda u, t: 1 / (1 + sympy.exp(-u)) / (1 + sympy.exp(t)), x, z),
    "named product": z / p,
    "named sigmoid": sd.apply(lambda u: 1 / (1 + sympy.exp(-u)), A @ x),
    "softmax": equation(X.shape, 2, "none", sympy.exp(a0) / a1, G_here, total),
    "softmax in a sum": equation((n,), 1, "none", a0 / a1, weighted, total),
    "sum of a softmax": total_of(a0 * a1, Access(rows_of_softmax, at(0, 1)), X_here),
    "delta": A @ x,
    "merge sums": sd.sum(x * (A @ z)),
    "hoist": total_of(a0 / a1, X_here, p_row),
    "hoist to the reader": equation((n,), 1, "none", a0 * a1, scaled_rows, p_row),
    "common factor": A @ x + B @ z,
    "collect": sd.apply(lambda s, t, u: s * t + u, x, z, p),
    "elementwise": A @ (x * z),
    "axis of size 1": total_of(a0, X_here).renamed("T"),
    "view": sd.tril(A) @ x,
}


CHOICE = sympy.Piecewise((1 / a1, a2 > 0), (sympy.S.Zero, True))


@pytest.mark.parametrize(("body", "applies"), [
    (a0 / a1 - CHOICE, True), (a0 * a1 - CHOICE, False), (sympy.exp(-1 / a1) - CHOICE, False)])
def test_a_choice_may_divide_by_what_the_rest_of_its_sum_divides_by(body, applies):
    t = equation((n, n), 2, "none", body, Access(z, at(0)), Access(x, at(1)), indicator)
    assert (BY_NAME["indicator"].rewrite(t, Network.of([t])) is not None) == applies


def test_a_power_of_an_exponential_is_one_of_a_softmax():
    t = equation(X.shape, 2, "none", sympy.exp(2 * a0) / a1**2, X_here, total)
    assert str(t.simplify()) == "P**2\nwhere P = softmax(X, axis=1)"


@pytest.mark.parametrize("name", REFUSED)
def test_a_rule_does_nothing_where_its_condition_fails(name):
    t = REFUSED[name]
    assert BY_NAME[name].rewrite(t, Network.of([t])) is None


def test_what_is_read_twice_is_not_read_in_place():
    u = sd.tanh(x + z)
    t = u + A @ u
    assert BY_NAME["elementwise"].rewrite(t, Network.of([t])) is None


def test_a_mean_over_nothing_stays_what_it_is():
    t = sd.sum(sd.mean(X, axis=1))
    rng = np.random.default_rng(2)
    for sizes in ({"n": 2, "d": 0}, {"n": 0, "d": 2}, {"n": 0, "d": 0}):
        inputs = point([t], sizes, rng)
        with np.errstate(all="ignore"):
            np.testing.assert_equal(value(t.simplify(), inputs, sizes), value(t, inputs, sizes))


def test_a_network_counts_reads():
    u = sd.tanh(x)
    network = Network.of([u * u + u])
    assert not network.single(u)
    assert network.single(u * u)
    assert not network.single(R)
    assert {"x", "n"} <= network.names
