"""Row g: Hessians with structure, and a step of Newton's method."""

from __future__ import annotations

from typing import Any

import numpy as np

import symdl as sd
from benchmarks.speed.workload import Workload


def regression() -> tuple[sd.Tensor, sd.Tensor]:
    """The loss of logistic regression, labels 0 or 1, with a ridge; and its weights."""
    n, d = sd.dims("n d")
    X, y, w = sd.tensor("X", n, d), sd.tensor("y", n), sd.tensor("w", d)
    z = X @ w
    return sd.mean(sd.softplus(z) - y * z) + sd.sum(w**2) / 200, w


def logistic() -> tuple[Any, ...]:
    return (sd.hessian(*regression()),)


def newton() -> tuple[Any, ...]:
    loss, w = regression()
    return (w - sd.solve(sd.hessian(loss, w), sd.grad(loss, w)),)


def factorisation() -> tuple[Any, ...]:
    """The blocks of the Hessian of ½ |U Vᵀ - X|²."""
    m, n, r = sd.dims("m n r")
    U, V, X = sd.tensor("U", m, r), sd.tensor("V", n, r), sd.tensor("X", m, n)
    blocks = sd.hessian(sd.sum((U @ V.T - X) ** 2) / 2, (U, V))
    return tuple(block for line in blocks for block in line)


def quadratic() -> tuple[Any, ...]:
    n = sd.dims("n")
    A, x = sd.tensor("A", n, n), sd.tensor("x", n)
    return (sd.hessian(x @ A @ x, x),)


def logsumexp() -> tuple[Any, ...]:
    x = sd.tensor("x", sd.dims("n"))
    return (sd.hessian(sd.logsumexp(x), x),)


def regression_data(n: int, d: int) -> Any:
    def data(draw: np.random.Generator) -> dict[str, Any]:
        return {"X": draw.normal(size=(n, d)), "y": draw.integers(0, 2, n).astype(float),
                "w": draw.normal(size=d) / np.sqrt(d)}

    return data


def factorisation_data(m: int, n: int, r: int) -> Any:
    def data(draw: np.random.Generator) -> dict[str, Any]:
        return {"U": draw.normal(size=(m, r)), "V": draw.normal(size=(n, r)),
                "X": draw.normal(size=(m, n))}

    return data


def quadratic_data(n: int) -> Any:
    return lambda draw: {"A": draw.normal(size=(n, n)), "x": draw.normal(size=n)}


def workloads(tiny: bool) -> list[Workload]:
    sizes = [(5, 3)] if tiny else [(1000, 100), (2048, 256)]
    m, n, r = (3, 2, 2) if tiny else (60, 40, 5)
    wide = 3 if tiny else 2048
    return [
        *(Workload("g", f"logistic {n}×{d}, Hessian", "logistic_hessian", logistic,
                   regression_data(n, d), 1) for n, d in sizes),
        Workload("g", f"factorisation, {(m + n) * r} unknowns", "factorisation_hessian",
                 factorisation, factorisation_data(m, n, r), 4),
        Workload("g", f"x'Ax, {wide}, Hessian", "quadratic_hessian", quadratic,
                 quadratic_data(wide), 1),
        Workload("g", f"log-sum-exp, {wide}, Hessian", "logsumexp_hessian", logsumexp,
                 lambda draw: {"x": draw.normal(size=wide)}, 1),
        *(Workload("g", f"Newton step, logistic {n}×{d}", "newton", newton,
                   regression_data(n, d), 1) for n, d in sizes),
    ]
