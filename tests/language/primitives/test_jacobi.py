"""Jacobi's methods over several kinds of numbers."""

from __future__ import annotations

import cmath
import math

import numpy as np
import pytest

from symdl.kernels.scalars import MPF
from symdl.language.primitives.jacobi import epsilon, oriented, singular_values, symmetric_eigen
from tests.values import assert_near


def lists(a, number=float):
    return [[number(x) for x in row] for row in np.asarray(a).tolist()]


def test_precision_of_a_kind_of_numbers():
    assert epsilon(1.0) == 2.0**-52
    assert 1e-51 < epsilon(MPF.number(1)) < 1e-49


def test_eigenvalues_of_a_graded_matrix_keep_their_relative_accuracy():
    a = np.diag([1.0, 1e-8, 1e-16]) @ (np.eye(3) + 0.1) @ np.diag([1.0, 1e-8, 1e-16])
    w, _ = symmetric_eigen(lists(a), math.sqrt)
    exact, _ = symmetric_eigen(lists(a, MPF.number), MPF.functions["sqrt"])
    assert_near(np.array(w) / np.array(exact, float), np.ones(3), 1e-12)


def test_a_tiny_imaginary_part_carries_the_derivative():
    """dw_j = E_jj and dv_j = Σ_i E_ij/(w_j - w_i) v_i."""
    a, e = np.diag([1.0, 2.0, 4.0]), np.ones((3, 3))
    w, v = symmetric_eigen(lists(a + 1e-30j * e, complex), cmath.sqrt)
    assert_near([x.imag / 1e-30 for x in w], [1, 1, 1])
    expected = [[0, -1, -1 / 3], [1, 0, -1 / 2], [1 / 3, 1 / 2, 0]]  # vectors as rows
    assert_near(np.array(v).imag / 1e-30, expected, 1e-12)


@pytest.mark.parametrize("shape", [(4, 2), (2, 4)])
def test_singular_values_of_dependent_columns(shape):
    u, s, vt = singular_values(lists(np.ones(shape)), math.sqrt)
    assert_near(s, [math.sqrt(8), 0], 1e-14)
    for vectors in (u, vt):
        assert_near(np.array(vectors) @ np.array(vectors).T, np.eye(2), 1e-14)


def test_the_sign_of_a_vector():
    assert oriented([-0.2, 1.0]) == [0.2, -1.0]
    assert oriented([-0.01, 1.0]) == [-0.01, 1.0]
    assert oriented([0.0, -3.0]) == [0.0, 3.0]
    assert oriented([0.0]) == [0.0]
