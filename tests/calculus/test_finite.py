"""What may be infinite at a finite point."""

from __future__ import annotations

import pytest
import sympy as sp

import symdl as sd
from symdl.calculus.finite import infinite_somewhere, singular
from symdl.calculus.pullback import derivative_of
from symdl.language.body import slot

n, m = sd.dims("n m")
X, P = sd.tensor("X", n, m), sd.tensor("P", n, m, positive=True)


def test_what_can_be_infinite_at_a_finite_point():
    a = slot(0)
    assert all(map(singular, (sp.log(a), 1 / a, sp.sqrt(a), a ** slot(1), sp.tan(a))))
    assert not any(map(singular, (a**2, sp.exp(a), 1 / (1 + sp.exp(-a)), sp.log(1 + a**2))))


@pytest.mark.parametrize("y", [
    sd.log(P), sd.sqrt(1 + sd.sum(X**2, 1)), sd.log(sd.sum(sd.exp(X), 1)),
    sd.sqrt(sd.var(X, 0, keepdims=True) + 1e-5), 1 / sd.softmax(X), sd.tanh(X), sd.prod(X, 0),
])
def test_signs_of_definitions_and_facts_are_used(y):
    assert not infinite_somewhere(derivative_of(y.scheme, 0), y)


@pytest.mark.parametrize("y", [
    sd.log(X), sd.sqrt(sd.sum(X**2, 1)), sd.log(sd.sum(X, 1)), 1 / (X - P), sd.tanh(sd.log(X)),
    sd.prod(1 / X, 0),
])
def test_an_infinite_derivative_or_factor_is_seen(y):
    assert infinite_somewhere(derivative_of(y.scheme, 0), y)
