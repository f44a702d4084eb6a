"""Signs and magnitudes of determinants."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

import symdl as sd
from symdl.algebra.structure.determinants import Determinant, of_axes
from tests.algebra.structure.dense import number

n, m = sd.dims("n m")
sign, size = sd.tensor("sign"), sd.tensor("size")


@pytest.mark.parametrize("value", [2.0, -3.0, 0.0])
@pytest.mark.parametrize("power", range(4))
def test_a_power_is_that_of_the_number(value, power):
    found = Determinant(sign, size).power(n)
    with np.errstate(divide="ignore"):
        at = {"sign": np.sign(value), "size": np.log(np.abs(value))}
    got = [sd.evaluate(t, at, n=power) for t in (found.sign, found.size)]
    assert got[0] * np.exp(got[1]) == pytest.approx(value**power)


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_exchanged_axes_have_the_sign_of_their_permutation(order):
    for shape in ((2, 3, 2), (2, 2, 3), (3, 3, 1), (2, 6, 3)):
        names = sd.dims("a b c")
        count = int(np.prod(shape))
        places = np.arange(count).reshape(shape).transpose(np.argsort(order)).ravel()
        expected = np.linalg.det(np.eye(count)[places])
        found = of_axes(order, names).sign
        sizes = dict(zip("abc", shape, strict=True))
        assert number(found, {}, sizes) == pytest.approx(expected)


def test_log_det_of_a_transpose_counts_its_exchanges():
    X = sd.tensor("X", n, m)
    h = sd.jacobian(X.T, X)
    for rows, columns in ((1, 4), (2, 2), (2, 3), (3, 3), (3, 4)):
        full = np.eye(rows * columns).reshape(rows, columns, rows, columns).transpose(1, 0, 2, 3)
        determinant = np.linalg.det(full.reshape(rows * columns, -1))
        found = sd.evaluate(h.logdet(), {}, n=rows, m=columns)
        assert found == 0 if determinant > 0 else np.isnan(found)
