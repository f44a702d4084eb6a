"""Kronecker products, vectorisation and powers: NumPy's values and the textbook identities."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from tests.values import assert_near, value

n, m, p, q, k = sd.dims("n m p q k")
A, B, X = sd.tensor("A", m, n), sd.tensor("B", p, q), sd.tensor("X", n, p)
S, x, y = sd.tensor("S", n, n), sd.tensor("x", n), sd.tensor("y", m)
FEW = {"directions": 2, "entries": 4}


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@pytest.mark.parametrize("shapes", [(2, 3, 4, 2), (1, 1, 1, 1), (3, 1, 1, 2), (0, 2, 3, 1)])
def test_kron_is_numpys(shapes):
    a, b = draw(*shapes[:2]), draw(*shapes[2:], seed=1)
    assert_near(value(sd.kron(A, B), {"A": a, "B": b}), np.kron(a, b))


def test_kron_of_vectors_and_of_stacks():
    a, b = draw(3), draw(2)
    assert_near(value(sd.kron(x, y), {"x": a, "y": b}), np.kron(a, b))
    stack = sd.kron(sd.tensor("C", k, m, n), B)
    c, d = draw(2, 3, 2), draw(2, 2, seed=1)
    assert_near(value(stack, {"C": c, "B": d}), [np.kron(e, d) for e in c])


def test_a_vector_beside_a_matrix_says_what_it_is():
    with pytest.raises(sd.ShapeError, match=r"x\[:, None\] or the row x\[None, :\]"):
        sd.kron(x, A)


def test_vec_stacks_the_columns():
    a = draw(3, 2)
    assert_near(value(sd.vec(A), {"A": a}), a.T.ravel())
    with pytest.raises(sd.ShapeError, match=r"vec takes a matrix, but x has shape \(n,\)"):
        sd.vec(x)


def test_the_vec_of_a_product_of_three():
    """vec(AXB) = (Bᵀ ⊗ A) vec(X)."""
    at = {"A": draw(2, 3), "X": draw(3, 4, seed=1), "B": draw(4, 2, seed=2)}
    left, right = sd.vec(A @ X @ B), sd.kron(B.T, A) @ sd.vec(X)
    assert_near(value(left, at), value(right, at))


@pytest.mark.parametrize("exponent", [-3, -1, 0, 1, 2, 3, 7])
@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (3, 3), (2, 3, 3)])
def test_matrix_power_is_numpys(exponent, shape):
    a = draw(*shape) + 2 * np.eye(shape[-1])
    V = sd.tensor("V", *((k, n, n) if len(shape) > 2 else (n, n)))
    expected = np.linalg.matrix_power(a, exponent)
    sizes = {str(s): size for s, size in zip(V.shape, shape, strict=True) if exponent == 0}
    assert_near(value(sd.matrix_power(V, exponent), {"V": a}, **sizes), expected)


def test_powers_are_taken_by_squaring():
    assert sd.matrix_power(S, 5) == S @ ((S @ S) @ (S @ S))


@pytest.mark.parametrize(
    ("loss", "sizes"),
    [
        (sd.sum(sd.kron(A, B) ** 2), {}),
        (sd.sum(sd.vec(A) * sd.kron(x, y)), {}),
        (sd.sum(sd.matrix_power(S, 5) ** 2), {"n": 3}),
        (sd.sum(sd.matrix_power(S, -2) * S), {"n": 3}),
    ],
)
def test_gradients(loss, sizes):
    report = sd.check_grad(loss, sizes=sizes, **FEW)
    assert report, report


def test_the_trace_of_a_kronecker_square():
    """d tr(X ⊗ X) / dX = 2 tr(X) I (The Matrix Cookbook, eq. 120)."""
    a = draw(3, 3)
    gradient = sd.grad(sd.trace(sd.kron(S, S)), S)
    assert_near(value(gradient, {"S": a}), 2 * np.trace(a) * np.eye(3))
    assert str(gradient.simplify()) == "2*trace(S)*eye(n)"


def test_the_trace_of_a_power():
    """d tr(Xᵏ) / dX = k (Xᵏ⁻¹)ᵀ (The Matrix Cookbook, eq. 121)."""
    a = draw(3, 3)
    for exponent in (-2, 4):
        gradient = sd.grad(sd.trace(sd.matrix_power(S, exponent)), S)
        expected = exponent * np.linalg.matrix_power(a, exponent - 1).T
        assert_near(value(gradient, {"S": a}), expected)


def test_mistakes_are_said():
    with pytest.raises(sd.SymdlError, match=r"matrix_power\(S, 0.5\): the exponent is an integer"):
        sd.matrix_power(S, 0.5)
    with pytest.raises(sd.ShapeError, match="matrix_power takes a square matrix"):
        sd.matrix_power(A, 2)
