"""Integer forms against Python's own integers."""

from __future__ import annotations

import operator
import pickle
import subprocess
import sys

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import symdl as sd
from symdl.language.errors import SymdlError
from symdl.language.form import (
    ONE,
    ZERO,
    Dim,
    Form,
    Idx,
    Quotient,
    Read,
    Remainder,
    least,
    quotient,
    remainder,
)

n, m, k = sd.dims("n m k")
i, j = Form.of(Idx(0)), Form.of(Idx(1))
ATOMS = {n: "n", m: "m", k: "k", i: "i", j: "j"}
few = settings(max_examples=150, deadline=None, derandomize=True, database=None)

numbers = st.integers(-30, 30)
named = st.sampled_from(list(ATOMS.items()))
leaves = st.one_of(numbers.map(lambda c: (Form.of(c), str(c))), named)


def combined(pairs):
    binary = st.tuples(st.sampled_from("+-*"), pairs, pairs).map(
        lambda x: (OPERATORS[x[0]](x[1][0], x[2][0]), f"({x[1][1]} {x[0]} {x[2][1]})"))
    divided = st.tuples(st.sampled_from(["//", "%"]), pairs, divisors).map(
        lambda x: (OPERATORS[x[0]](x[1][0], x[2][0]), f"({x[1][1]} {x[0]} {x[2][1]})"))
    smaller = st.tuples(pairs, pairs).map(
        lambda x: (least(x[0][0], x[1][0]), f"min({x[0][1]}, {x[1][1]})"))
    return st.one_of(binary, divided, smaller, pairs.map(lambda x: (-x[0], f"(-{x[1]})")))


OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "//": operator.floordiv,
             "%": operator.mod}
divisors = st.sampled_from([
    (Form.of(1), "1"), (Form.of(2), "2"), (Form.of(6), "6"), (n, "n"), (2 * m, "(2*m)"),
    (n * m, "(n*m)"), (n + 1, "(n + 1)"), (3 * k + 2, "(3*k + 2)"),
])
forms = st.recursive(leaves, combined, max_leaves=8)
values = st.fixed_dictionaries(
    {"n": st.integers(1, 9), "m": st.integers(1, 9), "k": st.integers(0, 9),
     "i": st.integers(-9, 20), "j": st.integers(-9, 20)})


def env(at):
    return {form.atom: at[name] for form, name in ATOMS.items()}


@few
@given(forms, values)
def test_arithmetic_is_pythons(pair, at):
    form, text = pair
    assert form.value(env(at)) == eval(text, dict(at))


@few
@given(forms, divisors, values)
def test_quotient_and_remainder_are_pythons(pair, divisor, at):
    a, b = eval(pair[1], dict(at)), eval(divisor[1], dict(at))
    assert quotient(pair[0], divisor[0]).value(env(at)) == a // b
    assert remainder(pair[0], divisor[0]).value(env(at)) == a % b


@few
@given(forms, forms, values)
def test_a_substitution_is_a_replacement_of_values(pair, other, at):
    """Every index is replaced at once, inside divisions too."""
    moved = pair[0].substitute({i.atom: other[0], j.atom: i + 1})
    inside = {**at, "i": eval(other[1], dict(at)), "j": at["i"] + 1}
    assert moved.value(env(at)) == eval(pair[1], inside)


@few
@given(forms, values)
def test_split_is_coefficient_and_rest(pair, at):
    parts = pair[0].split(i.atom)
    if parts is None:
        assert i.atom in pair[0].all_atoms
        return
    c, rest = parts
    assert 0 not in c.indices | rest.indices
    assert not c.indices
    assert (c * i + rest).value(env(at)) == eval(pair[1], dict(at))


