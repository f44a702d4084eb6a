"""Scalar bodies: numbers, the validity spec, renaming, and the text that identifies them."""

import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from math import inf, nan

import numpy as np
import pytest
import sympy as sp

from symdl.language.body import (
    BodyError,
    check_body,
    exact,
    kinks,
    literal,
    piecewise,
    rename,
    slot,
    slots_of,
    substitute,
    tree,
)

x, y, z = slot(0), slot(1), slot(2)


def test_slot_is_one_real_symbol():
    assert slot(3) is slot(3)
    assert slot(3).name == "a3"
    assert slot(3).is_real
    assert slots_of(sp.exp(slot(4)) * slot(0) + 1) == (0, 4)


@pytest.mark.parametrize(("number", "value"), [
    (0.1, sp.Rational(1, 10)), (1e-5, sp.Rational(1, 100000)), (1e300, sp.Integer(10) ** 300),
    (-2.5, sp.Rational(-5, 2)), (3, sp.Integer(3)), (True, sp.Integer(1)),
    (Fraction(1, 3), sp.Rational(1, 3)), (inf, sp.oo), (-inf, -sp.oo), (nan, sp.nan),
    (np.float32(0.1), sp.Rational(1, 10)), (np.float64(0.1), sp.Rational(1, 10)),
    (np.int64(7), sp.Integer(7)), (np.bool_(False), sp.Integer(0)), (np.float32(inf), sp.oo),
    (np.array(0.25), sp.Rational(1, 4)), (sp.Float(0.1), sp.Rational(1, 10)),
    (sp.Float("0.1", 40), sp.Rational(1, 10)), (sp.sqrt(2), sp.sqrt(2)),
    (2 * sp.Float(0.5) * sp.pi, sp.pi), (Decimal("0.1"), sp.Rational(1, 10)),
    (Decimal("-inf"), -sp.oo),
])
def test_literal_is_the_number_as_written(number, value):
    assert literal(number) == value or literal(number) is value


@pytest.mark.parametrize("other", [x, 1j, "2", None, np.array([1.0])])
def test_literal_refuses_what_is_no_number(other):
    with pytest.raises(TypeError):
        literal(other)


def test_exact_replaces_binary_floats_everywhere():
    assert exact(0.1 * x ** 2.5 + sp.exp(0.25 * y)) == x ** sp.Rational(5, 2) / 10 + sp.exp(y / 4)


ACCEPTED = [
    sp.exp(x) + sp.log(y) * sp.pi - sp.E, sp.Max(x, y, 0), sp.Abs(x) ** sp.Rational(1, 3),
    sp.Piecewise((1, (x > 0) & ~(y > x) | sp.Eq(x, y)), (sp.oo, True)),
    sp.loggamma(x) / sp.gamma(y),
    sp.polygamma(2, x) + sp.digamma(1), sp.floor(x) + sp.ceiling(y), sp.atan2(x, y), sp.Integer(1),
    sp.Piecewise((x, sp.Piecewise((x, x > 0), (0, True)) > y), (y, True)),
]


@pytest.mark.parametrize("body", ACCEPTED)
def test_spec_accepts(body):
    check_body(body, 2)


@pytest.mark.parametrize(("body", "reason"), [
    (sp.Heaviside(x), "Heaviside has no meaning .*Piecewise"),
    (sp.DiracDelta(x), "DiracDelta"),
    (sp.Derivative(sp.Function("f")(x), x), "doit"),
    (sp.Subs(sp.Function("f")(y), y, x), "Subs"),
    (sp.re(sp.Symbol("z")), "re has no meaning"),
    (sp.im(sp.Symbol("z")), "im has no meaning"),
    (sp.Sum(x, (sp.Symbol("n"), 0, 3)), "Sum"),
    (sp.Indexed("A", 0), "Indexed"),
    (sp.Function("f")(x), "f has no meaning"),
    (x + sp.zoo, "divides by zero"),
    (sp.I * x, "bodies are real"),
    (0.5 * x, "numbers are exact"),
    (x > 0, "is a condition"),
    (slot(2), "symbol a2 is unknown .* a0 ... a1"),
    (sp.Symbol("a0"), "declared real"),
    (sp.Symbol("t"), "symbol t is unknown"),
])
def test_spec_refuses(body, reason):
    with pytest.raises(BodyError, match=reason):
        check_body(body, 2)


