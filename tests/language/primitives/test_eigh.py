"""Eigenvalues and eigenvectors: NumPy's values, perturbation theory, repeated eigenvalues."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import symdl as sd
from symdl.kernels.oracle import oracle
from tests.values import assert_near, value, values

n, b = sd.dims("n b")
S, C, B, x = sd.tensor("S", n, n), sd.tensor("C", n, n), sd.tensor("B", b, n, n), sd.tensor("x", n)
w, V = sd.eigh(S)
FEW = {"directions": 2, "entries": 4}


def symmetric(*shape, seed=0):
    a = np.random.default_rng(seed).normal(size=shape)
    return a + np.swapaxes(a, -1, -2)


@pytest.mark.parametrize("size", [0, 1, 2, 5])
def test_eigenvalues_are_numpys_and_the_vectors_fit(size):
    a = symmetric(size, size)
    found, vectors = values([w, V], {"S": a})
    assert_near(found, np.linalg.eigvalsh(a) if size else np.zeros(0), 1e-13)
    assert_near(vectors @ np.diag(found) @ vectors.T, a, 1e-13)
    assert_near(vectors.T @ vectors, np.eye(size), 1e-14)


def test_stacks_of_matrices():
    a = symmetric(2, 3, 3)
    assert_near(value(sd.eigvalsh(B), {"B": a}), np.linalg.eigvalsh(a), 1e-13)


def test_the_leading_entry_of_each_vector_is_positive():
    """Of at least a tenth of the largest magnitude."""
    for seed in range(5):
        (v,) = values([V], {"S": symmetric(4, 4, seed=seed)})
        leading = np.argmax(abs(v) >= 0.1 * abs(v).max(axis=0), axis=0)
        assert (v[leading, range(4)] > 0).all()


def test_of_any_matrix_the_symmetric_part_counts():
    a = np.random.default_rng(0).normal(size=(3, 3))
    assert_near(value(w, {"S": a}), np.linalg.eigvalsh((a + a.T) / 2), 1e-13)


def test_in_high_precision_it_is_mpmaths():
    a = symmetric(3, 3)
    (found,) = oracle([w], {"S": a}, "mpf")
    with mpmath.workdps(50):
        expected = mpmath.eigsy(mpmath.matrix(a.tolist()), eigvals_only=True)
        assert max(abs(p - q) for p, q in zip(found, expected, strict=True)) < 1e-45


def test_the_gradient_of_an_eigenvalue():
    """dλ = vᵀ dA v (The Matrix Cookbook, eq. 67)."""
    a = symmetric(3, 3)
    _, vectors = np.linalg.eigh(a)
    for k in range(3):
        expected = np.outer(vectors[:, k], vectors[:, k])
        assert_near(value(sd.grad(w[k], S), {"S": a}), expected, 1e-13)
    assert str(sd.grad(w[0], S).simplify()) == "outer(eigh(S)[1][:, 0], eigh(S)[1][:, 0])"


def test_the_derivative_of_an_eigenvector():
    """dv = (λI - A)⁺ dA v (The Matrix Cookbook, eq. 68)."""
    a, e, c = symmetric(3, 3), symmetric(3, 3, seed=1), np.arange(1.0, 4)
    t, E = sd.tensor("t"), sd.tensor("E", n, n)
    v = sd.eigh(S + t * E)[1][:, 0]
    signed = v * sd.sign(sd.eigh(S + t * E)[1][0, 0])
    found = value(sd.grad(signed @ x, t), {"S": a, "E": e, "t": 0.0, "x": c})
    lam, vectors = np.linalg.eigh(a)
    v0 = vectors[:, 0] * np.sign(vectors[0, 0])
    expected = np.linalg.pinv(lam[0] * np.eye(3) - a, rcond=1e-9) @ e @ v0
    assert_near(found, expected @ c, 1e-12)


@pytest.mark.parametrize(
    "loss",
    [sd.sum(w**3), sd.sum(V * C), sd.sum((V * w) @ C * V), sd.sum(sd.eigvalsh(B) ** 3),
     sd.sum(sd.eigh(B)[1] ** 3), sd.sum(sd.log(sd.eigvalsh(S @ S.T + sd.eye(n))))],
)
def test_gradients(loss):
    report = sd.check_grad(loss, **FEW)
    assert report, report


def test_a_symmetric_function_of_the_eigenvalues_has_its_gradient_where_they_are_equal():
    a = np.diag([2.0, 2.0, -1.0])
    assert_near(value(sd.grad(sd.sum(w), S), {"S": a}), np.eye(3))
    assert_near(value(sd.grad(sd.sum(w**2), S), {"S": a}), 2 * a)


def test_the_hessian_of_logdet_through_the_eigenvalues():
    """d² log det A [E, E] = -tr(A⁻¹ E A⁻¹ E) for a symmetric E."""
    a, e = symmetric(3, 3) + 6 * np.eye(3), symmetric(3, 3, seed=1)
    hessian = value(sd.hessian(sd.sum(sd.log(w)), S), {"S": a})
    step = np.linalg.solve(a, e)
    assert_near(np.einsum("ij,ijkl,kl", e, hessian, e), -np.trace(step @ step), 1e-12)


def test_equal_eigenvalues_are_kinks():
    (kink,) = sd.sum(V).kinks()
    assert kink.condition == "two equal eigenvalues of S"
    distance = value(kink.distance, {"S": np.diag([1.0, 3.0, 3.0])})
    assert_near(abs(distance), [[1, 2, 2], [2, 1, 0], [2, 0, 1]])
    with pytest.raises(sd.SymdlError, match="two equal eigenvalues of S"):
        sd.check_grad(sd.sum(V * C), at={"S": np.eye(2)}, **FEW)


def test_where_an_entry_is_not_finite_there_is_no_value():
    for bad in (np.nan, np.inf):
        found, vectors = values([w, V], {"S": np.diag([1.0, bad])})
        assert np.isnan(found).all()
        assert np.isnan(vectors).all()


def test_mistakes_are_said():
    with pytest.raises(sd.ShapeError, match=r"a square matrix, but X has shape \(n, b\)"):
        sd.eigh(sd.tensor("X", n, b))
    with pytest.raises(sd.SymdlError, match="numbers of type Fraction, which have no sqrt"):
        oracle([w], {"S": np.eye(2)}, "Fraction")
