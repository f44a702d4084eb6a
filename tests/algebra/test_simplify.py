"""The normal form: what it reads like, and that no value changes."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl import nn
from symdl.algebra.simplify import simplify
from tests.display.expressions import (
    ENTRIES,
    GRADIENTS,
    MATRIX,
    Y2,
    A,
    B,
    H,
    R,
    V,
    W,
    X,
    Y,
    b,
    c,
    k,
    lam,
    n,
    p,
    x,
    z,
)
from tests.display.points import point, sizes_of, value
from tests.programs import PROGRAMS

EXPRESSIONS = MATRIX | ENTRIES | GRADIENTS

P = "\nwhere P = softmax(X @ W + b, axis=1)"
NET = "\nwhere P = softmax(H @ V + c, axis=1)\n      H = tanh(X @ W + b)"
FORMS = {
    "dense gradient": "X.T @ R",
    "softmax cross-entropy": "X.T @ (P - Y) / n" + P,
    "softmax cross-entropy, bias": "sum(P - Y, axis=0)/n" + P,
    "softmax cross-entropy by class": "X.T @ (P - one_hot(y, k)) / n" + P,
    "logistic regression": "X.T @ (sigmoid(X @ w) - t)",
    "quadratic form": "(A + A.T) @ x",
    "symmetric quadratic form": "2*S @ x",
    "least squares": "2*X.T @ (X @ w - x)",
    "ridge": "2*X.T @ (X @ w - x) + 2*lam*w",
    "mean squared error": "2*X.T @ (X @ w - x) / n",
    "logdet gradient": "inv(A).T",
    "det gradient": "det(A)*inv(A).T",
    "inverse gradient": "-inv(A).T @ outer(x, z) @ inv(A).T",
    "solve gradient": "solve(A.T, z)",
    "trace gradient": "A.T @ B.T + B.T @ A.T",
    "softmax gradient": "P*(G - sum(G*P, axis=1, keepdims=True))\nwhere P = softmax(X, axis=1)",
    "logsumexp gradient": "softmax(x)",
    "norm gradient": "x/sqrt(sum(x**2))",
    "triangle gradient": "tril(outer(x, z))",
    "relu gradient": "X.T @ (R*(X @ W > 0))",
    "two layers, W": "X.T @ (((P - Y2) @ V.T)*(1 - H**2)) / n" + NET,
    "two layers, b": "sum(((P - Y2) @ V.T)*(1 - H**2), axis=0)/n" + NET,
    "two layers, V": "H.T @ (P - Y2) / n" + NET,
    "two layers, c": "sum(P - Y2, axis=0)/n" + NET,
}


@pytest.mark.parametrize("name", FORMS)
def test_form(name):
    assert simplify(GRADIENTS[name]).matrix() == FORMS[name]


def _same(t, sizes, rng):
    inputs = point([t], sizes, rng)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(value(simplify(t), inputs, sizes), value(t, inputs, sizes),
                                   rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_values_stay_and_the_form_is_normal(name):
    t, rng = EXPRESSIONS[name], np.random.default_rng(len(name))
    assert simplify(simplify(t)) is simplify(t)
    _same(t, sizes_of([t], rng, k=2), rng)
    _same(t, sizes_of([t], rng, n=1, d=1, h=1, m=1, k=2), rng)


@pytest.mark.parametrize("name", [
    name for name in EXPRESSIONS if name not in ("maximum", "arg max", "gather", "reversed")])
def test_values_stay_where_there_is_no_example(name):
    t, rng = EXPRESSIONS[name], np.random.default_rng(1)
    _same(t, sizes_of([t], rng, n=0, k=2), rng)


@pytest.mark.parametrize("name", [
    "mlp", "rnn", "lstm", "attention", "gaussian_nll", "logistic_bn", "embedding",
    *(name for name in PROGRAMS if name.startswith("axes_"))])
def test_values_of_the_programs_gradients_stay(name):
    rng = np.random.default_rng(3)
    program = PROGRAMS[name]()
    for g in list(sd.grad(program.loss, program.wrt).values())[:3]:
        _same(g, sizes_of([g], rng, n=2, T=2, d=2, v=2, k=2, h=1), rng)


def test_a_target_that_is_not_declared_to_sum_to_one_keeps_its_sum():
    target = sd.tensor("Y", n, k)
    g = sd.grad(sd.cross_entropy(X @ W + b, target), W)
    assert simplify(g).matrix() == "X.T @ (P*sum(Y, axis=1, keepdims=True) - Y) / n" + P


def test_a_name_in_use_is_not_taken():
    g = sd.grad(sd.sum(sd.softmax(sd.tensor("P", n, k)) * R), sd.tensor("P", n, k))
    assert simplify(g).matrix().split("\n")[1] == "where P1 = softmax(P, axis=1)"


def test_a_softmax_that_has_a_name_keeps_it():
    weights = sd.softmax(X @ W).renamed("alpha")
    g = sd.grad(sd.sum(weights**2), W)
    assert simplify(g).matrix() == (
        "2*X.T @ (alpha*(alpha - sum(alpha**2, axis=1, keepdims=True)))\n"
        "where alpha = softmax(X @ W, axis=1)")


def test_two_softmaxes_have_two_names():
    t = sd.softmax(X) @ sd.softmax(W) + R
    g = sd.grad(sd.sum(sd.tanh(t)), X)
    assert {"P", "P1"} <= {line.split()[-1 - line.split()[::-1].index("=") - 1]
                           for line in simplify(g).matrix().split("\n")[1:]}


@pytest.mark.parametrize(("t", "text"), [
    (x - x + z, "z"),
    (A @ x - A @ x, "zeros((n,))"),
    (2 * (A @ x) - A @ (2 * x), "zeros((n,))"),
    (sd.eye(n) @ A @ sd.eye(n), "A"),
    (sd.diag(x) @ A, "x[:, None]*A"),
    (sd.ones(n, n) @ x, "full((n,), sum(x))"),
    (sd.exp(x) * sd.exp(z) / sd.exp(x), "exp(z)"),
    (lam * (A @ x) + lam * (A @ z), "lam*A @ (x + z)"),
    (A @ x + B @ x, "(A + B) @ x"),
    (A @ B + A.T @ B, "(A + A.T) @ B"),
    (sd.sum(sd.sum(A * B, axis=1)), "sum(A*B)"),
    (sd.sum(lam * A) / lam, "sum(A)"),
    (sd.sum(Y * lam, axis=1), "full((n,), lam)"),
    (Y**3, "Y"),
    (-(x - z) * p, "p*(z - x)"),
    (x * z + x * p, "x*(p + z)"),
])
def test_small_cases(t, text):
    assert simplify(t).matrix() == text


def test_convolution_weights_in_index_notation():
    N, C, h, width, o, kh, kw = sd.dims("n c h w o kh kw")
    image, filters = sd.tensor("X", N, C, h, width), sd.tensor("F", o, C, kh, kw)
    out = nn.conv2d(image, filters)
    G = sd.tensor("G", *out.shape)
    gradient = sd.grad(sd.sum(out * G), filters)
    assert repr(simplify(gradient)) == (
        "sum_{i,j,n} G[n,o,i,j]*X[n,c,kh+i,kw+j]")


def test_named_tensors_stay():
    loss = sd.cross_entropy(H @ V + c, Y2)
    assert "H = tanh(X @ W + b)" in simplify(loss).matrix()


def test_a_named_result_keeps_its_name():
    assert simplify((x - z + z).renamed("u")).name == "u"


def test_a_sigmoid_of_a_sigmoid_is_simplified():
    u, v, w = (sd.tensor(name) for name in "uvw")
    t = sd.grad((sd.sigmoid(w * sd.sigmoid(v * sd.sigmoid(u) + v) + w) - v) ** 2, u)
    value = sd.evaluate([t, t.simplify()], {"u": 0.3, "v": 0.7, "w": -0.4})
    assert float(value[0]) == pytest.approx(float(value[1]), rel=1e-12)


@pytest.mark.parametrize(("y", "v", "printed"), [
    (x / sd.norm(x), x, "(eye(n) - outer(x, x)/sum(x**2))/sqrt(sum(x**2))"),
    ((A @ x) / z, x, "A/z[:, None]"),
    (sd.exp(x) / z, x, "diag(exp(x)/z)"),
    (sd.log(A @ x), x, "A/(A @ x)[:, None]"),
    (1 / (A @ x), x, "-A/((A @ x)**2)[:, None]"),
    (sd.log(sd.softmax(x)), x, "eye(n) - P\nwhere P = softmax(x)"),
], ids=str)
def test_the_jacobian_of_a_quotient_has_no_choices(y, v, printed):
    j = sd.jacobian(y, v).simplify()
    assert str(j) == printed
    rng = np.random.default_rng(4)
    sizes = sizes_of([y, j], rng, n=3)
    at = point([y, j], sizes, rng)
    at.update({name: np.abs(at[name]) + 0.5 for name in "Ax" if name in at})
    moved = ([value(y, {**at, "x": at["x"] + s * e}, sizes) for s in (1e-5, -1e-5)]
             for e in np.eye(3))
    slopes = [(after - before) / 2e-5 for after, before in moved]
    expected = np.stack(slopes, axis=1)
    np.testing.assert_allclose(value(j, at, sizes), expected, rtol=1e-6, atol=1e-7)
