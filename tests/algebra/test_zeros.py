"""Identities of matrices: proved with their books' addresses, and never with a wrong sign.

Both sides have the same numbers, too, in tests of the oracle, which knows no algebra.
"""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl.algebra.normal import normal_form
from symdl.algebra.zeros import is_zero
from tests.algebra.matrix_pairs import verdicts
from tests.display.points import point, sizes_of, value

n, m = sd.dims("n m")
A, B, X = (sd.tensor(name, n, n) for name in "ABX")
D = sd.tensor("D", m, m)
U, W = sd.tensor("U", n, m), sd.tensor("W", m, n)
b, g = sd.tensor("b", n), sd.tensor("g", n)
S = sd.tensor("S", n, n, positive_definite=True)
Q = sd.tensor("Q", m, m, positive_definite=True)
t, r = sd.tensor("t"), sd.tensor("r", n, binary=True)
p, e = sd.tensor("p", n, positive=True), sd.tensor("e", positive=True)
A3, B2, u3, w3 = sd.tensor("A", 3, 3), sd.tensor("B", 2, 2), sd.tensor("u", 3), sd.tensor("w", 3)
one, unit = sd.eye(n), sd.eye(m)
inv, det, log_det, tr, kron = sd.inv, sd.det, sd.logdet, sd.trace, sd.kron
sandwich = inv(A) @ sd.outer(b, g) @ inv(A)

IDENTITIES = {
    # Petersen & Pedersen, The Matrix Cookbook, 2012, section 3.2
    "Woodbury": (inv(A + U @ D @ W), inv(A) - inv(A) @ U @ inv(inv(D) + W @ inv(A) @ U) @ W
                 @ inv(A)),
    "Woodbury, positive definite": (inv(S + U @ Q @ U.T), inv(S) - inv(S) @ U @ inv(
        inv(Q) + U.T @ inv(S) @ U) @ U.T @ inv(S)),
    "Kailath": (inv(inv(S) + W.T @ inv(Q) @ W) @ W.T @ inv(Q), S @ W.T @ inv(W @ S @ W.T + Q)),
    "Sherman-Morrison": (inv(A + sd.outer(b, g)), inv(A) - sandwich / (1 + g @ inv(A) @ b)),
    "Searle: one and an inverse": (inv(one + inv(A)), A @ inv(A + one)),
    "Searle: a square": (inv(A + B @ B.T) @ B, inv(A) @ B @ inv(one + B.T @ inv(A) @ B)),
    "Searle: sum of inverses": (inv(inv(A) + inv(B)), A @ inv(A + B) @ B),
    "Searle: sum of inverses, turned": (inv(inv(A) + inv(B)), B @ inv(A + B) @ A),
    "Searle: differences": (A - A @ inv(A + B) @ A, B - B @ inv(A + B) @ B),
    "Searle: a sum between": (inv(A) + inv(B), inv(A) @ (A + B) @ inv(B)),
    "Searle: one less": (inv(one + A @ B), one - A @ inv(one + B @ A) @ B),
    "push through": (inv(one + U @ W) @ U, U @ inv(unit + W @ U)),
    "ridge, dual": (inv(W.T @ W + e * one) @ W.T, W.T @ inv(W @ W.T + e * unit)),
    "geometric series": ((X @ X @ X - one) @ inv(X - one), one + X + X @ X),
    "Hua": (A - inv(inv(A) + inv(inv(B) - A)), A @ B @ A),
    "projection": (U @ inv(U.T @ U) @ U.T @ U @ inv(U.T @ U) @ U.T, U @ inv(U.T @ U) @ U.T),
    "Kalman": (S - S @ W.T @ inv(W @ S @ W.T + Q) @ W @ S, inv(inv(S) + W.T @ inv(Q) @ W)),
    "Sherman-Morrison of a form": (b @ inv(S + sd.outer(g, g)) @ b, b @ inv(S) @ b - (
        b @ inv(S) @ g) ** 2 / (1 + g @ inv(S) @ g)),
    # section 1.2 and 5.1 of the same: determinants
    "Sylvester": (det(one + U @ W), det(unit + W @ U)),
    "Sylvester, logarithm": (log_det(one - A @ U @ W), log_det(unit - W @ A @ U)),
    "determinant lemma": (det(A + sd.outer(b, g)), det(A) * (1 + g @ inv(A) @ b)),
    "determinant lemma, several": (det(A + U @ D @ W), det(A) * det(D) * det(
        inv(D) + W @ inv(A) @ U)),
    "determinant lemma, logarithm": (log_det(S + U @ U.T), log_det(S) + log_det(
        unit + U.T @ inv(S) @ U)),
    "determinant of an inverse": (det(inv(A)), 1 / det(A)),
    "inverse of an inverse": (inv(inv(A).T), A.T),
    "two rows": (det(sd.eye(2) + B2), 1 + det(B2) + tr(B2)),
    "three rows": (det(sd.eye(3) + A3), 1 + det(A3) + tr(A3) + tr(A3) ** 2 / 2 - tr(A3 @ A3) / 2),
    "Cayley-Hamilton": (B2 @ B2, tr(B2) * B2 - det(B2) * sd.eye(2)),
    "cofactors": (sum(det(A3) * inv(A3)[k, 0] * A3[0, k] for k in range(3)), det(A3)),
    "lemma of three rows": (det(sd.eye(3) + sd.outer(u3, w3)), 1 + u3 @ w3),
    # section 10.2: Kronecker products
    "Kronecker, inverse": (inv(kron(A, D)), kron(inv(A), inv(D))),
    "Kronecker, determinant": (det(kron(A3, B2)), det(A3) ** 2 * det(B2) ** 3),
    "Kronecker, trace": (tr(kron(A, D)), tr(A) * tr(D)),
    "Kronecker, product": (kron(A, D) @ kron(B, D), kron(A @ B, D @ D)),
    "Kronecker, undone": (inv(kron(A, D)) @ kron(A, D), sd.eye(n * m)),
    "columns in a line": (kron(D.T, A) @ sd.vec(U), sd.vec(A @ U @ D)),
    # Higham, Functions of Matrices, 2008, section 10.1
    "determinant of an exponential": (det(sd.expm(A)), sd.exp(tr(A))),
    "inverse of an exponential": (inv(sd.expm(A)), sd.expm(-A)),
    "transposed exponential": (sd.expm(A.T), sd.expm(A).T),
    "root": (sd.sqrtm(S) @ sd.sqrtm(S).T, S),
    "Cholesky factor": (sd.cholesky(S) @ sd.cholesky(S).T, S),
    # Penrose, A generalized inverse for matrices, 1955
    "Penrose 1": (U @ sd.pinv(U) @ U, U),
    "Penrose 2": (sd.pinv(U) @ U @ sd.pinv(U), sd.pinv(U)),
    "Penrose 3": ((U @ sd.pinv(U)).T, U @ sd.pinv(U)),
    "Penrose 4": ((sd.pinv(U) @ U).T, sd.pinv(U) @ U),
    "full rank": (sd.pinv(U), inv(U.T @ U) @ U.T),
    # scalars
    "absolute value": (abs(b) ** 2 * sd.sign(b) * abs(b), b**3),
    "logarithm of a size": (sd.grad(sd.log(abs(t)), t), 1 / t),
    "exponents": (p**e / p, p ** (e - 1)),
    "label": (sd.sigmoid((2 * r - 1) * b), r * sd.sigmoid(b) + (1 - r) * sd.sigmoid(-b)),
    "choice turned": (sd.where(b < g, b, g), sd.where(b >= g, g, b)),
    "size of a determinant": (sd.sqrt(det(2 * A @ A.T)),
                              sd.sqrt(sd.full((), 2) ** n) * abs(det(A))),
}


