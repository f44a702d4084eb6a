"""Entries as rational functions: identities are found, near misses never."""

from __future__ import annotations

import pytest

import symdl as sd
from symdl.claims.verify.entries.decide import equal_entries

DECLARED = ("A: matrix[3,3], B: matrix[2,2], S: matrix[3,3] symmetric, P: matrix[2,2] "
            "positive_definite, Q: matrix[2,2] orthogonal, x: scalar, y: scalar, p: scalar "
            "positive, u: scalar unit_interval, w: vector[3] simplex, z: vector[3], "
            "b: vector[2] binary, n: vector[3] unit_norm")
EQUAL = [
    ("det(A*A)", "det(A)^2"), ("inv(B)*B*B", "B"), ("det(inv(B))", "1/det(B)"),
    ("logdet(P*P)", "2*logdet(P)"), ("Q*Q'*B", "B"), ("sum(w)", "1"), ("sum(n.^2)", "1"),
    ("log(u/(1 - u))", "log(u) - log(1 - u)"), ("sqrt(x^2)", "abs(x)"),
    ("tanh(x + y)", "(tanh(x) + tanh(y))/(1 + tanh(x)*tanh(y))"),
    ("sigmoid(x)*(1 - sigmoid(x))", "exp(x)/(1 + exp(x))^2"), ("sqrt(p^3)", "p*sqrt(p)"),
    ("max(x, y) + min(x, y)", "x + y"), ("sin(x)^2 + cos(x)^2", "1"), ("exp(x/2)^2", "exp(x)"),
    ("exp(2*log(p))", "p^2"), ("relu(x) - relu(-x)", "x"), ("u^x*u^y", "u^(x + y)"),
    ("b.*b", "b"), ("sin(-x)", "-sin(x)"), ("exp(x/(x + y))*exp(y/(x + y))", "exp(1 + 0*x)"),
    ("where(x > 0, x, -x)", "abs(x)"), ("sign(x)*abs(x)", "x"),
]
DIFFERENT = [
    ("det(2*B)", "2*det(B)"), ("tr(A)^2", "tr(A*A)"), ("sqrt(x^2)", "x"),
    ("sqrt(p^3)", "p^2*sqrt(p)"), ("sin(x)^2 - cos(x)^2", "1"), ("max(x, y)", "x"),
    ("Q*B", "B"), ("S*A", "A*S"), ("exp(x/3)^2", "exp(x)"), ("b.*b", "1 - b"),
    ("where(x == 0, 1, 0)", "0*x"), ("where(x >= 0, 1, 0)", "where(x > 0, 1, 0)"),
    ("sign(x)^2", "1 + 0*x"), ("where(u > 0, 1, 0)", "1 + 0*u"),
    ("gelu(x)", "gelu_tanh(x)"), ("exp(log(x))", "-x"),
]


def read(text: str) -> sd.Tensor:
    found = sd.parse(text, DECLARED)
    assert isinstance(found, sd.Tensor)
    return found


def said(left: str, right: str) -> str:
    one, other = read(left), read(right)
    return equal_entries(one, sd.broadcast_to(other, one.shape) if one.ndim else other)


@pytest.mark.parametrize(("left", "right"), EQUAL)
def test_an_identity_is_found(left: str, right: str) -> None:
    assert said(left, right) == ""


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_a_near_miss_is_not(left: str, right: str) -> None:
    assert said(left, right)


def test_nothing_is_claimed_at_a_kink_that_is_named() -> None:
    assert said("where(x >= 0, 1, 0)", "where(x > 0, 1, 0)")
    assert not equal_entries(read("where(x >= 0, 1, 0)"), read("where(x > 0, 1, 0)"), [read("x")])


def test_symbols_for_sizes_are_not_decided() -> None:
    x = sd.parse("x", "x: vector[n]")
    assert "symbol" in equal_entries(x, x)
