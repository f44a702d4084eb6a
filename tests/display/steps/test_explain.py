"""Derivations line by line: what they say, and that every line is true."""

from __future__ import annotations

from dataclasses import replace

import pytest

import symdl as sd
from symdl import nn
from tests.display.steps.replay import wrong_differentials, wrong_lines

n, d, h, k = sd.dims("n d h k")
A, x, b = sd.tensor("A", n, d), sd.tensor("x", d), sd.tensor("b", n)
X, W, c = sd.tensor("X", n, d), sd.tensor("W", d, h), sd.tensor("c", h)
V, e, S = sd.tensor("V", h, k), sd.tensor("e", k), sd.tensor("S", d, d)
y, t = sd.tensor("y", n, integer=True), sd.tensor("t", n)
Q, K, U = (sd.tensor(name, n, d) for name in ("Q", "K", "U"))
Z = (X @ W + c).named("Z")
H = sd.recur("H", n, init=x, step=lambda i, last: sd.tanh(S @ last + A[i]))

CASES = {
    "least squares": (sd.sum((A @ x - b)**2) / 2, [x, A]),
    "quadratic form": (x @ S @ x, [x, S]),
    "two layers": (nn.cross_entropy(sd.tanh(X @ W + c) @ V + e, y), [W, c, V, e]),
    "a named intermediate": (nn.cross_entropy(sd.relu(Z) @ V, y), [Z, W]),
    "logistic regression": (sd.sum(sd.softplus(-t * (A @ x))), [x]),
    "log-determinant": (sd.logdet(S @ S.T + sd.eye(d)), [S]),
    "batch norm": (sd.sum(Q * nn.batch_norm(X, sd.tensor("g", d), sd.tensor("f", d))), [X]),
    "attention": (sd.sum(X * (sd.softmax(Q @ K.T / sd.sqrt(d), axis=1) @ U)), [Q, K, U]),
    "through time": (sd.sum(H**2), [S, A, x]),
    "residual": (sd.sum((X + sd.tanh(X @ S)) @ S * X), [X, S]),
    "log-sum-exp": (sd.logsumexp(A @ x), [x]),
    "maximum": (sd.max(A @ x), [x]),
    "no dependence": (sd.sum(x**2), [x, b]),
}


@pytest.mark.parametrize("name", CASES)
def test_every_line_is_true(name):
    loss, wrt = CASES[name]
    assert not wrong_lines(sd.explain(loss, wrt))


def test_a_wrong_line_is_noticed():
    found = sd.explain(*CASES["two layers"])
    wrong = replace(found, steps=tuple(
        replace(s, after=s.after * 1.001) if k == 2 else s for k, s in enumerate(found.steps)))
    (line,) = wrong_lines(wrong)
    assert line.startswith("line 2: dL_du2 by product rule")


def test_it_reads_as_one_would_derive_it():
    assert str(sd.explain(*CASES["two layers"])).splitlines() == [
        "u1 = X @ W + c",
        "u2 = tanh(u1)",
        "u3 = u2 @ V + e",
        "L = sum(logsumexp(u3, axis=1) - u3[arange(n), y])/n",
        "",
        "dL_du3 = P/n - one_hot(y, k)/n               [chain rule]",
        "         where P = softmax(u3, axis=1)",
        "       = (P - one_hot(y, k))/n               [common factor]",
        "         where P = softmax(u3, axis=1)",
        "dL_du2 = dL_du3 @ V.T                        [product rule]",
        "dL_du1 = dL_du2*(1 - u2**2)                  [chain rule]",
        "dL_dW  = X.T @ dL_du1                        [product rule]",
        "dL_dc  = sum(dL_du1, axis=0)                 [product rule]",
        "dL_dV  = u2.T @ dL_du3                       [product rule]",
        "       = u2.T @ (P - one_hot(y, k)) / n      [substitution]",
        "         where P = softmax(u3, axis=1)",
        "dL_de  = sum(dL_du3, axis=0)                 [product rule]",
        "       = sum(P - one_hot(y, k), axis=0)/n    [substitution]",
        "         where P = softmax(u3, axis=1)",
    ]


def test_names_are_kept_and_letters_are_new():
    u1 = sd.tensor("u1", d)
    text = str(sd.explain(sd.sum(sd.tanh(S @ (u1 * x))), u1))
    assert "u2 = " in text
    assert "Z = X @ W + c" in str(sd.explain(*CASES["a named intermediate"]))


def test_latex_and_html_have_a_row_a_line():
    found = sd.explain(*CASES["least squares"])
    rows = len(found.definitions) + len(found.steps)
    assert found.latex().count("&= ") == rows
    assert r"\frac{\partial L}{\partial u_{1}}" in found.latex()
    assert found.html().count("<tr>") == rows
    assert "∂L/∂u₁" in found.html()
    assert "<pre>Aᵀ (A x − b)</pre>" in found.html()


def test_results_are_the_gradients():
    loss, wrt = CASES["two layers"]
    assert list(sd.explain(loss, wrt).results.values()) == sd.grad(loss, wrt)


SECOND = {name: (loss, wrt[0]) for name, (loss, wrt) in CASES.items()
          if name in ("least squares", "quadratic form", "two layers", "logistic regression",
                      "log-determinant", "log-sum-exp")}


@pytest.mark.parametrize("name", SECOND)
def test_every_line_of_a_second_derivative_is_true(name):
    loss, variable = SECOND[name]
    found = sd.explain(loss, variable, order=2)
    assert not wrong_lines(found)
    assert not wrong_differentials(found.then, variable.name)


def test_a_wrong_differential_is_noticed():
    loss, variable = SECOND["logistic regression"]
    found = sd.explain(loss, variable, order=2).then
    steps = (replace(found.steps[0], after=found.steps[0].after * 1.001), *found.steps[1:])
    (line,) = wrong_differentials(replace(found, steps=steps), "x")
    assert line.startswith("du1 by linear map")


def test_a_second_derivative_is_read_off_the_differential():
    loss, variable = SECOND["least squares"]
    assert str(sd.explain(loss, variable, order=2)).split("\n\n")[2:] == [
        "g = A.T @ (A @ x - b)",
        "dg = A.T @ A @ dx    [linear map]\nH  = A.T @ A         [dg = H dx]"]


def test_an_order_that_has_no_derivation_is_refused():
    loss, variable = SECOND["least squares"]
    with pytest.raises(sd.DifferentiationError, match="order 1, or order 2 in one variable"):
        sd.explain(loss, variable, order=3)


def test_what_has_no_gradient_is_refused():
    with pytest.raises(sd.DifferentiationError, match="scalar"):
        sd.explain(A @ x, x)
