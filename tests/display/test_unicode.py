"""Unicode of results."""

from __future__ import annotations

import pytest

import symdl as sd
from symdl.display.errors import NotationError
from symdl.display.unicode import symbol
from tests.display import expressions as e
from tests.display.expressions import ENTRIES, GRADIENTS, MATRIX

FORMS = {
    "dense": "X W + b",
    "bilinear": "xᵀ A z",
    "trace": "tr(A B A)",
    "outer": "x wᵀ",
    "Frobenius": "sum(A ⊙ B)",
    "fractions": "(z / 3 + 2·x) ⊘ (1 + x⊙²) − lam·(x − 1) ⊘ (2·p)",
    "identity": "lam·I(n) + A",
    "solve": "A⁻ᵀ X w + A⁻¹ x",
    "determinant": "det(A)·log det(A Aᵀ)",
    "logistic regression": "Xᵀ (σ(X w) − t)",
    "inverse gradient": "−A⁻ᵀ x zᵀ A⁻ᵀ",
    "reshaped": "X[⌊i/d⌋,i%d]",
    "running product": "[n,i]: (Π_{j | j > i} X[n,j])·(Π_{j | j < i} X[n,j])",
    "pooling": "max_{k,l | k < 2, l < 2} I[n,d,i+k,j+l]",
}


@pytest.mark.parametrize("name", FORMS)
def test_form(name):
    assert {**ENTRIES, **GRADIENTS, **MATRIX}[name].unicode() == FORMS[name]


@pytest.mark.parametrize("name", ["states", "two layers, W"])
def test_lines_stand_below_the_result(name):
    t = {**ENTRIES, **GRADIENTS}[name]
    assert len(t.unicode().splitlines()) == len(repr(t).splitlines()) > 1


@pytest.mark.parametrize(("text", "expected"), [
    ("mu", "μ"), ("Sigma", "Σ"), ("lambda", "λ"), ("W1", "W₁"), ("lam", "lam"), ("beta_12", "β₁₂"),
    ("x_hat", "x_hat"), ("pi", "π"),
])
def test_names(text, expected):
    assert symbol(text) == expected


def test_each_notation_has_each_style():
    t = sd.grad(sd.sum((e.A @ e.x - e.z)**2), e.x).simplify()
    assert t.matrix("latex") == t.latex()
    assert t.matrix("unicode") == t.unicode()
    assert len({t.index(style) for style in ("text", "latex", "unicode")}) == 3


def test_an_unknown_style_is_refused():
    with pytest.raises(NotationError, match="there are text, latex, unicode"):
        e.A.matrix("html")
