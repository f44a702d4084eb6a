"""Guards and conditions, looked at point by point."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symdl as sd
from symdl.language.form import Form, Idx, Read
from symdl.language.guard import Condition, Guard, at_least, equals, negations, tidy

n = sd.dims("n")
i, j = Form.of(Idx(0)), Form.of(Idx(1))
POINTS = [{i.atom: a, j.atom: b, n.atom: c}
          for a, b, c in product(range(-2, 4), range(-2, 4), range(2))]
few = settings(max_examples=100, deadline=None, derandomize=True, database=None)

coefficients = st.integers(-3, 3)
forms = st.tuples(coefficients, coefficients, coefficients, st.integers(-6, 6)).map(
    lambda c: c[0] * i + c[1] * j + c[2] * n + c[3])
guards = st.builds(Guard, forms, st.sampled_from([">=", "==", "!="]))
atomic = st.one_of(st.builds(at_least, forms, forms), st.builds(equals, forms, forms))
maybe = st.one_of(atomic, atomic.map(lambda c: ("~", c)))
pairs = st.tuples(st.sampled_from("&|"), maybe, maybe)
conditions = st.one_of(
    maybe, pairs, pairs.map(lambda c: ("~", c)), st.tuples(st.sampled_from("&|"), pairs, maybe),
    st.tuples(st.sampled_from("&|"), maybe, pairs.map(lambda c: ("~", c))))


def built(tree):
    """The condition that a tree of operators stands for."""
    if isinstance(tree, Condition):
        return tree
    head, *parts = tree
    parts = [built(p) for p in parts]
    if head == "~":
        return ~parts[0]
    return parts[0] & parts[1] if head == "&" else parts[0] | parts[1]


def truth(tree, at):
    """The same, of Python's truth values."""
    if isinstance(tree, Condition):
        ((guard,),) = tree.cases
        return guard_truth(guard, at)
    head, *parts = tree
    values = [truth(p, at) for p in parts]
    return {"&": all, "|": any, "~": lambda v: not v[0]}[head](values)


def guard_truth(guard, at):
    x = guard.form.value(at)
    return {">=": x >= 0, "==": x == 0, "!=": x != 0}[guard.relation]


def cases_at(condition, at):
    return sum(all(guard_truth(g, at) for g in case) for case in condition.cases)


@few
@given(conditions)
def test_exactly_one_case_holds_where_the_condition_does(tree):
    """Cases are disjoint and together complete, however conditions are combined."""
    condition = built(tree)
    for at in POINTS[::3]:
        assert cases_at(condition, at) == truth(tree, at), at


def test_the_check_rejects_cases_that_overlap_or_leave_a_gap():
    a, b = at_least(i, 0), at_least(j, 0)
    overlapping = Condition((*a.cases, *b.cases))
    assert any(cases_at(overlapping, at) != truth(("|", a, b), at) for at in POINTS)
    gap = Condition((*at_least(i, j).cases, *at_least(j, i + 2).cases))
    assert any(cases_at(gap, at) == 0 for at in POINTS)


@few
@given(guards)
def test_negations_are_disjoint_and_say_the_opposite(guard):
    for at in POINTS:
        assert sum(guard_truth(g, at) for g in negations(guard)) == (not guard_truth(guard, at))


@few
@given(guards)
def test_the_normal_form_says_the_same(guard):
    normal = guard.normal
    for at in POINTS:
        assert guard_truth(normal, at) == guard_truth(guard, at), (at, normal)
    assert normal.normal == normal
    decided = guard.decided()
    assert decided is None or all(guard_truth(guard, at) is decided for at in POINTS)
    assert all(guard.holds(guard.form.value(at)) == guard_truth(guard, at) for at in POINTS)


@pytest.mark.parametrize(("guard", "text"), [
    (Guard(2 * i - 1, ">="), "i0 ≥ 1"), (Guard(2 * i - 3, ">="), "i0 ≥ 2"),
    (Guard(-3 * i + 2, ">="), "0 ≥ i0"), (Guard(2 * j - 2 * i, "=="), "i0 = i1"),
    (Guard(4 - 2 * n, "!="), "n ≠ 2"), (Guard(i - j, ">="), "i0 ≥ i1"),
])
def test_common_factors_are_divided_out(guard, text):
    assert str(guard.normal) == text


@few
@given(st.lists(guards, max_size=4))
def test_tidy_keeps_the_truth(given_guards):
    kept = tidy(given_guards)
    for at in POINTS:
        holds = all(guard_truth(g, at) for g in given_guards)
        assert holds == (kept is not None and all(guard_truth(g, at) for g in kept))
    if kept is not None:
        assert len(set(kept)) == len(kept)
        assert all(g.decided() is None for g in kept)


def test_tidy_drops_what_is_decided_or_said_twice():
    one = Guard(i - 1, ">=")
    assert tidy([one, Guard(2 * i - 2, ">="), Guard(Form.of(3), ">="), Guard(Form.of(0), "==")]) \
        == (one,)
    assert tidy([one, Guard(Form.of(1), "==")]) is None
    assert tidy([Guard(i - j, ">="), Guard(j - i - 1, ">=")]) is None


def test_guards_that_read_a_tensor_come_last():
    X = sd.tensor("X", n, integer=True)
    read = Guard(Form.of(Read(X, (i,))), "==")
    inside = Guard(n - 1 - i, ">=")
    assert tidy([read, inside]) == tidy([inside, read]) == (inside, read)
    assert read.reads
    assert not inside.reads


@pytest.mark.parametrize(("condition", "expected"), [
    (i > j, lambda a, b: a > b), (i < j, lambda a, b: a < b), (i >= 2, lambda a, b: a >= 2),
    (2 + i <= j, lambda a, b: 2 + a <= b), (j < 3, lambda a, b: b < 3),
    (sd.eq(i, j), lambda a, b: a == b), (sd.ne(i, j), lambda a, b: a != b),
    ((i > 0) & ~(i > j) | sd.eq(j, 1), lambda a, b: (a > 0 and not a > b) or b == 1),
])
def test_comparisons_of_indices(condition, expected):
    for at in POINTS:
        assert cases_at(condition, at) == expected(at[i.atom], at[j.atom])


def test_mistakes():
    with pytest.raises(TypeError, match="no truth value while they are symbolic; combine"):
        bool(i > j)
    with pytest.raises(TypeError, match="no truth value"):
        assert 0 <= i < n
    with pytest.raises(TypeError, match="unsupported operand"):
        (i > j) & True
    with pytest.raises(TypeError, match="unsupported operand"):
        (i > j) | 1
