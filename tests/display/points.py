"""Random points that have the declared facts, and the value of a result there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from symdl.kernels.oracle import oracle
from symdl.language.form import Dim
from symdl.language.sizes import dims_of, variables_of


def sizes_of(roots: Sequence[Any], rng: np.random.Generator, **given: int) -> dict[str, int]:
    """A number for each size, those that aren't given between 2 and 4."""
    names = sorted(map(str, dims_of(list(roots))))
    return {name: given.get(name, int(rng.integers(2, 5))) for name in names}


def point(roots: Sequence[Any], sizes: Mapping[str, int], rng: np.random.Generator,
          ) -> dict[str, Any]:
    """An array for each input."""
    env = {Dim(name): n for name, n in sizes.items()}
    labels = 2 if min(sizes.values(), default=1) > 1 else 1
    return {v.name: _array(v, tuple(f.value(env) for f in v.shape), labels, rng)
            for v in variables_of(list(roots))}


def _array(v: Any, shape: tuple[int, ...], labels: int, rng: np.random.Generator) -> Any:
    if "integer" in v.facts:
        return rng.integers(0, labels, shape)
    if "one_hot" in v.facts:
        return np.eye(shape[-1])[rng.integers(0, max(shape[-1], 1), shape[:-1])]
    x = rng.normal(size=shape)
    if "symmetric" in v.facts:
        x = x + np.swapaxes(x, -1, -2)
    if "positive_definite" in v.facts:
        x = x @ np.swapaxes(x, -1, -2) + np.eye(shape[-1])
    if v.facts & {"orthogonal", "idempotent"}:
        x = np.linalg.qr(x)[0] if x.size else x
    if "idempotent" in v.facts:
        x = x[..., :(shape[-1] + 1) // 2]
        x = x @ np.swapaxes(x, -1, -2)
    if "diagonal" in v.facts:
        x = x * np.eye(shape[-1])
    if "lower_triangular" in v.facts:
        x = np.tril(x)
    if "upper_triangular" in v.facts:
        x = np.triu(x)
    if "unit_norm" in v.facts:
        x = x / np.linalg.norm(x, axis=-1, keepdims=True)
    if "simplex" in v.facts:
        x = np.exp(x) / np.exp(x).sum(-1, keepdims=True)
    return np.abs(x) + 0.1 if "positive" in v.facts else x


def value(t: Any, inputs: Mapping[str, Any], sizes: Mapping[str, int]) -> Any:
    """The oracle's value."""
    found = oracle([t], dict(inputs), **dict(sizes))[0]
    return np.asarray(found, float).reshape(found.shape)
