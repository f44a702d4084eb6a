"""Jacobians and Hessians against the complex step and central differences."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

import symdl as sd
from tests.values import assert_near, complex_step, value

n, m = sd.dims("n m")
x, A, W = sd.tensor("x", n), sd.tensor("A", n, n), sd.tensor("W", m, n)
SIZES = {"n": 3, "m": 2}
g = np.random.default_rng(0)
AT = {"x": g.normal(size=3), "A": g.normal(size=(3, 3)), "W": g.normal(size=(2, 3))}


@pytest.mark.parametrize("y", [
    sd.tanh(W @ x), sd.softmax(x, axis=0), x / sd.sqrt(sd.sum(x**2)), A @ A, sd.outer(x, x),
    sd.inv(A), sd.cumsum(x), x[::2], sd.concatenate([x, x**2]), sd.sum(x**3),
    sd.recur("S", n, x[0], lambda t, s: sd.sin(s * x[t])),
])
@pytest.mark.parametrize("name", ["x", "A", "W"])
def test_a_jacobian_is_what_the_complex_step_measures(y, name):
    variable = {"x": x, "A": A, "W": W}[name]
    found = sd.jacobian(y, variable)
    assert found.shape == (*y.shape, *variable.shape)
    assert_near(value(found, AT, **SIZES), complex_step(y, name, AT, **SIZES), 1e-10)


@pytest.mark.parametrize("loss", [
    x @ A @ x, sd.logsumexp(x), sd.sum(sd.softplus(W @ x)), sd.prod(x), sd.sum(sd.tanh(x) ** 2),
])
def test_a_hessian_is_the_jacobian_of_the_gradient(loss):
    found = value(sd.hessian(loss, x), AT)
    assert_near(found, complex_step(sd.grad(loss, x), "x", AT, **SIZES), 1e-10)
    assert_near(found, found.T, 1e-12)


def states(x):
    return sd.recur("S", n, x[0], lambda t, s: sd.sin(s * x[t]))


@pytest.mark.parametrize("loss", [
    sd.logsumexp(x), sd.sum(sd.tanh(W @ x)), sd.sum(states(x) ** 2), sd.prod(x),
    sd.sum(sd.exp(sd.tanh(x))), sd.logdet(A @ A.T + sd.outer(x, x)), sd.sum(x[1:] ** 2 * x[:-1]),
])
def test_a_third_derivative_is_a_jacobian_of_a_jacobian(loss):
    second = sd.jacobian(sd.grad(loss, x), x)
    third = value(sd.jacobian(second, x), AT, **SIZES)
    assert_near(third, complex_step(second, "x", AT, **SIZES), 1e-10)
    assert_near(third, third.transpose(2, 0, 1), 1e-10)


def test_the_third_derivative_of_a_product_is_right_at_zeros():
    at = {"x": np.array([0.0, 1.3, 0.0])}
    third = value(sd.jacobian(sd.hessian(sd.prod(x), x), x), at)
    i, j, k = np.indices((3, 3, 3))
    assert np.array_equal(third, (i != j) & (j != k) & (i != k))


def test_the_third_derivative_of_a_maximum_follows_the_largest_entry():
    at = {"x": np.array([0.3, 2.0, 1.0])}
    expected = np.zeros((3, 3, 3))
    expected[1, 1, 1] = 6.0
    assert_near(value(sd.jacobian(sd.hessian(sd.max(x) ** 3, x), x), at), expected)


def test_several_variables_give_a_hessian_in_blocks():
    loss = sd.sum(sd.tanh(W @ x + A[0, 0]))
    blocks = sd.hessian(loss, {"W": W, "x": x})
    assert blocks.keys() == {"W", "x"} == blocks["W"].keys()
    assert blocks["W"]["x"].shape == (m, n, n)
    expected = complex_step(sd.grad(loss, W), "x", AT, **SIZES)
    assert_near(value(blocks["W"]["x"], AT, **SIZES), expected)
    assert_near(value(sd.hessian(loss, W, x), AT, **SIZES), expected)
    both = sd.jacobian([W @ x, x], (W, x))
    assert [[t.shape for t in row] for row in both] == [
        [(m, m, n), (m, n)], [(n, m, n), (n, n)]]
    assert all(isinstance(row, tuple) for row in both)


def test_a_jacobian_in_a_scalar_is_pushed_forward():
    t, B = sd.tensor("t"), sd.tensor("B", n, n)
    found = sd.jacobian(sd.inv(A + t * B), t)
    assert found.simplify().matrix() == "-inv(t*B + A) @ B @ inv(t*B + A)"
    at = {**AT, "B": g.normal(size=(3, 3)), "t": 0.3}
    assert_near(value(found, at), complex_step(sd.inv(A + t * B), "t", at), 1e-10)


def flops(expression):
    """The polynomial of the operations, in the sizes' symbols."""
    count = expression.cost().flops
    plain = {s: sympy.Symbol(s.name) for s in count.free_symbols}
    return sympy.Poly(count.xreplace(plain), *map(sympy.Symbol, "nmdk"))


