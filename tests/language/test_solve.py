"""A solved scheme has the value of the scheme, at every small size, and fewer indices."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
import sympy

import symdl as sd
from symdl.language.body import slot
from symdl.language.form import Form, Idx, Quotient, Read, Remainder
from symdl.language.guard import Guard
from symdl.language.scheme import Access, Scheme, Value
from symdl.language.solve import solved
from symdl.language.tensor import Variable
from tests.brute import OutOfRangeError, each_size, scheme_value
from tests.language.random_schemes import arrays, random_scheme, some_sizes

n, m, k, h, w = sd.dims("n m k h w")
a0, a1 = slot(0), slot(1)
i, j, r, q, u, v = (Form.of(Idx(p)) for p in range(6))


def disagreement(s, out, many):
    """Sizes at which the solved scheme has another value or reads outside a tensor."""
    for sizes in many:
        given = arrays(s, sizes)
        try:
            expected = scheme_value(s, sizes, given)
        except ZeroDivisionError:
            continue
        try:
            found = np.zeros_like(expected) if out is None else scheme_value(out, sizes, given)
        except (ZeroDivisionError, OutOfRangeError):
            return sizes
        if found.shape != expected.shape or (found != expected).any():
            return sizes
    return None


@pytest.mark.parametrize("first", range(0, 400, 50))
def test_random_schemes_keep_their_value(first):
    """Strides, padding, digits of a number, diagonals, labels, with sizes 0 among them."""
    for seed in range(first, first + 50):
        g = Random(seed)
        s = random_scheme(g)
        assert disagreement(s, solved(s), some_sizes(g, 8)) is None, seed


def spoilt(out, s):
    """Slightly wrong results: a guard lost, the wrong end, an index off by one, a factor lost."""
    for g in out.guards:
        yield replace(out, guards=tuple(x for x in out.guards if x is not g))
        yield replace(out, guards=tuple(Guard(x.form - 1, x.relation) if x is g else x
                                        for x in out.guards))
    for p, leaf in enumerate(out.leaves):
        if isinstance(leaf, Access):
            moved = replace(leaf, index=(leaf.index[0] + 1, *leaf.index[1:]))
            yield replace(out, leaves=(*out.leaves[:p], moved, *out.leaves[p + 1:]))
    yield replace(out, body=2 * out.body)


def test_the_check_rejects_what_is_slightly_wrong():
    s = a_sum([n, h, w], 1, [((j,), (h,)), ((r,), (w,))],
              [Guard(i - k * r - j - 1, "=="), Guard(w - 2 - r, ">=")])
    out = solved(s)
    sizes = list(each_size([n.atom, h.atom, w.atom, k.atom], 3))
    assert disagreement(s, out, sizes) is None
    wrong = list(spoilt(out, s))
    assert len(wrong) > 4
    for bad in wrong:
        assert disagreement(s, bad, sizes) is not None, bad


def a_sum(sizes, axes, shapes_and_indices, guards, body=None):
    """A sum of a product of entries: pairs of an index and a shape of its tensor."""
    leaves = tuple(Access(Variable.make(f"A{p}", shape), tuple(map(Form.of, index)))
                   for p, (index, shape) in enumerate(shapes_and_indices))
    product = sympy.Mul(*(slot(p) for p in range(len(leaves)))) if body is None else body
    return Scheme(tuple(map(Form.of, sizes)), axes, "sum", tuple(guards), product, leaves)


y = Variable.make("y", (n,), "int")
label = Form.of(Read(y, (r,)))
CASES = {
    "a delta": (a_sum([n, n], 1, [((j,), (n,))], [Guard(i - j, "==")]), 0),
    "two deltas": (a_sum([n, m, n, m], 2, [((r, q), (n, m))],
                         [Guard(i - r, "=="), Guard(j - q, "==")]), 0),
    "a delta between bound indices": (a_sum([n, m, m], 1, [((i, j), (n, m)), ((r,), (m,))],
                                            [Guard(j - r, "==")]), 1),
    "a diagonal": (a_sum([n, n, n], 2, [((r,), (n,))],
                         [Guard(i - r, "=="), Guard(j - r, "==")]), 0),
    "a flipped index": (a_sum([n, n], 1, [((j,), (n,))], [Guard(i + j - n + 1, "==")]), 0),
    "a padded index": (a_sum([n, m], 1, [((j,), (m,))], [Guard(i + 1 - j, "==")]), 0),
    "a merged axis": (a_sum([n * m, n, m], 1, [((j, r), (n, m))], [Guard(i - m * j - r, "==")]), 0),
    "a merged axis of three": (a_sum([n * m * k, n, m, k], 1, [((j, r, q), (n, m, k))],
                                     [Guard(i - m * k * j - k * r - q, "==")]), 0),
    "a split axis": (a_sum([n, m, n * m], 2, [((r,), (n * m,))],
                           [Guard(i - r // m, "=="), Guard(j - r % m, "==")]), 0),
    "windows that don't overlap": (a_sum([2 * n, n, 2], 1, [((j, r), (n, 2))],
                                         [Guard(i - 2 * j - r, "==")]), 0),
    "windows that leave a rest": (a_sum([n, n // 2, 2], 1, [((j, r), (n // 2, 2))],
                                        [Guard(i - 2 * j - r, "==")]), 0),
    "a stride": (a_sum([n, h], 1, [((j,), (h,))], [Guard(i - 2 * j, "==")]), 1),
    "a convolution": (a_sum([h, h - w + 1, w], 1, [((j,), (h - w + 1,)), ((r,), (w,))],
                            [Guard(i - j - r, "==")]), 1),
    "a strided convolution": (a_sum([h, (h - w) // 2 + 1, w], 1,
                                    [((j,), ((h - w) // 2 + 1,)), ((r,), (w,))],
                                    [Guard(i - 2 * j - r, "==")]), 1),
    "overlapping windows": (a_sum([2 * n + 1, n, 3], 1, [((j, r), (n, 3))],
                                  [Guard(i - 2 * j - r, "==")]), 1),
    "a gather": (a_sum([m, n, n], 1, [((r,), (n,))], [Guard(i - label, "==")]), 1),
    "an index that occurs nowhere": (a_sum([n, n, m], 1, [((j,), (n,))], [Guard(i - j, "==")]), 0),
    "an index over one value": (a_sum([n, 1, n], 1, [((j, r), (1, n))], [Guard(i - r, "==")]), 0),
    "half an index": (a_sum([n, 2 * n], 1, [((j,), (2 * n,))], [Guard(i - j // 2, "==")]), 1),
}


@pytest.mark.parametrize("name", CASES)
def test_bound_indices_left(name):
    scheme, left = CASES[name]
    out = solved(scheme)
    assert len(out.bound) == left
    assert out.reduce == ("sum" if left else "none")
    dims = sorted({a for f in (*scheme.sizes, *scheme.forms) for a in f.all_atoms
                   if type(a).__name__ == "Dim"}, key=str)
    given = [s | {d: 0 for d in (n.atom, m.atom, k.atom) if d not in s}
             for s in each_size(dims, 3) if all(f.value(s) >= 0 for f in scheme.sizes)]
    assert disagreement(scheme, out, given) is None


@pytest.mark.parametrize("name", ["a delta", "two deltas", "a diagonal", "a merged axis",
                                  "a merged axis of three", "a flipped index",
                                  "windows that don't overlap"])
def test_what_is_solved_and_in_range_has_no_guard_but_between_axes(name):
    guards = solved(CASES[name][0]).guards
    assert all(g.relation == "==" and g.form.indices == {0, 1} for g in guards)


def test_a_merged_axis_is_divided_once():
    """`c (J // c) + J % c` is J again."""
    s = a_sum([n * m, n, m], 1, [((j, r), (n, m)), ((m * j + r,), (n * m,))],
              [Guard(i - m * j - r, "==")])
    out = solved(s)
    assert out.leaves[0].index == (i // m, i % m)
    assert out.leaves[1].index == (i,)


def test_two_merged_axes_are_equal_where_their_digits_are():
    s = a_sum([n, n, m, m], 2, [((r, q), (m, m))], [Guard(m * i + r - m * j - q, "==")])
    out = solved(s)
    assert out.guards == (Guard(i - j, "=="),)
    assert len(out.bound) == 1
    assert disagreement(s, out, list(each_size([n.atom, m.atom], 3))) is None


def test_a_division_by_a_range_that_may_be_empty_is_not_introduced():
    """At k = 0 there is no term; J // k would have no value."""
    s = a_sum([h, n, k], 1, [((j, r), (n, k))], [Guard(i - k * j - r, "==")])
    out = solved(s)
    assert not any(isinstance(a, (Quotient, Remainder)) for f in out.forms for a in f.all_atoms)
    assert disagreement(s, out, list(each_size([h.atom, n.atom, k.atom], 3))) is None


