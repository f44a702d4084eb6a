"""Equality: proofs, counterexamples, and no wrong answer among random pairs."""

from __future__ import annotations

import pytest

import symdl as sd
from symdl.language.errors import ShapeError, SymdlError
from tests.algebra.pairs import answers

n, d = sd.dims("n d")
A, B, S = sd.tensor("A", n, n), sd.tensor("B", n, n), sd.tensor("S", n, n, symmetric=True)
x, y, F = sd.tensor("x", n), sd.tensor("y", n), sd.tensor("F", n, d)
p, t = sd.tensor("p", n, positive=True), sd.tensor("t")
Q = sd.tensor("Q", n, n, orthogonal=True)
C = sd.tensor("C", 3, 3)
u = sd.tensor("u", n, unit_interval=True)


def lse(u):
    return sd.log(sd.sum(sd.exp(u)))


PROVED = {
    "transposed product": (x @ A @ y, y @ A.T @ x),
    "cycle of a trace": (sd.trace(A @ B), sd.trace(B @ A)),
    "square": (sd.sum((x + y) ** 2), x @ x + 2 * (x @ y) + y @ y),
    "inverse": (A @ sd.inv(A) @ x, x),
    "inverse of the transpose": (sd.inv(A.T), sd.inv(A).T),
    "system": (sd.solve(A, x), sd.inv(A) @ x),
    "symmetric": (x @ S @ y, y @ S @ x),
    "orthogonal": (Q.T @ Q, sd.eye(n)),
    "sigmoid": (sd.sigmoid(-x), 1 - sd.sigmoid(x)),
    "tanh": (1 - sd.tanh(x) ** 2, 1 / ((sd.exp(x) + sd.exp(-x)) / 2) ** 2),
    "log of softmax": (sd.log(sd.softmax(x)), x - lse(x)),
    "shift": (lse(x + t), lse(x) + t),
    "softmax sums to 1": (sd.sum(sd.softmax(x)), sd.full((), 1)),
    "variance": (sd.var(x), sd.mean(x**2) - sd.mean(x) ** 2),
    "roots": (sd.sqrt(p) ** 2, p),
    "quotient": (x**2 / (x + y) - y**2 / (x + y), x - y),
    "determinant of a product": (sd.det(A @ B.T), sd.det(A) * sd.det(B)),
    "inverse of a product": (sd.inv(t * A @ B), sd.inv(B) @ sd.inv(A) / t),
    "determinant of a multiple": (sd.det(3 * C), 27 * sd.det(C)),
    "inverse of a symmetric product": (sd.inv(F.T @ S @ F + sd.eye(d)),
                                       sd.inv(F.T @ S @ F + sd.eye(d)).T),
    "log of a sigmoid": (sd.log(sd.sigmoid(x)), -sd.softplus(-x)),
    "inverse of the softplus": (sd.softplus(sd.log(sd.exp(x) - 1)), x),
    "logit": (sd.sigmoid(sd.log(u / (1 - u))), u),
    "log of a quotient": (sd.log(4 * p / (p + u)), 2 * sd.log(2 * p) - sd.log(p) - sd.log(p + u)),
    "partial fractions": (1 / (t * (t + 1)), 1 / t - 1 / (t + 1)),
    "sum written out": (sd.trace(C), C[0, 0] + C[1, 1] + C[2, 2]),
    "square of a sum of exponentials": (1 / sd.exp(lse(x)) ** 2,
                                        1 / (sd.sum(sd.exp(x)) * sd.sum(sd.exp(x)))),
    "gradient": (sd.grad(sd.logdet(A), A), sd.inv(A).T),
    "Hessian": (sd.hessian(lse(x), x),
                sd.diag(sd.softmax(x)) - sd.outer(sd.softmax(x), sd.softmax(x))),
}
REFUTED = {
    "product turned": (A @ B, B @ A),
    "not symmetric": (x @ A @ y, y @ A @ x),
    "not orthogonal": (A.T @ A, sd.eye(n)),
    "determinant of a sum": (sd.det(A + B), sd.det(A) + sd.det(B)),
    "determinants of other multiples": (sd.det(3 * C), 9 * sd.det(C)),
    "inverses in the other order": (sd.inv(A @ B), sd.inv(A) @ sd.inv(B)),
    "slices of a product": (sd.det(C[:2, :2] @ C[:2, :2]), sd.det(C) ** 2),
    "inverse of a product that isn't symmetric": (sd.inv(F.T @ A @ F + sd.eye(d)),
                                                  sd.inv(F.T @ A @ F + sd.eye(d)).T),
    "sum written out but for an entry": (sd.trace(C), C[0, 0] + C[1, 1] + C[2, 1]),
    "almost partial fractions": (1 / (t * (t + 1)), 1 / t - 1 / (t + 2)),
    "factor": (sd.grad(x @ A @ x, x), 2 * A @ x),
    "series": (sd.exp(x), 1 + x),
    "root": (sd.sqrt(x**2), x),
    "small difference": (x, x + sd.full((n,), 1) / 10**9),
}


@pytest.mark.parametrize("name", PROVED)
def test_equal_expressions_are_proved_equal(name):
    verdict = sd.equal(*PROVED[name])
    assert verdict.status == "proved"
    assert verdict


@pytest.mark.parametrize("name", REFUTED)
def test_different_expressions_are_refuted_with_a_point(name):
    verdict = sd.equal(*REFUTED[name])
    assert verdict.status == "refuted"
    assert not verdict
    left, right = verdict.values
    assert left != right
    assert verdict.point
    assert "left" in str(verdict)


def test_the_smallest_sizes_are_tried_first():
    assert sd.equal(x, 2 * x).sizes == {"n": 1}
    assert sd.equal(A @ B, B @ A).sizes == {"n": 2}


def test_what_is_not_decided_has_no_truth_value():
    verdict = sd.equal(sd.sum(sd.sin(x) ** 2 + sd.cos(x) ** 2), sd.sum(1 + 0 * x))
    assert verdict.status == "supported"
    with pytest.raises(SymdlError, match="supported"):
        bool(verdict)


def test_too_large_a_form_is_given_up():
    u = x
    for k in range(12):
        u = (u + sd.sin(u) * k) * (u + y)
    verdict = sd.equal(u, u + sd.sin(x) ** 2 + sd.cos(x) ** 2 - 1)
    assert verdict.status == "supported"
    assert "no normal form" in verdict.reason


def test_shapes_and_declarations_must_fit():
    with pytest.raises(ShapeError):
        sd.equal(x, A)
    with pytest.raises(SymdlError, match="used for two inputs"):
        sd.equal(S @ x, sd.tensor("S", n, n) @ x)


def test_random_pairs_get_no_wrong_answer():
    found, wrong = answers(seed=1, count=60)
    assert not wrong
    assert found["equal", "proved"] >= 25
    assert found["different", "refuted"] >= 25
