"""Formulas that are nearly true: none of them is proved."""

from __future__ import annotations

import pytest

import symdl as sd

REFUTED = {
    "true at size 1": "sum(x)^2 = sum(x.^2)",
    "true at sizes 1 and 2": "tr(A)^2 - tr(A*A) = 2*det(A) under A: matrix[n,n]",
    "true for symmetric matrices": "d x'*A*x/dx = 2*A*x",
    "true for commuting matrices": "(A + B)*(A - B) = A*A - B*B",
    "true to three digits": "gelu(x) = gelu_tanh(x)",
    "true to eight digits": "sin(x) = x - x^3/6 + x^5/120 - x^7/5040 + x^9/362880 under x: scalar",
    "true almost everywhere": "where(x == 0, 1, 0) = 0 under x: scalar",
    "true for positive numbers": "sqrt(x^2) = x under x: scalar",
    "true on one branch": "log(x^2) = 2*log(abs(x)) + log(1 + x - x) + where(x < 0, 1, 0) "
                          "under x: scalar",
    "an empty sum": "sum(x[1:n]) = sum(x) - x[0] + where(x[0] == x[0], 1, 0) under x: vector[n]",
    "true where all are positive": "sum(abs(x)) = abs(sum(x))",
    "a small number": "x = x + 10^-9 under x: scalar",
    "true within a range": "where(u > 0, 1, 0) = 1 under u: scalar unit_interval",
    "true below 1": "floor(u) = 0 under u: scalar unit_interval",
    "true of positive entries": "where(u > 0, 1, 0) = 1 under u: scalar nonnegative",
    "true of whole numbers": "floor(x) = x under x: scalar",
    "a strict bound that is met": "x^2 > 0 under x: scalar",
    "a bound that fails seldom": "x^4 >= x^2/1000000 under x: scalar",
}
PROVED = {
    "a branch that both sides share": "log(x^2) = 2*log(x) under x: scalar",
    "undefined at 0": "x^2/x = x under x: scalar",
}


@pytest.mark.parametrize("name", REFUTED)
def test_a_trap_is_refuted(name: str) -> None:
    assert sd.verify(REFUTED[name], advice=False).status == "refuted"


@pytest.mark.parametrize("name", PROVED)
def test_what_holds_wherever_both_sides_are_defined_is_proved(name: str) -> None:
    assert sd.verify(PROVED[name]).status == "proved"


@pytest.mark.parametrize("text", ["1/(x - x) = 2/(x - x) under x: scalar",
                                  "log(-x^2 - 1) = log(-x^2 - 2) under x: scalar",
                                  "inv(x*x' - x*x') = eye under x: vector[n]"])
def test_what_is_nowhere_defined_is_not_proved(text: str) -> None:
    assert sd.verify(text).status == "undecided"


def test_a_sum_over_an_empty_range_refutes_nothing() -> None:
    assert sd.verify("sum(x[1:n]) = sum(x) - x[0] under x: vector[n]").status != "refuted"


def test_a_choice_at_a_kink_refutes_no_derivative() -> None:
    assert sd.verify("d relu(x)/dx = where(x >= 0, 1, 0) under x: scalar").status == "proved"
    assert sd.verify("d x^2/dx = where(x == 5, 0, 2*x) under x: scalar").status != "proved"
