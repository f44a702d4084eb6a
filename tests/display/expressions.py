"""Expressions of every kind, by name: what they print must be what they are."""

from __future__ import annotations

import symdl as sd
from symdl import nn

n, d, k, h, m = sd.dims("n d k h m")
X, W, b, R = (sd.tensor("X", n, d), sd.tensor("W", d, k), sd.tensor("b", k),
              sd.tensor("R", n, k))
Y = sd.tensor("Y", n, k, one_hot=True)
y = sd.tensor("y", n, integer=True)
x, z, w = sd.tensor("x", n), sd.tensor("z", n), sd.tensor("w", d)
A, B, S = sd.tensor("A", n, n), sd.tensor("B", n, n), sd.tensor("S", n, n, symmetric=True)
p = sd.tensor("p", n, positive=True)
lam = sd.tensor("lam")
Q, K = sd.tensor("Q", m, n, d), sd.tensor("K", m, h, d)
V = sd.tensor("V", k, h)
H = sd.tanh(X @ W + b).renamed("H")
Y2 = sd.tensor("Y2", n, h, one_hot=True)
c = sd.tensor("c", h)
i, j, r = sd.indices("i j r")

MATRIX = {
    "input": X,
    "dense": X @ W + b,
    "named": H @ V + c,
    "transpose": X.T,
    "batched": Q @ sd.swapaxes(K, 1, 2) / sd.sqrt(d),
    "batch reduced": sd.einsum("mnd,mhd->nh", Q, K),
    "bilinear": x @ A @ z,
    "quadratic batch": sd.sum((X @ sd.inv(W @ W.T + sd.eye(d))) * X),
    "trace": sd.trace(A @ B @ A),
    "Frobenius": sd.sum(A * B),
    "diagonal": sd.diag(A),
    "diagonal matrix": sd.diag(x) @ A,
    "scaled rows": sd.einsum("nd,n,nk->dk", X, x, R),
    "outer": sd.outer(x, w),
    "column": x[:, None] * X,
    "row": X * w,
    "row sums": sd.sum(X, axis=1, keepdims=True) * X,
    "mean": sd.mean(X, axis=0) - w,
    "variance": sd.var(X, axis=1),
    "maximum": sd.max(sd.exp(X), axis=1) + sd.min(X, axis=1),
    "product": sd.prod(X, axis=0) + sd.prod(X),
    "arg max": sd.argmax(X, axis=1),
    "softmax": sd.softmax(X @ W + b),
    "softmax of columns": sd.softmax(X, axis=0),
    "softmax of a vector": sd.softmax(x),
    "logsumexp": sd.logsumexp(X, axis=1) + sd.logsumexp(x),
    "functions": sd.sigmoid(x) * sd.gelu(z) + sd.softplus(x - z) * sd.relu(x) / sd.log(p),
    "roots": sd.sqrt(p) + 1 / sd.sqrt(p) + p**1.5 - p**-2,
    "fractions": (2 * x + z / 3) / (x**2 + 1) - lam * (x - 1) / (2 * p),
    "signs": -(x - z) - (-x) * (z - x),
    "powers": (x + z) ** 2 * p**z,
    "choice": sd.where(X > 0, X, -X / 2) + sd.maximum(X, 0.5),
    "both": sd.where((x > 0) & (z < 1), x, z),
    "comparison": x < z,
    "triangle": sd.tril(A) @ x + sd.triu(A, 1) @ x,
    "masked product": sd.tril(sd.outer(x, z)),
    "running sum": sd.cumsum(X, axis=0),
    "identity": A + lam * sd.eye(n),
    "gather": X[y] + X[0],
    "gather along": R[sd.arange(n), y],
    "one hot": sd.one_hot(y, k) - R,
    "scatter": sd.grad(sd.sum(W[y] * R), W),
    "sorted": sd.sort(x),
    "slices": X[:, 1:] * 2,
    "every other": x[::2],
    "reversed": x[::-1],
    "index as data": sd.sum(i * x[i], i),
    "sizes": n * x / (n + d),
    "constants": sd.full((n, k), 3) + sd.ones(n, k) * sd.zeros(k),
    "broadcast": sd.broadcast_to(x[:, None], (n, d)),
    "array": sd.tensor("q", 3) * [1, 2, 3],
    "inverse": sd.inv(A) @ x,
    "solve": sd.solve(A, x) + sd.solve(A.T, X) @ w,
    "determinant": sd.det(A) * sd.logdet(A @ A.T),
    "factors": sd.triangular_solve(A, X, lower=False),
    "constant part": sd.stop_gradient(x) * x,
    "cross entropy": sd.cross_entropy(X @ W + b, Y),
    "cross entropy by class": sd.cross_entropy(X @ W + b, y),
    "squared error": sd.mse(X @ W, R) + lam * sd.sum(W**2),
    "padding": sd.pad(X, [(1, 0), (0, 2)]),
    "joined": sd.concatenate([x, w]),
    "stacked": sd.stack([x, z]),
    "slice of a slice": sd.grad(sd.sum(X[:, 1:] ** 2), X),
    "by hand": sd.define("C", (i, j), sd.sum(X[i, r] * W[r, j] * r, r)),
    "bounded": sd.define("D", (i,), sd.sum(A[i, j] * x[j], j, where=(j <= i))),
}
"""What has matrix notation."""

