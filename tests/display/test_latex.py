"""LaTeX of results."""

from __future__ import annotations

import re

import pytest

import symdl as sd
from symdl.display.tex import symbol
from symdl.display.text import latex
from tests.display.expressions import ENTRIES, GRADIENTS, MATRIX, X, b, n, w

EXPRESSIONS = MATRIX | ENTRIES | GRADIENTS

FORMS = {
    "dense": r"X W + b",
    "transpose": r"X^{\top}",
    "dense gradient": r"X^{\top} R",
    "bilinear": r"x^{\top} A z",
    "trace": r"\operatorname{tr}\left(A B A\right)",
    "outer": r"x w^{\top}",
    "Frobenius": r"\operatorname{sum}\left(A \odot B\right)",
    "identity": r"\mathrm{lam} \, I_{n} + A",
    "determinant": r"\det\left(A\right) \, \log\det\left(A A^{\top}\right)",
    "logdet gradient": r"A^{-\top}",
    "inverse gradient": r"-A^{-\top} x z^{\top} A^{-\top}",
    "least squares": r"2 \, X^{\top} \left(X w - x\right)",
    "comparison": r"x < z",
    "row sums": r"X \odot \operatorname{sum}_{\mathrm{axis}=1}\left(X\right) \mathbf{1}^{\top}",
    "named": r"\begin{aligned} &H V + c \\ &\text{where } H = \tanh\left(X W + b\right) "
             r"\end{aligned}",
    "convolution": r"\left(\sum_{d,l,p} I_{n,d,i + l,j + p} \, F_{k,d,l,p}\right)_{n,k,i,j}",
    "padding": r"\operatorname{pad}\left(X, \left[\left(1, 0\right), \left(0, 2\right)\right]"
               r"\right)",
    "joined": r"\begin{bmatrix} x \\ w \end{bmatrix}",
    "pooling": r"\max_{k,l \,:\, k < 2,\; l < 2} I_{n,d,i + k,j + l}",
    "reshaped": r"X_{\left\lfloor \frac{i}{d} \right\rfloor,i \bmod d}",
    "states": r"\begin{aligned} &s_{m,n} \\ &\text{where } s_{i,n} = \tanh\left(\sum_{n_{2}} "
              r"A_{n,n_{2}} \, \left(\left[i \ge 1\right] \, s_{i - 1,n_{2}} + "
              r"\left[i = 0\right] \, x_{n_{2}}\right) + i\right) \quad i = 0, \dots, m - 1 "
              r"\end{aligned}",
}


@pytest.mark.parametrize("name", FORMS)
def test_form(name):
    assert latex(EXPRESSIONS[name]) == FORMS[name]


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_groups_are_closed(name):
    text = latex(EXPRESSIONS[name])
    depth = 0
    for mark in re.findall(r"\\[{}]|[{}]", text):
        depth += {"{": 1, "}": -1}.get(mark, 0)
        assert depth >= 0
    assert depth == 0
    assert text.count(r"\left") == text.count(r"\right")
    assert re.findall(r"\\begin\{(\w+)\}", text)[::-1] == re.findall(r"\\end\{(\w+)\}", text) or (
        "cases" in text)
    assert not re.search(r"__|symdl|Equation|Part|Slot", text)


def test_a_notebook_gets_dollars():
    assert X._repr_latex_() == r"$\displaystyle X$"
    assert (X @ w)._repr_latex_() == r"$\displaystyle X w$"


@pytest.mark.parametrize(("name", "set_as"), [
    ("W", "W"), ("W1", "W_{1}"), ("gamma", r"\gamma"), ("sigma2", r"\sigma_{2}"), ("v12", "v_{12}"),
    ("lam", r"\mathrm{lam}"), ("h_2", "h_{2}"), ("my_name", r"\mathrm{my\_name}"), ("pi", r"\pi"),
])
def test_symbol(name, set_as):
    assert symbol(name) == set_as


def test_greek_names_and_numbered_ones():
    gamma, beta = sd.tensor("gamma", n), sd.tensor("beta2", n)
    assert latex(gamma * beta) == r"\beta_{2} \odot \gamma"
    assert latex(b) == "b"