def test_a_range_that_sizes_divide_by_isnt_empty():
    s = a_sum([h, h // k, k], 1, [((j, r), (h // k, k))], [Guard(i - k * j - r, "==")])
    assert len(solved(s).bound) == 0


def test_a_term_that_isnt_there_isnt_read():
    """A sum over m of A[m - 1] is m A[m - 1], and nothing where m = 0."""
    s = a_sum([n, m], 1, [((m - 1,), (m,))], [])
    out = solved(s)
    assert len(out.bound) == 0
    assert out.guards == (Guard(m - 1, ">="),)
    assert disagreement(s, out, list(each_size([n.atom, m.atom], 3))) is None


def test_contradictions_leave_nothing():
    s = a_sum([n, n], 1, [((j,), (n,))], [Guard(i - j, "=="), Guard(i - j - 1, "==")])
    assert solved(s) is None
    assert solved(replace(s, guards=(Guard(i - j - n, "=="),))) is None


def test_the_order_of_a_maximum_stays():
    """Only sums are solved: a tie is decided by the written order of the bound indices."""
    s = replace(CASES["a delta"][0], reduce="max")
    assert len(solved(s).bound) == 1
    assert len(solved(replace(s, reduce="argmax")).bound) == 1


def test_a_value_that_is_summed_away_leaves_its_factor():
    s = Scheme((n, m, k), 1, "sum", (), a0 + 1, (Value(i),))
    out = solved(s)
    assert out.reduce == "none"
    assert disagreement(s, out, list(each_size([n.atom, m.atom, k.atom], 2))) is None


def test_the_shortest_solution_without_guards_is_taken():
    """J = a + b with a over n and b over n + m - 1: solving for a leaves two guards, for b one."""
    s = a_sum([n, n, 2 * n], 1, [((j,), (n,)), ((r,), (2 * n,))], [Guard(i + j - r, "==")])
    out = solved(s)
    assert out.guards == ()
    assert {x.index for x in out.leaves} == {(j,), (i + j,)}
