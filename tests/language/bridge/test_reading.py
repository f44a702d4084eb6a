"""SymPy's expressions mean in symdl what NumPy says they mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.linalg
import scipy.special
import sympy as sp
from sympy.tensor.array import ArrayComprehension
from sympy.tensor.array.expressions import (
    ArrayAdd,
    ArrayContraction,
    ArrayDiagonal,
    ArrayElementwiseApplyFunc,
    ArraySymbol,
    ArrayTensorProduct,
    OneArray,
    PermuteDims,
    Reshape,
    ZeroArray,
)

import symdl as sd

n, m = sp.symbols("n m", integer=True, positive=True)
i, j, k = sp.symbols("i j k", integer=True)
a, b, t = sp.symbols("a b t")
A, B, S = sp.MatrixSymbol("A", n, m), sp.MatrixSymbol("B", m, n), sp.MatrixSymbol("S", n, n)
x, y = sp.MatrixSymbol("x", n, 1), sp.MatrixSymbol("y", n, 1)
P, Q = sp.IndexedBase("P", shape=(n, m)), sp.IndexedBase("Q", shape=(m, n))
R, v = sp.IndexedBase("R", shape=(n, n)), sp.IndexedBase("v", shape=(n,))
T = ArraySymbol("T", (n, m, 3))
ONE = sp.OneMatrix(n, 1)

Case = tuple[Any, Callable[[Any], Any]]
CASES: list[Case] = [
    # scalars
    (a**2 + sp.sin(b) / 3, lambda p: p.a**2 + np.sin(p.b) / 3),
    (sp.Piecewise((a, a > b), (b**2, True)), lambda p: p.a if p.a > p.b else p.b**2),
    (sp.Max(a, b) - abs(a - b), lambda p: max(p.a, p.b) - abs(p.a - p.b)),
    (a * n + sp.pi, lambda p: p.a * 4 + np.pi),
    (sp.sec(a) + sp.csc(a) * sp.cot(b), lambda p: 1 / np.cos(p.a) + 1 / np.sin(p.a) / np.tan(p.b)),
    (sp.sech(a) + sp.csch(a) * sp.coth(b),
     lambda p: 1 / np.cosh(p.a) + 1 / np.sinh(p.a) / np.tanh(p.b)),
    (sp.sinc(a), lambda p: np.sinc(p.a / np.pi)),
    (sp.binomial(a + 3, 2) + sp.factorial(a + 1) * sp.beta(a + 2, 3),
     lambda p: scipy.special.binom(p.a + 3, 2) + scipy.special.gamma(p.a + 2)
     * scipy.special.beta(p.a + 2, 3)),
    # matrices
    (x.T * S * x, lambda p: p.x[:, 0] @ p.S @ p.x[:, 0]),
    (2 * a * A * B + S - S.T, lambda p: 2 * p.a * p.A @ p.B + p.S - p.S.T),
    (S.inverse() * x, lambda p: np.linalg.solve(p.S, p.x)),
    (S**3 + S**-2, lambda p: p.S @ p.S @ p.S + np.linalg.inv(p.S @ p.S)),
    (S**sp.Rational(1, 2), lambda p: scipy.linalg.sqrtm(p.S)),
    (sp.log(sp.Determinant(S)) * sp.Trace(A * B),
     lambda p: np.log(np.linalg.det(p.S)) * np.trace(p.A @ p.B)),
    (sp.HadamardProduct(S, S.T) + sp.HadamardPower(S, 2), lambda p: p.S * p.S.T + p.S**2),
    ((S * x).applyfunc(sp.tanh), lambda p: np.tanh(p.S @ p.x)),
    (x.applyfunc(sp.Lambda(t, sp.exp(a * t) / (1 + t**2))),
     lambda p: np.exp(p.a * p.x) / (1 + p.x**2)),
    (x.applyfunc(sp.exp) / sp.Trace(ONE.T * x.applyfunc(sp.exp)),
     lambda p: np.exp(p.x) / np.exp(p.x).sum()),
    (sp.BlockMatrix([[S, A], [B, sp.Identity(m)]]),
     lambda p: np.block([[p.S, p.A], [p.B, np.eye(3)]])),
    (sp.BlockDiagMatrix(A, B), lambda p: scipy.linalg.block_diag(p.A, p.B)),
    (sp.KroneckerProduct(A, B), lambda p: np.kron(p.A, p.B)),
    (sp.DiagMatrix(x) + sp.ZeroMatrix(n, n), lambda p: np.diag(p.x[:, 0])),
    (sp.matrices.expressions.DiagonalOf(S), lambda p: np.diag(p.S)[:, None]),
    (A[1:3, 0:2], lambda p: p.A[1:3, 0:2]),
    (S[0, 1] * S[n - 1, 0], lambda p: p.S[0, 1] * p.S[-1, 0]),
    ((A * B)[1, 2], lambda p: (p.A @ p.B)[1, 2]),
    (sp.Matrix([[a, b], [1, x[0, 0]]]), lambda p: np.array([[p.a, p.b], [1, p.x[0, 0]]])),
    (sp.DotProduct(x, y), lambda p: (p.x * p.y).sum()),
    (sp.FunctionMatrix(n, n, sp.Lambda((i, j), S[i, j] * sp.KroneckerDelta(i, j + 1))),
     lambda p: p.S * np.eye(4, k=-1)),
    # entries
    (sp.Sum(P[i, j] * Q[j, i], (i, 0, n - 1), (j, 0, m - 1)), lambda p: np.trace(p.P @ p.Q)),
    (sp.Sum(sp.exp(v[i]) * sp.Sum(R[i, j], (j, 0, i)), (i, 0, n - 1)),
     lambda p: (np.exp(p.v) * np.tril(p.R).sum(1)).sum()),
    (sp.Sum(v[i] - v[i - 1], (i, 1, n - 1)), lambda p: p.v[-1] - p.v[0]),
    (sp.Product(1 + v[i] ** 2, (i, 0, n - 1)), lambda p: np.prod(1 + p.v**2)),
    (sp.Sum(i * v[i], (i, 0, n - 1)), lambda p: (np.arange(4) * p.v).sum()),
    (sp.Sum(sp.Piecewise((v[i], i > 1), (0, True)), (i, 0, n - 1)), lambda p: p.v[2:].sum()),
    (sp.log(sp.Sum(sp.exp(v[i]), (i, 0, n - 1))), lambda p: np.log(np.exp(p.v).sum())),
    (ArrayComprehension(v[i] * v[j] * v[k], (i, 0, n - 1), (j, 0, n - 1), (k, 0, n - 1)),
     lambda p: np.einsum("i,j,k->ijk", p.v, p.v, p.v)),
    # arrays
    (ArrayContraction(ArrayTensorProduct(A, B, A), (1, 2), (3, 4)), lambda p: p.A @ p.B @ p.A),
    (ArrayDiagonal(ArrayTensorProduct(x, y), (0, 2)),
     lambda p: np.einsum("ij,ik->jki", p.x, p.y)),
    (PermuteDims(T, (2, 0, 1)), lambda p: np.transpose(p.T, (2, 0, 1))),
    (ArrayAdd(PermuteDims(T, (1, 2, 0)), OneArray(m, 3, n)),
     lambda p: np.transpose(p.T, (1, 2, 0)) + 1),
    (ArrayElementwiseApplyFunc(sp.Lambda(t, t**2), T), lambda p: p.T**2),
    (Reshape(T, (n * m, 3)), lambda p: p.T.reshape(12, 3)),
    (ArrayAdd(T, ZeroArray(n, m, 3)), lambda p: p.T),
    (T[0, 1, 2] * a, lambda p: p.T[0, 1, 2] * p.a),
    (sp.Array([[a, b], [b, 1]]), lambda p: np.array([[p.a, p.b], [p.b, 1]])),
]


class _Point:
    """Random values by name."""

    def __init__(self) -> None:
        rng = np.random.default_rng(3)
        shapes = {"A": (4, 3), "B": (3, 4), "S": (4, 4), "x": (4, 1), "y": (4, 1), "P": (4, 3),
                  "Q": (3, 4), "R": (4, 4), "v": (4,), "T": (4, 3, 3), "a": (), "b": (), "w": (4,)}
        self.values = {key: rng.normal(size=shape) for key, shape in shapes.items()}
        self.values["S"] = self.values["S"] @ self.values["S"].T + np.eye(4)

    def __getattr__(self, name: str) -> Any:
        return self.values[name]


POINT = _Point()


@pytest.mark.parametrize(("expr", "expected"), CASES, ids=[str(e)[:40] for e, _ in CASES])
def test_an_expression_has_the_value_that_numpy_gives(expr: Any, expected: Any) -> None:
    found = sd.evaluate(sd.from_sympy(expr), POINT.values, **_sizes(expr))
    np.testing.assert_allclose(found, expected(POINT), rtol=1e-9, atol=1e-12)


def _sizes(expr: Any) -> dict[str, int]:
    return {"n": 4} if expr is CASES[3][0] else {}


def test_a_wrong_expectation_is_noticed() -> None:
    found = sd.evaluate(sd.from_sympy(x.T * S * x), POINT.values)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(found, POINT.x[:, 0] @ POINT.S.T @ POINT.y[:, 0], rtol=1e-9)


def test_a_vector_stands_for_a_column() -> None:
    w = sd.tensor("w", sd.dims("n"))
    f = sd.from_sympy(x.T * S * x, x=w)
    assert sd.grad(f, w).shape == w.shape
    np.testing.assert_allclose(sd.evaluate(sd.grad(f, w), POINT.values),
                               (POINT.S + POINT.S.T) @ POINT.w)


def test_the_axes_of_a_formula_in_entries_are_named() -> None:
    f = sd.from_sympy(sp.Sum(P[i, j] * Q[j, k], (j, 0, m - 1)), axes=(k, i))
    np.testing.assert_allclose(sd.evaluate(f, POINT.values), (POINT.P @ POINT.Q).T)


def test_a_shape_is_read_off_the_limits_of_sums() -> None:
    bare = sp.IndexedBase("bare")
    f = sd.from_sympy(sp.Sum(bare[i, j], (i, 0, n - 1), (j, 0, m - 1)))
    assert str(f.operands[0].shape) == "(n, m)"


def test_an_entry_of_an_integer_tensor_is_an_index() -> None:
    token = sd.tensor("token", sd.dims("n"), integer=True)
    at = sp.IndexedBase("token", shape=(n,))
    f = sd.from_sympy(sp.Sum(v[at[i]], (i, 0, n - 1)), token=token)
    values = {**POINT.values, "token": np.array([3, 3, 0, 1])}
    np.testing.assert_allclose(sd.evaluate(f, values), POINT.v[[3, 3, 0, 1]].sum())


@pytest.mark.parametrize(("expr", "reason"), [
    (sp.IndexedBase("u")[i], "shape of u can't be told"),
    (sp.Sum(sp.exp(-i), (i, 0, sp.oo)), "finite limits"),
    (S**a, "integer number, not a"),
    (sp.I * a, "ImaginaryUnit"),
    (sp.Derivative(sp.sin(a), a), "Derivative"),
    (sp.MatrixSymbol("G", n, m).applyfunc(sp.Function("f")), "no meaning"),
])
def test_what_has_no_meaning_is_refused_in_words(expr: Any, reason: str) -> None:
    with pytest.raises(sd.SymdlError, match=reason):
        sd.from_sympy(expr)


def test_a_delta_of_free_places_is_a_condition() -> None:
    found = sd.from_sympy(sp.KroneckerDelta(i, j) * S[i, j])
    values = {"S": np.arange(9.0).reshape(3, 3)}
    assert sd.evaluate(found, values, i=1, j=1) == 4
    assert sd.evaluate(found, values, i=1, j=2) == 0


@pytest.mark.parametrize("other", [None, [x], np.eye(2)], ids=["None", "list", "array"])
def test_what_is_no_expression_is_refused_in_words(other: Any) -> None:
    with pytest.raises(sd.SymdlError, match="from_sympy takes a SymPy expression, not"):
        sd.from_sympy(other)
