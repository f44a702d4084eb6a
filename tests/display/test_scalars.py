"""Scalar bodies are printed by the names of the catalogue."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

import symdl as sd
from symdl.display.matrix import matrix
from symdl.language.functions.recognised import factor_of, function_of
from symdl.language.scalars import CATALOGUE
from tests.display.expressions import p, x, z
from tests.display.numpy_text import evaluate
from tests.display.points import value

WRITTEN_OUT = {
    "identity": "p", "square": "p**2", "reciprocal": "1/p", "rsqrt": "1/sqrt(p)",
    "expm1": "exp(p) - 1", "log1p": "log(1 + p)", "logit": "log(p) - log(1 - p)",
    "celu": "elu(p)", "polygamma": "polygamma(p, 1)", "pow": "p**z",
}


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_function_is_called_by_its_name(name):
    arity = CATALOGUE[name].arity
    t = getattr(sd, name)(*(p, z)[:arity])
    assert matrix(t) == WRITTEN_OUT.get(name, f"{name}({', '.join('pz'[:arity])})")


@pytest.mark.parametrize("name", [
    n for n, f in CATALOGUE.items() if f.arity == 1 and n not in ("acosh", "logit")])
def test_its_derivative_prints_what_it_is(name):
    g = sd.grad(sd.sum(getattr(sd, name)(p)), p)
    inputs = {"p": np.array([0.3, 0.7, 0.45])}
    sizes = {"n": 3}
    found = np.broadcast_to(evaluate(matrix(g), {**sizes, **inputs}), (3,))
    np.testing.assert_allclose(found, value(g, inputs, sizes), rtol=1e-9)


@pytest.mark.parametrize(("t", "text"), [
    (sd.sigmoid(x + z), "sigmoid(x + z)"),
    (sd.sigmoid(-x) * 3, "3*sigmoid(-x)"),
    (sd.gelu(x) * z, "z*gelu(x)"),
    (sd.silu(x) / z, "silu(x)/z"),
    (sd.apply(lambda t: (1 + sympy.exp(t)) ** -2, x), "sigmoid(-x)**2"),
    (sd.leaky_relu(x, negative_slope=0.1), "where(x <= 0, x/10, x)"),
    (sd.where(x > 0, z, 0), "where(x > 0, z, 0)"),
    (sd.where(x > 0, z, sd.where(z > 1, x, 2)), "where(x > 0, z, where(z > 1, x, 2))"),
    (sd.digamma(x) - sd.lgamma(x), "digamma(x) - lgamma(x)"),
])
def test_form(t, text):
    assert matrix(t) == text


def test_recognition_on_bodies():
    a, b = sympy.symbols("a0 a1", real=True)
    assert function_of(1 / (1 + sympy.exp(-a - b))) == ("sigmoid", (a + b,))
    assert function_of(a + b) is None
    name, arguments, rest = factor_of(b * a / (1 + sympy.exp(-a)))
    assert (name, arguments, rest) == ("silu", (a,), b)
