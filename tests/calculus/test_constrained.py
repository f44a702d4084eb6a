"""Gradients under a fact, against differences along what the fact leaves free."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl.kernels.oracle import oracle
from tests.values import assert_near, value

n = sd.dims("n")
x, v = sd.tensor("x", n), sd.tensor("v", n)
g = np.random.default_rng(2)
AT = {"x": g.normal(size=3), "v": g.normal(size=3)}


def loss(A):
    return x @ A @ v + sd.sum(sd.sin(A @ v)) + sd.sum(A**3)


def moved(i, j, facts):
    """The entries that move with entry i, j while the fact holds."""
    step = np.zeros((3, 3))
    step[i, j] = 1
    if facts & {"symmetric", "positive_definite"}:
        step[j, i] = 1
    if ("diagonal" in facts and i != j) or ("lower_triangular" in facts and i < j) or (
            "upper_triangular" in facts and i > j):
        step[:] = 0
    return step


@pytest.mark.parametrize("facts", [
    {"symmetric"}, {"positive_definite"}, {"diagonal"}, {"lower_triangular"},
    {"upper_triangular"}, {"positive"}, {"diagonal", "symmetric"},
])
def test_entry_i_j_is_the_derivative_along_what_moves_with_it(facts):
    A = sd.tensor("A", n, n, **dict.fromkeys(facts, True))
    at = g.normal(size=(3, 3))
    at = at @ at.T + np.eye(3)
    if "diagonal" in facts:
        at = np.diag(np.diag(at))
    at = np.tril(at) if "lower_triangular" in facts else at
    at = np.triu(at) if "upper_triangular" in facts else at
    expected = np.empty((3, 3))
    for i, j in np.ndindex(3, 3):
        there = at + 1e-30j * moved(i, j, facts)
        plain = sd.tensor("A", n, n)
        found = oracle([loss(plain)], {**AT, "A": there}, "complex128")[0]
        expected[i, j] = complex(np.asarray(found).item()).imag / 1e-30
    assert_near(value(sd.grad(loss(A), A, constrained=True), {**AT, "A": at}), expected, 1e-12)


def test_the_ambient_gradient_is_the_default():
    A = sd.tensor("A", n, n, symmetric=True)
    assert_near(value(sd.grad(x @ A @ v, A), AT), np.outer(AT["x"], AT["v"]))


@pytest.mark.parametrize("fact", ["simplex", "orthogonal", "one_hot", "unit_norm", "idempotent"])
def test_a_fact_that_ties_all_entries_is_refused(fact):
    A = sd.tensor("A", n, n, **{fact: True})
    with pytest.raises(sd.DifferentiationError, match=f"grad: under the fact {fact} no entry of A"):
        sd.grad(loss(A), A, constrained=True)


def test_only_inputs_have_facts():
    A = sd.tensor("A", n, n, symmetric=True)
    with pytest.raises(sd.DifferentiationError, match="constrained=True is for inputs"):
        sd.grad(loss(A), A @ A, constrained=True)
