"""The referee's own helper functions, said in symdl's operators."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np

import symdl as sd


def unit(i: int, j: int, n: int, m: int | None = None) -> sd.Tensor:
    """The matrix that is 1 at (i, j)."""
    return sd.outer(sd.one_hot(sd.Tensor.__getitem__(sd.arange(n), i), n),
                    sd.one_hot(sd.Tensor.__getitem__(sd.arange(m or n), j), m or n))


def normal_mean(fn: Callable[[Any], Any], m: sd.Tensor, cov: sd.Tensor, deg: int = 9) -> sd.Tensor:
    """The exact expectation of a polynomial under N(m, cov), by tensor Gauss-Hermite."""
    n = _number(m.shape[0])
    x, w = np.polynomial.hermite_e.hermegauss(deg)
    grid = [list(k) for k in product(range(deg), repeat=n)]
    nodes, weights = x[grid], np.prod((w / w.sum())[grid], axis=1)
    return _mean(fn, sd.apply(lambda t: t, nodes) @ sd.cholesky(cov).T + m, weights)


def discrete_mean(fn: Callable[[Any], Any], values: sd.Tensor, weights: sd.Tensor) -> sd.Tensor:
    """The exact expectation over independent discrete coordinates: values, weights (n, s)."""
    n, s = map(_number, values.shape)
    grid = np.array(list(product(range(s), repeat=n)))
    rows = np.arange(n)[None, :] + 0 * grid
    return _mean(fn, values[rows, grid], sd.prod(weights[rows, grid], 1))


def _mean(fn: Callable[[Any], Any], points: sd.Tensor, weights: Any) -> sd.Tensor:
    """The weighted sum of a function over the rows of `points`."""
    i = sd.indices("i")
    w = sd.apply(lambda t: t, weights) if isinstance(weights, np.ndarray) else weights
    return sd.sum(w[i] * fn(points[i]), i)


def _number(size: Any) -> int:
    """A size that must be a number here."""
    if size.constant is None:
        raise sd.SymdlError("the grid of an expectation needs a numeric size")
    return int(size)


def toeplitz(t: sd.Tensor) -> sd.Tensor:
    """The matrix whose diagonals are constant."""
    n = (_number(t.shape[0]) + 1) // 2
    i, j = sd.indices("i j", n, n)
    return sd.define(None, (i, j), t[n - 1 + j - i])


def convolved(v: sd.Tensor, kernel: sd.Tensor, s: int = 1) -> sd.Tensor:
    """Z[i,j,k] = sum over l,m,n of V[l, j*s+m, k*s+n] K[i,l,m,n]: Goodfellow 9.8 from zero on."""
    (channels, height, width), (out, _, a, b) = v.shape, kernel.shape
    i, j, k = sd.indices("i j k", out, (height - a) // s + 1, (width - b) // s + 1)
    c, m, n = sd.indices("c m n", channels, a, b)
    return sd.define(None, (i, j, k), sd.sum(v[c, j * s + m, k * s + n] * kernel[i, c, m, n],
                                             (c, m, n)))


VOCABULARY = {"J": unit, "gh": normal_mean, "indep": discrete_mean, "toep": toeplitz,
              "conv_valid": convolved}
