"""Sign and logarithm of the determinant: NumPy's values, and the gradient."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl.kernels.oracle import oracle
from tests.values import assert_near, value, values

n, b = sd.dims("n b")
S, B = sd.tensor("S", n, n), sd.tensor("B", b, n, n)
SWAPPED = np.array([[0.0, 2.0, 0], [3, 0, 0], [0, 0, 1]])


@pytest.mark.parametrize("a", [np.eye(2), SWAPPED, np.zeros((0, 0)), np.ones((2, 2)), [[-0.5]]])
@pytest.mark.parametrize("backend", ["numpy", "python"])
def test_it_is_numpys(a, backend):
    expected = np.linalg.slogdet(a)
    for found in (values(sd.slogdet(S), {"S": a}), sd.compile(sd.slogdet(S), backend=backend)(S=a)):
        assert_near(found, [expected.sign, expected.logabsdet])


def test_stacks_and_exact_numbers():
    a = np.random.default_rng(0).normal(size=(3, 4, 4))
    assert_near(values(sd.slogdet(B), {"B": a}), np.linalg.slogdet(a), 1e-12)
    with pytest.raises(sd.SymdlError, match="numbers of type Fraction, which have no log"):
        oracle(sd.slogdet(S), {"S": np.eye(2)}, "Fraction")


def test_the_gradient_is_the_inverse_whatever_the_sign():
    sign, logabsdet = sd.slogdet(S)
    assert_near(value(sd.grad(logabsdet, S), {"S": SWAPPED}), np.linalg.inv(SWAPPED).T)
    assert str(sd.grad(sign * logabsdet, S).simplify()) == "slogdet(S)[0]*inv(S).T"
    report = sd.check_grad(logabsdet * sign + sd.sum(sd.slogdet(B)[1]), directions=2, entries=4)
    assert report, report


def test_a_singular_matrix_is_a_kink():
    (kink,) = sd.slogdet(S)[1].kinks()
    assert kink.condition == "det S = 0"
    assert_near(value(kink.distance, {"S": SWAPPED}), -6)


def test_not_a_number_spoils_both():
    assert np.isnan(values(sd.slogdet(S), {"S": [[np.nan, 1], [1, 1]]})).all()
