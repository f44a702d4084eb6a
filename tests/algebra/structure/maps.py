"""Linear maps to try, with what a textbook calls each; all sizes are symbols."""

from __future__ import annotations

import symdl as sd
from symdl import nn

n, d, k, r = sd.dims("n d k r")
x, b, p, q, w = (sd.tensor(name, size) for name, size in
                 (("x", n), ("b", k), ("p", n), ("q", n), ("w", d)))
A, X, W, Y = (sd.tensor(name, *shape) for name, shape in
              (("A", (k, n)), ("X", (n, d)), ("W", (d, k)), ("Y", (n, d))))
U, V, Om = sd.tensor("U", n, r), sd.tensor("V", d, r), sd.tensor("Om", n, d)
Q, R, S = sd.tensor("Q", n, n), sd.tensor("R", d, d), sd.tensor("S", n, n, symmetric=True)
lam = sd.tensor("lam")
signal, F = sd.tensor("signal", n + k - 1), sd.tensor("F", k)
tokens, table = sd.tensor("tokens", k, integer=True), sd.tensor("table", n, d)
gain, shift = sd.tensor("gain", d), sd.tensor("shift", d)
i, j = sd.indices("i j")
here, there = sd.indices("here there", n, n)

fit = sd.sum((A @ x - b) ** 2) / 2
factorised = sd.sum((U @ V.T - Y) ** 2)
weighted = sd.sum(Om**2 * (U @ V.T - Y) ** 2)
logistic = sd.sum(sd.softplus(X @ w))
convolution = sd.define(None, (i,), sd.sum(signal[i + j] * F[j], (j,)))
band = sd.define(None, (i, j), sd.where((i <= j + 1) & (j <= i + 1), Q[i, j], 0))
wide = sd.define(None, (i, j), sd.where((i <= j + 2) & (j <= i + 2), Q[i, j], 0))

MAPS = {  # name: map, how many of its axes are rows, what it is
    "log cosh": (sd.hessian(sd.sum(sd.log(sd.cosh(x))), x), 1, "diagonal"),
    "log-sum-exp": (sd.hessian(sd.logsumexp(x), x), 1, "diagonal plus rank 1, symmetric"),
    "simplex covariance": (sd.diag(p) - sd.outer(p, p), 1, "diagonal plus rank 1, symmetric"),
    "unequal sides": (sd.diag(p) - sd.outer(p, q), 1, "diagonal plus rank 1"),
    "least squares": (sd.hessian(fit, x), 1, "low rank (at most k), symmetric"),
    "ridge": (sd.hessian(fit + 3 * sd.sum(x**2), x), 1,
              "scaled identity plus low rank (at most k), symmetric"),
    "matrix factorisation": (sd.hessian(factorised, U), 2,
                             "Kronecker product (identity ⊗ low rank (at most d)), symmetric"),
    "weighted factorisation": (sd.hessian(weighted, U), 2,
                               "block-diagonal (n blocks, each low rank (at most d)), symmetric"),
    "activation": (sd.jacobian(sd.tanh(X), X), 2, "diagonal"),
    "dense in its weights": (sd.jacobian(X @ W, W), 2,
                             "Kronecker product (general ⊗ identity)"),
    "softmax of rows": (sd.jacobian(sd.softmax(X, axis=1), X), 2,
                        "block-diagonal (n blocks, each diagonal plus rank 1), symmetric"),
    "softmax of columns": (sd.jacobian(sd.softmax(X, axis=0), X), 2,
                           "block-diagonal (d blocks, each diagonal plus rank 1), symmetric"),
    "convolution": (sd.jacobian(convolution, signal), 1,
                    "sparse (only where i0 + k ≥ i1 + 1 and i1 ≥ i0)"),
    "embedding": (sd.jacobian(table[tokens], table), 2,
                  "Kronecker product (sparse (only where i2 = tokens[i0]) ⊗ identity)"),
    "cumulative sum": (sd.jacobian(sd.cumsum(x), x), 1,
        "lower triangular (rank 1 below the diagonal)"),
    "transpose": (sd.jacobian(X.T, X), 2, "permutation"),
    "layer norm": (sd.jacobian(nn.layer_norm(X, gain, shift), X), 2,
                   "block-diagonal (n blocks, each diagonal plus low rank (at most 2))"),
    "logistic": (sd.hessian(logistic, w), 1, "low rank (at most n), symmetric"),
    "logistic with ridge": (sd.hessian(logistic + lam / 2 * sd.sum(w**2), w), 1,
                            "scaled identity plus low rank (at most n), symmetric"),
    "Lyapunov": (sd.jacobian(Q @ X + X @ R, X), 2,
                 "general ⊗ identity + identity ⊗ general"),
    "two sides": (sd.jacobian(Q @ X @ R, X), 2, "Kronecker product (general ⊗ general)"),
    "row sums": (sd.jacobian(sd.sum(X, axis=1), X), 1, "Kronecker product (identity ⊗ general)"),
    "band": (band, 1, "tridiagonal"),
    "chain": (sd.hessian(sd.sum((x[1:] - x[:-1]) ** 2) / 2 + sd.sum(sd.exp(x)), x), 1,
              "tridiagonal, symmetric"),
    "Rosenbrock": (sd.hessian(sd.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2), x), 1,
                   "tridiagonal, symmetric"),
    "shifted": (sd.define(None, (here, there), sd.where(sd.eq(here, there + 1), p[here], 0)), 1,
        "banded (1 below the diagonal)"),
    "two apart": (sd.define(None, (here, there), sd.where(sd.eq(here, there + 2), p[here], 0)), 1,
        "banded (2 below the diagonal)"),
    "wide band": (wide, 1,
        "banded (2 below and 2 above the diagonal)"),
    "affine scores": (sd.exp(x[:, None] + p), 1, "rank 1"),
    "squared distances": ((x[:, None] - x) ** 2, 1, "low rank (at most 3), symmetric"),
    "identity": (sd.eye(n), 1, "identity"),
    "scaled": (lam * sd.eye(n), 1, "scaled identity"),
    "zero": (Q - Q, 1, "zero"),
    "declared diagonal": (2 * sd.tensor("D", n, n, diagonal=True), 1, "diagonal"),
    "lower triangle": (sd.tril(Q @ Q), 1, "lower triangular"),
    "full and rank 1": (Q + sd.outer(p, p), 1, "general"),
    "symmetric full": (S + sd.outer(p, p), 1, "general, symmetric"),
    "full less itself": (sd.outer(p, p) + Q - Q, 1, "rank 1, symmetric"),
    "full rank product": (Q @ Q.T + sd.diag(p), 1, "general, symmetric"),
    "kernel matrix": (sd.exp(sd.outer(p, p)), 1, "general, symmetric"),
    "full blocks": (sd.jacobian(sd.tanh(X @ R), X), 2,
                    "block-diagonal (n blocks, each general)"),
}
