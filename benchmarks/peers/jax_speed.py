"""JAX: jitted, blocked until ready, each formula once plainly and once into donated results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from math import lgamma, log, pi
from typing import Any

import jax
import numpy as np
from jax import lax
from jax import nn as jnn
from jax import numpy as jnp

jax.config.update("jax_enable_x64", True)

Make = Callable[[dict[str, Any]], Callable[[], Any]]


def ways(kind: str) -> dict[str, Make]:
    """The ways to compute a workload."""
    found = both_ways(FORMULAS.get(kind, {}))
    for name, (f, state) in STEPS.get(kind, {}).items():
        found[f"{name}jit, donated"] = partial(stepping, f, state)
    return found


def both_ways(formulas: Mapping[str, Callable[..., Any]]) -> dict[str, Make]:
    """Each formula plainly and into donated results."""
    return {f"{name}{how}": partial(make, f) for name, f in formulas.items()
            for how, make in (("jit", jitted), ("jit, donated", donated))}


def numbers(result: Any) -> list[np.ndarray[Any, Any]]:
    return [np.asarray(x) for x in jax.tree.leaves(result)]


def placed(d: dict[str, Any]) -> dict[str, Any]:
    """The arrays on the device, labels in 32 bits."""
    return {k: jnp.array(x, jnp.int32 if x.dtype.kind == "i" else x.dtype) for k, x in d.items()}


def jitted(f: Callable[..., Any], d: dict[str, Any]) -> Callable[[], Any]:
    compiled, given = jax.jit(lambda given: f(**given)), placed(d)
    return lambda: jax.block_until_ready(compiled(given))


def donated(f: Callable[..., Any], d: dict[str, Any]) -> Callable[[], Any]:
    """The last call's results are given back as memory for the next one's."""
    compiled = jax.jit(lambda given, old: f(**given), donate_argnums=1, keep_unused=True)
    given = placed(d)
    old = jax.jit(lambda given: f(**given))(given)

    def run() -> Any:
        nonlocal old
        old = jax.block_until_ready(compiled(given, old))
        return old

    return run


def stepping(f: Callable[..., Any], state: Callable[[dict[str, Any]], Any], d: dict[str, Any],
             ) -> Callable[[], Any]:
    """A step from a donated state to (loss, new state)."""
    compiled, given = jax.jit(f, donate_argnums=0), placed(d)
    old = state(given)
    given = {k: given[k] for k in ("X", "y", "rate", "E") if k in given}

    def run() -> Any:
        nonlocal old
        loss, old = jax.block_until_ready(compiled(old, given))
        return loss, old

    return run


def with_vjp(f: Callable[..., Any], names: tuple[str, ...], cotangent: str) -> Callable[..., Any]:
    def both(**d: Any) -> Any:
        y, pull = jax.vjp(f, *(d[name] for name in names))
        return y, *pull(d[cotangent])

    return both


def with_gradients(loss: Callable[..., Any], *names: str) -> Callable[..., Any]:
    def both(**d: Any) -> Any:
        p = {name: d.pop(name) for name in names}
        value, g = jax.value_and_grad(lambda p: loss(**p, **d))(p)
        return value, *(g[name] for name in names)

    return both


def gathered(Z: Any, y: Any) -> Any:
    """Softmax cross-entropy with the logits at the labels gathered."""
    return jnp.mean(jnn.logsumexp(Z, 1) - jnp.take_along_axis(Z, y[:, None], 1)[:, 0])


def one_hot(Z: Any, y: Any) -> Any:
    """Softmax cross-entropy with one-hot labels."""
    return -jnp.mean(jnp.sum(jnn.log_softmax(Z) * jnn.one_hot(y, Z.shape[1], dtype=Z.dtype), 1))


LOSSES = {"gathered, ": gathered, "one-hot, ": one_hot}


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


def sgd(loss: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    def step(p: Any, d: Any) -> Any:
        rest = {k: x for k, x in d.items() if k != "rate"}
        value, g = jax.value_and_grad(lambda p: loss(**rest, **p))(p)
        return value, jax.tree.map(lambda p, g: p - d["rate"] * g, p, g)

    return step


def adam(loss: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    def step(state: Any, d: Any) -> Any:
        p, m, v, t = state
        rest = {k: x for k, x in d.items() if k != "rate"}
        value, g = jax.value_and_grad(lambda p: loss(**rest, **p))(p)
        t = t + 1
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        a, b = d["rate"] / (1 - 0.9**t), 1 / (1 - 0.999**t)
        p = jax.tree.map(lambda p, m, v: p - a * m / (jnp.sqrt(b * v) + 1e-8), p, m, v)
        return value, (p, m, v, t)

    return step


class Named(dict):  # type: ignore[type-arg]
    """A dict whose leaves keep their order: parameters come back as they are listed."""


jax.tree_util.register_pytree_node(
    Named, lambda p: (tuple(p.values()), tuple(p)),
    lambda names, p: Named(zip(names, p, strict=True)))


def parameters(names: list[str]) -> Callable[[dict[str, Any]], Any]:
    return lambda d: Named((n, d[n]) for n in names)


def moments(names: list[str]) -> Callable[[dict[str, Any]], Any]:
    def state(d: dict[str, Any]) -> Any:
        return *(Named((n, d[letter + n]) for n in names) for letter in ("", "m_", "v_")), d["t"]

    return state


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


ACTIVATIONS = {"sigmoid": jnn.sigmoid, "tanh": jnp.tanh, "softplus": jnn.softplus, "silu": jnn.silu,
               "gelu": partial(jnn.gelu, approximate=False), "gelu_tanh": jnn.gelu}
MLP = ["W1", "b1", "W2", "b2", "W3", "b3"]
CNN = ["K1", "b1", "K2", "b2", "W", "c"]
SCANS = {"scan, ": 1, "scan of 8 steps, ": 8}

FORMULAS: dict[str, dict[str, Callable[..., Any]]] = {
    **{name: {"": with_vjp(f, ("x",), "u")} for name, f in ACTIVATIONS.items()},
    "cross_entropy": {name: with_gradients(f, "Z") for name, f in LOSSES.items()},
    "mlp": {name: with_gradients(partial(mlp, f), *MLP) for name, f in LOSSES.items()},
    "convolution": {"": with_vjp(conv, ("X", "K"), "U"),
                    "channels last, ": with_vjp(conv_last, ("X", "K"), "U")},
    "lstm": {name: with_gradients(partial(lstm, k), "W", "U", "b") for name, k in SCANS.items()},
    "gru": {name: with_gradients(partial(gru, k), "W", "U", "b", "c") for name, k in SCANS.items()},
    "point": {"": with_gradients(point, *MLP)},
    "logistic_hessian": {"": hessian},
    "newton": {"": partial(newton, hessian)},
    "factorisation_hessian": {"": lambda U, V, X: jax.hessian(factorised, (0, 1))(U, V, X)},
    "quadratic_hessian": {"": lambda A, x: jax.hessian(lambda x: x @ A @ x)(x)},
    "logsumexp_hessian": {"": lambda x: jax.hessian(jnn.logsumexp)(x)},
    "attention": {name: with_gradients(partial(attention, fast), "X", "g", "c", *"QKVO")
                  for name, fast in {"einsum, ": False, "dot_product_attention, ": True}.items()},
    "gp": {"": with_gradients(gp, "l", "f", "s")},
    "gmm": {"": with_gradients(gmm, "alpha", "mu", "icf")},
}

STEPS: dict[str, dict[str, Any]] = {
    "mlp_sgd": {name: (sgd(partial(mlp, f)), parameters(MLP)) for name, f in LOSSES.items()},
    "mlp_adam": {name: (adam(partial(mlp, f)), moments(MLP)) for name, f in LOSSES.items()},
    "cnn_sgd": {"": (sgd(partial(cnn, conv, gathered)), parameters(CNN)),
                "channels last, ": (sgd(partial(cnn, conv_last, gathered)), parameters(CNN))},
    "vae_adam": {"": (adam(vae), moments(list("AaMmSsBbCc")))},
}
