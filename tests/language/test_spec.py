"""The validity spec: each rule refuses a node that breaks it."""

from __future__ import annotations

from dataclasses import replace

import pytest

import symdl as sd
from symdl.language.body import slot
from symdl.language.form import Form, Idx, Read
from symdl.language.owners import Member, Recurrence, member_slot
from symdl.language.scheme import Access, Scheme
from symdl.language.spec import SpecError, check_scheme
from symdl.language.tensor import Equation

n, d = sd.dims("n d")
X = sd.tensor("X", n, d)
i, j, k = (Form.of(Idx(p)) for p in range(3))
ROWS = Scheme((n, d), 1, "sum", (), slot(0), (Access(X, (i, j)),))


def test_a_valid_scheme_passes():
    check_scheme(ROWS)


@pytest.mark.parametrize(("rule", "broken"), [
    (1, replace(ROWS, reduce="median")),
    (1, replace(ROWS, reduce="none")),
    (1, replace(ROWS, reduce="argmax", component=1)),
    (2, replace(ROWS, sizes=(n, i + 1))),
    (3, replace(ROWS, leaves=(Access(X, (i, k)),))),
    (4, replace(ROWS, leaves=(Access(X, (i,)),))),
    (4, replace(ROWS, leaves=(Access(X, (i, Form.of(Read(X, (i, j))))),))),
    (5, replace(ROWS, body=slot(0) * slot(1))),
])
def test_a_scheme_that_breaks_a_rule_is_refused(rule, broken):
    with pytest.raises(SpecError, match=f"rule {rule}"):
        Equation.make(broken)


def member(read: Form, number: int = 0) -> Member:
    """A member that reads another one at some time."""
    T = sd.dims("T")
    scheme = Scheme((T,), 1, "none", (), slot(0), (Access(member_slot(number, (T,)), (read,)),))
    return Member(Equation.make(scheme, name="m"), 0)


@pytest.mark.parametrize(("rule", "read", "reverse"), [
    (7, i, False), (7, i + 1, False), (7, i - 1, True), (7, 2 * i, False),
])
def test_a_recurrence_that_reads_the_future_is_refused(rule, read, reverse):
    with pytest.raises(SpecError, match=f"rule {rule}"):
        Recurrence(sd.dims("T"), reverse, (member(read),))


def test_a_recurrence_over_another_length_is_refused():
    with pytest.raises(SpecError, match="rule 6"):
        Recurrence(n, False, (member(i - 1),))


def test_the_past_may_be_read():
    Recurrence(sd.dims("T"), False, (member(i - 1),))
    Recurrence(sd.dims("T"), True, (member(i + 2),))
