"""Each fact drives a rule; without it nothing changes."""

from __future__ import annotations

import pytest

import symdl as sd

n, k = sd.dims("n k")
x = sd.tensor("x", n)


def matrix(**facts):
    return sd.tensor("A", n, n, **facts)


def rows(**facts):
    return sd.tensor("Y", n, k, **facts)


def vector(**facts):
    return sd.tensor("u", n, **facts)


USES = {
    "symmetric": (matrix, lambda A: A.T @ x + A @ x, "2*A @ x", "(A + A.T) @ x"),
    "positive_definite": (matrix, lambda A: sd.grad(x @ sd.inv(A) @ x, x), "2*inv(A) @ x",
                          "(inv(A).T + inv(A)) @ x"),
    "orthogonal": (matrix, lambda A: A.T @ A @ x, "x", "A.T @ A @ x"),
    "diagonal": (matrix, lambda A: A @ x, "x*diag(A)", "A @ x"),
    "lower_triangular": (matrix, lambda A: sd.tril(A) @ x, "A @ x", "tril(A) @ x"),
    "upper_triangular": (matrix, lambda A: sd.triu(A) @ x, "A @ x", "triu(A) @ x"),
    "idempotent": (matrix, lambda A: A @ A @ x, "A @ x", "A @ A @ x"),
    "simplex": (rows, lambda Y: sd.sum(Y, axis=1) * x, "x", "x*sum(Y, axis=1)"),
    "one_hot": (rows, lambda Y: Y**2, "Y", "Y**2"),
    "binary": (vector, lambda u: u**3 + x, "u + x", "u**3 + x"),
    "positive": (vector, lambda u: abs(u) + x, "u + x", "abs(u) + x"),
    "nonnegative": (vector, lambda u: sd.sqrt(u**2) + x, "u + x", "abs(u) + x"),
    "unit_norm": (vector, lambda u: x - u * (u @ u), "x - u", "x - sum(u**2)*u"),
}


@pytest.mark.parametrize("fact", USES)
def test_a_fact_is_used(fact):
    declared, expression, text, _ = USES[fact]
    assert expression(declared(**{fact: True})).simplify().matrix() == text


@pytest.mark.parametrize("fact", USES)
def test_without_the_fact_nothing_is_assumed(fact):
    declared, expression, _, text = USES[fact]
    assert expression(declared()).simplify().matrix() == text


def test_an_orthogonal_matrix_on_the_wrong_side_is_left_alone():
    Q = matrix(orthogonal=True)
    assert (Q @ Q @ x).simplify().matrix() == "A @ A @ x"


def test_a_simplex_sums_to_one_along_its_last_axis_only():
    assert sd.sum(rows(simplex=True), axis=0).simplify().matrix() == "sum(Y, axis=0)"
