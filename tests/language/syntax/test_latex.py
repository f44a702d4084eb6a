"""LaTeX formulas mean what NumPy says they mean; errors point at the column."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import symdl as sd
from symdl.language.sizes import variables_of
from symdl.language.syntax.errors import ParseError
from symdl.language.syntax.request import Derivative

DECLARED = ("A: matrix[n,n], B: matrix[n,n], X: matrix[n,m], W_1: matrix[m,n], x: vector[n], "
            "y: vector[n], w: vector[m], c: scalar, theta: scalar, t: scalar positive")

Case = tuple[str, Callable[[Any], Any]]
CASES: list[Case] = [
    # products and transposes
    (r"x^\top A x", lambda p: p.x @ p.A @ p.x),
    (r"x^T A y - y^{\top} A^\mathsf{T} x", lambda p: 0.0),
    (r"2 A x \cdot 3", lambda p: 6 * p.A @ p.x),
    (r"A B^{T}", lambda p: p.A @ p.B.T),
    (r"(A + B)' x", lambda p: (p.A + p.B).T @ p.x),
    (r"A^{-1} x + A^{-\top} x", lambda p: np.linalg.inv(p.A) @ p.x + np.linalg.inv(p.A).T @ p.x),
    (r"A^2 x", lambda p: p.A @ p.A @ p.x),
    (r"\mathbf{x}^\top \boldsymbol{A} \mathbf{y}", lambda p: p.x @ p.A @ p.y),
    (r"A \odot B \odot A", lambda p: p.A * p.B * p.A),
    (r"x \oslash (y \odot y)", lambda p: p.x / p.y**2),
    (r"x^{\odot 2}", lambda p: p.x**2),
    (r"A \otimes B", lambda p: np.kron(p.A, p.B)),
    (r"\langle x, A y \rangle", lambda p: p.x @ p.A @ p.y),
    (r"c I + A", lambda p: p.c * np.eye(3) + p.A),
    (r"\mathbf{1}^\top x", lambda p: p.x.sum()),
    (r"X^{+} x", lambda p: np.linalg.pinv(p.X) @ p.x),
    # fractions, roots, powers
    (r"\frac{1}{2} c + \frac12 c", lambda p: p.c),
    (r"\frac{x^\top y}{1 + c^2}", lambda p: p.x @ p.y / (1 + p.c**2)),
    (r"\sqrt{t} + \sqrt[3]{t} + t^{1/2}", lambda p: 2 * np.sqrt(p.t) + np.cbrt(p.t)),
    (r"c^2 / 4 - 3c", lambda p: p.c**2 / 4 - 3 * p.c),
    (r"e^{-c^2}", lambda p: np.exp(-p.c**2)),
    # functions
    (r"\log\det(A A^\top)", lambda p: np.linalg.slogdet(p.A @ p.A.T)[1]),
    (r"\operatorname{tr}(A B) + \mathrm{tr} A B", lambda p: 2 * np.trace(p.A @ p.B)),
    (r"\sin^2 \theta + \cos 2\theta", lambda p: np.sin(p.theta) ** 2 + np.cos(2 * p.theta)),
    (r"\exp(c) c", lambda p: np.exp(p.c) * p.c),
    (r"\ln t \cdot 2", lambda p: 2 * np.log(p.t)),
    (r"\sigma(x^\top y + c)", lambda p: 1 / (1 + np.exp(-(p.x @ p.y + p.c)))),
    (r"\tanh\left( A x \right)", lambda p: np.tanh(p.A @ p.x)),
    (r"\operatorname{softmax}(A x)", lambda p: np.exp(p.A @ p.x) / np.exp(p.A @ p.x).sum()),
    (r"\operatorname{diag}(x) y", lambda p: p.x * p.y),
    (r"\max(0, c) + \min\{c, \theta, 1\}", lambda p: max(0, p.c) + min(p.c, p.theta, 1)),
    (r"|c| + \lvert \theta \rvert", lambda p: abs(p.c) + abs(p.theta)),
    # norms
    (r"\|A x - y\|_2^2", lambda p: ((p.A @ p.x - p.y) ** 2).sum()),
    (r"\lVert x \rVert + \|x\|_1 + \|x\|_\infty",
     lambda p: np.linalg.norm(p.x) + abs(p.x).sum() + abs(p.x).max()),
    (r"\left\| A \right\|_F^2", lambda p: (p.A**2).sum()),
    # sums and entries, counted from 1
    (r"\sum_{i=1}^n x_i y_i", lambda p: p.x @ p.y),
    (r"\sum_{i=1}^n \sum_{j=1}^n A_{ij} x_i x_j", lambda p: p.x @ p.A @ p.x),
    (r"\sum_{i,j} A_{i,j} x_j", lambda p: (p.A @ p.x).sum()),
    (r"\sum_{i=1}^n i x_i", lambda p: np.arange(1, 4) @ p.x),
    (r"\sum_{i=0}^{n-1} i x_i", lambda p: np.arange(3) @ p.x),
    (r"\sum_{i=2}^n (x_i - x_{i-1})", lambda p: p.x[-1] - p.x[0]),
    (r"\sum_{i=1}^{n-1} x_{i+1} x_i", lambda p: p.x[1:] @ p.x[:-1]),
    (r"x_1 A_{23} + A_{3,1}", lambda p: p.x[0] * p.A[1, 2] + p.A[2, 0]),
    (r"\prod_{i=1}^n x_i", lambda p: np.prod(p.x)),
    (r"\max_{i} x_i", lambda p: p.x.max()),
    (r"\sum_j A_{ij} x_j", lambda p: p.A @ p.x),
    (r"-\sum_i y_i \log \left(1 + e^{x_i}\right) + c",
     lambda p: -p.y @ np.log1p(np.exp(p.x)) + p.c),
    # ranges that depend on other indices, and conditions
    (r"\sum_{i=1}^n \sum_{j=1}^i x_j y_i", lambda p: (np.tri(3) @ p.x) @ p.y),
    (r"\sum_{i=1}^n \sum_{j=i}^n x_j y_i", lambda p: (np.tri(3).T @ p.x) @ p.y),
    (r"\sum_{i=1}^n \sum_{j=i+1}^n A_{ij}", lambda p: np.triu(p.A, 1).sum()),
    (r"\sum_{i=1}^n \sum_{j=1}^{i-1} A_{ij}", lambda p: np.tril(p.A, -1).sum()),
    (r"\sum_{i=0}^{n-1} \sum_{j=0}^{n-1-i} A_{ij}", lambda p: np.triu(p.A[:, ::-1]).sum()),
    (r"\sum_{i<j} A_{ij}", lambda p: np.triu(p.A, 1).sum()),
    (r"\sum_{1 \le i < j \le n} A_{ij}", lambda p: np.triu(p.A, 1).sum()),
    (r"\sum_{i \ne j} A_{ij}", lambda p: p.A.sum() - np.trace(p.A)),
    (r"\sum_{i=1}^n \sum_{j=1, j \ne i}^n A_{ij}", lambda p: p.A.sum() - np.trace(p.A)),
    (r"\prod_{i<j} (x_i - x_j)",
     lambda p: (p.x[0] - p.x[1]) * (p.x[0] - p.x[2]) * (p.x[1] - p.x[2])),
    (r"\sum_{i<n} x_i x_{i+1}", lambda p: p.x[1:] @ p.x[:-1]),
    (r"\sum_{i=1}^n x_i + \sum_{i=1}^m w_i - \sum_{i=1}^{n-1} y_i",
     lambda p: p.x.sum() + p.w.sum() - p.y[:-1].sum()),
    (r"x_i \sum_{i=1}^{n-1} x_i", lambda p: p.x * p.x[:-1].sum()),
    # determinants, norms, inverse functions
    (r"|A| + \log|A A^\top + I| + |x^\top y|",
     lambda p: np.linalg.det(p.A) + np.linalg.slogdet(p.A @ p.A.T + np.eye(3))[1] + abs(p.x @ p.y)),
    (r"\|x\|_3 + \|x\|_t", lambda p: (abs(p.x)**3).sum()**(1/3) + (abs(p.x)**p.t).sum()**(1/p.t)),
    (r"\|X\|_*", lambda p: np.linalg.norm(p.X, "nuc")),
    (r"\|x - y\|_{A A^\top}^2", lambda p: (p.x - p.y) @ p.A @ p.A.T @ (p.x - p.y)),
    (r"\tan^{-1} c + \sinh^{-1}(c)", lambda p: np.arctan(p.c) + np.arcsinh(p.c)),
    (r"\log_2 t + \log_{10}(t)", lambda p: np.log2(p.t) + np.log10(p.t)),
    (r"\sec c + \cot c + \coth t", lambda p: 1/np.cos(p.c) + 1/np.tan(p.c) + 1/np.tanh(p.t)),
    (r"x \cdot y + t \cdot c", lambda p: p.x @ p.y + p.t * p.c),
    (r"e^{(c + t)} + t^{c}", lambda p: np.exp(p.c + p.t) + p.t**p.c),
    # frames, left sides, marks above names
    (r"$x^\top y$.", lambda p: p.x @ p.y),
    (r"\[ x^\top y, \]", lambda p: p.x @ p.y),
    (r"\begin{equation*} x^\top y \end{equation*}", lambda p: p.x @ p.y),
    (r"\mathcal{L}(\theta, w) = \theta \|w\|^2", lambda p: p.theta * p.w @ p.w),
    (r"\hat{y}_1 := A x", lambda p: p.A @ p.x),
    (r"W^{(1)} x + W^{[1]} y", lambda p: p.W_1 @ (p.x + p.y)),
    (r"\sum_{i=1}^n \sum_{j=1}^n (A^{(i)}_j + A_j^{(i)}) x^{(j)}",
     lambda p: 2 * (p.A @ p.x).sum()),
    (r"\operatorname*{tr}(A)", lambda p: np.trace(p.A)),
    (r"(A B)_{12} + \operatorname{softmax}(x)_3",
     lambda p: (p.A @ p.B)[0, 1] + np.exp(p.x[2]) / np.exp(p.x).sum()),
    (r"\sum_i (A x)_i^2", lambda p: ((p.A @ p.x)**2).sum()),
    (r"(I_n + A) x + \mathbf{1}_n", lambda p: p.x + p.A @ p.x + 1),
    # names and cases
    (r"W_1 x + w", lambda p: p.W_1 @ p.x + p.w),
    (r"\begin{cases} c & c > 0 \\ \theta c, & \text{otherwise} \end{cases}",
     lambda p: p.c if p.c > 0 else p.theta * p.c),
    (r"\begin{cases} 1 & \text{if } c \le -9 \\ 2 & c < 9 \\ 3 & \text{else} \end{cases}",
     lambda p: 2.0),
    (r"\begin{cases} c^2, & c > 0, \\ -c, & c \le 0. \end{cases}",
     lambda p: p.c**2 if p.c > 0 else -p.c),
    (r"\begin{cases} 1 & \text{if } c > t \\ 2 & \text{if } t = c \\ 3 & \text{if } c < t "
     r"\end{cases}", lambda p: 3.0),
]


def _point() -> dict[str, Any]:
    rng = np.random.default_rng(7)
    shapes = {"A": (3, 3), "B": (3, 3), "X": (3, 2), "W_1": (2, 3), "x": 3, "y": 3, "w": 2, "c": (),
              "theta": ()}
    return {**{k: rng.normal(size=s) for k, s in shapes.items()}, "t": 1.7}


POINT = _point()


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_a_formula_has_the_value_that_numpy_gives(text: str, expected: Any) -> None:
    f = sd.parse(text, DECLARED, grammar="latex")
    assert isinstance(f, sd.Tensor)
    found = sd.evaluate(f, POINT)
    want = np.asarray(expected(SimpleNamespace(**POINT)))
    assert np.shape(found) == want.shape
    np.testing.assert_allclose(found, want, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("text", "expected"), [
    (r"\nabla_x x^\top A x", lambda p: (p.A + p.A.T) @ p.x),
    (r"\nabla_x^2 (x^\top A x)", lambda p: p.A + p.A.T),
    (r"\frac{\partial \log\det(A)}{\partial A}", lambda p: np.linalg.inv(p.A).T),
    (r"\frac{\partial}{\partial x} \|x\|_2^2", lambda p: 2 * p.x),
    (r"\frac{\partial^2 x^\top A y}{\partial x \partial y^\top}", lambda p: p.A),
    (r"\frac{d}{d t} t^2 \sin t", lambda p: 2 * p.t * np.sin(p.t) + p.t**2 * np.cos(p.t)),
    (r"\frac{\mathrm{d}^2 t^3}{\mathrm{d} t^2}", lambda p: 6 * p.t),
    (r"\nabla_{W_1} \|W_1 x\|_2^2", lambda p: 2 * np.outer(p.W_1 @ p.x, p.x)),
])
def test_a_derivative_is_asked_for(text: str, expected: Any) -> None:
    asked = sd.parse(text, DECLARED, grammar="latex")
    assert isinstance(asked, Derivative)
    point = {**POINT, "A": POINT["A"] @ POINT["A"].T + np.eye(3)}
    found = sd.evaluate(_derived(asked), point)
    np.testing.assert_allclose(found, expected(SimpleNamespace(**point)), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(("text", "declarations"), [
    (r"\frac{1}{n} \sum_{i=1}^n (y_i - x_i)^2", "x: vector[n], y: vector[n]"),
    (r"\sum_{i=1}^{n-1} (x_{i+1} - x_i)^2", "x: vector[n]"),
    (r"\sum_{t=2}^T (x_t - x_{t-1})^2", "x: vector[T]"),
    (r"\sum_{i=1}^n \sum_{j=1}^{i} y_i x_j", "x: vector[n], y: vector[n]"),
    (r"\log |\Sigma| + \theta^\top \Sigma \theta", "Sigma: matrix[n,n], theta: vector[n]"),
    (r"x \cdot y", "x: vector[n], y: vector[n]"),
    (r"W^{(2)} \sigma(W^{(1)} x)", "W_1: matrix[m,k], W_2: matrix[n,m], x: vector[k]"),
])
def test_sizes_and_kinds_are_guessed_from_use(text: str, declarations: str) -> None:
    assert sd.parse(text, grammar="latex").declarations == declarations


def _derived(asked: Derivative) -> sd.Tensor:
    f = asked.function
    for v in asked.variables:
        f = sd.jacobian(f, v)
    return f


def test_what_is_not_declared_is_guessed() -> None:
    f = sd.parse(r"\frac{1}{2}\|Ax-b\|_2^2 + \lambda \|x\|_1", grammar="latex")
    assert isinstance(f, sd.Tensor)
    assert {v.name: v.ndim for v in variables_of([f])} == {"A": 2, "b": 1, "lambda": 0, "x": 1}


@pytest.mark.parametrize(("text", "column", "reason"), [
    ("", 1, "there is no formula"),
    (r"x +", 4, "ends too early"),
    (r"\foo x", 1, r"command \\foo"),
    (r"\frac{c}{t", 9, "never closed"),
    (r"A x + y )", 9, "unexpected here"),
    (r"\left( A x", 6, "never closed"),
    (r"A X x", 1, "inner sizes m and n differ"),
    (r"\operatorname{foo}(x)", 1, "no function foo"),
    (r"\sum x_i", 1, "over which index"),
    (r"\sum_{j>i} x_i x_j", 7, "say what i runs over"),
    (r"\sum_{i \in S} x_i", 9, "below a sum stand its indices"),
    (r"\sum_{i=1}^c x_i", 1, "c bounds an index, so it is a size"),
    (r"\|x\|_0", 7, "number of entries other than 0"),
    (r"\|A\|_2", 1, r"normF\(A\), or norm_spec"),
    (r"|X|", 1, "a determinant takes a square matrix"),
    (r"(A x)^{(2)}y", 1, "power of a scalar"),
    (r"q^{(a+b)}", 3, "a number or an index"),
    (r"c^2^3", 4, "second superscript"),
    (r"log(t)", 1, r"multiplied. Did you mean \\log"),
    (r"\mathrm{foo}(x)", 1, "no function foo"),
    (r"x_0", 3, "count from 1"),
    (r"|x|_2", 4, "unexpected here"),
    (r"\nabla x^\top x", 1, "in which variable"),
    (r"\frac{\partial^2 c}{\partial c}", 1, "orders 2 and 1 differ"),
    (r"\mathbb{E}[x]", 1, "operator E"),
    (r"\mathbb{E}_{x \sim p}[x]", 1, "operator E"),
    (r"A x = y", 5, "one side at a time"),
    (r"\nabla_x c - c", 1, "in brackets"),
    (r"\begin{cases} 1 & c > 0 \\ 2 & c < 0 \end{cases}", 1, "leave nothing out"),
    (r"\begin{cases} 1 & c > 0 \\ 2 & t \le 0 \end{cases}", 1, "leave nothing out"),
    (r"\begin{cases} c & c > 0 \end{cases}", 1, "otherwise"),
    ("x # y", 3, "can't be read"),
])
def test_an_error_points_at_the_column(text: str, column: int, reason: str) -> None:
    with pytest.raises(ParseError, match=reason) as caught:
        sd.parse(text, DECLARED, grammar="latex")
    assert caught.value.column == column


@pytest.mark.parametrize("text", [
    "(" * 5000, "{" * 5000, r"\log" * 4000, "-" * 15000 + "x", "x^" * 5000 + "x", r"\frac" * 3000,
    r"\hat" * 4000 + "x", "x'" * 9000, "x_" * 5000, "x" * 15000, "9" * 15000, "2^{2^{2^{2^{99}}}}",
    r"\nabla_x" * 500 + "x", r"\begin{cases}" * 500, "\\" * 9000, r"\left(" * 3000,
])
def test_a_hostile_formula_costs_a_message(text: str) -> None:
    begin = time.perf_counter()
    with contextlib.suppress(sd.SymdlError):
        sd.parse(text, DECLARED, grammar="latex")
    assert time.perf_counter() - begin < 1.0
