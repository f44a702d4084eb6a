"""Derivatives of entries in entries: printed as a textbook has them, true at every place."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest

import symdl as sd
from symdl.language.form import Form
from symdl.language.tensor import Tensor
from tests.display.numpy_text import evaluate
from tests.display.points import point
from tests.values import complex_step

n, m, d = sd.dims("n m d")
i, j, k, l = sd.indices("i j k l")
x, y = sd.tensor("x", n), sd.tensor("y", n)
A, B, X = (sd.tensor(name, n, n) for name in "ABX")
R, S = sd.tensor("R", m, n), sd.tensor("S", n, n, symmetric=True)
F = sd.tensor("F", m, n)
t, one_hot = sd.tensor("t", n), sd.tensor("t", n, one_hot=True)
mu = (sd.sum(x) / n).named("mu")
sigma = sd.sqrt(sd.sum((x - mu) ** 2) / n).named("sigma")
x_hat = ((x - mu) / sigma).named("xhat")
SIZES = {"n": 3, "m": 2}
COOKBOOK = "Petersen & Pedersen, The Matrix Cookbook, 2012, "
P, P_LOG = "\nwhere P = softmax(x)", "\nwhere P = softmax(F, axis=1)"
NORMALISED = """
where xhat = (x - mu)/sigma
      sigma = sqrt(sum((x - mu)**2)/n)
      mu = sum(x)/n"""


@dataclass(frozen=True)
class Entry:
    """An expression, a variable, the places at which both are read, and the text."""

    source: str
    text: str
    y: Tensor
    x: Tensor
    of: tuple[Form, ...] = ()
    wrt: tuple[Form, ...] = ()
    known: tuple[Tensor, ...] = ()

    @property
    def derivative(self) -> Tensor:
        """The derivative of the one entry in the other."""
        y = self.y[self.of] if self.of else self.y
        return sd.jacobian(y, self.x[self.wrt]).simplify(*self.known)


ENTRIES = {
    "linear map": Entry(COOKBOOK + "section 2.4", "R[i, j]", R @ x, x, (i,), (j,)),
    "quadratic form": Entry(COOKBOOK + "section 2.4", "((A + A.T) @ x)[i]", x @ A @ x, x, (), (i,)),
    "bilinear form": Entry(COOKBOOK + "section 2.4", "x[i]*y[j]", x @ A @ y, A, (), (i, j)),
    "trace AB": Entry(COOKBOOK + "section 2.5", "B[j, i]", sd.trace(A @ B), A, (), (i, j)),
    "product": Entry(COOKBOOK + "section 2.4", "A[k, i]*B[j, l]", A @ X @ B, X, (k, l), (i, j)),
    "square": Entry(COOKBOOK + "section 2.4", "(j == l)*A[k, i] + (i == k)*A[j, l]", A @ A, A,
                    (k, l), (i, j)),
    "Gram matrix": Entry(COOKBOOK + "section 2.4", "(j == k)*X[i, l] + (j == l)*X[i, k]",
                         X.T @ X, X, (k, l), (i, j)),
    "inverse": Entry(COOKBOOK + "section 2.2", "-inv(A)[k, i]*inv(A)[j, l]", sd.inv(A), A,
                     (k, l), (i, j)),
    "det": Entry(COOKBOOK + "section 2.1", "det(A)*inv(A)[j, i]", sd.det(A), A, (), (i, j)),
    "log det": Entry(COOKBOOK + "section 2.1", "inv(A)[j, i]", sd.logdet(A), A, (), (i, j)),
    "solution": Entry(COOKBOOK + "section 2.2", "inv(A)[i, j]", sd.solve(A, x), x, (i,), (j,)),
    "an entry in itself": Entry(COOKBOOK + "section 2", "(i == k)*(j == l)\nfor i < n, j < n, "
                                "k < n, l < n", X, X, (i, j), (k, l)),
    "softmax": Entry("Bishop, Pattern Recognition and Machine Learning, 2006, section 4.3.4",
                     "P[i]*((i == j) - P[j])" + P, sd.softmax(x), x, (i,), (j,)),
    "softmax in its own": Entry("the case i = j", "P[i]*(1 - P[i])" + P, sd.softmax(x), x,
                                (i,), (i,)),
    "softmax with a temperature": Entry(
        "the chain rule", "P[i]*((i == j) - P[j])/2\nwhere P = softmax(x/2)", sd.softmax(x / 2), x,
        (i,), (j,)),
    "softmax of rows": Entry("row by row", "(i == k)*P[i, j]*((j == l) - P[i, l])" + P_LOG,
                             sd.softmax(F, axis=1), F, (i, j), (k, l)),
    "log-softmax": Entry("Goodfellow, Bengio & Courville, Deep Learning, 2016, section 6.2.2",
                         "(i == j) - P[j]" + P, sd.log(sd.softmax(x)), x, (i,), (j,)),
    "cross-entropy": Entry("Goodfellow, Bengio & Courville, Deep Learning, 2016, section 6.2.2",
                           "sum(t)*P[i] - t[i]" + P, -sd.sum(t * sd.log(sd.softmax(x))), x, (),
                           (i,)),
    "layer norm": Entry("Ba, Kiros & Hinton, Layer Normalization, 2016, differentiated",
                        "((i == j) - xhat[i]*xhat[j]/n - 1/n)/sigma" + NORMALISED, x_hat, x,
                        (i,), (j,), (x_hat,)),
    "unit vector": Entry("the quotient rule", "((i == j) - x[i]*x[j]/sum(x**2))/sqrt(sum(x**2))",
                         x / sd.sqrt(sd.sum(x**2)), x, (i,), (j,)),
    "deviation": Entry("the mean's derivative is 1/n", "(i == j) - 1/n\nfor i < n, j < n",
                       x - sd.mean(x), x, (i,), (j,)),
    "elementwise": Entry("the chain rule", "(i == j)*exp(x[j])", sd.exp(x), x, (i,), (j,)),
    "running sum": Entry("a sum up to i", "(i >= j)\nfor i < n, j < n", sd.cumsum(x), x, (i,),
                         (j,)),
    "exponential of a form": Entry("the chain rule", "-2*exp(-x @ S @ x)*(S @ x)[i]",
                                   sd.exp(-x @ S @ x), x, (), (i,)),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_of_a_derivative_is_printed_and_true(name):
    e = ENTRIES[name]
    assert str(e.derivative) == e.text
    text = "\n".join(line for line in e.text.splitlines() if not line.startswith("for "))
    inputs = point([e.y, e.x], SIZES, np.random.default_rng(9))
    expected = complex_step(e.y, e.x.name, inputs, **SIZES)
    free = dict.fromkeys((*e.of, *e.wrt))
    ranges = [range(next(s.value({a: SIZES[str(a)] for a in s.atoms}) for f, s in zip(
        (*e.of, *e.wrt), (*e.y.shape, *e.x.shape), strict=True) if f == index)) for index in free]
    for places in product(*ranges):
        at = dict(zip(map(str, free), places, strict=True))
        found = evaluate(text, {**SIZES, **inputs, **at})
        entry = tuple(at[str(f)] for f in (*e.of, *e.wrt))
        np.testing.assert_allclose(float(found), expected[entry], rtol=1e-9, atol=1e-9)


def test_a_wrong_entry_would_be_noticed():
    e = ENTRIES["inverse"]
    inputs = point([e.y], SIZES, np.random.default_rng(4))
    expected = complex_step(e.y, "A", inputs, **SIZES)
    wrong = evaluate("-inv(A)[i, k]*inv(A)[j, l]",
                     {**SIZES, **inputs, "i": 0, "j": 1, "k": 2, "l": 0})
    assert abs(float(wrong) - expected[2, 0, 0, 1]) > 1e-3


def test_deltas_in_other_notations():
    e = ENTRIES["softmax"].derivative
    assert r"P_{i} \, \left(\delta_{i,j} - P_{j}\right)" in e.latex()
    assert e.unicode().startswith("P[i]·([i = j] − P[j])")
    assert e.index().startswith("P[i]*([i == j] - P[j])")
    assert ENTRIES["running sum"].derivative.latex() == (
        r"\left[i \ge j\right] \quad \text{for } i < n, j < n")


def test_a_row_of_a_jacobian_has_a_unit_vector():
    assert str(sd.jacobian(sd.softmax(x)[i], x).simplify()) == "P*(one_hot(i, n) - P[i])" + P


@pytest.mark.parametrize(("f", "text"), [
    (sd.logdet(A), "diag(inv(A))"), (sd.trace(A @ B), "diag(B)"), (x @ A @ x, "x**2"),
    (sd.det(A), "det(A)*diag(inv(A))")])
def test_the_diagonal_is_a_variable(f, text):
    found = sd.grad(f, sd.diag(A)).simplify()
    assert str(found) == text
    inputs = point([f], SIZES, np.random.default_rng(2))
    expected = np.diag(complex_step(f, "A", inputs, **SIZES))
    np.testing.assert_allclose(evaluate(text, {**SIZES, **inputs}), expected, rtol=1e-9)


def test_code_takes_the_indices():
    source = ENTRIES["softmax"].derivative.code()
    scope: dict[str, object] = {}
    exec(source, scope)
    z = np.array([0.3, -0.2, 0.5])
    p = np.exp(z) / np.exp(z).sum()
    assert scope["result"](z, 1, 1) == pytest.approx(p[1] * (1 - p[1]))
    assert scope["result"](z, 1, 2) == pytest.approx(-p[1] * p[2])
