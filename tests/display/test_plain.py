"""Precedence and order of printed formulas, on trees."""

from __future__ import annotations

import pytest
import sympy

from symdl.display.plain import plain
from symdl.display.tree import Node, added, call, name, negative, number, power, quotient

a, b, c = name("a"), name("b"), name("c")
two, three = number(2), number(3)
s = name("s", scalar=True)
ab = Node("matmul", (a, b))
less = Node("compare", (a, b), "<")


@pytest.mark.parametrize(("tree", "text"), [
    (added([a, negative(added([b, c]))]), "a - (b + c)"),
    (added([negative(a), b]), "b - a"),
    (added([negative(a), negative(b)]), "-a - b"),
    (added([a, number(1)]), "1 + a"),
    (added([a, number(-1)]), "a - 1"),
    (quotient([added([a, b]), c]), "c*(a + b)"),
    (quotient([a], [b, c]), "a/(b*c)"),
    (quotient([a], [quotient([b], [c])]), "a*c/b"),
    (quotient([quotient([a], [b])], [c]), "a/(b*c)"),
    (quotient([negative(a), negative(b)]), "a*b"),
    (quotient([number(sympy.Rational(-1, 2)), a]), "-a/2"),
    (quotient([number(1)], [a]), "1/a"),
    (quotient([number(0), a]), "0"),
    (power(added([a, b]), two), "(a + b)**2"),
    (power(negative(a), two), "(-a)**2"),
    (negative(power(a, two)), "-a**2"),
    (power(a, number(sympy.Rational(1, 3))), "a**(1/3)"),
    (power(power(a, two), three), "(a**2)**3"),
    (quotient([two, ab]), "2*a @ b"),
    (quotient([c, ab]), "c*(a @ b)"),
    (quotient([ab], [s]), "a @ b / s"),
    (quotient([ab], [c]), "(a @ b)/c"),
    (negative(ab), "-a @ b"),
    (power(ab, two), "(a @ b)**2"),
    (Node("matmul", (a, quotient([b, c]))), "a @ (b*c)"),
    (Node("matmul", (a, power(b, two))), "a @ b**2"),
    (Node("transpose", (ab,)), "(a @ b).T"),
    (Node("transpose", (call("inv", a),)), "inv(a).T"),
    (Node("item", (added([a, b]), number(0))), "(a + b)[0]"),
    (quotient([less, c]), "c*(a < b)"),
    (Node("cases", (a, less, b)), "(a if a < b else b)"),
    (Node("bracket", (less, less)), "[a < b and a < b]"),
    (Node("reduce", (added([a, b]),), "sum", over=("n",)), "sum_n (a + b)"),
    (Node("reduce", (quotient([a], [b]), less), "sum", over=("n",)), "sum_{n | a < b} a/b"),
    (quotient([a, Node("reduce", (b,), "sum", over=("n", "k"))]), "a*(sum_{n,k} b)"),
    (added([a, Node("reduce", (b,), "sum", over=("n",))]), "sum_n b + a"),
    (call("f", a, axis=two), "f(a, axis=2)"),
    (Node("tuple", (a,)), "(a,)"),
    (Node("floordiv", (added([a, b]), two)), "(a + b)//2"),
])
def test_text(tree, text):
    assert plain(tree, {}) == text