ENTRIES = {
    "convolution": nn.conv2d(sd.tensor("I", n, d, 5, 4), sd.tensor("F", k, d, 2, 3)),
    "reshaped": sd.reshape(X, (n * d,)),
    "split": sd.reshape(sd.tensor("u", n * d), (n, d)),
    "running product": sd.grad(sd.sum(sd.prod(X, axis=1)), X),
    "pooling": nn.max_pool2d(sd.tensor("I", n, d, 5, 4), window=2, stride=1),
    "states": sd.recur("s", m, x, lambda t, s: sd.tanh(A @ s + t)),
    "two states": sd.recur(("s", "v"), m, (x, z), lambda t, s, v: (s + v, sd.sin(s) * v))[1],
}
"""What needs index notation."""

_NET = sd.cross_entropy(H @ V + c, Y2)
GRADIENTS = {
    "dense gradient": sd.grad(sd.sum((X @ W) * R), W),
    "softmax cross-entropy": sd.grad(sd.cross_entropy(X @ W + b, Y), W),
    "softmax cross-entropy, bias": sd.grad(sd.cross_entropy(X @ W + b, Y), b),
    "softmax cross-entropy by class": sd.grad(sd.cross_entropy(X @ W + b, y), W),
    "logistic regression": sd.grad(
        sd.binary_cross_entropy(X @ w, sd.tensor("t", n), reduction="sum"), w),
    "quadratic form": sd.grad(x @ A @ x, x),
    "symmetric quadratic form": sd.grad(x @ S @ x, x),
    "least squares": sd.grad(sd.sum((X @ w - x) ** 2), w),
    "ridge": sd.grad(sd.sum((X @ w - x) ** 2) + lam * sd.sum(w**2), w),
    "mean squared error": sd.grad(sd.mse(x, X @ w), w),
    "logdet gradient": sd.grad(sd.logdet(A), A),
    "det gradient": sd.grad(sd.det(A), A),
    "inverse gradient": sd.grad(x @ sd.inv(A) @ z, A),
    "solve gradient": sd.grad(z @ sd.solve(A, x), x),
    "trace gradient": sd.grad(sd.trace(A @ B @ A), A),
    "softmax gradient": sd.grad(sd.sum(sd.softmax(X) * sd.tensor("G", n, d)), X),
    "logsumexp gradient": sd.grad(sd.logsumexp(x), x),
    "norm gradient": sd.grad(sd.sqrt(sd.sum(x**2)), x),
    "triangle gradient": sd.grad(x @ sd.tril(A) @ z, A),
    "relu gradient": sd.grad(sd.sum(sd.relu(X @ W) * R), W),
    "two layers, W": sd.grad(_NET, W),
    "two layers, b": sd.grad(_NET, b),
    "two layers, V": sd.grad(_NET, V),
    "two layers, c": sd.grad(_NET, c),
}
"""Derivatives that read as a textbook has them."""
