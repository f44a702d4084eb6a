"""The twelve hard programs, written with symdl; formulas and sizes are in reference/README.md."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import sympy

import symdl as sd
from symdl import nn


class Program(NamedTuple):
    """A scalar, what it is differentiated in, and the sizes that stand in no shape."""

    loss: Any
    wrt: dict[str, Any]
    sizes: tuple[str, ...] = ()


PROGRAMS: dict[str, Callable[[], Program]] = {}


def program(write: Callable[[], Program]) -> Callable[[], Program]:
    """Enter a program in the table; it is written once."""
    PROGRAMS[write.__name__] = cache(write)
    return PROGRAMS[write.__name__]


def named(*tensors: Any, **intermediates: Any) -> dict[str, Any]:
    return {t.name: t for t in tensors} | intermediates


def half_squares(x: Any) -> Any:
    return sd.sum(x**2) / 2


# 1: a net with a different activation in each layer


def _mlp(reduction: str) -> Program:
    n, d, h1, h2, k = sd.dims("n d h1 h2 k")
    X, y = sd.tensor("X", n, d), sd.tensor("y", n, integer=True)
    W1, b1 = sd.tensor("W1", d, h1), sd.tensor("b1", h1)
    W2, b2 = sd.tensor("W2", h1, h2), sd.tensor("b2", h2)
    W3, b3 = sd.tensor("W3", h2, k), sd.tensor("b3", k)
    Z1 = nn.dense(X, W1, b1)
    Z2 = nn.dense(sd.tanh(Z1), W2, b2)
    Z3 = nn.dense(sd.gelu(Z2), W3, b3)
    loss = sd.cross_entropy(sd.softplus(Z3), y, reduction=reduction)
    return Program(loss, named(X, W1, b1, W2, b2, W3, b3, Z1=Z1, Z2=Z2, Z3=Z3))


@program
def mlp() -> Program:
    return _mlp("mean")


@program
def mlp_sum() -> Program:
    return _mlp("sum")


# 2 and 3: convolutions


@program
def cnn() -> Program:
    n, c, h, w, o, kh, kw, k = sd.dims("n c h w o kh kw k")  # c and o channels in each group
    X, y = sd.tensor("X", n, 2 * c, h, w), sd.tensor("y", n, integer=True)
    K = sd.tensor("K", 2 * o, c, kh, kw)
    gamma, beta = sd.tensor("gamma", 2 * o), sd.tensor("beta", 2 * o)
    Y = nn.conv2d(X, K, stride=2, padding=1, dilation=2, groups=2)
    N = nn.batch_norm(Y, gamma, beta)
    M = nn.max_pool2d(nn.relu(N), window=3, stride=2)
    features = M.shape[1] * M.shape[2] * M.shape[3]
    V, b = sd.tensor("V", features, k), sd.tensor("b", k)
    loss = sd.cross_entropy(nn.dense(sd.reshape(M, (n, features)), V, b), y)
    return Program(loss, named(X, K, gamma, beta, V, b, N=N))


@program
def transposed_conv() -> Program:
    n, c, h, w, o, kh, kw = sd.dims("n c h w o kh kw")
    oh, ow = 2 * (h - 1) - 2 + kh, 2 * (w - 1) - 2 + kw
    X, K = sd.tensor("X", n, c, h, w), sd.tensor("K", c, o, kh, kw)
    R = sd.tensor("R", n, o, oh, ow)
    b, e, p, q, a, y, x, i, j = sd.indices("b e p q a y x i j", n, o, oh, ow, c, h, w, kh, kw)
    meets = sd.eq(2 * y + i - 1, p) & sd.eq(2 * x + j - 1, q)
    terms = sd.sum(X[b, a, y, x] * K[a, e, i, j], (a, y, x, i, j), where=meets)
    Y = sd.define("Y", (b, e, p, q), terms)
    return Program(sd.sum(R * sd.tanh(Y)), named(X, K, R))


# 4 and 5: recurrences


@program
def lstm() -> Program:
    T, n, d, h, k = sd.dims("T n d h k")
    X, Y = sd.tensor("X", T, n, d), sd.tensor("Y", T, n, k)
    W, U, b = sd.tensor("W", d, 4 * h), sd.tensor("U", h, 4 * h), sd.tensor("b", 4 * h)
    V, v = sd.tensor("V", h, k), sd.tensor("v", k)
    h0, c0 = sd.tensor("h0", n, h), sd.tensor("c0", n, h)
    H, C = nn.lstm(X, h0, c0, W, U, b)
    loss = half_squares(nn.dense(H, V, v) - Y)
    return Program(loss, named(X, Y, W, U, b, V, v, h0, c0, H=H, C=C))


@program
def rnn() -> Program:
    T, n, d, h = sd.dims("T n d h")
    X, W, U, b = (sd.tensor("X", T, n, d), sd.tensor("W", d, h), sd.tensor("U", h, h),
                  sd.tensor("b", h))
    h0, R, a = sd.tensor("h0", n, h), sd.tensor("R", n, h), sd.tensor("a", h)
    H = nn.rnn(X, h0, W, U, b)
    loss = sd.sum(R * sd.final(H)) + sd.sum(a * H**2) / 2
    return Program(loss, named(X, W, U, b, h0, R, a, H=H))


# 6 and 7: tokens and attention


@program
def embedding() -> Program:
    n, T, v, d, k = sd.dims("n T v d k")
    tokens, y = sd.tensor("tokens", n, T, integer=True), sd.tensor("y", n, integer=True)
    E, W, b = sd.tensor("E", v, d), sd.tensor("W", d, k), sd.tensor("b", k)
    M = sd.mean(nn.embedding(E, tokens), axis=1)
    return Program(sd.cross_entropy(nn.dense(M, W, b), y, reduction="sum"), named(E, W, b))


@program
def attention() -> Program:
    n, T, d, a = sd.dims("n T d a")
    X, R = sd.tensor("X", n, T, d), sd.tensor("R", n, T, d)
    gamma, beta = sd.tensor("gamma", d), sd.tensor("beta", d)
    Wq, Wk, Wv, Wo = (*(sd.tensor(f"W{x}", d, a) for x in "qkv"), sd.tensor("Wo", a, d))
    N = nn.layer_norm(X, gamma, beta)
    S = (N @ Wq) @ sd.swapaxes(N @ Wk, 1, 2) / sd.sqrt(a)
    P = nn.attention_weights(S, causal=True)
    loss = half_squares(X + P @ (N @ Wv) @ Wo - R)
    return Program(loss, named(X, R, gamma, beta, Wq, Wk, Wv, Wo, S=S))


# 8 and 9: Gaussians


@program
def gaussian_nll() -> Program:
    n, d = sd.dims("n d")
    X, mu, L = sd.tensor("X", n, d), sd.tensor("mu", d), sd.tensor("L", d, d)
    A = L @ L.T + sd.eye(d) / 10
    r = X - mu
    loss = n * sd.logdet(A) / 2 + sd.sum((r @ sd.inv(A)) * r) / 2 + n * d * sd.log(2 * sympy.pi) / 2
    return Program(loss, named(X, mu, L, A=A))


def _gmm(sign: int) -> Program:
    n, k, d, m = sd.dims("n k d m")
    X, alpha, mu = sd.tensor("X", n, d), sd.tensor("alpha", k), sd.tensor("mu", k, d)
    icf, gamma = sd.tensor("icf", k, d * (d + 1) // 2), sd.tensor("gamma")
    pos = sd.tensor("pos", d, d, integer=True)
    logs = icf[:, :d]
    Q = sd.tril(icf[:, pos], -1) + sd.exp(logs)[:, :, None] * sd.eye(d)
    away = sd.einsum("cij,scj->sci", Q, X[:, None] - mu)
    beta = alpha + sd.sum(logs, axis=1) - sd.sum(away**2, axis=2) / 2
    likelihood = (-n * d * sd.log(2 * sympy.pi) / 2 + sd.sum(sd.logsumexp(beta, 1))
                  - n * sd.logsumexp(alpha))
    nu = d + m + 1
    gammas = d * (d - 1) * sd.log(sympy.pi) / 4 + sd.sum(sd.lgamma((nu - sd.arange(d)) / 2))
    scale = k * (nu * d * (sd.log(gamma) - sd.log(2) / 2) - gammas)
    prior = scale - gamma**2 * sd.sum(Q**2) / 2 + m * sd.sum(logs)
    return Program(likelihood + sign * prior, named(X, alpha, mu, icf, gamma), ("m",))


@program
def gmm() -> Program:
    return _gmm(1)


@program
def gmm_adbench() -> Program:
    return _gmm(-1)


# 10 and 12: logistic regression and depth


@program
def logistic_bn() -> Program:
    n, d = sd.dims("n d")
    X, y = sd.tensor("X", n, d), sd.tensor("y", n, integer=True)
    w, b, l1, l2 = sd.tensor("w", d), sd.tensor("b"), sd.tensor("l1"), sd.tensor("l2")
    z = nn.batch_norm(X) @ w + b
    loss = sd.binary_cross_entropy(z, y) + l1 * sd.sum(abs(w)) + l2 / 2 * sd.sum(w**2)
    return Program(loss, named(X, w, b, l1, l2))


@program
def residual() -> Program:
    n, w, k = sd.dims("n w k")
    X, Y, V, c = sd.tensor("X", n, w), sd.tensor("Y", n, k), sd.tensor("V", w, k), sd.tensor("c", k)
    H, layers = X, []
    for depth in range(50):
        layers += [sd.tensor(f"W{depth}", w, w), sd.tensor(f"b{depth}", w)]
        H = H + sd.tanh(nn.dense(H, *layers[-2:]))
    return Program(half_squares(nn.dense(H, V, c) - Y), named(X, Y, V, c, *layers))


@program
def residual_widths() -> Program:
    n, k = sd.dims("n k")
    w = sd.dims(" ".join(f"w{depth}" for depth in range(13)))
    X, Y = sd.tensor("X", n, w[0]), sd.tensor("Y", n, k)
    V, c = sd.tensor("V", w[12], k), sd.tensor("c", k)
    H, layers = X, []
    for depth in range(12):
        P, W = (sd.tensor(f"{name}{depth}", w[depth], w[depth + 1]) for name in "PW")
        b = sd.tensor(f"b{depth}", w[depth + 1])
        layers += [P, W, b]
        H = H @ P + sd.tanh(nn.dense(H, W, b))
    return Program(sd.mse(nn.dense(H, V, c), Y), named(X, Y, V, c, *layers))


# 11: where a factor of a size is easily lost


@program
def axes_broadcast() -> Program:
    n, m = sd.dims("n m")
    x = sd.tensor("x", n)
    return Program(sd.sum(sd.broadcast_to(sd.tanh(x)[:, None], (n, m))), named(x), ("m",))


@program
def axes_mean() -> Program:
    n, m = sd.dims("n m")
    x, z = sd.tensor("x", n), sd.tensor("z", m)
    wide = sd.broadcast_to(sd.exp(x)[:, None], (n, m))
    return Program(sd.mean(wide) + sd.sum(sd.mean(x[:, None] * z**2, axis=1)), named(x, z))


@program
def axes_index() -> Program:
    n = sd.dims("n")
    x = sd.tensor("x", n)
    i = sd.indices("i")
    return Program(sd.sum(i * x[i] ** 2, i), named(x))


@program
def axes_index_only() -> Program:
    n, m = sd.dims("n m")
    x = sd.tensor("x", n)
    i, j = sd.indices("i j", n, m)
    return Program(sd.sum(sd.tanh(j * x[i]), (i, j)), named(x), ("m",))


@program
def axes_quadratic() -> Program:
    n = sd.dims("n")
    x, A = sd.tensor("x", n), sd.tensor("A", n, n)
    return Program(x @ A @ x, named(x, A))


@program
def axes_transpose() -> Program:
    n = sd.dims("n")
    X = sd.tensor("X", n, n)
    return Program(sd.sum(X * X.T), named(X))


@program
def axes_gram() -> Program:
    n, m = sd.dims("n m")
    X, R = sd.tensor("X", n, m), sd.tensor("R", n, n)
    return Program(sd.sum(R * sd.tanh(X @ X.T)), named(X, R))


@program
def axes_trace() -> Program:
    n = sd.dims("n")
    A, B = sd.tensor("A", n, n), sd.tensor("B", n, n)
    return Program(sd.trace(A @ B @ A), named(A, B))


@program
def axes_gather() -> Program:
    n, m = sd.dims("n m")
    x, p = sd.tensor("x", m), sd.tensor("p", n, integer=True)
    return Program(sd.sum((sd.arange(n) + 1) * x[p] ** 2) * sd.sum(sd.exp(x)), named(x))


@program
def axes_diagonal() -> Program:
    n = sd.dims("n")
    A, r = sd.tensor("A", n, n), sd.tensor("r", n)
    return Program(sd.sum(sd.diagonal(A) ** 2 * r), named(A, r))


@program
def axes_repeated() -> Program:
    n, m = sd.dims("n m")
    C, r = sd.tensor("C", n, n, m), sd.tensor("r", m)
    return Program(sd.sum(sd.einsum("iij->j", C) ** 2 * r), named(C, r))


@program
def axes_tril() -> Program:
    n = sd.dims("n")
    A, x = sd.tensor("A", n, n), sd.tensor("x", n)
    return Program(x @ sd.tril(A) @ sd.tanh(x), named(A, x))


@program
def axes_prod() -> Program:
    n, m = sd.dims("n m")
    X, r = sd.tensor("X", n, m), sd.tensor("r", n)
    return Program(sd.sum(r * sd.prod(X, axis=1)), named(X, r))


@program
def axes_cumsum_prod() -> Program:
    n, m = sd.dims("n m")
    X, r = sd.tensor("X", n, m), sd.tensor("r", n)
    return Program(sd.sum(r * sd.prod(sd.cumsum(X, axis=1), axis=1)), named(X, r))


@program
def axes_cumprod() -> Program:
    n, m = sd.dims("n m")
    X, R = sd.tensor("X", n, m), sd.tensor("R", n, m)
    return Program(sd.sum(R * sd.cumprod(X, axis=1)), named(X, R))


@program
def axes_max() -> Program:
    n, m = sd.dims("n m")
    X, r = sd.tensor("X", n, m), sd.tensor("r", n)
    return Program(sd.sum(r * sd.max(X, axis=1) ** 2), named(X, r))


@program
def axes_stride() -> Program:
    n = sd.dims("n")
    x, r = sd.tensor("x", n), sd.tensor("r", (n + 1) // 2)
    return Program(sd.sum(r * x[::2] ** 3), named(x, r))


@program
def axes_concatenate() -> Program:
    n, m, d = sd.dims("n m d")
    A, B, R = sd.tensor("A", n, d), sd.tensor("B", m, d), sd.tensor("R", n + m, d)
    joined = sd.concatenate([A, B])
    return Program(sd.sum(R * sd.tanh(joined)) + sd.sum(A) * sd.sum(B), named(A, B, R))


@program
def axes_pad() -> Program:
    n, m = sd.dims("n m")
    X, R = sd.tensor("X", n, m), sd.tensor("R", n, m + 3)
    return Program(sd.sum(R * sd.exp(sd.pad(X, [(0, 0), (1, 2)]))), named(X, R))


@program
def axes_roll() -> Program:
    n = sd.dims("n")
    x = sd.tensor("x", n)
    return Program(sd.sum(x * sd.concatenate([x[1:], x[:1]]) ** 2), named(x))


@program
def axes_reshape() -> Program:
    n, m, d = sd.dims("n m d")
    X, W, R = sd.tensor("X", n, m * d), sd.tensor("W", d), sd.tensor("R", n * m)
    return Program(sd.sum(R * sd.tanh(sd.reshape(X, (n * m, d)) @ W)), named(X, W, R))
