"""Exact points: small fractions at which the facts of inputs hold without rounding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from symdl.claims.ranges import integer_range
from symdl.claims.sizes import size_of
from symdl.evidence.line import Array
from symdl.language.errors import SymdlError
from symdl.language.form import Dim
from symdl.language.tensor import Tensor, Variable

Point = dict[str, Array]
Draw = Callable[[tuple[int, ...], "Numbers"], Array]


class Numbers:
    """Random small fractions.

    Parameters
    ----------
    seed : int
        The same one gives the same numbers.
    widest : int or Fraction
        The greatest number.
    below : int
        The denominator.
    positive : bool
        No sign is drawn.
    """

    def __init__(self, seed: int, widest: int | Fraction = 3, below: int = 1,
                 positive: bool = False):
        self._random = np.random.default_rng(seed)
        self.widest, self.below, self.signed = int(widest * below), below, not positive

    def array(self, shape: tuple[int, ...], least: int | None = None) -> Array:
        """Fractions between -widest and widest, their numerators from `least` on if it is given."""
        low = least if least is not None else -self.widest if self.signed else 1
        drawn = self._random.integers(low, self.widest + 1, size=shape)
        return np.asarray(exact(drawn) / Fraction(self.below), dtype=object)

    def below_of(self, count: int) -> int:
        """A whole number below `count`."""
        return int(self._random.integers(count))


def exact(a: Any) -> Array:
    """An array of fractions."""
    a = np.asarray(a)
    out = np.empty(a.shape, object)
    for i in np.ndindex(a.shape):
        out[i] = Fraction(a[i].item() if isinstance(a[i], np.generic) else a[i])
    return out


def _plain(shape: tuple[int, ...], r: Numbers) -> Array:
    return r.array(shape)


def _positive(shape: tuple[int, ...], r: Numbers) -> Array:
    return r.array(shape, 1)


def _nonnegative(shape: tuple[int, ...], r: Numbers) -> Array:
    return r.array(shape, 0)


def _unit_interval(shape: tuple[int, ...], r: Numbers) -> Array:
    """Within [0, 1], now and then on the border."""
    a, b = r.array(shape, 0), r.array(shape, 0)
    return np.asarray((a + (a + b == 0)) / (a + b + (a + b == 0)))


def _binary(shape: tuple[int, ...], r: Numbers) -> Array:
    out = exact(np.zeros(shape, int))
    for i in np.ndindex(shape):
        out[i] = Fraction(r.below_of(2))
    return out


def _simplex(shape: tuple[int, ...], r: Numbers) -> Array:
    """Sums to 1; entries may be 0."""
    a = r.array(shape, r.below_of(2))
    a[..., 0] = a[..., 0] + (a.sum(-1) == 0)
    return np.asarray(a / a.sum(-1, keepdims=True))


def _inner_simplex(shape: tuple[int, ...], r: Numbers) -> Array:
    a = r.array(shape, 1)
    return np.asarray(a / a.sum(-1, keepdims=True))


def _one_hot(shape: tuple[int, ...], r: Numbers) -> Array:
    out = exact(np.zeros(shape, int))
    for i in np.ndindex(shape[:-1]):
        out[(*i, r.below_of(shape[-1]))] = Fraction(1)
    return out


def _unit_norm(shape: tuple[int, ...], r: Numbers) -> Array:
    """Stereographic: (2u, |u|² - 1) / (|u|² + 1)."""
    u = r.array((*shape[:-1], shape[-1] - 1))
    square = (u * u).sum(-1, keepdims=True) + Fraction(0)
    return np.asarray(np.concatenate([2 * u, square - 1], -1) / (square + 1))


def _symmetric(shape: tuple[int, ...], r: Numbers) -> Array:
    a = r.array(shape)
    return _swapped_below(a)


def _swapped_below(a: Array) -> Array:
    low = np.tril_indices(a.shape[-1], -1)
    out = a.copy()
    out[(..., *low)] = np.swapaxes(a, -1, -2)[(..., *low)]
    return out


def _definite(shape: tuple[int, ...], r: Numbers) -> Array:
    a = r.array(shape)
    return np.asarray(a @ np.swapaxes(a, -1, -2) + _eye(shape))


def _eye(shape: tuple[int, ...]) -> Array:
    return np.broadcast_to(exact(np.eye(shape[-1], dtype=int)), shape)


def _diagonal(shape: tuple[int, ...], r: Numbers) -> Array:
    return np.asarray(_eye(shape) * r.array(shape))


def _positive_diagonal(shape: tuple[int, ...], r: Numbers) -> Array:
    return np.asarray(_eye(shape) * r.array(shape, 1))


def _reflection(shape: tuple[int, ...], r: Numbers) -> Array:
    """Householder: I - 2 v vᵀ / |v|²."""
    v = r.array(shape[:-1], 1)
    square = (v * v).sum(-1, keepdims=True)[..., None]
    return np.asarray(_eye(shape) - 2 * v[..., :, None] * v[..., None, :] / square)


def _orthogonal(shape: tuple[int, ...], r: Numbers) -> Array:
    """A product of two reflections or of one, symmetric no longer."""
    one = _reflection(shape, r)
    return np.asarray(one @ _reflection(shape, r)) if shape[-1] > 1 else one


def _lower(shape: tuple[int, ...], r: Numbers) -> Array:
    return np.asarray(r.array(shape) * exact(np.tri(shape[-1], dtype=int)))


def _upper(shape: tuple[int, ...], r: Numbers) -> Array:
    return np.swapaxes(_lower(shape, r), -1, -2)


def _idempotent(shape: tuple[int, ...], r: Numbers) -> Array:
    """An oblique projection, u wᵀ / wᵀu."""
    u, w = r.array(shape[:-1], 1), r.array(shape[:-1], 1)
    return np.asarray(u[..., :, None] * w[..., None, :] / (u * w).sum(-1, keepdims=True)[..., None])


def _projection(shape: tuple[int, ...], r: Numbers) -> Array:
    u = r.array(shape[:-1], 1)
    return np.asarray(u[..., :, None] * u[..., None, :] / (u * u).sum(-1, keepdims=True)[..., None])


_WAYS: tuple[tuple[Draw, frozenset[str]], ...] = tuple(
    (draw, frozenset(facts.split())) for draw, facts in (
        (_plain, ""), (_nonnegative, "nonnegative"), (_positive, "positive nonnegative"),
        (_unit_interval, "unit_interval nonnegative"),
        (_binary, "binary unit_interval nonnegative"),
        (_simplex, "simplex nonnegative unit_interval"),
        (_inner_simplex, "simplex positive nonnegative unit_interval"),
        (_one_hot, "one_hot simplex binary nonnegative unit_interval"),
        (_unit_norm, "unit_norm"), (_symmetric, "symmetric"),
        (_definite, "positive_definite symmetric"), (_lower, "lower_triangular"),
        (_upper, "upper_triangular"),
        (_diagonal, "diagonal symmetric lower_triangular upper_triangular"),
        (_positive_diagonal, "diagonal positive_definite symmetric lower_triangular "
                             "upper_triangular nonnegative"),
        (_orthogonal, "orthogonal"), (_reflection, "orthogonal symmetric"),
        (_idempotent, "idempotent"), (_projection, "idempotent symmetric")))
"""How to draw, and the facts that then hold; the first way that suffices is taken."""


def draw(v: Variable, root: Tensor, sizes: Mapping[Dim, int], numbers: Numbers) -> Array:
    """A value of an input with its facts, in exact fractions or integers.

    Raises
    ------
    SymdlError
        If there is no way.
    """
    shape = tuple(size_of(f, sizes) for f in v.shape)
    if v.dtype == "int":
        allowed = integer_range(v, root, sizes)
        if not allowed:
            raise SymdlError(f"{v.name}: no integer is found that addresses an entry")
        out = np.empty(shape, int)
        for i in np.ndindex(shape):
            out[i] = allowed.start + numbers.below_of(len(allowed))
        return out
    way = next((draw for draw, facts in _WAYS if v.facts <= facts), None)
    if way is None:
        raise SymdlError(f"{v.name}: no way is known to draw an array that is "
                         f"{' and '.join(sorted(v.facts))}")
    if prod(shape) == 0:
        return np.empty(shape, object)
    return way(shape, numbers)
