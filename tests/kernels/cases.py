"""Small expressions that together use every operator of the language, and values for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy

import symdl as sd
from symdl.kernels.trees import leaves
from symdl.language import operators as op
from symdl.language.form import Form
from symdl.language.sizes import dims_of, variables_of

n, m, d, k, T = sd.dims("n m d k T")
x, z, u, f = sd.tensor("x", n), sd.tensor("z", n), sd.tensor("u", m), sd.tensor("f", 3)
X, Y, W = sd.tensor("X", n, m), sd.tensor("Y", n, m), sd.tensor("W", m, d)
S = sd.tensor("S", n, n)
B, C, F = sd.tensor("B", k, n, m), sd.tensor("C", k, m, d), sd.tensor("F", n, k, 2, 3)
A, U, h0 = sd.tensor("A", T, n, m), sd.tensor("U", m, m), sd.tensor("h0", n, m)
y, p = sd.tensor("y", n, integer=True), sd.tensor("p", m, integer=True)
i, j, b = sd.indices("i j b", n, m, k)
r, c, s, t = sd.indices("r c s t", 2, 3, n - 1, (m - 1) // 2)
q = sd.indices("q", 2 * n + 1)


@dataclass(frozen=True)
class Case:
    """What to compute, what its integer inputs stay below, and the sizes it is defined for."""

    outputs: Callable[[], Any]
    labels: Mapping[str, Any] = field(default_factory=lambda: {"y": m, "p": n})
    least: int = 0

    def program(self) -> list[Any]:
        """The outputs and the gradients of half their squares' sum."""
        outputs = leaves(self.outputs())
        squares = [sd.sum(o**2) / 2 for o in outputs if o.dtype == "real"]
        wrt = [v for v in variables_of(outputs) if v.dtype == "real"]
        return [*outputs, *sd.grad(sum(squares[1:], squares[0]), wrt)] if squares else outputs

    def values(self, program: Iterable[Any], sizes: Mapping[str, int], rng: Any,
               dtype: str = "float64") -> dict[str, Any]:
        """Arrays for the inputs at these sizes."""
        numbers = {a: sizes[str(a)] for a in dims_of(list(program))}
        found = {}
        for v in variables_of(program):
            shape = tuple(size.value(numbers) for size in v.shape)
            below = Form.of(self.labels.get(v.name, 1)).value(numbers)
            found[v.name] = rng.normal(size=shape).astype(dtype) if v.dtype == "real" else (
                rng.integers(0, max(below, 1), shape))
        return found


def spd() -> Any:
    return S @ S.T + sd.eye(n)


def dominant() -> Any:
    return 3 * sd.eye(n) + sd.sin(S)


def lags() -> Any:
    return sd.recur("g", T, ((h0, 2 * h0),)[0], lambda a, g: sd.sin(g[0]) + A[a] * g[1], lags=2)


def cell() -> Any:
    return sd.recur("h", T, h0, lambda a, h: sd.tanh(A[a] + h @ U))


