"""The distance of two arrays."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest

from symdl.evidence.compare import compare_arrays, rho

INF, NAN = np.inf, np.nan


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (0.0, 0.0, 0.0),
        (0.25, 0.5, 0.25),
        (1.0, 3.0, 0.5),
        (-1.0, 1.0, 1.0),
        (1e-8, 2e-8, 1e-8),
        (1e300, 1.001e300, 0.001 / 2.001),
        (1e308, -1e308, 1.0),
        (1.5e308, 1.7e308, 0.2 / 3.2),
        (2, 1, 1 / 3),
        (3 + 4j, -3 - 4j, 1.0),
        (NAN, NAN, 0.0),
        (INF, INF, 0.0),
        (-INF, INF, INF),
        (INF, NAN, INF),
        (1.0, NAN, INF),
        (1.0, INF, INF),
    ],
)
def test_two_numbers(a, b, expected):
    assert rho(a, b) == pytest.approx(expected, rel=1e-12)
    assert rho(b, a) == rho(a, b)


def test_the_worst_entry_is_named():
    found = compare_arrays([[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0], [3.5, 4.1]])
    assert found.index == (1, 0)
    assert (found.left, found.right) == (3.0, 3.5)
    assert str(found) == "rho = 0.0769 at [1, 0]: 3.0 and 3.5"


def test_a_nan_on_one_side_is_the_worst_entry():
    assert compare_arrays([1.0, NAN], [9.0, 2.0]).index == (1,)


def test_arrays_without_entries_are_equal():
    found = compare_arrays(np.zeros((0, 3)), np.zeros((0, 3)))
    assert (found.rho, found.index) == (0.0, None)
    assert str(found) == "rho = 0 (no entries)"


def test_other_kinds_of_number_are_converted():
    assert rho(np.array([Fraction(1, 4)], dtype=object), [0.25]) == 0
    assert rho(np.array([mpmath.mpf(1) / 4], dtype=object), [0.25]) == 0
    assert rho([True], [1]) == 0


def test_shapes_must_agree():
    with pytest.raises(ValueError, match=r"\(3,\) and \(1, 3\)"):
        rho(np.zeros(3), np.zeros((1, 3)))
