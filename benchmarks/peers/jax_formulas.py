"""The workloads' formulas as JAX has them."""

from __future__ import annotations

from functools import partial
from math import lgamma, log, pi
from typing import Any

import jax
from jax import lax
from jax import nn as jnn
from jax import numpy as jnp


def gathered(Z: Any, y: Any) -> Any:
    """Softmax cross-entropy with the logits at the labels gathered."""
    return jnp.mean(jnn.logsumexp(Z, 1) - jnp.take_along_axis(Z, y[:, None], 1)[:, 0])


def one_hot(Z: Any, y: Any) -> Any:
    """Softmax cross-entropy with one-hot labels."""
    return -jnp.mean(jnp.sum(jnn.log_softmax(Z) * jnn.one_hot(y, Z.shape[1], dtype=Z.dtype), 1))


def mlp(entropy: Any, X: Any, y: Any, **p: Any) -> Any:
    h = jnn.relu(X @ p["W1"] + p["b1"])
    h = jnn.relu(h @ p["W2"] + p["b2"])
    return entropy(h @ p["W3"] + p["b3"], y)


def conv(X: Any, K: Any) -> Any:
    return lax.conv_general_dilated(X, K, (1, 1), "SAME")


def conv_last(X: Any, K: Any) -> Any:
    """The same through images with their channels last."""
    y = lax.conv_general_dilated(X.transpose(0, 2, 3, 1), K.transpose(2, 3, 1, 0), (1, 1), "SAME",
                                 dimension_numbers=("NHWC", "HWIO", "NHWC"))
    return y.transpose(0, 3, 1, 2)


def cnn(conv: Any, entropy: Any, X: Any, y: Any, **p: Any) -> Any:
    def pooled(h: Any) -> Any:
        return lax.reduce_window(h, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")

    h = pooled(jnn.relu(conv(X, p["K1"]) + p["b1"][:, None, None]))
    h = pooled(jnn.relu(conv(h, p["K2"]) + p["b2"][:, None, None]))
    return entropy(h.reshape(len(h), -1) @ p["W"] + p["c"], y)


def lstm_step(U: Any, state: Any, driven: Any) -> Any:
    h, c = state
    i, f, g, o = jnp.split(driven + h @ U, 4, -1)
    c = jnn.sigmoid(f) * c + jnn.sigmoid(i) * jnp.tanh(g)
    h = jnn.sigmoid(o) * jnp.tanh(c)
    return (h, c), h


def lstm(unroll: int, X: Any, Y: Any, h0: Any, c0: Any, W: Any, U: Any, b: Any) -> Any:
    _, h = lax.scan(partial(lstm_step, U), (h0, c0), X @ W + b, unroll=unroll)
    return jnp.mean((h - Y) ** 2)


def gru(unroll: int, X: Any, Y: Any, h0: Any, W: Any, U: Any, b: Any, c: Any) -> Any:
    def step(h: Any, driven: Any) -> Any:
        (a, q, n), (e, s, m) = jnp.split(driven, 3, -1), jnp.split(h @ U + c, 3, -1)
        z = jnn.sigmoid(q + s)
        h = (1 - z) * jnp.tanh(n + jnn.sigmoid(a + e) * m) + z * h
        return h, h

    return jnp.mean((lax.scan(step, h0, X @ W + b, unroll=unroll)[1] - Y) ** 2)


def point(x: Any, t: Any, **p: Any) -> Any:
    h = jnp.tanh(x @ p["W1"] + p["b1"])
    h = jnp.tanh(h @ p["W2"] + p["b2"])
    return jnp.sum((h @ p["W3"] + p["b3"] - t) ** 2) / 2


def regression(w: Any, X: Any, y: Any) -> Any:
    z = X @ w
    return jnp.mean(jnn.softplus(z) - y * z) + jnp.sum(w**2) / 200


def hessian(X: Any, y: Any, w: Any) -> Any:
    return jax.hessian(regression)(w, X, y)


def newton(hessian: Any, X: Any, y: Any, w: Any) -> Any:
    """A step by Cholesky's factors."""
    H, g = hessian(X, y, w), jax.grad(regression)(w, X, y)
    return w - jax.scipy.linalg.cho_solve(jax.scipy.linalg.cho_factor(H), g)


def factorised(U: Any, V: Any, X: Any) -> Any:
    return jnp.sum((U @ V.T - X) ** 2) / 2


def attention(fast: bool, X: Any, Y: Any, g: Any, c: Any, **W: Any) -> Any:
    n, t, d = X.shape
    centred = X - X.mean(-1, keepdims=True)
    z = centred * lax.rsqrt((centred**2).mean(-1, keepdims=True) + 1e-5) * g + c
    q, k, v = ((z @ W[name]).reshape(n, t, 4, d // 4) for name in "QKV")
    if fast:
        heads = jnn.dot_product_attention(q, k, v)
    else:
        weights = jnn.softmax(jnp.einsum("ntha,nsha->nhts", q, k) / (d // 4) ** 0.5)
        heads = jnp.einsum("nhts,nsha->ntha", weights, v)
    return jnp.mean((X + heads.reshape(n, t, d) @ W["O"] - Y) ** 2)


def vae(X: Any, E: Any, **p: Any) -> Any:
    h = jnp.tanh(X @ p["A"] + p["a"])
    mean, log_variance = h @ p["M"] + p["m"], h @ p["S"] + p["s"]
    code = mean + jnp.exp(log_variance / 2) * E
    z = jnp.tanh(code @ p["B"] + p["b"]) @ p["C"] + p["c"]
    divergence = jnp.sum(jnp.exp(log_variance) + mean**2 - 1 - log_variance)
    return jnp.mean(jnn.softplus(z) - X * z) + divergence / (2 * X.size)


def gp(X: Any, y: Any, l: Any, f: Any, s: Any) -> Any:
    apart = jnp.sum((X[:, None] - X) ** 2, 2)
    K = jnp.exp(2 * f - apart / (2 * jnp.exp(2 * l)))
    L = jnp.linalg.cholesky(K + jnp.exp(2 * s) * jnp.eye(len(X), dtype=X.dtype))
    a = jax.scipy.linalg.solve_triangular(L, y, lower=True)
    return a @ a / 2 + jnp.sum(jnp.log(jnp.diag(L))) + len(y) * log(2 * pi) / 2


def gmm(X: Any, alpha: Any, mu: Any, icf: Any, gamma: Any, place: Any) -> Any:
    (n, d), k = X.shape, len(alpha)
    logs = icf[:, :d]
    Q = jnp.tril(icf[:, place], -1) + jnp.exp(logs)[:, :, None] * jnp.eye(d, dtype=X.dtype)
    away = jnp.einsum("cij,scj->sci", Q, X[:, None] - mu)
    scores = alpha + jnp.sum(logs, 1) - jnp.sum(away**2, 2) / 2
    likelihood = (-n * d * log(2 * pi) / 2 + jnp.sum(jnn.logsumexp(scores, 1))
                  - n * jnn.logsumexp(alpha))
    gammas = d * (d - 1) * log(pi) / 4 + sum(lgamma((d + 1 - j) / 2) for j in range(d))
    scale = k * ((d + 1) * d * (jnp.log(gamma) - log(2) / 2) - gammas)
    return likelihood - scale + gamma**2 * jnp.sum(Q**2) / 2