CASES: dict[str, Case] = {
    "arithmetic": Case(lambda: op.subtract(op.add(X, u), op.multiply(Y, 2)) - op.negative(Y)),
    "divide": Case(lambda: (op.divide(X, 2 + Y**2), 3 / (9 + X**2))),
    "power": Case(lambda: (op.power(X, 3), (1 + X**2) ** 0.5, op.power(1 + x**2, z))),
    "compare": Case(lambda: (op.less(X, Y), op.less_equal(X, 0), op.greater(x, z),
                             op.greater_equal(X, u), op.equal_to(y, 1), op.not_equal(y, 1))),
    "logic": Case(lambda: op.where(
        op.logical_and(op.logical_not(X > 0), op.logical_or(X > Y, Y < -1)), X * Y, X - Y)),
    "rearranged": Case(lambda: (op.moveaxis(B, 0, -1), op.roll(X, 1, 0), op.repeat(x, 2),
                                op.tile(x, 2), op.zeros_like(X) + op.ones_like(X) * X)),
    "whole parts": Case(lambda: (op.floor_divide(X, 2), op.remainder(X, 3), op.floor_divide(y, 2))),
    "deviation": Case(lambda: op.std(X, axis=1), least=2),
    "where": Case(lambda: (op.where(X > 0, sd.log(X), 0), op.where(y > 0, x, z))),
    "where_index": Case(lambda: sd.define("G", (i, j), op.where(j <= i, X[i, j], Y[i, j]))),
    "apply": Case(lambda: op.apply(
        lambda a, b: sympy.Piecewise((sympy.log(1 + a**2), a < b), (a, True)), X, Y)),
    "function": Case(lambda: (op.function("softplus")(X), sd.erf(x), sd.lgamma(2 + x**2),
                              sd.digamma(1 + z**2))),
    "activations": Case(lambda: (sd.relu(X), sd.gelu(X), sd.sigmoid(x), sd.log_sigmoid(x),
                                 sd.elu(z))),
    "sums": Case(lambda: (op.sum(X), op.sum(X, axis=0), op.sum(X, axis=1, where=X > 0))),
    "means": Case(lambda: (op.mean(X, axis=1, keepdims=True), op.var(x)), least=1),
    "products": Case(lambda: (op.prod(X, axis=1), op.prod(x))),
    "extremes": Case(lambda: (op.max(X, axis=1), op.min(X, axis=0), op.max(x)), least=1),
    "places": Case(lambda: (op.argmax(X, axis=1), op.argmin(X, 0), op.max(X, 1, where=Y > 0))),
    "cumulative": Case(lambda: (op.cumsum(X, axis=0), op.cumsum(x))),
    "cumulative_product": Case(lambda: op.cumprod(X, axis=1)),
    "matmul": Case(lambda: (op.matmul(X, W), op.dot(X, u), x @ S, op.matmul(B, C))),
    "three_factors": Case(lambda: op.einsum("ij,jl,ij->il", X, W, Y)),
    "einsum": Case(lambda: (op.einsum("ii->i", S), op.einsum("ij,ij->", X, Y),
                            op.einsum("kij,kjd->di", B, C))),
    "diagonals": Case(lambda: (op.trace(S @ S), op.diag(x) @ S, op.diagonal(S), op.diag(S))),
    "outer": Case(lambda: op.outer(x, u)),
    "pairs": Case(lambda: op.sum((X[:, None] - Y[None]) ** 2, axis=2)),
    "views": Case(lambda: (op.transpose(B, (2, 0, 1)), op.swapaxes(B, 0, 2), op.expand_dims(X, 1),
                           op.squeeze(X[:, None], 1), op.broadcast_to(u, (n, m)), op.flip(X, 1))),
    "reshape": Case(lambda: (op.reshape(B, (k * n, m)),
                             op.reshape(op.reshape(X, (n * m,)), (m, n)))),
    "join": Case(lambda: (op.concatenate([X, 2 * Y, X], 0), op.stack([X, Y], 1))),
    "pad": Case(lambda: op.pad(X, [(1, 0), (0, 2)])),
    "constants": Case(lambda: (op.zeros(n, m) + X, op.ones(m) * X, op.full((n,), 0.5) + x,
                               op.eye(n), op.arange(n) * x, op.as_tensor([[1.0, 2.0]]) * 2)),
    "triangles": Case(lambda: (op.tril(S), op.triu(S, 1), op.tril(S, -1) @ x)),
    "slices": Case(lambda: (op.getitem(X, (slice(None, None, 2),)), X[1:, -1], x[::-1], X[:, 0:1]),
                   least=1),
    "gather": Case(lambda: (u[y], X[sd.arange(n), y], op.take(W, y, 0))),
    "one_hot": Case(lambda: (op.one_hot(y, m) * X, op.one_hot(y, m) @ W)),
    "gather_twice": Case(lambda: u[y][p] * u, least=1),
    "computed_labels": Case(lambda: (X[:, 1:][sd.arange(n), y], u[y + 1]), {"y": m - 1}, least=2),
    "sorting": Case(lambda: (op.sort(X), op.sort(X, 0, descending=True), op.argsort(x))),
    "top_k": Case(lambda: op.top_k(X, 2), least=2),
    "clip": Case(lambda: (op.clip(X, -0.5, 0.5), sd.maximum(x, z), sd.minimum(x, z))),
    "stop_gradient": Case(lambda: X * op.stop_gradient(X)),
    "inverse": Case(lambda: (op.inv(spd()), op.solve(spd(), X), op.solve(spd(), x))),
    "determinant": Case(lambda: (op.det(S), op.logdet(spd()), *op.slogdet(S))),
    "cholesky": Case(lambda: (op.cholesky(spd()), op.triangular_solve(op.cholesky(spd()), X),
                              op.triangular_solve(spd(), x, lower=False))),
    "batched_inverse": Case(lambda: op.inv(op.matmul(B, sd.swapaxes(B, 1, 2)) + sd.eye(n))),
    "eigenvalues": Case(lambda: (*op.eigh(spd()), op.eigvalsh(S))),
    "singular_values": Case(lambda: (*op.svd(X), op.svdvals(B))),
    "pseudo_inverse": Case(lambda: (op.pinv(X), op.pinv(B, rcond=1e-3))),
    "exponential": Case(lambda: op.expm(S)),
    "square_root": Case(lambda: (op.sqrtm(spd()), op.sqrtm(dominant()))),
    "logarithm": Case(lambda: (op.logm(spd()), op.logm(dominant()))),
    "convolution": Case(lambda: sd.define("V", (i, s, t), sd.sum(
        B[b, s + r, 2 * t + c] * F[i, b, r, c], (b, r, c))), least=3),
    "windows": Case(lambda: sd.define("M", (b, s), sd.max(B[b, s + r, c], (r, c))), least=3),
    "transposed": Case(lambda: sd.define("V", (q,), sd.sum(
        x[i] * f[c], (i, c), where=sd.eq(2 * i + c, q)))),
    "index_as_number": Case(lambda: (sd.sum(i * x[i] ** 2, i),
                                     sd.define("D", (i,), (2 * i + 1) * x[i]))),
    "recurrence": Case(cell),
    "last_state": Case(lambda: sd.final(cell())),
    "two_lags": Case(lags),
    "softmax": Case(lambda: (sd.softmax(X), sd.logsumexp(X, 1), sd.log_softmax(X, 0)), least=1),
    "broadcast_only": Case(lambda: sd.sum(sd.broadcast_to(sd.tanh(x)[:, None], (n, m)))),
}
