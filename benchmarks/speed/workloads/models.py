"""Row i: a variational autoencoder, a Gaussian process, ADBench's Gaussian mixture."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy

import symdl as sd
from benchmarks.speed.workload import Workload
from benchmarks.speed.workloads import steps
from symdl import nn

VAE = ["A", "a", "M", "m", "S", "s", "B", "b", "C", "c"]


def autoencoder() -> tuple[sd.Tensor, dict[str, sd.Tensor]]:
    """The negative evidence bound a pixel, with the noise E as an input.

    D. P. Kingma, M. Welling, Auto-encoding variational Bayes, 2013, arXiv:1312.6114, eq. 10.
    """
    n, d, h, z = sd.dims("n d h z")
    X, E = sd.tensor("X", n, d), sd.tensor("E", n, z)
    shapes = [(d, h), (h,), (h, z), (z,), (h, z), (z,), (z, h), (h,), (h, d), (d,)]
    p = {name: sd.tensor(name, *shape) for name, shape in zip(VAE, shapes, strict=True)}
    hidden = sd.tanh(nn.dense(X, p["A"], p["a"]))
    mean, log_variance = nn.dense(hidden, p["M"], p["m"]), nn.dense(hidden, p["S"], p["s"])
    code = mean + sd.exp(log_variance / 2) * E
    logits = nn.dense(sd.tanh(nn.dense(code, p["B"], p["b"])), p["C"], p["c"])
    divergence = sd.sum(sd.exp(log_variance) + mean**2 - 1 - log_variance) / (2 * n * d)
    return nn.binary_cross_entropy(logits, X) + divergence, p


def autoencoder_data(n: int, d: int, h: int, z: int) -> Any:
    def data(draw: np.random.Generator) -> dict[str, Any]:
        shapes = [(d, h), (h,), (h, z), (z,), (h, z), (z,), (z, h), (h,), (h, d), (d,)]
        p = {name: nn.init.glorot_uniform(shape, draw) if len(shape) == 2
             else 0.1 * draw.normal(size=shape) for name, shape in zip(VAE, shapes, strict=True)}
        return {**p, "X": draw.uniform(size=(n, d)), "E": draw.normal(size=(n, z)),
                **steps.moments(p), "rate": 1e-7}

    return data


def process() -> tuple[Any, ...]:
    """Minus the logarithm of a Gaussian process's marginal likelihood, and its gradient.

    C. E. Rasmussen, C. K. I. Williams, Gaussian Processes for Machine Learning, 2006, eq. 2.30
    and 5.1; the parameters are logarithms of length, amplitude and noise.
    """
    n, d = sd.dims("n d")
    X, y = sd.tensor("X", n, d), sd.tensor("y", n)
    length, amplitude, noise = sd.tensor("l"), sd.tensor("f"), sd.tensor("s")
    apart = sd.sum((X[:, None] - X) ** 2, axis=2)
    K = sd.exp(2 * amplitude - apart / (2 * sd.exp(2 * length))) + sd.exp(2 * noise) * sd.eye(n)
    loss = y @ sd.solve(K, y) / 2 + sd.logdet(K) / 2 + n * sd.log(2 * sympy.pi) / 2
    return loss, *sd.grad(loss, (length, amplitude, noise))


def process_data(n: int, d: int) -> Any:
    def data(draw: np.random.Generator) -> dict[str, Any]:
        X = draw.normal(size=(n, d))
        return {"X": X, "y": np.sin(X.sum(1)) + 0.3 * draw.normal(size=n),
                "l": 0.3, "f": 0.1, "s": -0.7}

    return data


def mixture() -> tuple[Any, ...]:
    """ADBench's objective and its gradient.

    F. Srajer, Z. Kukelova, A. Fitzgibbon, A benchmark of selected algorithmic differentiation
    tools, 2018, arXiv:1807.10129, eq. 3 to 5, as its code has them; m = 0.
    """
    n, k, d = sd.dims("n k d")
    X, alpha, mu = sd.tensor("X", n, d), sd.tensor("alpha", k), sd.tensor("mu", k, d)
    icf, gamma = sd.tensor("icf", k, d * (d + 1) // 2), sd.tensor("gamma")
    place = sd.tensor("place", d, d, integer=True)
    logs = icf[:, :d]
    Q = sd.tril(icf[:, place], -1) + sd.exp(logs)[:, :, None] * sd.eye(d)
    away = sd.einsum("cij,scj->sci", Q, X[:, None] - mu)
    scores = alpha + sd.sum(logs, axis=1) - sd.sum(away**2, axis=2) / 2
    likelihood = (-n * d * sd.log(2 * sympy.pi) / 2 + sd.sum(sd.logsumexp(scores, 1))
                  - n * sd.logsumexp(alpha))
    gammas = d * (d - 1) * sd.log(sympy.pi) / 4 + sd.sum(sd.lgamma((d + 1 - sd.arange(d)) / 2))
    scale = k * ((d + 1) * d * (sd.log(gamma) - sd.log(2) / 2) - gammas)
    loss = likelihood - scale + gamma**2 * sd.sum(Q**2) / 2
    return loss, *sd.grad(loss, (alpha, mu, icf))


def mixture_data(n: int, d: int, k: int) -> Any:
    def data(draw: np.random.Generator) -> dict[str, Any]:
        place = np.diag(np.arange(d))
        columns, rows = np.triu_indices(d, 1)
        place[rows, columns] = d + np.arange(len(rows))
        return {"X": draw.normal(size=(n, d)), "alpha": draw.normal(size=k),
                "mu": draw.uniform(size=(k, d)), "icf": draw.normal(size=(k, d * (d + 1) // 2)),
                "gamma": 1.0, "place": place}

    return data


def workloads(tiny: bool) -> list[Workload]:
    n, d, h, z = sizes = (2, 5, 4, 2) if tiny else (128, 784, 400, 20)
    points, p = (4, 2) if tiny else (256, 4)
    count = 3 if tiny else 1000
    mixtures = [(2, 2)] if tiny else [(2, 5), (2, 25), (10, 5), (10, 25)]
    return [
        Workload("i", f"VAE {d}-{h}-{z} Adam step, batch {n}", "vae_adam",
                 lambda: steps.adam(*autoencoder()), autoencoder_data(*sizes), 11,
                 steps.adam_state(VAE)),
        Workload("i", f"GP marginal likelihood, {points}×{p}", "gp", process,
                 process_data(points, p), 4),
        *(Workload("i", f"GMM, {count} points, d={d} K={k}", "gmm", mixture,
                   mixture_data(count, d, k), 4) for d, k in mixtures),
    ]
