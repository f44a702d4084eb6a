"""Eleven of the twelve hard programs in torch (the axis programs are in `torch_axes`).

Each function is the formula of `README.md` with the same names. Torch's own layers are used where
it has them, so the values are independent of any formula written in this repository.
"""

from types import SimpleNamespace

import numpy as np
import torch
import torch.nn.functional as F
from registry import Draw, delta, fixed, integers, normal, program, sizes, uniform
from torch import Tensor


def half_square(residual: Tensor) -> Tensor:
    """½ Σ residual²."""
    return (residual**2).sum() / 2


# 1. Three-layer net


def draws_mlp(n: int, d: int, h1: int, h2: int, k: int) -> dict[str, Draw]:
    weights = {"W1": normal(d, h1), "b1": normal(h1), "W2": normal(h1, h2), "b2": normal(h2)}
    weights |= {"W3": normal(h2, k), "b3": normal(k)}
    deltas = {"delta_Z1": delta(n, h1), "delta_Z2": delta(n, h2), "delta_Z3": delta(n, k)}
    return {"X": normal(n, d), "y": integers(k, n)} | weights | deltas


def mlp_logits(v: SimpleNamespace) -> Tensor:
    """softplus(gelu(tanh(X W1 + b1) W2 + b2) W3 + b3)."""
    Z1 = v.X @ v.W1 + v.b1 + v.delta_Z1
    Z2 = torch.tanh(Z1) @ v.W2 + v.b2 + v.delta_Z2
    Z3 = F.gelu(Z2) @ v.W3 + v.b3 + v.delta_Z3
    return F.softplus(Z3)


@program(draws_mlp, sizes("n d h1 h2 k", (5, 4, 6, 2, 3), (1, 3, 1, 2, 4), (7, 1, 5, 4, 2)))
def program_mlp(v: SimpleNamespace) -> Tensor:
    return F.cross_entropy(mlp_logits(v), v.y)


@program(draws_mlp, sizes("n d h1 h2 k", (6, 2, 3, 4, 5), (1, 1, 1, 1, 1), (0, 4, 3, 5, 2)))
def program_mlp_sum(v: SimpleNamespace) -> Tensor:
    return F.cross_entropy(mlp_logits(v), v.y, reduction="sum")


# 2. Convolutional net


