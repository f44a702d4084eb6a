"""Derivatives that a formula asks for, against central differences."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import symdl as sd
from tests.values import assert_near, value

DECLARED = "A: matrix[n,n], S: matrix[n,n], x: vector[n], y: vector[n], c: scalar, X: matrix[m,n]"
rng = np.random.default_rng(3)
ROOT = rng.normal(size=(3, 3))
POINT = {"A": rng.normal(size=(3, 3)) + 3 * np.eye(3), "S": ROOT @ ROOT.T + np.eye(3),
         "x": rng.normal(size=3), "y": rng.normal(size=3), "c": np.float64(0.8),
         "X": rng.normal(size=(2, 3))}


def differences(f, variables, point, step=1e-4):
    """The derivative in one variable after the other, entry by entry."""
    if not variables:
        return value(f, point)
    *earlier, variable = variables
    last = variable.name
    at = np.asarray(point[last], float)
    columns = []
    for index in product(*map(range, at.shape)):
        moved = []
        for sign in (1, -1):
            shifted = at.copy()
            shifted[index] += sign * step
            moved.append(differences(f, earlier, {**point, last: shifted}))
        columns.append((moved[0] - moved[1]) / (2 * step))
    first = np.asarray(columns[0])
    return np.moveaxis(np.reshape(columns, (*at.shape, *first.shape)),
                       range(at.ndim), range(first.ndim, first.ndim + at.ndim))


ASKED = [
    "d logdet(S) / dS", "d (x'*A*x) / dx", "d(x'*A*x)/dA", "d x'*A*y / dy", "d det(A)/dA",
    "d/dx (x'*A*x)", "d / dx norm2(A*x - y)", "∂ sum(exp(X*x)) / ∂x", "∂logsumexp(A*x)/∂A",
    "d tr(A*S*A') / dA", "d inv(A)*x / dx", "d A*x / dx", "d softmax(x) / dx", "d c*x / dc",
    "d x'*inv(c*S)*x / dc", "d sum[i,j](A[i,j]*x[i]*x[j]) / dx", "d A[i,j]*x[j] / dx",
    "d2 x'*A*x / dx2", "d^2 x'*A*x / dx^2", "d^2 (x'*A*x) / dx dx'", "d^2 x'*A*y / dx dy",
    "d2 logsumexp(x) / (dx dx')", "d^2 logdet(S) / dS^2", "d^2 c^3*x'*y / dc dx",
    "d3 sum(x.^4) / dx3",
]


@pytest.mark.parametrize("text", ASKED)
def test_a_derivative_agrees_with_differences(text):
    asked = sd.parse(text, DECLARED)
    found = value(asked.derive(), POINT)
    measured = differences(asked.function, asked.variables, POINT)
    assert found.shape == measured.shape
    tolerance = {1: 1e-7, 2: 1e-5, 3: 3e-2}[len(asked.variables)]
    assert np.max(np.abs(found - measured)) <= tolerance * (1 + np.max(np.abs(measured)))


def test_a_derivative_in_the_wrong_variable_is_seen():
    asked = sd.parse("d x'*A*y / dx", DECLARED)
    measured = differences(asked.function, asked.variables, POINT)
    wrong = value(sd.parse("d x'*A*y / dy", DECLARED).derive(), POINT)
    assert np.max(np.abs(wrong - measured)) > 1e-3


def test_a_derivative_is_a_request_until_it_is_taken():
    asked = sd.parse("d x'*A*x / dx", A="matrix[n,n] symmetric")
    n = sd.dims("n")
    x, A = sd.tensor("x", n), sd.tensor("A", n, n, symmetric=True)
    assert isinstance(asked, sd.Derivative)
    assert (asked.function, asked.variables) == (x @ A @ x, (x,))
    assert asked.declarations == "A: matrix[n,n] symmetric, x: vector[n]"
    assert asked.derive() == sd.grad(x @ A @ x, x)


def test_derivatives_are_taken_in_the_order_of_the_variables():
    asked = sd.parse("d^2 x'*A*y / dx dy", DECLARED)
    assert [v.name for v in asked.variables] == ["x", "y"]
    assert_near(value(asked.derive(), POINT), POINT["A"])


@pytest.mark.parametrize(("text", "names"), [
    ("d f2 / df2", ["f2"]), ("d2 f2'*f2 / df22", ["f2", "f2"]), ("d2 x'*x/dx2", ["x", "x"]),
    ("d^3 c / dc^2 dc", ["c"] * 3), ("d^2 x'*y / dx dy'", ["x", "y"])])
def test_the_variables_of_a_derivative(text, names):
    assert [v.name for v in sd.parse(text).variables] == names


@pytest.mark.parametrize("text", ["d*x", "d .* dx", "det(A)/dA", "d/2", "delta*x", "x/dx"])
def test_other_formulas_that_begin_or_end_so_are_no_derivatives(text):
    assert isinstance(sd.parse(text, "d: scalar, dx: scalar, dA: scalar, A: matrix[n,n]"),
                      sd.Tensor)


def test_a_declared_tensor_is_no_differential():
    with pytest.raises(sd.ParseError, match="d is a tensor, not a function"):
        sd.parse("d (x) / dt", "d: matrix[n,n], x: vector[n], dt: scalar, t: scalar")


def test_a_derivative_inside_a_formula_is_refused():
    with pytest.raises(sd.ParseError):
        sd.parse("2*(d x'*x / dx)")
