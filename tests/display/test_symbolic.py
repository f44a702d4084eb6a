"""`to_sympy` and back: the values are the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy

import symdl as sd
from symdl.display.errors import NotationError

n, d = sd.dims("n d")
A, B, T = sd.tensor("A", n, n), sd.tensor("B", n, d), sd.tensor("T", n, d, 3)
x, y, w, c = sd.tensor("x", n), sd.tensor("y", n), sd.tensor("w", d), sd.tensor("c")
LOGISTIC = sd.sum(sd.log(1 + sd.exp(-y * (B @ w))))

MATRIX = [
    x @ A @ x, A + A.T, 2 * sd.outer(x, y), sd.diag(x) @ A, sd.sum(sd.exp(x)), sd.softmax(x), x * y,
    A * x[:, None], A * x, sd.sum(A, 1), sd.sum(A, 0), sd.logdet(A), A - sd.eye(n) / 3,
    sd.trace(A), sd.norm(x), A[:, 0], A[0, 1], sd.inv(A) @ x, sd.log(sd.softmax(x)),
    sd.softmax(A), A + 1, c + x, x + A, sd.relu(x), sd.gelu(A), x @ A, sd.solve(A, x),
    sd.mean(A, 0), A @ A @ A * c**2 / (1 + c**2), sd.det(A * A), sd.matrix_power(A, 3),
    sd.grad(LOGISTIC, w), sd.hessian(sd.logsumexp(x), x), sd.grad(sd.logdet(A), A),
]
ENTRIES = [
    sd.kron(A, B), sd.vec(B), sd.where(x > 0, x, y), T * 2, sd.einsum("ijk,j->ik", T, w),
    sd.tril(A), sd.cumsum(x), sd.prod(x), sd.jacobian(sd.inv(A), A), sd.concatenate([x, y]),
    sd.stack([A, A]), sd.full((2,), c),
    x[::-1], sd.jacobian(A @ A, A), sd.hessian(LOGISTIC, w), sd.grad(sd.prod(x), x),
]


def _values() -> dict[str, Any]:
    rng = np.random.default_rng(5)
    shapes = {"A": (4, 4), "B": (4, 2), "T": (4, 2, 3), "x": 4, "y": 4, "w": 2, "c": ()}
    values = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    values["A"] = values["A"] @ values["A"].T + np.eye(4)
    return values


@pytest.mark.parametrize("t", [*MATRIX, *ENTRIES], ids=lambda t: str(t).split("\n", maxsplit=1)[0])
def test_the_way_to_sympy_and_back_keeps_the_value(t: sd.Tensor) -> None:
    back = sd.from_sympy(t.to_sympy(), x=x, y=y, w=w)
    found, expected = (np.asarray(sd.evaluate(u, _values())) for u in (back, t))
    if expected.ndim == 1:
        expected = expected[:, None]
    assert found.shape in (expected.shape, expected.shape[:-1])
    np.testing.assert_allclose(found.reshape(expected.shape), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("t", MATRIX[:8], ids=str)
def test_what_has_matrix_notation_is_a_matrix_expression(t: sd.Tensor) -> None:
    assert not t.to_sympy().has(sympy.Indexed, sympy.Sum)


def test_a_bound_index_is_not_called_as_a_size_is() -> None:
    """Row i of a product with a free i: the sum runs over another letter."""
    row, column = sympy.symbols("i j", integer=True)
    size = sympy.Symbol("n", integer=True, positive=True)
    S, v = sympy.MatrixSymbol("A", size, size), sympy.MatrixSymbol("x", size, 1)
    asked = sympy.Sum(S[row, column] * v[column, 0], (column, 0, size - 1))
    found = sd.from_sympy(asked)
    assert sd.from_sympy(found.to_sympy()) is found


@pytest.mark.parametrize("rows", [
    [["A", "B"], ["Bt", "I"]], [["A", "B"]], [["A"], ["Bt"]], [["A", "Z"], ["Z", "A"]],
])
def test_a_block_matrix_comes_back(rows: list[list[str]]) -> None:
    n, d = (sympy.Symbol(name, integer=True, nonnegative=True) for name in "nd")
    S, C = sympy.MatrixSymbol("A", n, n), sympy.MatrixSymbol("B", n, d)
    blocks = {"A": S, "B": C, "Bt": C.T, "I": sympy.Identity(d), "Z": sympy.ZeroMatrix(n, n)}
    asked = sympy.BlockMatrix([[blocks[name] for name in row] for row in rows])
    assert sd.from_sympy(asked).to_sympy() == asked


@pytest.mark.parametrize("rows", [[["p", "q"], ["q", "p"]], [[1, 2], [3, 4]], [["p", "q"]],
                                  [["p"], [1], ["q"]]])
def test_an_explicit_matrix_comes_back(rows: list[list[Any]]) -> None:
    p, q = sympy.symbols("p q", real=True)
    asked = sympy.ImmutableMatrix([[{"p": p, "q": q}.get(e, e) for e in row] for row in rows])
    assert sd.from_sympy(asked).to_sympy() == asked


def test_sympy_itself_evaluates_the_expression() -> None:
    e = sd.grad(x @ A @ x, x).to_sympy()
    size = sympy.Symbol("n", integer=True, nonnegative=True)
    matrix, column = sympy.Matrix([[1, 2], [3, 4]]), sympy.Matrix([5, 7])
    at = {sympy.MatrixSymbol("A", size, size): matrix, sympy.MatrixSymbol("x", size, 1): column}
    assert sympy.Matrix(e.xreplace(at).doit()) == (matrix + matrix.T) * column


def test_a_recurrence_is_refused() -> None:
    with pytest.raises(NotationError, match="no counterpart"):
        sd.recur("s", n, c, lambda t, s: sd.tanh(s) + x[t]).to_sympy()
