"""Numeric referee for the claims in `tests/data/claims`: NumPy and SciPy only.

A claim is a dict:

- id, source, eq, topic, kind, vars, wrt, lhs, rhs, verdict, and where needed let, dims, fixed,
  note, assume
- kind: ``grad`` d lhs / d wrt of a scalar lhs, ``jac`` of shape lhs.shape + wrt.shape, ``hess`` of
  shape wrt.shape + wrt.shape, ``eq`` lhs = rhs as values, ``shape`` where rhs doesn't even have the
  gradient's shape
- vars: name -> [dims, domain]; dims as in "n,m" ("" is a scalar), sizes in `DIMS` or claim["dims"]

Derivatives are 7-point central differences in float64 (about 1e-11), Hessians nested ones (1e-8).
The formulas are this repository's own data and are evaluated as Python.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import scipy.integrate
import scipy.linalg
import scipy.special

DIMS = {"n": 3, "m": 2, "p": 4, "k": 3, "K": 3, "N": 5, "D": 3, "q": 2, "T": 3, "h": 2, "C": 2,
        "H": 5, "r": 2}
DATA = Path(__file__).parents[1] / "data" / "claims"
Claim = dict[str, Any]


def claims(*kinds: str) -> list[Claim]:
    """All claims of some kinds."""
    return [c for file in sorted(DATA.glob("*.json"))
            for c in json.loads(file.read_text(encoding="utf-8")) if c["kind"] in kinds]


def unit(i: int, j: int, n: int, m: int | None = None) -> Any:
    """The matrix that is 1 at (i, j)."""
    a = np.zeros((n, m or n))
    a[i, j] = 1
    return a


def normal_mean(fn: Callable[[Any], Any], m: Any, cov: Any, deg: int = 9) -> Any:
    """The exact expectation of a polynomial under N(m, cov), by tensor Gauss-Hermite."""
    x, w = np.polynomial.hermite_e.hermegauss(deg)
    w, low = w / w.sum(), np.linalg.cholesky(cov)
    grid = (list(k) for k in np.ndindex(*(deg,) * len(m)))
    return sum(np.prod(w[k]) * np.asarray(fn(m + low @ x[k])) for k in grid)


def discrete_mean(fn: Callable[[Any], Any], values: Any, weights: Any) -> Any:
    """The exact expectation over independent discrete coordinates: values, weights (n, s)."""
    n, s = values.shape
    grid = (list(k) for k in np.ndindex(*(s,) * n))
    return sum(np.prod(weights[np.arange(n), k]) * np.asarray(fn(values[np.arange(n), k]))
               for k in grid)


def toeplitz(t: Any) -> Any:
    """The matrix whose diagonals are constant."""
    n = (len(t) + 1) // 2
    return np.array([[t[n - 1 + j - i] for j in range(n)] for i in range(n)])


def convolved(v: Any, kernel: Any, s: int = 1) -> Any:
    """Z[i,j,k] = sum over l,m,n of V[l, j*s+m, k*s+n] K[i,l,m,n]: Goodfellow 9.8 from zero on."""
    o, _, a, b = kernel.shape
    rows, columns = (v.shape[1] - a) // s + 1, (v.shape[2] - b) // s + 1
    z = np.zeros((o, rows, columns))
    for j in range(rows):
        for k in range(columns):
            z[:, j, k] = np.tensordot(kernel, v[:, j * s:j * s + a, k * s:k * s + b], 3)
    return z


def _sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


NAMES: dict[str, Any] = {
    "np": np, "sp": scipy.special, "si": scipy.integrate, "J": unit, "gh": normal_mean,
    "indep": discrete_mean, "toep": toeplitz, "conv_valid": convolved,
    "tr": np.trace, "det": np.linalg.det, "inv": np.linalg.inv, "pinv": np.linalg.pinv,
    "T": np.transpose, "I": np.eye, "logdet": lambda a: np.linalg.slogdet(a)[1],
    "outer": np.outer, "diag": np.diag, "kron": np.kron, "mp": np.linalg.matrix_power,
    "expm": scipy.linalg.expm, "sqrtm": lambda a: scipy.linalg.sqrtm(a).real,
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "tanh": np.tanh, "sum": np.sum, "mean": np.mean,
    "einsum": np.einsum, "abs": np.abs, "sign": np.sign,
    "sig": _sigmoid, "dsig": lambda z: _sigmoid(z) * (1 - _sigmoid(z)),
    "softplus": lambda z: np.log1p(np.exp(z)), "relu": lambda z: np.maximum(z, 0),
    "softmax": lambda z, ax=-1: scipy.special.softmax(z, axis=ax),
    "lse": lambda z, ax=None: scipy.special.logsumexp(z, axis=ax),
    "lgamma": scipy.special.gammaln, "psi": scipy.special.digamma, "norm": np.linalg.norm,
    "vec": lambda a: a.reshape(-1, order="F"), "pi": np.pi, "arange": np.arange,
    "cumsum": np.cumsum, "prod": np.prod, "ones": np.ones, "zeros": np.zeros, "stack": np.stack,
    "range": range, "len": len, "array": np.array, "eig": np.linalg.eigvalsh,
    "eigh": np.linalg.eigh, "factorial": scipy.special.factorial, "comb": scipy.special.comb,
    "maximum": np.maximum, "where": np.where, "cos": np.cos, "sin": np.sin,
    "npdf": lambda x, m, v: np.exp(-0.5 * (x - m) ** 2 / v) / np.sqrt(2 * np.pi * v),
    "mvn": lambda x, m, s: np.exp(-0.5 * (x - m) @ np.linalg.solve(s, x - m)) / np.sqrt(
        np.linalg.det(2 * np.pi * s)),
}
"""The vocabulary of the formulas."""


def sizes_of(c: Claim) -> dict[str, int]:
    """The sizes at which a claim is judged."""
    return {**DIMS, **c.get("dims", {})}


def shape_of(c: Claim, name: str) -> tuple[str, ...]:
    """The sizes of a variable as they are written."""
    return tuple(d.strip() for d in c["vars"][name][0].split(",") if d.strip())


def point(c: Claim, seed: int) -> dict[str, Any]:
    """Random values of a claim's variables, inside their domains."""
    rng = np.random.default_rng([seed, sum(map(ord, c["id"]))])
    dims = sizes_of(c)
    return {name: draw(domain, tuple(dims.get(d) or int(d) for d in shape_of(c, name)), rng)
            for name, (_, domain) in c["vars"].items()}


