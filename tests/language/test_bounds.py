"""What is claimed of a form is so at every index point of every small size."""

from __future__ import annotations

from functools import cache
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symdl as sd
from symdl.language.bounds import (
    attained_minimum,
    guard_range,
    minimum,
    nonnegative,
    positive_factor,
    prune,
    reduce_divisions,
    within,
)
from symdl.language.form import ONE, ZERO, Dim, Form, Idx, Read, least, quotient
from symdl.language.guard import Guard
from tests.brute import cloud

n, m, s, h, w, kh, kw, p, T = sd.dims("n m s h w kh kw p T")
i, j, r = (Form.of(Idx(k)) for k in range(3))
many = settings(max_examples=250, deadline=None, derandomize=True, database=None)

SIZES = [n, m, s, n * m, 2 * n, n + 1, n + m, Form.of(1), Form.of(2), Form.of(3), n // 2, n // s,
         (n - m) // s + 1, (n + 1) // 2, (n - 2) // 2 + 1, n - 1, n - m,
         least(n, m), least(n * m, s + 1)]
DIVISORS = [Form.of(2), Form.of(3), s, n, m, n * m, n + 1]
coefficients = st.one_of(
    st.sampled_from([-3, -2, -1, 1, 2, 3]).map(Form.of), st.sampled_from([n, s, -s, m - 1, n * m]))
atoms = st.one_of(st.sampled_from([i, j, r]), st.sampled_from([i, j, r, n, m, s, ONE]))
affine = st.lists(st.tuples(coefficients, atoms), min_size=1, max_size=3).map(
    lambda terms: sum((c * a for c, a in terms), start=ZERO))
