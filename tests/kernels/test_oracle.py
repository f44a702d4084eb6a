"""The oracle's own promises."""

from __future__ import annotations

from fractions import Fraction

import symdl as sd
from symdl.kernels.oracle import oracle


def test_a_matrix_of_whole_numbers_is_inverted_in_exact_fractions():
    three = sd.eye(2) + sd.eye(2) + sd.eye(2)
    inverse, det = oracle([sd.inv(three), sd.det(three)], {}, "Fraction")
    assert inverse[0, 0] == Fraction(1, 3) and isinstance(inverse[0, 0], Fraction)
    assert isinstance(det.item(), Fraction)
