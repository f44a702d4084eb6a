"""The workloads' formulas as torch has them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.nn import functional as F


def mlp(multiply: Any, X: Any, y: Any, **p: Any) -> Any:
    h = F.relu(multiply(X, p["W1"], p["b1"]))
    h = F.relu(multiply(h, p["W2"], p["b2"]))
    return F.cross_entropy(multiply(h, p["W3"], p["b3"]), y)


def rows(X: Any, W: Any, b: Any) -> Any:
    return torch.addmm(b, X, W)


def cnn(multiply: Any, X: Any, y: Any, **p: Any) -> Any:
    h = F.max_pool2d(F.relu(F.conv2d(X, p["K1"], p["b1"], padding=1)), 2)
    h = F.max_pool2d(F.relu(F.conv2d(h, p["K2"], p["b2"], padding=1)), 2)
    return F.cross_entropy(multiply(h.flatten(1), p["W"], p["c"]), y)


def lstm(X: Any, Y: Any, h0: Any, c0: Any, W: Any, U: Any, b: Any) -> Any:
    h, c, out = h0, c0, []
    for driven in (X @ W + b).unbind():
        i, f, g, o = torch.addmm(driven, h, U).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        out.append(h)
    return F.mse_loss(torch.stack(out), Y)


def gru(X: Any, Y: Any, h0: Any, W: Any, U: Any, b: Any, c: Any) -> Any:
    h, out = h0, []
    for driven in (X @ W + b).unbind():
        (a, q, n), (e, s, m) = driven.chunk(3, 1), torch.addmm(c, h, U).chunk(3, 1)
        z = torch.sigmoid(q + s)
        h = torch.lerp(torch.tanh(n + torch.sigmoid(a + e) * m), h, z)
        out.append(h)
    return F.mse_loss(torch.stack(out), Y)


def point(x: Any, t: Any, **p: Any) -> Any:
    h = torch.tanh(x @ p["W1"] + p["b1"])
    h = torch.tanh(h @ p["W2"] + p["b2"])
    return ((h @ p["W3"] + p["b3"] - t) ** 2).sum() / 2


def regression(w: Any, X: Any, y: Any) -> Any:
    z = X @ w
    return (F.softplus(z) - y * z).mean() + (w**2).sum() / 200


def logistic(X: Any, w: Any, **_: Any) -> Any:
    """The Hessian of `regression` in closed form."""
    s = torch.sigmoid(X @ w)
    return torch.addmm(torch.eye(len(w), dtype=w.dtype) / 100, X.T * (s * (1 - s)), X,
                       alpha=1 / len(X))


def newton(X: Any, y: Any, w: Any) -> Any:
    g = X.T @ (torch.sigmoid(X @ w) - y) / len(X) + w / 100
    L = torch.linalg.cholesky(logistic(X, w))
    return w - torch.cholesky_solve(g[:, None], L)[:, 0]


def softmax_hessian(x: Any) -> Any:
    p = torch.softmax(x, 0)
    return torch.diag(p) - torch.outer(p, p)


def attention(X: Any, Y: Any, g: Any, c: Any, **W: Any) -> Any:
    n, t, d = X.shape
    z = F.layer_norm(X, (d,), g, c, 1e-5)
    q, k, v = ((z @ W[name]).view(n, t, 4, d // 4).transpose(1, 2) for name in "QKV")
    heads = F.scaled_dot_product_attention(q, k, v).transpose(1, 2)
    return F.mse_loss(X + heads.reshape(n, t, d) @ W["O"], Y)


def vae(X: Any, E: Any, **p: Any) -> Any:
    h = torch.tanh(rows(X, p["A"], p["a"]))
    mean, log_variance = rows(h, p["M"], p["m"]), rows(h, p["S"], p["s"])
    code = mean + torch.exp(log_variance / 2) * E
    z = rows(torch.tanh(rows(code, p["B"], p["b"])), p["C"], p["c"])
    divergence = (torch.exp(log_variance) + mean**2 - 1 - log_variance).sum()
    return F.binary_cross_entropy_with_logits(z, X) + divergence / (2 * X.numel())


def gp(X: Any, y: Any, l: Any, f: Any, s: Any) -> Any:
    apart = ((X[:, None] - X) ** 2).sum(2)
    K = torch.exp(2 * f - apart / (2 * torch.exp(2 * l)))
    L = torch.linalg.cholesky(K + torch.exp(2 * s) * torch.eye(len(X), dtype=X.dtype))
    a = torch.linalg.solve_triangular(L, y[:, None], upper=False)
    return (a**2).sum() / 2 + L.diag().log().sum() + len(y) * np.log(2 * np.pi) / 2


def gmm(X: Any, alpha: Any, mu: Any, icf: Any, gamma: Any, place: Any) -> Any:
    (n, d), k = X.shape, len(alpha)
    logs = icf[:, :d]
    Q = icf[:, place].tril(-1) + torch.diag_embed(logs.exp())
    away = torch.einsum("cij,scj->sci", Q, X[:, None] - mu)
    scores = alpha + logs.sum(1) - (away**2).sum(2) / 2
    likelihood = (-n * d * np.log(2 * np.pi) / 2 + scores.logsumexp(1).sum()
                  - n * alpha.logsumexp(0))
    gammas = torch.mvlgamma(torch.tensor((d + 1) / 2, dtype=X.dtype), d)
    scale = k * ((d + 1) * d * (gamma.log() - np.log(2) / 2) - gammas)
    return likelihood - scale + gamma**2 * (Q**2).sum() / 2
