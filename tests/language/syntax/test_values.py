"""Formulas as text have the values of the same formulas in NumPy."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import linalg, special

import symdl as sd
from symdl.language.scalars import CATALOGUE
from tests.values import assert_near

DECLARED = """A: matrix[n,n], B: matrix[n,n], S: matrix[n,n] symmetric positive_definite,
X: matrix[m,n], Y: matrix[m,n], x: vector[n], y: vector[n], z: vector[m], p: vector[n] positive,
c: scalar, lambda: scalar positive, T: matrix[k,n], token: vector[m] integer,
D: tensor[m,n,k]"""


def point() -> SimpleNamespace:
    rng = np.random.default_rng(7)
    n, m, k = 3, 4, 5
    v = {name: rng.normal(size=shape) for name, shape in {
        "A": (n, n), "B": (n, n), "X": (m, n), "Y": (m, n), "x": n, "y": n, "z": m, "T": (k, n),
        "D": (m, n, k)}.items()}
    root = rng.normal(size=(n, n))
    v |= {"S": root @ root.T + np.eye(n), "p": rng.uniform(0.5, 2.0, n), "c": np.float64(0.7),
          "lambda": np.float64(1.3), "token": np.array([2, 0, 4, 2])}
    return SimpleNamespace(**v, lam=v["lambda"], n=n, m=m)


V = point()
inv, det, exp, log = np.linalg.inv, np.linalg.det, np.exp, np.log

TABLE = [
    # products by shape
    ("A*x", lambda v: v.A @ v.x),
    ("A^-1'*x", lambda v: inv(v.A).T @ v.x),
    ("A^(-1)' + A^2'", lambda v: inv(v.A).T + (v.A @ v.A).T),
    ("x.^2'*y", lambda v: v.x**2 @ v.y),
    ("p'.^x'", lambda v: v.p**v.x),
    ("x·y + c·c", lambda v: v.x @ v.y + v.c**2),
    ("norm_p(x, 3)", lambda v: (abs(v.x)**3).sum()**(1/3)),
    ("sec(c) + csc(c)*cot(c)", lambda v: 1/np.cos(v.c) + 1/np.sin(v.c)/np.tan(v.c)),
    ("sech(c) + csch(c)*coth(c)", lambda v: 1/np.cosh(v.c) + 1/np.sinh(v.c)/np.tanh(v.c)),
    ("A*B", lambda v: v.A @ v.B),
    ("X*A*x", lambda v: v.X @ v.A @ v.x),
    ("x'*y", lambda v: v.x @ v.y),
    ("x*y'", lambda v: np.outer(v.x, v.y)),
    ("x*z'", lambda v: np.outer(v.x, v.z)),
    ("x'*A", lambda v: v.x @ v.A),
    ("(x'*A)'", lambda v: v.x @ v.A),
    ("x'*A*y", lambda v: v.x @ v.A @ v.y),
    ("z'*X*x", lambda v: v.z @ v.X @ v.x),
    ("X'*X", lambda v: v.X.T @ v.X),
    ("X*Y'", lambda v: v.X @ v.Y.T),
    ("c*x", lambda v: v.c * v.x),
    ("x*c", lambda v: v.c * v.x),
    ("c*A*c", lambda v: v.c**2 * v.A),
    ("x*(x'*y)", lambda v: v.x * (v.x @ v.y)),
    ("x*x'*y", lambda v: v.x * (v.x @ v.y)),
    ("x'*x*A", lambda v: (v.x @ v.x) * v.A),
    ("(A*B)'", lambda v: (v.A @ v.B).T),
    ("A''", lambda v: v.A),
    ("x''*y'", lambda v: np.outer(v.x, v.y)),
    # entry by entry
    ("x .* y", lambda v: v.x * v.y),
    ("x ./ p", lambda v: v.x / v.p),
    ("p .^ x", lambda v: v.p**v.x),
    ("x .^ 2", lambda v: v.x**2),
    ("2 .^ x", lambda v: 2**v.x),
    ("A .* B + c", lambda v: v.A * v.B + v.c),
    ("1 ./ p", lambda v: 1 / v.p),
    ("A/c", lambda v: v.A / v.c),
    ("x' + y'", lambda v: v.x + v.y),
    ("2.*x", lambda v: 2 * v.x),
    ("X ⊙ Y", lambda v: v.X * v.Y),
    ("-x - -y", lambda v: -v.x + v.y),
    ("+x − y", lambda v: v.x - v.y),
    # precedence
    ("-c^2", lambda v: -(v.c**2)),
    ("2^3^2*c", lambda v: 512 * v.c),
    ("2^-1*c", lambda v: v.c / 2),
    ("-x'*y", lambda v: -(v.x @ v.y)),
    ("c - 1 - 2", lambda v: v.c - 3),
    ("c/2/3", lambda v: v.c / 6),
    ("1 - 2*c^2/3", lambda v: 1 - 2 * v.c**2 / 3),
    ("x + y .* x .^ 2", lambda v: v.x + v.y * v.x**2),
    ("(x + y) .* x", lambda v: (v.x + v.y) * v.x),
    ("A*B'*x", lambda v: v.A @ v.B.T @ v.x),
    ("A'^2", lambda v: v.A.T @ v.A.T),
    # powers and functions of matrices
    ("A^2", lambda v: v.A @ v.A),
    ("A^5", lambda v: np.linalg.matrix_power(v.A, 5)),
    ("A^0*x", lambda v: v.x),
    ("A^-1", lambda v: inv(v.A)),
    ("A^(-3)", lambda v: np.linalg.matrix_power(v.A, -3)),
    ("inv(A)*x", lambda v: np.linalg.solve(v.A, v.x)),
    ("solve(A, x)", lambda v: np.linalg.solve(v.A, v.x)),
    ("solve(A, B)", lambda v: np.linalg.solve(v.A, v.B)),
    ("inv(S + lambda*eye)", lambda v: inv(v.S + v.lam * np.eye(3))),
    ("tr(A)", lambda v: np.trace(v.A)),
    ("trace(A*B)", lambda v: np.trace(v.A @ v.B)),
    ("det(A)", lambda v: det(v.A)),
    ("logdet(S)", lambda v: log(det(v.S))),
    ("log(det(S))", lambda v: log(det(v.S))),
    ("adj(A)", lambda v: det(v.A) * inv(v.A)),
    ("diag(x)", lambda v: np.diag(v.x)),
    ("diag(A)", lambda v: np.diag(v.A)),
    ("diag(x)*A", lambda v: v.x[:, None] * v.A),
    ("cholesky(S)", lambda v: linalg.cholesky(v.S, lower=True)),
    ("tril(A)", lambda v: np.tril(v.A)),
    ("triu(A)", lambda v: np.triu(v.A)),
    ("transpose(X)", lambda v: v.X.T),
    # constants of the size that fits
    ("x + vector(2)", lambda v: v.x + 2),
    ("vector(1)*x' + X", lambda v: v.x + v.X),
    ("X*vector(1)", lambda v: v.X.sum(1)),
    ("A + matrix(c)", lambda v: v.A + v.c),
    ("A - eye", lambda v: v.A - np.eye(3)),
    ("c*e + pi", lambda v: v.c * np.e + np.pi),
    ("c*1.5e-1 + .25", lambda v: v.c * 0.15 + 0.25),
    # norms and reductions
    ("norm1(x)", lambda v: np.abs(v.x).sum()),
    ("norm2(A*x - y)", lambda v: np.linalg.norm(v.A @ v.x - v.y)),
    ("norm2(x)^2", lambda v: v.x @ v.x),
    ("normF(X)", lambda v: np.linalg.norm(v.X)),
    ("sum(X)", lambda v: v.X.sum()),
    ("sum(X, axis=0)", lambda v: v.X.sum(0)),
    ("sum(X, axis=-1)", lambda v: v.X.sum(1)),
    ("sum(D, axis=(0, 2))", lambda v: v.D.sum((0, 2))),
    ("mean(X, axis=1)", lambda v: v.X.mean(1)),
    ("mean(x)", lambda v: v.x.mean()),
    ("var(X, axis=0)", lambda v: v.X.var(0)),
    ("prod(x)", lambda v: v.x.prod()),
    ("max(X, axis=1)", lambda v: v.X.max(1)),
    ("min(x)", lambda v: v.x.min()),
    ("max(x, 0)", lambda v: np.maximum(v.x, 0)),
    ("min(x, y)", lambda v: np.minimum(v.x, v.y)),
    ("sum(X, axis=1, keepdims=true) .* z", None),
    ("logsumexp(x)", lambda v: special.logsumexp(v.x)),
    ("logsumexp(X, axis=1)", lambda v: special.logsumexp(v.X, axis=1)),
    ("softmax(X)", lambda v: special.softmax(v.X, axis=1)),
    ("softmax(X, axis=0)", lambda v: special.softmax(v.X, axis=0)),
    ("log_softmax(x)", lambda v: special.log_softmax(v.x)),
    ("cumsum(x)", lambda v: np.cumsum(v.x)),
    ("cumprod(x)", lambda v: np.cumprod(v.x)),
    # scalar functions and choices
    ("exp(-x .* y)", lambda v: exp(-v.x * v.y)),
    ("ln(p)", lambda v: log(v.p)),
    ("arctan(x)", lambda v: np.arctan(v.x)),
    ("relu(A*x)", lambda v: np.maximum(v.A @ v.x, 0)),
    ("sigmoid(x)", lambda v: special.expit(v.x)),
    ("leaky_relu(x, negative_slope=0.2)", lambda v: np.where(v.x > 0, v.x, 0.2 * v.x)),
    ("polygamma(p, 2)", lambda v: special.polygamma(2, v.p)),
    ("leaky_relu(x, 0.25)", lambda v: np.where(v.x > 0, v.x, 0.25 * v.x)),
    ("polygamma(p, order=2)", lambda v: special.polygamma(2, v.p)),
    ("where(x > y, x, 0)", lambda v: np.where(v.x > v.y, v.x, 0)),
    ("where(x > 0 and not y >= 0, x, y)",
     lambda v: np.where((v.x > 0) & ~(v.y >= 0), v.x, v.y)),
    ("where(x < 0 | y ≤ 0, 1, 2)", lambda v: np.where((v.x < 0) | (v.y <= 0), 1, 2)),
    ("where(c != 0, x, y)", lambda v: v.x),
    ("x == x", lambda v: np.ones(3)),
    # index notation
    ("sum[i,j](A[i,j]*x[j])", lambda v: (v.A @ v.x).sum()),
    ("sum[j](A[i,j]*B[j,k])", lambda v: v.A @ v.B),
    ("sum[j](A[k,j]*B[j,i])", lambda v: v.A @ v.B),
    ("A[i,j]*x[j]", lambda v: v.A * v.x),
    ("x[j]*A[i,j]", lambda v: (v.A * v.x).T),
    ("A[i,i]", lambda v: np.diag(v.A)),
    ("sum[i](x[i]) * sum[i](z[i])", lambda v: v.x.sum() * v.z.sum()),
    ("max[j](X[i,j] - y[j])", lambda v: (v.X - v.y).max(1)),
    ("prod[i](p[i])", lambda v: v.p.prod()),
    ("mean[i](x[i]^2)", lambda v: (v.x**2).mean()),
    ("sum[i](i*x[i])", lambda v: np.arange(3) @ v.x),
    ("x[i+1]^2", lambda v: v.x[1:]**2),
    ("x[1:n] - x[0:n-1]", lambda v: np.diff(v.x)),
    ("x[0]*x[n-1]", lambda v: v.x[0] * v.x[-1]),
    ("x[1:] - x[:-1]", lambda v: np.diff(v.x)),
    ("X[-2:,0:1]", lambda v: v.X[-2:, 0:1]),
    ("x[-1]*X[:,-1]", lambda v: v.x[-1] * v.X[:, -1]),
    ("X[:,0]", lambda v: v.X[:, 0]),
    ("X[1:3,:]*x", lambda v: v.X[1:3] @ v.x),
    ("X[2]*A", None),
    ("T[token[i],j]", lambda v: v.T[v.token]),
    ("sum[i](T[token[i],j]*z[i])", lambda v: v.T[v.token].T @ v.z),
    ("sum[i,k](D[i,j,k]) .* x", lambda v: np.outer(v.D.sum((0, 2)), v.x)),
    ("sum[i,k](D[i,j,k])*x[j]", lambda v: v.D.sum((0, 2)) * v.x),
    ("sum[i]((A*x)[i]^2)", lambda v: ((v.A @ v.x)**2).sum()),
    ("(A*B)[i,0]", lambda v: (v.A @ v.B)[:, 0]),
    ("sum[i](x[i]*T[token[i+1],1])", lambda v: v.x @ v.T[v.token[1:], 1]),
    ("(A*x)[i]*y[i]", lambda v: (v.A @ v.x) * v.y),
    ("sum(x)/n", lambda v: v.x.mean()),
    # whole formulas
    ("sum(log(1 + exp(-z .* (X*x))))", lambda v: log(1 + exp(-v.z * (v.X @ v.x))).sum()),
    ("norm2(X*x - z)^2/2 + lambda*norm1(x)",
     lambda v: ((v.X @ v.x - v.z)**2).sum() / 2 + v.lam * np.abs(v.x).sum()),
    ("1/2*x'*S*x + y'*x + c",
     lambda v: v.x @ v.S @ v.x / 2 + v.y @ v.x + v.c),
    ("tr(A*X'*Y*B')", lambda v: np.trace(v.A @ v.X.T @ v.Y @ v.B.T)),
    ("-1/2*logdet(S) - 1/2*(x - y)'*inv(S)*(x - y)",
     lambda v: -log(det(v.S)) / 2 - (v.x - v.y) @ inv(v.S) @ (v.x - v.y) / 2),
    ("sum(max(1 - z .* (X*x), 0))", lambda v: np.maximum(1 - v.z * (v.X @ v.x), 0).sum()),
]
CASES = [(text, expected) for text, expected in TABLE if expected is not None]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_a_formula_has_numpys_value(text, expected):
    f = sd.parse(text, DECLARED)
    assert_near(np.asarray(sd.evaluate(f, vars(V)), float), np.asarray(expected(V), float))


REFUSED = [text for text, expected in TABLE if expected is None]


@pytest.mark.parametrize("text", REFUSED)
def test_what_does_not_fit_is_refused(text):
    with pytest.raises(sd.ParseError):
        sd.parse(text, DECLARED)


def test_a_wrong_value_is_seen():
    f = sd.parse("A*x", DECLARED)
    with pytest.raises(AssertionError):
        assert_near(sd.evaluate(f, vars(V)), V.A.T @ V.x)


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_function_of_the_catalogue_can_be_written(name):
    n = sd.dims("n")
    x, y = sd.tensor("x", n), sd.tensor("y", n)
    arguments = (x, y)[:CATALOGUE[name].arity]
    text = ", ".join(str(v.name) for v in arguments)
    found = sd.parse(f"{name}({text})", "x: vector[n], y: vector[n]")
    assert found == getattr(sd, name)(*arguments)


def test_numbers_are_exact():
    x = sd.tensor("x")
    assert sd.parse("0.1*x", x="scalar") == x * 0.1 == sd.parse("x/10", x="scalar")


def test_an_expression_stands_in_place_of_a_name():
    n, d = sd.dims("n d")
    X, w = sd.tensor("X", n, d), sd.tensor("w", d)
    assert sd.parse("sum(exp(z))", z=X @ w) == sd.sum(sd.exp(X @ w))
