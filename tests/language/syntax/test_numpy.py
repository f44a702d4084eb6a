"""NumPy expressions mean what NumPy computes; nothing is run, errors point at the column."""

from __future__ import annotations

import contextlib
import time
from functools import reduce
from typing import Any

import numpy as np
import pytest
from scipy import linalg, special

import symdl as sd
from symdl.language.sizes import dims_of, variables_of
from symdl.language.syntax.errors import ParseError

DECLARED = "A: matrix[n,n], B: matrix[n,n], X: matrix[n,m], x: vector[n], y: vector[n], c: scalar"

SAME_IN_NUMPY = [
    "A.T @ x", "x @ A @ y", "np.exp(x) * y", "A * x", "A * x[:, None]", "x[:, None] - y[None, :]",
    "X[1:, 0]", "A[0::2, ::2]", "A[-1]", "x[::-1]", "A[[2, 0]]", "x[[0, 2]] * 2", "A[1, 2] + c",
    "np.einsum('ij,jk->ik', A, X)", "np.outer(x, y)", "np.diag(x)", "np.diag(A)", "np.trace(A)",
    "np.linalg.det(A)", "np.linalg.inv(A)", "np.linalg.solve(A, x)", "np.linalg.pinv(X)",
    "np.linalg.norm(x)", "np.linalg.norm(x, 1)", "np.linalg.norm(x, np.inf)",
    "np.linalg.norm(A, 'fro')", "np.linalg.matrix_power(A, 3)", "np.kron(A, X)",
    "x.sum()", "A.sum(0)", "A.mean(axis=1)", "np.sum(A, axis=(0, 1))", "np.prod(x)", "A.max(1)",
    "np.max(x)", "np.min(A, 0)", "np.cumsum(x)", "np.maximum(x, 0)", "np.where(x > 0, x, y)",
    "(x > 0) * 1.0", "abs(x) + np.sign(y)", "np.array([[1, c], [x[0], 2.5]])",
    "np.array([x[i] * i for i in range(3)])",
    "sum([x[i] * y[j] for i in range(3) for j in range(i)])",
    "np.array([i for i in range(6) if i % 2])", "np.sum([A[k] for k in range(3)], 0)",
    "np.concatenate([x, y])", "np.stack([x, y], axis=1)", "np.reshape(A, (-1,))",
    "A.reshape(-1, order='F')", "np.ones((2, 3)) * c", "np.eye(3)[1] * x", "np.arange(3) * x",
    "2 ** 10 + 7 // 2 - 7 % 4 + 1e-3 * c", "-x ** 2", "x.shape[0] * c", "len(x) * x",
    "max(c, 1, 2) + min(1, 2)", "c if 2 > 1 else x", "z = A @ x; np.tanh(z) @ z",
    "h = x\nfor_h = h * 2\nfor_h + h", "[x, y][1] + [1, 2][0]", "(lambda u, k=2: u ** k)(x)",
    "np.diff(x)", "np.diff(A, axis=0)", "np.diff(A, 2)", "np.inner(A, A)", "np.inner(x, y)",
    "np.vdot(A, A.T)", "np.tensordot(A, X, 1)", "np.tensordot(A, X, axes=([0], [0]))",
    "np.tensordot(A, A)", "np.cross(A[0], A[1])", "np.block([[A, X], [X.T, np.eye(2)]])",
    "np.block([x, y])", "np.hstack([x, y])", "np.hstack([A, X])", "np.vstack([A, x])",
    "np.column_stack([A, x])", "np.linspace(0, 1, 3) @ x", "np.full(3, 2.5) * x",
    "np.full_like(A, c)", "np.average(A, weights=np.exp(A))", "np.average(A, 0, np.exp(x))",
    "np.average(x)", "np.var(A, 0, ddof=1)", "A.std(ddof=1)", "np.std(A, axis=1)", "A.var()",
    "np.linalg.svd(X, compute_uv=False)", "np.linalg.slogdet(A)[1]", "np.linalg.slogdet(A)[0]",
    "np.linalg.multi_dot([x, A, A, y])", "np.tile(x, 2)", "np.repeat(x, 2)", "np.roll(A, 1, 0)",
    "np.moveaxis(A, 0, 1)", "np.broadcast_to(x, (2, 3))", "np.zeros_like(A) + np.ones_like(x)",
    "np.ptp(A, 1)", "A.T.copy()", "np.cbrt(x)", "np.exp2(x)", "np.log2(x ** 2) - np.log10(x ** 2)",
    "np.arctan2(x, y)", "np.hypot(x, y)", "np.heaviside(x, 0.5)", "np.sinc(x)", "sp.ndtr(x)",
    "sp.log_ndtr(x)", "sp.log_expit(x)", "sp.entr(x)", "sp.rel_entr(x ** 2, y ** 2)",
    "sp.kl_div(x ** 2, y ** 2)", "sp.beta(x ** 2, y ** 2)", "sp.polygamma(2, x ** 2)",
    "sl.block_diag(A, X)", "sl.cosm(A) - sl.sinm(A)", "A[..., None] * x", "x // 0.3 + x % 0.3",
    "np.sum(x, where=y > 0)", "np.transpose(A) @ np.dot(A, x)", "np.triu(A) - np.tril(A)",
    "np.argmin(x, 0)", "1 < c < 2",
]


