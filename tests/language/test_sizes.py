"""Sizes read off the arrays."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from tests.values import value

n, m = sd.dims("n m")


def test_a_product_of_sizes_is_solved_by_whichever_input_can():
    """n*m = 0 says nothing of m where n = 0, but 2*m = 6 does."""
    a, b, c = sd.tensor("a", n * m), sd.tensor("b", n, 2 * m), sd.tensor("c", n)
    loss = sd.sum(a) + sd.sum(b) + sd.sum(c) + m
    point = {"a": np.zeros(0), "b": np.zeros((0, 6)), "c": np.zeros(0)}
    assert value(loss, point) == 3


def test_a_size_that_no_array_tells():
    a, b = sd.tensor("a", n * m), sd.tensor("b", n)
    with pytest.raises(sd.ShapeError, match="the size m can't be told from the arrays"):
        value(sd.sum(a) + sd.sum(b), {"a": np.zeros(0), "b": np.zeros(0)})


def test_expressions_that_contradict_the_arrays():
    a, b = sd.tensor("a", n + 1), sd.tensor("b", n)
    with pytest.raises(sd.ShapeError, match=r"axis 0 of a must be n \+ 1 = 4 with n = 3"):
        value(sd.sum(a) + sd.sum(b), {"a": np.zeros(3), "b": np.zeros(3)})


def test_a_size_in_a_square_is_told_by_a_linear_expression():
    a, b = sd.tensor("a", n * n), sd.tensor("b", 2 * n)
    assert value(sd.sum(a) + sd.sum(b) + n, {"a": np.ones(9), "b": np.ones(6)}) == 18
    with pytest.raises(sd.ShapeError, match="the size n can't be told from the arrays"):
        value(sd.sum(a), {"a": np.ones(9)})
    with pytest.raises(sd.ShapeError, match=r"axis 0 of a must be n\*n = 9 with n = 3"):
        value(sd.sum(a) + sd.sum(b), {"a": np.ones(8), "b": np.ones(6)})