def test_rename_is_simultaneous():
    body = x - 2 * y + sp.exp(z)
    assert rename(body, {0: 1, 1: 0}) == y - 2 * x + sp.exp(z)
    assert rename(body, [2, 0, 1]) == z - 2 * x + sp.exp(y)
    assert rename(body, {0: 0, 7: 5}) is body
    assert rename(sp.Max(x, y), [3, 3]) == slot(3)


def test_rename_keeps_the_form_of_pieces():
    body = sp.Piecewise((0, x < 0), (1, x >= 0), evaluate=False)
    assert rename(body, [5]).args == tuple(
        (value, when.xreplace({x: slot(5)})) for value, when in body.args)
    assert rename(sp.Max(x, y), [1, 0]) == sp.Max(x, y)


def test_substitute_replaces_whole_subexpressions():
    assert substitute(sp.tanh(x) ** 2 + x, {sp.tanh(x): y}) == y**2 + x


def test_a_branch_that_divides_by_zero_is_infinite():
    relu = piecewise((0, x <= 0), (x, True))
    body = substitute(y / z**2, {z: relu})
    check_body(body, 2)
    assert body.xreplace({x: sp.Integer(2), y: sp.Integer(3)}) == sp.Rational(3, 4)
    assert body.xreplace({x: sp.Integer(-2), y: sp.Integer(3)}) == sp.oo


@pytest.mark.parametrize(("cases", "value"), [
    ([(0, x <= 0), (x, True)], sp.Piecewise((0, x <= 0), (x, True))),
    ([(0, x < 0), (0, x > 1), (x, True)], sp.Piecewise((0, (x < 0) | (x > 1)), (x, True))),
    ([(0, False), (y, True), (x, True)], y),
    ([(x, x < 0), (x, True)], x),
    ([(piecewise((1, x < 0), (2, True)), x < 0), (3, True)], sp.Piecewise((1, x < 0), (3, True))),
    ([(0, x < 0), (piecewise((1, x < 0), (2, y < 0), (3, True)), True)],
     sp.Piecewise((0, x < 0), (2, y < 0), (3, True))),
    ([], sp.nan),
])
def test_piecewise_joins_and_drops(cases, value):
    assert piecewise(*cases) == value or piecewise(*cases) is value


def test_tree_forgets_the_order_of_commuting_arguments_only():
    assert tree(x + y * 2) == ("Add", ("Mul", "2", ("a", 1)), ("a", 0))
    assert tree(x**y) == ("Pow", ("a", 0), ("a", 1)) != tree(y**x)
    assert tree(sp.Gt(x, y)) == tree(sp.Lt(y, x)) == ("StrictLessThan", ("a", 1), ("a", 0))
    assert tree(sp.Max(x, y)) == tree(sp.Max(y, x))


def test_tree_is_the_same_in_every_process():
    program = (
        "import sympy as sp; from symdl.language.body import *; x, y = slot(0), slot(1);"
        "print(tree(sp.Max(x, y, x*y) + sp.Piecewise((sp.exp(x)*y/3, (x > 0) | (y < 1)), (0, True))"
        " + sp.Min(sp.sin(x), sp.cos(y), x + 2*y)))"
    )
    texts = {
        subprocess.run([sys.executable, "-c", program], env={"PYTHONHASHSEED": seed},
                       capture_output=True, text=True, check=True, cwd=".").stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1
    assert "Max" in texts.pop()


@pytest.mark.parametrize(("body", "expected"), [
    (sp.exp(x) * y, ()),
    (sp.Max(x, y, 1), (1 - x, 1 - y, x - y)),
    (sp.Abs(x - y) + sp.sign(z), (x - y, z)),
    (sp.Piecewise((x, (x > 1) & (y <= 2)), (0, True)), (x - 1, y - 2)),
    (sp.floor(x), (sp.sin(sp.pi * x),)),
    (sp.Max(sp.Abs(x), 2), (2 - sp.Abs(x), x)),
])
def test_kinks(body, expected):
    assert set(kinks(body)) == set(expected)