d, k = sd.dims("d k")
X, w, y, Y = sd.tensor("X", n, d), sd.tensor("w", d), sd.tensor("y", n), sd.tensor("Y", n, k)
U, V, v = sd.tensor("U", n, d), sd.tensor("V", k, d), sd.tensor("v", n)
W2 = sd.tensor("W2", d, k)
CHAIN = sd.sum(sd.exp(sd.tanh(sd.sin(x))) * x)


@pytest.mark.parametrize(("expression", "expected"), [
    (sd.hessian(CHAIN, x), "n"),
    (sd.jacobian(sd.hessian(CHAIN, x), x), "n"),
    (sd.sum(sd.hessian(CHAIN, x) @ v), "n"),
    (sd.hessian(sd.sum(x[1:] * sd.exp(x[:-1])), x), "n**2"),
    (sd.hessian(sd.logsumexp(x), x), "n**2"),
    (sd.hessian(sd.sum(sd.softplus(-y * (X @ w))), w), "n*d**2"),
    (sd.hessian(sd.sum((U @ V.T - Y) ** 2), U), "d**2*k"),
    (sd.hessian(sd.sum((sd.tanh(X @ W2) - Y) ** 2), W2), "n*d**2*k"),
    (sd.hessian(sd.sum(states(x) ** 2), x), "n**2"),
    (sd.jacobian(states(x), x), "n**2"),
    (sd.jacobian(sd.inv(A), A), "n**4"),
    (sd.hessian(sd.logdet(A + sd.outer(x, x)), x), "n**3"),
    (sd.hessian(x @ A @ x, x), "n**2"),
])
def test_a_derivative_costs_no_more_than_its_closed_form(expression, expected):
    found, bound = flops(expression), sympy.Poly(expected, *map(sympy.Symbol, "nmdk"))
    largest = bound.monoms()[0]
    assert found.total_degree() == bound.total_degree()
    assert all(m == largest for m in found.monoms() if sum(m) == bound.total_degree())


def test_the_hessian_of_logistic_regression_is_that_of_its_textbook():
    found = sd.hessian(sd.sum(sd.softplus(X @ w) - y * (X @ w)), w)
    at = {"X": g.normal(size=(4, 3)), "w": g.normal(size=3), "y": np.array([0.0, 1, 1, 0])}
    s = 1 / (1 + np.exp(-at["X"] @ at["w"]))
    # Bishop, Pattern Recognition and Machine Learning, 2006, eq. 4.97
    assert_near(value(found, at), at["X"].T @ np.diag(s * (1 - s)) @ at["X"])
    text = found.simplify().matrix()
    assert text.startswith("X.T @ diag(") and "y" not in text.replace("v1", "")


def test_the_target_leaves_the_hessian_of_cross_entropy_only_if_it_sums_to_one():
    for simplex in (True, False):
        target = sd.tensor("q", n, simplex=True) if simplex else sd.tensor("q", n)
        loss = -sd.sum(target * sd.log_softmax(x, axis=0))
        found = sd.hessian(loss, x).simplify()
        assert ("q" in found.index()) != simplex
        q, e = np.array([0.2, 0.5, 0.3]) * (1 if simplex else 2), np.exp(AT["x"])
        p = e / e.sum()
        expected = q.sum() * (np.diag(p) - np.outer(p, p))
        assert_near(value(found, {**AT, "q": q}, n=3), expected)


def test_an_entry_of_a_jacobian_is_a_scalar_in_its_indices():
    i, j = sd.indices("i j", n, n)
    entry = sd.jacobian(sd.tanh(x)[i], x[j])
    assert entry.shape == ()
    assert entry.simplify().index() == "[i == j]*(1 - tanh(x[j])**2)"


def test_errors_name_the_function_that_was_called():
    labels = sd.tensor("labels", n, integer=True)
    with pytest.raises(sd.DifferentiationError, match="jacobian: labels holds integers"):
        sd.jacobian(x, labels)
    with pytest.raises(sd.DifferentiationError, match="hessian takes a scalar, but x has"):
        sd.hessian(x, x)
    with pytest.raises(sd.DifferentiationError, match=r"hessian: .* but 3 is none"):
        sd.hessian(x @ x, 3)


def test_the_hessian_of_a_quadratic_form_reads_no_x():
    assert not any(v.name == "x" for v in sd.compile(sd.hessian(x @ A @ x, x)).inputs)


def test_jacobians_in_several_tensors_come_as_they_were_asked_for():
    y = sd.tanh(W @ x)
    found = sd.jacobian(y, {"in": x, "rest": (W, [A])})
    assert found["in"] == sd.jacobian(y, x)
    assert found["rest"] == (sd.jacobian(y, W), [sd.jacobian(y, A)])
