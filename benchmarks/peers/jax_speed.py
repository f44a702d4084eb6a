"""JAX: jitted, blocked until ready, each formula once plainly and once into donated results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import numpy as np
from jax import nn as jnn
from jax import numpy as jnp

from benchmarks.peers.jax_formulas import (
    attention,
    cnn,
    conv,
    conv_last,
    factorised,
    gathered,
    gmm,
    gp,
    gru,
    hessian,
    lstm,
    mlp,
    newton,
    one_hot,
    point,
    vae,
)

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


LOSSES = {"gathered, ": gathered, "one-hot, ": one_hot}


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
