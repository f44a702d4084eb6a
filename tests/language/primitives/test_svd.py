"""Singular values and vectors: NumPy's values, gradients, where there are none."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import symdl as sd
from symdl.kernels.oracle import oracle
from tests.values import assert_near, value, values

n, m, b = sd.dims("n m b")
A, S, B = sd.tensor("A", m, n), sd.tensor("S", n, n), sd.tensor("B", b, m, n)
C = sd.tensor("C", n, n)
FEW = {"directions": 2, "entries": 4}


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@pytest.mark.parametrize("shape", [(3, 3), (5, 3), (3, 5), (1, 4), (1, 1), (0, 2), (2, 0)])
def test_the_thin_decomposition_is_numpys(shape):
    a = draw(*shape)
    u, s, vt = values(sd.svd(A), {"A": a})
    k = min(shape)
    assert (u.shape, s.shape, vt.shape) == ((shape[0], k), (k,), (k, shape[1]))
    assert_near(s, np.linalg.svd(a, compute_uv=False), 1e-13)
    assert_near(u * s @ vt, a, 1e-13)
    assert_near(u.T @ u, np.eye(k), 1e-13)
    assert_near(vt @ vt.T, np.eye(k), 1e-13)


def test_a_matrix_of_low_rank_has_orthonormal_vectors_too():
    a = np.outer(draw(4), draw(3, seed=1))
    u, s, vt = values(sd.svd(A), {"A": a})
    assert_near(u * s @ vt, a, 1e-13)
    assert_near(u.T @ u, np.eye(3), 1e-12)
    assert_near(value(sd.svdvals(A), {"A": np.zeros((2, 3))}), [0, 0])


def test_stacks_of_matrices():
    a = draw(2, 3, 4)
    assert_near(value(sd.svdvals(B), {"B": a}), np.linalg.svd(a, compute_uv=False), 1e-13)


def test_in_high_precision_it_is_mpmaths():
    a = draw(3, 2)
    (found,) = oracle([sd.svdvals(A)], {"A": a}, "mpf")
    with mpmath.workdps(50):
        expected = mpmath.svd_r(mpmath.matrix(a.tolist()), compute_uv=False)
        assert max(abs(p - q) for p, q in zip(found, expected, strict=True)) < 1e-45


@pytest.mark.parametrize("shape", [(3, 3), (4, 3), (3, 4)])
def test_gradients_of_the_nuclear_and_the_spectral_norm(shape):
    a = draw(*shape)
    u, _, vt = np.linalg.svd(a, full_matrices=False)
    assert_near(value(sd.grad(sd.norm(A, "nuc"), A), {"A": a}), u @ vt, 1e-13)
    assert_near(value(sd.grad(sd.norm(A, 2), A), {"A": a}), np.outer(u[:, 0], vt[0]), 1e-13)


def test_the_nuclear_norm_has_its_gradient_where_singular_values_are_equal():
    q = np.linalg.qr(draw(3, 3))[0]
    assert_near(value(sd.grad(sd.norm(A, "nuc"), A), {"A": 2 * q}), q, 1e-13)


def losses(a):
    u, s, vt = sd.svd(a)
    return [sd.sum(s**3), sd.sum(sd.sin(3 * u)), sd.sum(sd.sin(3 * vt)),
            sd.sum((u * s) ** 3) * sd.sum(vt**3)]


@pytest.mark.parametrize("sizes", [{"m": 2, "n": 2}, {"m": 4, "n": 2}, {"m": 2, "n": 3}])
@pytest.mark.parametrize("loss", losses(A))
def test_gradients(loss, sizes):
    report = sd.check_grad(loss, sizes=sizes, **FEW)
    assert report, report


@pytest.mark.parametrize("loss", [*losses(S), sd.sum(sd.svd(B)[0] ** 3)])
def test_gradients_of_square_matrices_and_stacks(loss):
    report = sd.check_grad(loss, **FEW)
    assert report, report


def test_a_square_matrix_is_not_divided_by_its_singular_values():
    a = np.diag([2.0, 1.0, 0.0])
    assert np.isfinite(value(sd.grad(sd.sum(sd.svd(S)[0] * C), S), {"S": a, "C": draw(3, 3)})).all()


def test_the_hessian_of_the_squares():
    """The squares of the singular values add up to those of the entries."""
    a = draw(3, 2)
    hessian = value(sd.hessian(sd.sum(sd.svdvals(A) ** 2), A), {"A": a})
    assert_near(hessian, 2 * np.einsum("ik,jl->ijkl", np.eye(3), np.eye(2)), 1e-12)


def test_equal_and_vanishing_singular_values_are_kinks():
    equal, vanishing = sd.sum(sd.svdvals(A)).kinks()
    assert equal.condition == "two equal singular values of A"
    assert vanishing.condition == "a singular value of A = 0"
    at = {"A": np.diag([3.0, 3.0, 0.0])}
    assert_near(abs(value(equal.distance, at)), [[1, 0, 3], [0, 1, 3], [3, 3, 1]])
    assert_near(value(vanishing.distance, at), [3, 3, 0])


def test_the_number_of_singular_values_is_the_smaller_size():
    assert sd.svdvals(S).shape == (n,)
    assert sd.svdvals(sd.tensor("T", n + 2, n)).shape == (n,)
    assert sd.svdvals(sd.tensor("T", 3, 5)).shape == (3,)
    with pytest.raises(sd.ShapeError, match=r"svd acts on 2 axes, but x has shape \(n,\)"):
        sd.svd(sd.tensor("x", n))


def test_where_an_entry_is_not_finite_there_is_no_value():
    for part in values(sd.svd(A), {"A": np.diag([1.0, np.inf])}):
        assert np.isnan(part).all()
