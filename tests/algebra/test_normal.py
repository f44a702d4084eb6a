"""The normal form for proofs: what it makes one, what it keeps apart, what it gives up."""

from __future__ import annotations

import pytest

import symdl as sd
from symdl.algebra.normal import GaveUp, normal_form
from tests.display.expressions import GRADIENTS, MATRIX

n = sd.dims("n")
A, B = sd.tensor("A", n, n), sd.tensor("B", n, n)
x, y = sd.tensor("x", n), sd.tensor("y", n)


@pytest.mark.parametrize("name", GRADIENTS)
def test_a_gradient_and_its_simplified_form_have_one_normal_form(name):
    t = GRADIENTS[name]
    assert normal_form(t.simplify()) is normal_form(t)


@pytest.mark.parametrize("name", MATRIX)
def test_it_is_a_normal_form(name):
    form = normal_form(MATRIX[name])
    assert normal_form(form) is form


@pytest.mark.parametrize(("a", "b"), [
    (A @ B, B @ A), (x @ A @ y, y @ A @ x), (sd.inv(A), sd.inv(A).T), (sd.exp(x + y), sd.exp(x)),
    (sd.sqrt(x**2), x), (sd.log(x * y), sd.log(x) + sd.log(y)), (sd.tril(A), A),
    (sd.log(x**2), 2 * sd.log(x)), (sd.log(x / (1 + y)), sd.log(x) - sd.log(1 + y)),
])
def test_different_expressions_have_different_forms(a, b):
    assert normal_form(a) is not normal_form(b)


def test_a_large_product_of_sums_is_given_up():
    u = x
    for k in range(12):
        u = (u + sd.sin(u) * k) * (u + y)
    form = normal_form(u)
    assert isinstance(form, GaveUp)
    assert not form
    assert form.reason
