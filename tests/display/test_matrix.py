"""Matrix notation: golden forms, and the value of what is printed."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl.display.errors import NotationError
from symdl.display.matrix import matrix
from tests.display import expressions as e
from tests.display.expressions import ENTRIES, GRADIENTS, MATRIX
from tests.display.numpy_text import evaluate
from tests.display.points import point, sizes_of, value

FORMS = {
    "dense": "X @ W + b",
    "named": "H @ V + c\nwhere H = tanh(X @ W + b)",
    "transpose": "X.T",
    "batched": "Q @ swapaxes(K, -1, -2) / sqrt(d)",
    "bilinear": "x @ A @ z",
    "trace": "trace(A @ B @ A)",
    "Frobenius": "sum(A*B)",
    "diagonal matrix": "diag(x) @ A",
    "scaled rows": "X.T @ diag(x) @ R",
    "outer": "outer(x, w)",
    "row sums": "X*sum(X, axis=1, keepdims=True)",
    "mean": "sum(X, axis=0)/n - w",
    "softmax": "softmax(X @ W + b, axis=1)",
    "logsumexp": "logsumexp(X, axis=1) + logsumexp(x)",
    "fractions": "(z/3 + 2*x)/(1 + x**2) - lam*(x - 1)/(2*p)",
    "comparison": "x < z",
    "identity": "lam*eye(n) + A",
    "triangle": "triu(A, 1) @ x + tril(A) @ x",
    "masked product": "tril(outer(x, z))",
    "padding": "pad(X, [(1, 0), (0, 2)])",
    "joined": "concatenate([x, w], axis=0)",
    "stacked": "stack([x, z], axis=0)",
    "slice of a slice": "pad(2*X[:, 1:], [(0, 0), (1, 0)])",
    "running sum": "cumsum(X, axis=0)",
    "gather along": "R[arange(n), y]",
    "scatter": "one_hot(y, d).T @ R",
    "reversed": "x[::-1]",
    "index as data": "x @ arange(n)",
    "inverse": "inv(A) @ x",
    "factors": "triangular_solve(A, X, lower=False)",
    "cross entropy by class":
        "sum(logsumexp(X @ W + b, axis=1) - (X @ W + b)[arange(n), y])/n",
}


@pytest.mark.parametrize("name", FORMS)
def test_form(name):
    assert matrix(MATRIX[name]) == FORMS[name]


@pytest.mark.parametrize("name", [*MATRIX, *GRADIENTS])
def test_printed_text_has_the_value_of_the_expression(name):
    t = {**GRADIENTS, **MATRIX}[name]
    rng = np.random.default_rng(len(name))
    for given in ({"n": 3, "d": 2}, {"k": 2, "d": 2, "h": 1, "m": 1}):
        sizes = sizes_of([t], rng, **given)
        inputs = point([t], sizes, rng)
        found = np.asarray(evaluate(matrix(t), {**sizes, **inputs}))
        expected = value(t, inputs, sizes)
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", ENTRIES)
def test_what_it_cannot_say_is_refused(name):
    with pytest.raises(NotationError):
        matrix(ENTRIES[name])


def test_an_unnamed_tensor_that_is_read_often_gets_a_name():
    u = sd.tanh(e.A @ e.B @ e.A @ e.B)
    assert matrix(u @ u.T) == "v1 @ v1.T\nwhere v1 = tanh(A @ B @ A @ B)"


def test_names_are_told_apart():
    v1 = sd.tensor("v1", e.n, e.n)
    u = sd.tanh(v1 @ e.B @ e.A @ e.B)
    H = sd.exp(u).renamed("H")
    other = sd.sin(u).renamed("H")
    text = matrix(H @ other + u)
    assert text.split("\n")[0] == "H @ H_2 + v2"


def test_a_long_formula_is_cut():
    t = e.A
    for _ in range(12):
        t = sd.tanh(t @ e.B + e.S)
    lines = matrix(t).split("\n")
    assert len(lines) > 3
    assert max(map(len, lines)) < 100
