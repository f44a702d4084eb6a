"""Differences of pairs of entries."""

from __future__ import annotations

import symdl as sd
from symdl.language.primitives.ties import gaps, over_gaps
from tests.values import assert_near, value

n = sd.dims("n")
x, M = sd.tensor("x", n), sd.tensor("M", n, n)


def test_the_gap_of_each_pair_and_1_on_the_diagonal():
    assert_near(value(gaps(x), {"x": [1.0, 3.0]}), [[1, -2], [2, 1]])


def test_a_matrix_over_the_gaps_is_0_on_the_diagonal():
    at = {"x": [1.0, 3.0], "M": [[1.0, 2.0], [3.0, 4.0]]}
    assert_near(value(over_gaps(M, x), at), [[0, 1], [-1.5, 0]])
