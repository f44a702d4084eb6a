"""Verdicts: what is true is proved, what is false refuted at a small point, nothing else said."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest

import symdl as sd
from symdl.language.errors import SymdlError

PROVED = {
    "d tr(A*X)/dX = A'": "Matrix Cookbook 2012, eq. 100",
    "d x'*A*x/dx = (A + A')*x": "Matrix Cookbook 2012, eq. 81",
    "d^2 x'*A*x/dx^2 = A + A'": "Matrix Cookbook 2012, eq. 98",
    "hessian x'*A*x wrt x = A + A'": "the same in words",
    "d A*x/dx = A": "numerator layout",
    "d logdet(X)/dX = inv(X)'": "Matrix Cookbook 2012, eq. 57",
    "(A*B)' = B'*A'": "Matrix Cookbook 2012, eq. 4",
    "d L/dz = s - y where L = sum(log(1 + exp(z)) - y.*z), s = sigmoid(z)": "Bishop 2006, 4.91",
    "d softmax(x)[i] / dx[j] = -s[i]*s[j] for i != j where s = softmax(x)": "Bishop 2006, 4.106",
    "d softmax(x)[i] / dx[j] = s[i]*(1 - s[j]) for i == j where s = softmax(x)": "the same",
    "d sum((w - y).^2)/dw = 0 at w = y": "zero at the optimum",
    "sum[j](A[i,j]*x[j]) = (A*x)[i]": "a product by entries",
    "x'*S*y = y'*S*x under S: matrix[n,n] symmetric, x: vector[n], y: vector[n]": "a fact",
}
REFUTED = {
    "d x'*A*x/dx = 2*A*x": {"n": 2},
    "A*B = B*A": {"n": 2},
    "tr(A) = sum(A)": {"n": 2},
    "d tanh(x)/dx = diag(1 - tanh(x))": {"n": 1},
    "x'*A*x >= 0": {"n": 1},
    "sqrt(x^2) = x": {},
    "x <= x^2": {},
    "gelu(x) = gelu_tanh(x)": {"n": 1},
}


@pytest.mark.parametrize("text", PROVED)
def test_a_true_claim_is_proved(text: str) -> None:
    verdict = sd.verify(text)
    assert verdict.status == "proved" and verdict.exit_code == 0
    assert verdict.evidence["points"] > 3
    assert bool(verdict)


@pytest.mark.parametrize("text", REFUTED)
def test_a_false_claim_is_refuted_at_the_smallest_size(text: str) -> None:
    verdict = sd.verify(text)
    assert verdict.status == "refuted" and verdict.exit_code == 1
    assert dict(verdict.sizes) == REFUTED[text]
    assert verdict.values is not None
    assert not verdict


def test_a_counterexample_is_one_of_small_whole_numbers() -> None:
    verdict = sd.verify("d x'*A*x/dx = 2*A*x")
    a, x = (np.asarray(verdict.point[k], float) for k in "Ax")
    assert np.abs(a).max() <= 1 and np.abs(x).max() <= 1
    left, right = ((a + a.T) @ x)[verdict.entry], (2 * a @ x)[verdict.entry]
    assert (float(left), float(right)) == tuple(map(float, verdict.values))
    assert left != right
    assert all(isinstance(v, Fraction) for v in verdict.point["A"].flat)


def test_a_claim_of_other_shapes_is_refuted_by_them() -> None:
    verdict = sd.verify("d A*x/dx = A' under A: matrix[m,n], x: vector[n]")
    assert verdict.status == "refuted"
    assert "(m, n)" in verdict.reason and "(n, m)" in verdict.reason


def test_sides_that_are_nowhere_defined_are_not_proved_equal() -> None:
    assert sd.verify("1/(x - x) = 2/(x - x) under x: scalar").status == "undecided"


def test_rounding_refutes_nothing() -> None:
    text = "logdet(inv(X'*X)) = -logdet(X'*X) under X: matrix[n,m]"
    assert sd.verify(text).status != "refuted"


def test_a_claim_with_numbers_for_sizes_speaks_of_these() -> None:
    verdict = sd.verify("tr(A) = A[0,0] + A[1,1] under A: matrix[2,2]")
    assert verdict.status == "proved"
    assert "2" in verdict.covers and "written as numbers" in verdict.covers


def test_a_verdict_prints_as_text_latex_and_json() -> None:
    verdict = sd.verify("A*B = B*A", source="nowhere")
    assert "refuted: A*B = B*A" in str(verdict) and "n = 2" in str(verdict)
    assert r"\textbf{Refuted.}" in verdict.latex() and "pmatrix" in verdict.latex()
    found = json.loads(json.dumps(verdict.json()))
    assert found["counterexample"]["sizes"] == {"n": 2} and found["source"] == "nowhere"


def test_a_verdict_that_decides_nothing_has_no_truth_value() -> None:
    with pytest.raises(SymdlError, match="supported"):
        bool(sd.verify("exp(x) >= 1 + x"))


@pytest.mark.parametrize(("text", "message"), [
    ("x + y", "one relation"), ("x = y = z", "one relation"), ("x =", "side is missing"),
    ("x = y where z", "name = formula"), ("x = y where z = x where t = x", "twice"),
    ("d x'*x/dx = 2*x + A*B*", "ends too early"),
])
def test_what_cannot_be_read_is_said(text: str, message: str) -> None:
    with pytest.raises(SymdlError, match=message):
        sd.verify(text)