divided = st.tuples(st.sampled_from("/%"), affine, st.sampled_from(DIVISORS), coefficients).map(
    lambda x: x[3] * (x[1] // x[2] if x[0] == "/" else x[1] % x[2]))
forms = st.lists(st.one_of(affine, divided), min_size=1, max_size=2).map(
    lambda parts: sum(parts, start=ZERO))
draw = Random(0)
ranges = st.sampled_from([tuple(draw.choices(SIZES, k=3)) for _ in range(30)])
DIMS = (n.atom, m.atom, s.atom)


@cache
def everywhere(sizes, dims=DIMS, most=3):
    """All index points of the ranges at all sizes from 0 to `most`."""
    return cloud(sizes, dims, most)


def is_nonnegative(form, sizes, dims=DIMS, most=3):
    at = everywhere(sizes, dims, most)
    return bool(np.all((at.form(form) >= 0) | ~at.defined(form)))


@many
@given(forms, ranges)
def test_a_proved_bound_holds_at_every_point(form, sizes):
    for shifted in (form, form + 4, -form):
        if nonnegative(shifted, sizes):
            assert is_nonnegative(shifted, sizes), shifted


@many
@given(forms, ranges)
def test_a_lower_bound_is_one(form, sizes):
    low = minimum(form, sizes)
    if low is not None:
        assert not low.indices
        assert is_nonnegative(form - low, sizes), low


@many
@given(affine, ranges)
def test_an_attained_minimum_is_the_minimum(form, sizes):
    """At each size the least value over the index points."""
    least = attained_minimum(form, sizes)
    if least is None:
        return
    at = everywhere(sizes)
    away = np.broadcast_to(at.form(form - least), at.shape)
    world = np.unique(np.array([at.sizes[d] for d in DIMS]), axis=1, return_inverse=True)[1]
    found = np.full(world.max(initial=0) + 1, np.iinfo(np.int64).max)
    np.minimum.at(found, world.reshape(-1), away)
    assert (found == 0).all() or not away.size, least


@many
@given(forms, st.sampled_from(SIZES), ranges)
def test_within_is_within(form, size, sizes):
    at = everywhere(sizes)
    x, top = at.form(form), at.form(size)
    inside = (x >= 0) & (x < top) | ~at.defined(form, size)
    assert not within(form, size, sizes) or inside.all()
    assert (at.where(guard_range(form, size, sizes)) | ~at.defined(form, size) == inside).all()


relations = st.sampled_from([">=", "==", "!="])


@many
@given(st.lists(st.builds(Guard, forms, relations), min_size=1, max_size=3), ranges)
def test_pruned_guards_say_the_same(guards, sizes):
    at = everywhere(sizes)
    kept = prune(tuple(guards), sizes)
    defined = at.defined(*(g.form for g in guards))
    after = at.where(kept) if kept is not None else ~at.everywhere()
    assert (at.where(guards) == after)[defined].all(), kept


@many
@given(forms, ranges)
def test_reduced_divisions_have_the_same_value(form, sizes):
    at = everywhere(sizes)
    reduced = reduce_divisions(form, sizes)
    same = np.broadcast_to(at.form(form) == at.form(reduced), at.shape)
    assert same[at.defined(form)].all(), reduced


@many
@given(affine, ranges)
def test_a_positive_factor_is_not_negative(form, sizes):
    if not form.indices and positive_factor(form, sizes):
        assert is_nonnegative(form, sizes)


@pytest.mark.parametrize(("form", "sizes"), [
    (i - 1, (n,)), (n - i, (n + 2,)), (n - 1, ()), (i - j, (n, m)), (n - 2, (n,)),
    (m - 1 - i, (n,)), (i // 2 - 1, (n,)), (n * m - n, ()), (i * j - 1, (n, m)),
    (n // 2 - 1, (n,)), (2 * (i // 2) - i, (n,)), ((n - m) // s, (n,)),
])
def test_what_is_false_somewhere_is_not_proved(form, sizes):
    """Each is violated at some small size; the sweep that guards the proofs sees it."""
    assert not nonnegative(form, sizes)
    assert not is_nonnegative(form, sizes)


oh, ow = (h + 2 * p - kh) // s + 1, (h - 2 * (kh - 1) - 1) // 2 + 1
FACTS = {
    "an index": (i, (n,)),
    "an index below its size": (n - 1 - i, (n,)),
    "a size of an index": (n - 1, (n,)),
    "a flipped index": (n - 1 - (n - 1 - i), (n,)),
    "a sum of indices below the sum of sizes": (n + m - 2 - i - j, (n, m)),
    "a shifted index of a joined axis": (n + m - 1 - (n + i), (m,)),
    "a merged axis": (n * m - 1 - (m * i + j), (n, m)),
    "a merged axis of three": (n * m * s - 1 - (m * s * i + s * j + r), (n, m, s)),
    "the outer part of a split axis": (n - 1 - i // m, (n * m,)),
    "the inner part of a split axis": (m - 1 - i % m, (n * m,)),
    "an even index": (2 * n - 1 - (2 * i + 1), (n,)),
    "a strided slice": (n - 1 - 2 * i, ((n + 1) // 2,)),
    "a strided slice by a size": (n - 1 - s * i, ((n + s - 1) // s,)),
    "a strided slice from 1": (n - 1 - (2 * i + 1), (n // 2,)),
    "a backward slice": (n - 1 - 2 * i, ((n + 1) // 2,)),
    "a convolution's window": (h - 1 - (i + j), (h - kh + 1, kh)),
    "a strided convolution's window": (h - 1 - (s * i + j), ((h - kh) // s + 1, kh)),
    "a padded strided convolution's window": (h + 2 * p - 1 - (s * i + j), (oh, kh)),
    "a dilated strided convolution's window": (h - 1 - (2 * i + 2 * j), (ow, kh)),
    "windows that don't overlap": (n - 1 - (2 * i + j), (n // 2, 2)),
    "windows of a symbolic width": (n - 1 - (m * i + j), (n // m, m)),
    "overlapping windows": (n - 1 - (2 * i + j), ((n - 3) // 2 + 1, 3)),
    "a step earlier": (i - 1 + ONE, (T,)),
    "the last step": (T - 1 - (T - 1), (T,)),
    "a step counted backwards": (T - 1 - (T - 1 - i), (T,)),
    "a triangle's place": (n * n - 1 - (n * i + j), (n, n)),
    "both digits of one number": (i - m * (i // m), (n * m,)),
    "a nested digit": (n - 1 - (i // m) % n, (n * m * s,)),
    "an index below one of two sizes": (n - 1 - i, (least(n, m),)),
    "an index below the other of two sizes": (m - 1 - i, (least(n, m),)),
    "the smaller of two sizes": (least(n, m), ()),
    "half of an index": (n - 1 - i // 2, (2 * n,)),
}


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_that_must_be_proved(name):
    form, sizes = FACTS[name]
    sizes = tuple(map(Form.of, sizes))
    dims = {a for f in (form, *sizes) for a in f.all_atoms if isinstance(a, Dim)}
    assert is_nonnegative(form, sizes, tuple(dims))
    assert nonnegative(form, sizes)


def test_a_bare_index_is_within_its_own_size_whatever_that_is():
    X = sd.tensor("X", n, integer=True)
    size = Form.of(Read(X, (ZERO,))) - 5
    assert within(i, size, (size,))


def test_nothing_is_known_of_an_entry():
    y = sd.tensor("y", n, integer=True)
    label = Form.of(Read(y, (i,)))
    assert not within(label, m, (n, m))
    assert guard_range(label, m, (n, m)) == [Guard(label, ">="), Guard(m - 1 - label, ">=")]
    assert minimum(label + i, (n,)) is attained_minimum(label + i, (n,)) is None


def test_contradictory_guards_leave_nothing():
    assert prune((Guard(i - n, ">="),), (n,)) is None
    assert prune((Guard(i + 1, "=="),), (n,)) is None
    assert prune((Guard(i + 1, "!="), Guard(n - i, ">=")), (n,)) == ()
    assert prune((Guard(i - j, ">="), Guard(j - i - 1, ">=")), (n, n)) is None


def test_ranges_may_be_given_by_position():
    assert nonnegative(n - 1 - j, {1: n})
    assert quotient(i, Form.of(2)) != reduce_divisions(i // 2, (Form.of(2),)) == ZERO


def test_an_equality_over_an_empty_range_is_never_true():
    i, zero = Form.of(Idx(0)), Form.of(0)
    assert prune((Guard(i, "=="),), [zero]) is None
    assert prune((Guard(i, "=="),), [Form.of(3)]) == (Guard(i, "=="),)
