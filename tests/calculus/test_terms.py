"""Adjoints at free indices stay apart by their deltas."""

from __future__ import annotations

import numpy as np

import symdl as sd
from symdl.calculus.terms import MOST_FRAMES, separated, summands
from symdl.language.bind import bound_over
from symdl.language.body import slot
from symdl.language.form import Form, Free, fresh
from symdl.language.guard import Guard
from symdl.language.scheme import Access, Scheme
from symdl.language.shaping import at
from symdl.language.tensor import Equation
from tests.values import assert_near, value

n = sd.dims("n")
x, A = sd.tensor("x", n), sd.tensor("A", n, n)
o = Free("o", fresh(), n)
AT = {"x": np.array([0.5, -1.0, 2.0]), "A": np.arange(9.0).reshape(3, 3)}


def delta(weights, shift=0):
    """`[j = o + shift] weights[j]` over j."""
    guard = Guard(at(0) - Form.of(o) - shift, "==")
    return Equation.make(Scheme((n,), 1, "none", (guard,), slot(0), (Access(weights, (at(0),)),)))


def whole(t):
    return value(bound_over(t, {o: n}, keep=True), AT, n=3)


def test_a_delta_is_the_frame_and_the_rest_the_coefficient():
    term = separated(delta(sd.exp(x)))
    assert term.has_delta and not term.coefficient.free
    assert_near(whole(term.tensor), np.diag(np.exp(AT["x"])))


def test_a_factor_at_the_free_index_is_taken_out():
    term = separated(A[Form.of(o)] * sd.exp(x))
    assert term.frame is not None and not term.has_delta and not term.coefficient.free
    assert_near(whole(term.tensor), AT["A"] * np.exp(AT["x"]))


def test_terms_of_one_delta_are_one_and_the_others_apart():
    terms = [delta(x), delta(sd.exp(x)), delta(x, 1), A[Form.of(o)] * x, sd.exp(A[Form.of(o)])]
    found = summands(terms)
    assert len(found) == 3
    assert_near(sum(map(whole, found)), sum(map(whole, terms)))


def test_a_solution_that_leaves_the_range_keeps_its_guard():
    term = separated(delta(sd.exp(x), 1))
    expected = np.eye(3, k=1) * np.exp(AT["x"])
    assert_near(whole(term.tensor), expected)
    assert_near(value(sd.sum(term.coefficient), AT), expected.sum())


def test_many_deltas_become_one_sum():
    terms = [delta(x, k) for k in range(MOST_FRAMES + 2)]
    found = summands(terms)
    assert len(found) == 1
    assert_near(whole(found[0]), sum(map(whole, terms)))