@few
@given(forms, forms, values)
def test_equal_forms_are_equal_numbers(pair, other, at):
    assert (pair[0] == other[0]) <= (eval(pair[1], dict(at)) == eval(other[1], dict(at)))
    assert pair[0] - pair[0] == 0
    assert pair[0] + other[0] == other[0] + pair[0]
    assert (pair[0] + other[0]) * n == n * other[0] + pair[0] * n
    assert hash(pair[0] + other[0]) == hash(other[0] + pair[0])


@few
@given(forms)
def test_pickling_gives_the_same_form(pair):
    assert pickle.loads(pickle.dumps(pair[0])) == pair[0]


@few
@given(forms, values)
def test_the_printed_form_reads_back_in_python(pair, at):
    text = str(pair[0])
    assert eval(text, {**at, "i0": at["i"], "i1": at["j"]}) == pair[0].value(env(at))


@pytest.mark.parametrize(("form", "text"), [
    (ZERO, "0"), (Form.of(-3), "-3"), (n, "n"), (2 * n + 1, "2*n + 1"), (n - m, "n - m"),
    (1 - n, "1 - n"), (-n, "-n"), (3 - 2 * n * m, "3 - 2*n*m"), ((n + 1) // 2, "((n + 1)//2)"),
    (n // m, "(n//m)"), (n % 2 + 1, "(n % 2) + 1"), (n**3, "n*n*n"), (2 * (n // 2), "2*(n//2)"),
    (2 * least(m + 1, n), "2*min(m + 1, n)"),
])
def test_printing(form, text):
    assert str(form) == repr(form) == text


@pytest.mark.parametrize(("form", "simple"), [
    (6 * n // 2, 3 * n), ((6 * n + 1) // 2, 3 * n), ((6 * n + 1) % 2, ONE), ((n * m) // n, m),
    ((n * m + i) % n, i % n), (least(n + 1, n), n),
    (least(n, m), least(m, n)), ((n * m + i) // n, m + i // n), ((n * m - 1) // n, m - 1),
    ((n - 1) % n, n - 1), ((4 * i + 5 * j) // 2, 2 * i + 2 * j + j // 2), ((i + 1) // (i + 1), ONE),
    (0 // n, ZERO), (0 % n, ZERO), ((2 * i + 7) // 4, 1 + (2 * i + 3) // 4),
])
def test_whole_parts_are_taken_out(form, simple):
    assert form == simple


def test_what_a_form_is_made_of():
    X = sd.tensor("X", n, integer=True)
    form = 2 * n * i + (j + m) // 3 + Form.of(Read(X, (j + k,)))
    assert form.atoms == {n.atom, i.atom, Quotient(j + m, Form.of(3)), Read(X, (j + k,))}
    assert form.all_atoms == form.atoms | {j.atom, m.atom, k.atom}
    assert form.indices == {0, 1}
    assert form.constant is None is form.atom
    assert (form - form).constant == 0
    assert (form + 2 - form).constant == 2
    assert (n + 0).atom is n.atom
    assert (2 * n).atom is (n * n).atom is None


def test_reads_are_replaced_from_inside():
    X, Y = sd.tensor("X", n, integer=True), sd.tensor("Y", n, integer=True)

    def to_y(read):
        return Form.of(Read(Y, tuple(f.rebuild(to_y) for f in read.inner)))

    form = Form.of(Read(X, (Form.of(Read(X, (i,))) + 1,))) // 2
    assert form.rebuild(to_y) == Form.of(Read(Y, (Form.of(Read(Y, (i,))) + 1,))) // 2
    at = {X: [1, 0, 2], Y: [2, 1, 0]}

    def read(r):
        return at[r.tensor][r.inner[0].value({i.atom: 1}, read)]

    assert form.value({i.atom: 1}, read) == 0
    assert form.rebuild(to_y).value({i.atom: 1}, read) == 0
    assert form.rebuild(lambda r: None) == form


def test_equal_atoms_are_one_object():
    assert Dim("n") is n.atom
    assert Quotient(n, m) is (n // m).atom
    assert Quotient(n, m) is not Remainder(n, m)
    assert sd.indices("i").atom is not sd.indices("i").atom
    assert pickle.loads(pickle.dumps(Quotient(n + 1, m))) is Quotient(n + 1, m)


def test_numbers_that_are_no_integers_make_tensors():
    half = n + 0.5
    assert isinstance(half, sd.Tensor)
    assert float(sd.evaluate(n / 4 + 0.5 * m, n=6, m=1)) == 2.0
    assert float(sd.evaluate(1 / n + n**0.5, n=4)) == 2.25


@pytest.mark.parametrize(("mistake", "error", "message"), [
    (lambda: bool(n), TypeError, "the size n is symbolic and has no truth value"),
    (lambda: int(2 * n), TypeError, r"the size 2\*n is symbolic, not a number"),
    (lambda: list(n), TypeError, "n is a single size or index; give several names"),
    (lambda: n // 0, ZeroDivisionError, "n is divided by a size that is 0"),
    (lambda: n % (m - m), ZeroDivisionError, "n is divided by a size that is 0"),
    (lambda: Form.of("n"), SymdlError, "'n' is no size; sizes are integers"),
    (lambda: Form.of(2.5), SymdlError, "2.5 is no size"),
    (lambda: Form.of(sympy.sqrt(sympy.Symbol("n"))), SymdlError, "is no size"),
    (lambda: n + "1", TypeError, "unsupported operand"),
    (lambda: n // 1.5, TypeError, "unsupported operand"),
])
def test_mistakes(mistake, error, message):
    with pytest.raises(error, match=message):
        mistake()


def test_a_plain_number_is_one():
    assert bool(Form.of(2))
    assert not Form.of(0)
    assert int(Form.of(-7)) == -7
    assert Form.of(sympy.Symbol("n") ** 2 + 1) == n * n + 1
    assert Form.of(sympy.floor(sympy.Symbol("n") / 2)) == n // 2
    assert Form.of(sympy.Mod(sympy.Symbol("n"), 3)) == n % 3


TOKENS = """
import sys
from symdl.language.form import Dim, Form, Free, Idx
from symdl.language.guard import Guard
kept = [Form.of(Idx(int(c))) for c in sys.argv[1]] + [Form.of(Dim(c)) for c in sys.argv[2]]
n, m, k = (Form.of(Dim(c)) for c in "nmk")
i, j, r = (Form.of(Idx(c)) for c in range(3))
f = Form.of(Free("f", 7, None))
for form in (2*i - 3*j*n + 4, (i + n*m) // (k + 2) - (j % (m*k)) * f, i - j, r*r*k - k*r - 1):
    print(form.token)
for form in (i - j, j - i, n - 2*i, 2*r + 2*j, m*i - n*j):
    for relation in (">=", "==", "!="):
        print(Guard(form, relation).normal.token)
"""


def test_tokens_are_the_same_in_every_process():
    """Whatever the hash seed, and in whatever order the atoms were first made."""
    texts = {
        subprocess.run([sys.executable, "-c", TOKENS, indices, names], capture_output=True,
                       env={"PYTHONHASHSEED": seed}, text=True, check=True).stdout
        for seed, indices, names in (("1", "012", "nmk"), ("2", "210", "kmn"), ("3", "102", "mkn"))
    }
    assert len(texts) == 1
    assert texts.pop().count("\n") == 19


def test_a_token_says_what_the_form_is():
    assert (2 * i + 1).token != (2 * i - 1).token != (2 * j - 1).token
    assert (i // 2).token != (i % 2).token
    assert (n + m).token == (m + n).token


def test_the_check_notices_a_quotient_rounded_towards_zero():
    """`int(a / b)` in place of `a // b` is what Python's integers refute."""
    wrong = -quotient(-i, Form.of(4))
    assert any(wrong.value({i.atom: a}) != a // 4 for a in range(8))
    assert all(quotient(i, Form.of(4)).value({i.atom: a}) == a // 4 for a in range(-8, 8))