def _point() -> dict[str, Any]:
    rng = np.random.default_rng(11)
    shapes = {"A": (3, 3), "B": (3, 3), "X": (3, 2), "x": 3, "y": 3, "c": ()}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


POINT = _point()


@pytest.mark.parametrize("text", SAME_IN_NUMPY)
def test_an_expression_has_the_value_that_python_gives_it(text: str) -> None:
    *before, last = text.replace(";", "\n").split("\n")
    scope: dict[str, Any] = {"np": np, "sp": special, "sl": linalg, **POINT}
    exec("\n".join(line.strip() for line in before), scope)
    want = np.asarray(eval(last.strip(), scope), float)
    f = sd.parse(text, _sizes(text), grammar="numpy")
    assert isinstance(f, sd.Tensor)
    found = np.asarray(sd.evaluate(f, POINT, **_missing(f)), float)
    assert found.shape == want.shape
    np.testing.assert_allclose(found, want, rtol=1e-9, atol=1e-12)


def _sizes(text: str) -> str:
    """Symbolic sizes, or numbers where the text writes a size as a number."""
    numeric = any(name in text for name in (
        "eye(", "arange(3)", "linspace", "full(", "cross", "broadcast_to", "vector[3]"))
    sizes = {"[n": "[3", ",n]": ",3]", ",m]": ",2]"} if numeric else {}
    return reduce(lambda d, pair: d.replace(*pair), sizes.items(), DECLARED)


def _missing(f: sd.Tensor) -> dict[str, int]:
    return {str(d): {"n": 3, "m": 2}[str(d)] for d in dims_of([f])}


@pytest.mark.parametrize(("short", "long"), [
    ("tr(A)", "np.trace(A)"), ("inv(A)", "np.linalg.inv(A)"), ("mp(A, 2)", "A @ A"),
    ("softmax(x)", "exp(x)/sum(exp(x))"), ("lse(x)", "log(sum(exp(x)))"),
    ("dsig(x)", "sig(x)*(1-sig(x))"), ("vec(X)", "X.reshape(-1, order='F')"),
    ("logdet(A@A.T)", "log(det(A@A.T))"), ("factorial(4)*c", "24*c"),
    ("npdf(c, 1, 2)", "exp(-(c-1)**2/4)/sqrt(4*pi)"),
    ("mvn(x, y, A@A.T)", "exp(-(x-y)@inv(A@A.T)@(x-y)/2)/sqrt((2*pi)**3*det(A@A.T))"),
])
def test_a_short_name_means_the_long_one(short: str, long: str) -> None:
    values = []
    for text in (short, long):
        f = sd.parse(text, DECLARED, grammar="numpy")
        assert isinstance(f, sd.Tensor)
        values.append(sd.evaluate(f, POINT))
    np.testing.assert_allclose(*values, rtol=1e-9)


@pytest.mark.parametrize("text", [
    "X.T @ (X @ w - y)", "np.sum((X @ w - y) ** 2) / 2", "np.linalg.inv(A.T @ A + np.pi) @ x[:, 0]",
    "np.exp(X - X.max(axis=1, keepdims=True)).sum(1)", "np.where(z > 0, z, 0.1 * z)",
    "np.trace(np.linalg.matrix_power(A, 2))", "np.kron(A, B)", "A[1:, 0] * 2",
])
def test_what_is_not_declared_is_guessed(text: str) -> None:
    f = sd.parse(text, "x: matrix", grammar="numpy")
    assert isinstance(f, sd.Tensor)
    shapes = {str(v.name): tuple(3 for _ in v.shape) for v in variables_of([f])}
    rng = np.random.default_rng(2)
    point = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    want = eval(text, {"np": np, **point})
    np.testing.assert_allclose(sd.evaluate(f, point), want, rtol=1e-9, atol=1e-12)