def draws_cnn(n: int, c: int, h: int, w: int, o: int, kh: int, kw: int, k: int) -> dict[str, Draw]:
    oh, ow = (h + 2 - 2 * (kh - 1) - 1) // 2 + 1, (w + 2 - 2 * (kw - 1) - 1) // 2 + 1
    ph, pw = (oh - 3) // 2 + 1, (ow - 3) // 2 + 1
    layers = {
        "K": normal(o, c // 2, kh, kw),
        "gamma": uniform(0.5, 2, o),
        "beta": normal(o, scale=0.3),
    }
    layers |= {"V": normal(o * ph * pw, k, scale=0.5), "b": normal(k)}
    layers |= {"delta_N": delta(n, o, oh, ow)}
    return {"X": normal(n, c, h, w), "y": integers(k, n)} | layers


CNN_SIZES = ((2, 2, 9, 7, 4, 2, 2, 3), (1, 2, 11, 10, 2, 3, 2, 2), (2, 4, 5, 6, 6, 2, 1, 3))


@program(
    draws_cnn,
    sizes("n c h w o kh kw k", *CNN_SIZES),
    stride=2,
    padding=1,
    dilation=2,
    groups=2,
    eps=1e-5,
)
def program_cnn(v: SimpleNamespace) -> Tensor:
    Y = F.conv2d(v.X, v.K, None, v.stride, v.padding, v.dilation, v.groups)
    N = F.batch_norm(Y, None, None, v.gamma, v.beta, training=True, eps=v.eps) + v.delta_N
    M = F.max_pool2d(torch.relu(N), kernel_size=3, stride=2)
    return F.cross_entropy(M.flatten(1) @ v.V + v.b, v.y)


# 3. Transposed convolution


def draws_transposed_conv(
    n: int, c: int, h: int, w: int, o: int, kh: int, kw: int
) -> dict[str, Draw]:
    oh, ow = 2 * (h - 1) - 2 + kh, 2 * (w - 1) - 2 + kw
    return {"X": normal(n, c, h, w), "K": normal(c, o, kh, kw), "R": normal(n, o, oh, ow)}


TRANSPOSED_SIZES = (
    (2, 3, 4, 3, 2, 3, 4),
    (1, 1, 1, 1, 1, 3, 3),
    (0, 2, 3, 4, 3, 2, 3),
    (1, 2, 1, 5, 3, 4, 2),
)


@program(draws_transposed_conv, sizes("n c h w o kh kw", *TRANSPOSED_SIZES), stride=2, padding=1)
def program_transposed_conv(v: SimpleNamespace) -> Tensor:
    Y = F.conv_transpose2d(v.X, v.K, stride=v.stride, padding=v.padding)
    return (v.R * torch.tanh(Y)).sum()


# 4. LSTM


def draws_lstm(T: int, n: int, d: int, h: int, k: int) -> dict[str, Draw]:
    cell = {
        "W": normal(d, 4 * h),
        "U": normal(h, 4 * h),
        "b": normal(4 * h),
        "V": normal(h, k),
        "v": normal(k),
    }
    states = {"h0": normal(n, h, scale=0.5), "c0": normal(n, h)}
    deltas = {"delta_H": delta(T, n, h), "delta_C": delta(T, n, h)}
    return {"X": normal(T, n, d), "Y": normal(T, n, k)} | cell | states | deltas


LSTM_SIZES = ((4, 3, 2, 3, 2), (1, 1, 2, 1, 3), (1, 2, 3, 2, 1), (3, 0, 1, 2, 2), (0, 2, 2, 3, 1))


@program(draws_lstm, sizes("T n d h k", *LSTM_SIZES))
def program_lstm(v: SimpleNamespace) -> Tensor:
    h, c, H = v.h0, v.c0, []
    for t in range(v.T):
        i, f, g, o = (v.X[t] @ v.W + h @ v.U + v.b).chunk(4, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g) + v.delta_C[t]
        h = torch.sigmoid(o) * torch.tanh(c) + v.delta_H[t]
        H.append(h)
    return half_square(torch.stack(H) @ v.V + v.v - v.Y) if H else half_square(v.delta_H)


# 5. Elman RNN


def draws_rnn(T: int, n: int, d: int, h: int) -> dict[str, Draw]:
    cell = {"W": normal(d, h), "U": normal(h, h), "b": normal(h), "h0": normal(n, h, scale=0.5)}
    rest = {"R": normal(n, h), "a": normal(h), "delta_H": delta(T, n, h)}
    return {"X": normal(T, n, d)} | cell | rest


@program(
    draws_rnn,
    sizes("T n d h", (5, 2, 3, 4), (1, 1, 1, 1), (3, 0, 2, 3), (2, 3, 1, 2), (0, 2, 1, 3)),
)
def program_rnn(v: SimpleNamespace) -> Tensor:
    h, running = v.h0, v.a.sum() * 0
    for t in range(v.T):
        h = torch.tanh(v.X[t] @ v.W + h @ v.U + v.b) + v.delta_H[t]
        running = running + (v.a * h**2).sum() / 2
    return (v.R * h).sum() + running


# 6. Embedding


def draws_embedding(n: int, T: int, v: int, d: int, k: int) -> dict[str, Draw]:
    layers = {"E": normal(v, d), "W": normal(d, k), "b": normal(k)}
    return {"tokens": integers(v, n, T), "y": integers(k, n)} | layers


@program(
    draws_embedding,
    sizes("n T v d k", (4, 5, 3, 2, 6), (1, 1, 1, 1, 2), (0, 3, 2, 4, 3), (3, 2, 4, 1, 2)),
)
def program_embedding(v: SimpleNamespace) -> Tensor:
    M = F.embedding(v.tokens, v.E).mean(dim=1)
    return F.cross_entropy(M @ v.W + v.b, v.y, reduction="sum")


# 7. Attention


def draws_attention(n: int, T: int, d: int, a: int) -> dict[str, Draw]:
    weights = {"Wq": normal(d, a), "Wk": normal(d, a), "Wv": normal(d, a), "Wo": normal(a, d)}
    norm = {"gamma": uniform(0.5, 1.5, d), "beta": normal(d, scale=0.5)}
    weights |= {"delta_S": delta(n, T, T)}
    return {"X": normal(n, T, d), "R": normal(n, T, d)} | norm | weights


@program(
    draws_attention,
    sizes("n T d a", (2, 4, 3, 2), (1, 1, 1, 1), (0, 3, 2, 4), (1, 5, 4, 3)),
    eps=1e-5,
)
def program_attention(v: SimpleNamespace) -> Tensor:
    N = F.layer_norm(v.X, (v.d,), v.gamma, v.beta, v.eps)
    S = (N @ v.Wq) @ (N @ v.Wk).mT / v.a**0.5 + v.delta_S
    causal = torch.ones(v.T, v.T, dtype=torch.bool).tril()
    P = torch.softmax(S.masked_fill(~causal, -torch.inf), dim=-1)
    return half_square(v.X + P @ (N @ v.Wv) @ v.Wo - v.R)


# 8. Gaussian negative log-likelihood


def draws_gaussian_nll(n: int, d: int) -> dict[str, Draw]:
    return {
        "X": normal(n, d),
        "mu": normal(d),
        "L": normal(d, d, scale=0.6),
        "delta_A": delta(d, d),
    }


@program(draws_gaussian_nll, sizes("n d", (5, 3), (1, 1), (0, 2), (3, 4)), eps=0.1)
def program_gaussian_nll(v: SimpleNamespace) -> Tensor:
    A = v.L @ v.L.T + v.eps * torch.eye(v.d) + v.delta_A
    D = v.X - v.mu
    quadratic = torch.einsum("id,de,ie->", D, torch.linalg.inv(A), D) / 2
    return v.n / 2 * torch.logdet(A) + quadratic + v.n * v.d / 2 * np.log(2 * np.pi)


# 9. Gaussian mixture (ADBench)


def positions(d: int) -> np.ndarray:
    """Where `icf` holds Q[i,j], i >= j: logarithms of the diagonal, then columns below it."""
    pos = np.diag(np.arange(d))
    rows = ((i, j) for j in range(d) for i in range(j + 1, d))
    for place, (i, j) in enumerate(rows, start=d):
        pos[i, j] = place
    return pos


def draws_gmm(n: int, k: int, d: int, m: int) -> dict[str, Draw]:
    parameters = {"alpha": normal(k), "mu": uniform(0, 1, k, d), "icf": normal(k, d * (d + 1) // 2)}
    return {"X": normal(n, d), "gamma": uniform(0.5, 1.5), "pos": fixed(positions(d))} | parameters


def gmm_terms(v: SimpleNamespace) -> tuple[Tensor, Tensor]:
    """Log-likelihood and log prior."""
    nu, q = v.d + v.m + 1, v.icf[:, : v.d]
    Q = v.icf[:, v.pos].tril(-1) + torch.diag_embed(torch.exp(q))
    Y = torch.einsum("kij,nkj->nki", Q, v.X[:, None] - v.mu)
    scores = v.alpha + q.sum(1) - (Y**2).sum(2) / 2
    likelihood = (
        -v.n * v.d / 2 * np.log(2 * np.pi) + scores.logsumexp(1).sum() - v.n * v.alpha.logsumexp(0)
    )
    half_nu = torch.tensor(nu / 2, dtype=torch.float64)
    constant = nu * v.d * (torch.log(v.gamma) - np.log(2) / 2) - torch.mvlgamma(half_nu, v.d)
    return likelihood, v.k * constant - v.gamma**2 / 2 * (Q**2).sum() + v.m * q.sum()


GMM_SIZES = ((4, 3, 2, 0), (1, 1, 1, 0), (0, 2, 2, 1), (3, 2, 4, 2))


@program(draws_gmm, sizes("n k d m", *GMM_SIZES))
def program_gmm(v: SimpleNamespace) -> Tensor:
    likelihood, prior = gmm_terms(v)
    return likelihood + prior


@program(draws_gmm, sizes("n k d m", *GMM_SIZES))
def program_gmm_adbench(v: SimpleNamespace) -> Tensor:
    likelihood, prior = gmm_terms(v)
    return likelihood - prior


# 10. Batch-normalised logistic regression


def draws_logistic_bn(n: int, d: int) -> dict[str, Draw]:
    penalties = {"l1": uniform(0.01, 0.2), "l2": uniform(0.01, 0.2)}
    return {"X": normal(n, d), "y": integers(2, n), "w": normal(d), "b": normal()} | penalties


@program(draws_logistic_bn, sizes("n d", (6, 3), (1, 2), (2, 1), (4, 0)), eps=1e-5)
def program_logistic_bn(v: SimpleNamespace) -> Tensor:
    centred = v.X - v.X.mean(dim=0)
    N = centred / torch.sqrt((centred**2).mean(dim=0) + v.eps)
    entropy = F.binary_cross_entropy_with_logits(N @ v.w + v.b, v.y.double())
    return entropy + v.l1 * v.w.abs().sum() + v.l2 * half_square(v.w)


# 12. Residual nets


def draws_residual(n: int, w: int, k: int) -> dict[str, Draw]:
    weights = {f"W{layer}": normal(w, w, scale=0.15) for layer in range(50)}
    biases = {f"b{layer}": normal(w, scale=0.2) for layer in range(50)}
    readout = {"V": normal(w, k), "c": normal(k)}
    return {"X": normal(n, w), "Y": normal(n, k)} | weights | biases | readout


@program(draws_residual, sizes("n w k", (3, 4, 2), (1, 1, 1), (0, 3, 2)))
def program_residual(v: SimpleNamespace) -> Tensor:
    H = v.X
    for layer in range(50):
        H = H + torch.tanh(H @ getattr(v, f"W{layer}") + getattr(v, f"b{layer}"))
    return half_square(H @ v.V + v.c - v.Y)


def draws_residual_widths(n: int, k: int, **width: int) -> dict[str, Draw]:
    draws = {
        "X": normal(n, width["w0"]),
        "Y": normal(n, k),
        "V": normal(width["w12"], k),
        "c": normal(k),
    }
    for layer in range(12):
        before, after = width[f"w{layer}"], width[f"w{layer + 1}"]
        draws[f"P{layer}"] = normal(before, after, scale=0.6)
        draws[f"W{layer}"] = normal(before, after, scale=0.6)
        draws[f"b{layer}"] = normal(after, scale=0.3)
    return draws


WIDTHS = (
    (4, 2, 3, 5, 4, 6, 3, 2, 5, 7, 4, 3, 6, 2, 4),
    (1, 1, 1, 2, 1, 3, 1, 1, 4, 1, 2, 1, 1, 5, 1),
    (3, 1, 5, 4, 2, 7, 6, 1, 3, 8, 2, 4, 5, 3, 6),
)


@program(draws_residual_widths, sizes("n k w0 w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11 w12", *WIDTHS))
def program_residual_widths(v: SimpleNamespace) -> Tensor:
    H = v.X
    for layer in range(12):
        P, W, b = (getattr(v, f"{letter}{layer}") for letter in "PWb")
        H = H @ P + torch.tanh(H @ W + b)
    return F.mse_loss(H @ v.V + v.c, v.Y)