def is_proved(left, right):
    return normal_form(left) is normal_form(right) or is_zero(left - right)


@pytest.mark.parametrize("name", IDENTITIES)
def test_an_identity_is_proved(name):
    assert is_proved(*IDENTITIES[name])


def apart(left, right):
    """How far the sides are apart at a random point."""
    rng = np.random.default_rng(8)
    sizes = sizes_of([left, right], rng, n=3, m=2)
    inputs = point([left, right], sizes, rng)
    inputs |= {"r": np.array([0.0, 1.0, 1.0])} if "r" in inputs else {}
    one, other = (value(t, inputs, sizes) for t in (left, right))
    return float(np.max(np.abs(one - other) / (1 + np.abs(one) + np.abs(other))))


@pytest.mark.parametrize("name", IDENTITIES)
def test_an_identity_is_true(name):
    assert apart(*IDENTITIES[name]) < 1e-8


WRONG = {
    "Woodbury with a factor less": (inv(A + U @ D @ W), inv(A) - inv(A) @ U @ inv(
        D + W @ inv(A) @ U) @ W @ inv(A)),
    "Sherman-Morrison, turned": (inv(A + sd.outer(b, g)), inv(A) - sandwich / (
        1 + b @ inv(A) @ g)),
    "push through, other sign": (inv(one + U @ W) @ U, U @ inv(unit - W @ U)),
    "push through, other order": (inv(one + A @ B) @ A, A @ inv(one + A @ B)),
    "sum of inverses": (inv(A + B), inv(A) + inv(B)),
    "lemma, transposed": (det(A + sd.outer(b, g)), det(A) * (1 + g @ inv(A).T @ b)),
    "Sylvester, other sign": (det(one + U @ W), det(unit - W @ U)),
    "logarithm of a negative determinant": (log_det(A + sd.outer(b, g)),
                                            log_det(A) + sd.log(1 + b @ inv(A) @ g)),
    "three rows, other sign": (det(sd.eye(3) + A3), 1 + det(A3) + tr(A3) + tr(A3 @ A3) / 2),
    "Kronecker, turned": (kron(A, D), kron(D, A)),
    "Kronecker, determinant": (det(kron(A3, B2)), det(A3) ** 3 * det(B2) ** 2),
    "exponential of a sum": (sd.expm(A + B), sd.expm(A) @ sd.expm(B)),
    "left inverse": (U @ sd.pinv(U), one),
    "not symmetric": (sd.sqrtm(A @ A) @ sd.sqrtm(A @ A).T, A @ A),
    "Cholesky factor of any matrix": (sd.cholesky(A) @ sd.cholesky(A).T, A),
    "sign squared": (sd.sign(b) ** 2, 0 * b + 1),
    "size without absolute value": (sd.sqrt(b**2), b),
    "no label": (sd.sigmoid((2 * p - 1) * b), p * sd.sigmoid(b) + (1 - p) * sd.sigmoid(-b)),
    "base without sign": (b**e, (b**2) ** (e / 2)),
}


TRUE_SOMEWHERE = {"sign squared", "size without absolute value", "base without sign",
                  "logarithm of a negative determinant", "Cholesky factor of any matrix",
                  "not symmetric"}
"""Wrong where a number is 0 or negative, or a matrix isn't definite."""


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_identity_is_not_proved(name):
    assert not is_proved(*WRONG[name])
    assert name in TRUE_SOMEWHERE or apart(*WRONG[name]) > 1e-4


def test_random_rational_expressions_get_no_wrong_answer():
    with np.errstate(all="ignore"):
        found = verdicts(seed=3, count=14)
    assert found["equal pairs proved"] >= 6
    assert found["different pairs refuted"] >= 3