def test_numbers_stay_exact() -> None:
    assert sd.parse("0.1*c", DECLARED, grammar="numpy") == sd.parse(
        "c/10", DECLARED, grammar="numpy")


@pytest.mark.parametrize(("text", "column", "reason"), [
    ("", 1, "an expression is wanted"), ("A @ X @", 8, "isn't Python"),
    ("x + [foo]", 5, "declare foo"), ("ex(x)", 1, "Did you mean exp"),
    ("1 + A @ X.T", 5, "A @ X.T: A is .n, n., X.T is .m, n."), ("x(3)", 1, "not a function"),
    ("x[0.5]", 1, "whole number"), ("x[5, 1]", 1, "1 axes"), ("x.foo", 1, "no attribute foo"),
    ("x + 1/0", 5, "division by zero"), ("np.foo(x)", 1, "no function np.foo"),
    ("[k for k in x]", 13, "fixed range"), ("exp(x, y)", 1, "1 argument"),
    ("x if c > 0 else exp('a')", 17, "'a' is no array"), ("import os", 1, "expression is wanted"),
    ("exp = 3\n2 + ''", 9, "no array"), ("  x + [foo]", 7, "declare foo"),
    ("x := 3", 3, "isn't Python"), ("sum(k for k in [1]) + q", 4, "declare q"),
])
def test_an_error_points_at_the_column(text: str, column: int, reason: str) -> None:
    with pytest.raises(ParseError, match=reason) as caught:
        sd.parse(text, DECLARED, grammar="numpy")
    assert caught.value.column == column


@pytest.mark.parametrize("text", [
    "__import__('os').system('true')", "x.__class__.__mro__", "open('/etc/passwd')", "eval('1')",
    "(lambda: x)()", "(lambda f: f(f))(lambda f: f(f))", "10**10**10", "9" * 15000, "2**9999*x",
    "[i for i in range(999) for j in range(999) for k in range(999)]", "range(10**9)",
    "-" * 15000 + "x", "(" * 5000, "x" + ".T" * 5000, "x" + "+x" * 5000, "not " * 4000 + "x",
    "x" + "[None]" * 3000, "np" + ".linalg" * 2000 + ".inv(A)", "f'{x}'", "lambda: 0", "a = b = x",
    "mp(A, 10**6)", "factorial(10**6)", "ones((10**9, 10**9))[0, 0]", "x@" * 4000 + "x", "*x", "x,",
    "exp(exp(exp(10**6)))", "'a'*10**9", "[1]*10**9", "\x00", "x\\", "'''",
])
def test_a_hostile_text_is_refused_or_read_at_once_and_never_run(text: str) -> None:
    begin = time.perf_counter()
    with contextlib.suppress(sd.SymdlError):
        assert isinstance(sd.parse(text, DECLARED, grammar="numpy"), sd.Tensor)
    assert time.perf_counter() - begin < 1.0


def test_an_unknown_grammar_is_refused() -> None:
    with pytest.raises(sd.SymdlError, match="text, latex and numpy"):
        sd.parse("x", grammar="maple")


def test_a_function_of_tensors_may_be_given() -> None:
    def unit(i: int, j: int, n: int) -> sd.Tensor:
        return sd.outer(sd.eye(n)[i], sd.eye(n)[j])

    f = sd.parse("J(0, 2, 3) @ x", x="vector[3]", J=unit, grammar="numpy")
    np.testing.assert_array_equal(sd.evaluate(f, {"x": [1.0, 2.0, 5.0]}), [5.0, 0.0, 0.0])
    with pytest.raises(sd.SymdlError, match="only the grammar numpy takes functions"):
        sd.parse("J(x)", x="vector[3]", J=unit)


@pytest.mark.parametrize(("text", "reason"), [
    ("x ^ 2", "A power is written"), ("x << 2", "<< is no operator"),
    ("np.diff(z)", "declare z with sizes"), ("np.cross(A, A)", "two vectors of 3"),
    ("np.tensordot(A, A, [[0], [0, 1]])", "as many of one array"), ("np.diff(x, 99)", "8 times"),
    ("np.linspace(0, c, 3)", "two numbers"), ("sl.block_diag(x)", "takes matrices"),
])
def test_a_mistake_is_told_in_words(text: str, reason: str) -> None:
    with pytest.raises(ParseError, match=reason):
        sd.parse(text, "" if "z" in text else _sizes(text), grammar="numpy")
