"""Indices without a range: over the axes that they address, and one with their namesakes."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl.language.ranged import joined, ranged
from tests.values import assert_near, value

n, m = sd.dims("n m")
x, y, A = sd.tensor("x", n), sd.tensor("y", m), sd.tensor("A", m, n)
AT = {"x": np.array([0.3, -1.2, 0.7]), "A": np.arange(6.0).reshape(2, 3) / 7}


def ranges(*roots):
    return {str(f): f.size for t in ranged(roots) for f in t.free}


def test_an_index_ranges_over_the_axis_that_it_addresses():
    i, j = sd.indices("i j")
    assert ranges(x[i]) == {"i": n}
    assert ranges(A[i, j] * x[j]) == {"i": m, "j": n}
    assert ranges((A @ x)[i]) == {"i": m}
    assert ranges(x[i], y[j]) == {"i": n, "j": m}


def test_reads_under_conditions_and_shifted_ones_say_nothing():
    i = sd.indices("i")
    assert ranges(sd.where(i < n, x[i], 0)) == {"i": None}
    assert ranges(x[i + 1]) == {"i": None}
    assert ranges(sd.where(i > 0, x[i - 1], 0) * y[i]) == {"i": m}


def test_an_index_at_axes_of_two_sizes_keeps_no_range():
    i = sd.indices("i")
    assert ranges(x[i] * y[i]) == {"i": None}


def test_a_stated_range_stays():
    i = sd.indices("i", n)
    assert ranges(x[i]) == {"i": n}
    assert ranged([x[i]]) == [x[i]]


def test_a_derivative_can_be_defined_over_its_indices():
    i, j = sd.indices("i j")
    found = sd.define("J", (i, j), sd.jacobian(sd.exp(x)[i], x[j]))
    assert_near(value(found, AT), np.diag(np.exp(AT["x"])))
    assert_near(value(sd.define(None, (i, j), sd.jacobian(x[i], x[j])), AT, n=3), np.eye(3))


def test_a_derivative_can_be_summed_and_collected_over_its_indices():
    i, j = sd.indices("i j")
    slope = sd.jacobian(sd.tanh(A @ x)[i], x[j])
    expected = (1 - np.tanh(AT["A"] @ AT["x"]) ** 2)[:, None] * AT["A"]
    assert_near(value(sd.sum(slope * A[i, j], (i, j)), AT), (expected * AT["A"]).sum())
    assert_near(value(sd.vmap(sd.vmap(slope, over=j), over=i), AT), expected)
    row = sd.grad(sd.tanh(A[i] @ x), x)
    assert_near(value(sd.vmap(row, over=i), AT), expected)


def test_two_ranges_for_one_index_are_refused():
    i = sd.indices("i")
    both = sd.grad(sd.sum(x**2), x[i]) * sd.grad(sd.sum(y**2), y[i])
    with pytest.raises(sd.RangeError, match="index i runs over m in one part of the formula but "
                                            "over n in another"):
        sd.define(None, i, both)
    with pytest.raises(sd.RangeError, match="index i runs over"):
        joined([both], [i.atom])


def test_sides_at_indices_are_compared_at_all_places():
    i, j = sd.indices("i j")
    p = sd.softmax(x)
    delta = sd.where(sd.eq(i, j), 1, 0)
    assert sd.equal(sd.jacobian(p[i], x[j]), p[i] * (delta - p[j])).status == "proved"
    found = sd.equal(sd.jacobian(p[i], x[j]), p[i] * (delta - 2 * p[j]))
    assert found.status == "refuted" and len(found.entry) == 2