def draw(domain: str, s: tuple[int, ...], rng: np.random.Generator) -> Any:
    """A random array of that shape in a domain."""
    if domain.startswith("int:"):
        low, high = map(int, domain.split(":")[1:])
        return rng.integers(low, high + 1, size=s)
    a = _DOMAINS[domain](s, rng)
    return float(a) if s == () else np.asarray(a, float)


def _one_hot(s: tuple[int, ...], rng: np.random.Generator) -> Any:
    a = np.zeros(s)
    for i in np.ndindex(*s[:-1]):
        a[(*i, rng.integers(s[-1]))] = 1
    return a


def _gram(s: tuple[int, ...], rng: np.random.Generator) -> Any:
    a = rng.normal(size=s)
    return a @ a.T + np.eye(s[0])


def _symmetric(s: tuple[int, ...], rng: np.random.Generator) -> Any:
    a = rng.normal(size=s)
    return a + a.T


_DOMAINS: Mapping[str, Callable[[tuple[int, ...], np.random.Generator], Any]] = {
    "gen": lambda s, rng: rng.normal(size=s),
    "small": lambda s, rng: 0.3 * rng.normal(size=s),
    "pos": lambda s, rng: rng.uniform(0.5, 2.0, size=s),
    "unit": lambda s, rng: rng.uniform(0.15, 0.85, size=s),
    "prob": lambda s, rng: rng.dirichlet(2 * np.ones(s[-1]), size=s[:-1] or None),
    "joint": lambda s, rng: rng.dirichlet(2 * np.ones(int(np.prod(s)))).reshape(s),
    "sym": _symmetric, "spd": _gram, "onehot": _one_hot,
    "orth": lambda s, rng: np.linalg.qr(rng.normal(size=s))[0],
    "diag": lambda s, rng: np.diag(rng.uniform(0.5, 2, size=s[0])),
    "pm1": lambda s, rng: rng.choice([-1.0, 1.0], size=s),
    "bin": lambda s, rng: rng.choice([0.0, 1.0], size=s),
}


def side(c: Claim, text: str, values: Mapping[str, Any]) -> Any:
    """The value of one of the claim's formulas."""
    scope: dict[str, Any] = {**NAMES, **values}
    for name, definition in c.get("let", {}).items():
        scope[name] = eval(definition, scope)
    return np.asarray(eval(text, scope), float)


_WEIGHTS = np.array([-1, 9, -45, 0, 45, -9, 1]) / 60.0


def differences(f: Callable[[Any], Any], x: Any, h: float) -> Any:
    """The derivative of f at x by central differences."""
    x = np.asarray(x, float)
    columns = {}
    for i in np.ndindex(*x.shape):
        columns[i] = 0
        for c, w in zip(range(-3, 4), _WEIGHTS, strict=True):
            if w:
                y = x.copy()
                y[i] += c * h
                columns[i] = columns[i] + w * np.asarray(f(y if y.shape else float(y)), float) / h
    out = np.zeros(np.shape(columns[next(iter(columns))]) + x.shape)
    for i, column in columns.items():
        out[(..., *i)] = column
    return out


def measured(c: Claim, values: Mapping[str, Any]) -> Any:
    """The left side of a claim, differentiated by differences where its kind asks for it."""
    def f(x: Any) -> Any:
        return side(c, c["lhs"], {**values, c["wrt"]: x})

    if c["kind"] == "eq":
        return side(c, c["lhs"], values)
    if c["kind"] == "hess":
        return differences(lambda z: differences(f, z, 1e-2), values[c["wrt"]], 1e-2)
    return differences(f, values[c["wrt"]], 2e-3)


def apart(a: Any, b: Any) -> float:
    """How far two results are apart, relative to their size; infinite for other shapes or NaN."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a.shape != b.shape or not np.all(np.isfinite(b)):
        return float("inf")
    return float(np.max(np.abs(a - b) / np.maximum(1, np.abs(a) + np.abs(b)), initial=0.0))
