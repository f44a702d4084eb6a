"""JAX given the closed form of each Hessian, as symdl derives it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from jax import nn as jnn
from jax import numpy as jnp

from benchmarks.peers.jax_formulas import newton
from benchmarks.peers.jax_speed import Make, both_ways, numbers

__all__ = ["numbers", "ways"]


def ways(kind: str) -> dict[str, Make]:
    """The ways to compute a workload."""
    return both_ways(FORMULAS.get(kind, {}))


def logistic(X: Any, y: Any, w: Any) -> Any:
    s = jnn.sigmoid(X @ w)
    return (X.T * (s * (1 - s))) @ X / len(X) + jnp.eye(len(w), dtype=w.dtype) / 100


def factorisation(U: Any, V: Any, X: Any) -> Any:
    """The four blocks of the Hessian of ½ |U Vᵀ - X|²."""
    (m, r), n = U.shape, len(V)
    a, b, c = (jnp.eye(k, dtype=U.dtype) for k in (m, n, r))
    mixed = jnp.einsum("ib,ja->iajb", U, V) + jnp.einsum("ij,ab->iajb", U @ V.T - X, c)
    return (jnp.einsum("ij,ab->iajb", a, V.T @ V), mixed, mixed.transpose(2, 3, 0, 1),
            jnp.einsum("ij,ab->iajb", b, U.T @ U))


def logsumexp(x: Any) -> Any:
    p = jnn.softmax(x)
    return jnp.diag(p) - jnp.outer(p, p)


FORMULAS: dict[str, dict[str, Callable[..., Any]]] = {
    "logistic_hessian": {"": logistic},
    "newton": {"": partial(newton, logistic)},
    "factorisation_hessian": {"": factorisation},
    "quadratic_hessian": {"": lambda A, x: A + A.T},
    "logsumexp_hessian": {"": logsumexp},
}
