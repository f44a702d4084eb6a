"""The pseudo-inverse: Penrose's conditions, NumPy's values, derivatives at constant rank."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from tests.values import assert_near, value

n, m, b = sd.dims("n m b")
A, B, C = sd.tensor("A", m, n), sd.tensor("B", b, m, n), sd.tensor("C", n, m)
X, Y = sd.tensor("X", m, b), sd.tensor("Y", b, n)
FEW = {"directions": 2, "entries": 4}


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (1, 1), (0, 2), (2, 0)])
def test_it_is_numpys(shape):
    a = draw(*shape)
    assert_near(value(sd.pinv(A), {"A": a}), np.linalg.pinv(a), 1e-12)


def test_penroses_four_conditions_at_low_rank():
    a = draw(4, 2) @ draw(2, 3, seed=1)
    p = value(sd.pinv(A), {"A": a})
    for found, expected in ((a @ p @ a, a), (p @ a @ p, p), ((a @ p).T, a @ p), ((p @ a).T, p @ a)):
        assert_near(found, expected, 1e-12)


def test_small_singular_values_count_as_0():
    a = np.diag([1.0, 1e-3])
    assert_near(value(sd.pinv(A, rcond=1e-2), {"A": a}), np.diag([1, 0]))
    assert_near(value(sd.pinv(A, rcond=1e-4), {"A": a}), np.diag([1, 1e3]))
    assert str(sd.pinv(A, rcond=0.5)) == "pinv(A, rcond=0.5)"


def test_stacks_of_matrices():
    a = draw(2, 3, 4)
    assert_near(value(sd.pinv(B), {"B": a}), np.linalg.pinv(a), 1e-12)


@pytest.mark.parametrize("sizes", [{"m": 3, "n": 3}, {"m": 4, "n": 2}, {"m": 2, "n": 3}])
def test_gradients_at_full_rank(sizes):
    report = sd.check_grad(sd.sum(sd.sin(sd.pinv(A)) * C), sizes=sizes, **FEW)
    assert report, report


def test_gradients_at_constant_low_rank():
    """X Y keeps rank 2 whatever happens to X and Y."""
    loss = sd.sum(sd.sin(sd.pinv(X @ Y, rcond=1e-9)) * C)
    report = sd.check_grad(loss, sizes={"m": 4, "n": 3, "b": 2}, **FEW)
    assert report, report


def test_the_hessian_at_full_rank_is_that_of_the_normal_equations():
    """A⁺ = (AᵀA)⁻¹ Aᵀ."""
    at = {"A": draw(3, 2), "C": draw(2, 3, seed=1)}
    normal = sd.inv(A.T @ A) @ A.T
    found, expected = (value(sd.hessian(sd.sum(p * C), A), at) for p in (sd.pinv(A), normal))
    assert_near(found, expected, 1e-11)


def test_a_change_of_rank_is_a_kink():
    (kink,) = sd.sum(sd.pinv(A)).kinks()
    assert kink.condition == "the rank of A changes"
    assert_near(value(kink.distance, {"A": np.diag([2.0, 0.5])}), [2, 0.5])
    assert_near(value(kink.distance, {"A": np.diag([2.0, 0.0])}), [2, 1])


def test_mistakes_are_said():
    with pytest.raises(sd.SymdlError, match="rcond is a number from 0 to 1, not -1"):
        sd.pinv(A, rcond=-1)
    with pytest.raises(sd.ShapeError, match=r"pinv acts on 2 axes, but x has shape \(n,\)"):
        sd.pinv(sd.tensor("x", n))
