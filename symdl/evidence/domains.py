"""Sets that arrays are drawn from, well inside their boundaries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.random import Generator

from symdl.evidence.line import Array


@dataclass(frozen=True)
class Domain:
    """A set of arrays that can be drawn from.

    Attributes
    ----------
    name : str
        The name, as a fact about a tensor would say it.
    sample : callable
        Draws one array of a shape; matrices are the last two axes, vectors the last.
    entrywise : bool
        Whether the entries are independent, so that one can be redrawn alone.
    least : int
        How many axes the arrays have at least.
    square : bool
        Whether the last two axes have one size.
    """

    name: str
    sample: Callable[[tuple[int, ...], Generator], Array]
    entrywise: bool = False
    least: int = 0
    square: bool = False

    def draw(self, shape: tuple[int, ...], generator: Generator) -> Array:
        """Draw an array.

        Parameters
        ----------
        shape : tuple of int
            Its shape.
        generator : numpy.random.Generator
            The source of randomness.

        Returns
        -------
        ndarray
            float64, or int64 for a range of integers.
        """
        if len(shape) < self.least:
            raise ValueError(f"{self.name}: at least {self.least} axes are needed, not {shape}")
        if self.square and shape[-1] != shape[-2]:
            raise ValueError(f"{self.name}: a square matrix is needed, not {shape}")
        return np.asarray(self.sample(shape, generator))


def interval(low: float, high: float) -> Domain:
    """Return the domain of numbers between two bounds.

    Parameters
    ----------
    low, high : float
        The bounds.

    Returns
    -------
    Domain
        Uniform on the interval.
    """
    if not low < high:
        raise ValueError(f"interval: {low} is not below {high}")
    return Domain(f"interval [{low}, {high})", lambda s, g: g.uniform(low, high, s), True)


def integers(low: int, high: int) -> Domain:
    """Return the domain of integers in `low <= k < high`.

    Parameters
    ----------
    low, high : int
        The bounds.

    Returns
    -------
    Domain
        Uniform on the integers, which are drawn as int64.
    """
    if not low < high:
        raise ValueError(f"integers: there is none in {low} <= k < {high}")
    return Domain(f"integers [{low}, {high})", lambda s, g: g.integers(low, high, s), True)


def _transpose(a: Array) -> Array:
    return np.swapaxes(a, -1, -2)


def _positive(shape: tuple[int, ...], g: Generator) -> Array:
    return np.exp(g.normal(0.0, 0.5, shape))


def _simplex(shape: tuple[int, ...], g: Generator) -> Array:
    weights = g.gamma(2.0, size=shape) + 0.05
    return np.asarray(weights / weights.sum(-1, keepdims=True))


def _unit_vector(shape: tuple[int, ...], g: Generator) -> Array:
    a = g.normal(size=shape)
    return np.asarray(a / np.linalg.norm(a, axis=-1, keepdims=True))


def _one_hot(shape: tuple[int, ...], g: Generator) -> Array:
    hot = g.integers(0, max(shape[-1], 1), (*shape[:-1], 1))
    return np.asarray(np.arange(shape[-1]) == hot, dtype=np.float64)


def _symmetric(shape: tuple[int, ...], g: Generator) -> Array:
    a = g.normal(size=shape)
    return np.asarray((a + _transpose(a)) / 2)


def _skew_symmetric(shape: tuple[int, ...], g: Generator) -> Array:
    a = g.normal(size=shape)
    return np.asarray((a - _transpose(a)) / 2)


def _positive_definite(shape: tuple[int, ...], g: Generator) -> Array:
    a = g.normal(size=shape)
    b = a @ _transpose(a) / max(shape[-1], 1) + np.eye(shape[-1])
    return np.asarray((b + _transpose(b)) / 2)


def _orthogonal(shape: tuple[int, ...], g: Generator) -> Array:
    """Draw from Haar's measure (Mezzadri, Notices of the AMS 54(5), 2007)."""
    q, r = np.linalg.qr(g.normal(size=shape))
    diagonal = np.diagonal(r, axis1=-2, axis2=-1)
    return np.asarray(q * np.sign(diagonal)[..., None, :])


def _diagonal(shape: tuple[int, ...], g: Generator) -> Array:
    return np.asarray(_positive(shape, g) * np.eye(shape[-1]))


def _lower_positive(shape: tuple[int, ...], g: Generator) -> Array:
    return np.asarray(np.tril(g.normal(size=shape), -1) + _diagonal(shape, g))


REAL = Domain("real", lambda s, g: g.normal(size=s), True)
POSITIVE = Domain("positive", _positive, True)
NEGATIVE = Domain("negative", lambda s, g: -_positive(s, g), True)
UNIT_INTERVAL = Domain("unit_interval", lambda s, g: g.uniform(0.05, 0.95, s), True)
BINARY = Domain("binary", lambda s, g: g.integers(0, 2, s).astype(np.float64), True)
SIMPLEX = Domain("simplex", _simplex, least=1)
UNIT_VECTOR = Domain("unit_vector", _unit_vector, least=1)
ONE_HOT = Domain("one_hot", _one_hot, least=1)
SYMMETRIC = Domain("symmetric", _symmetric, least=2, square=True)
SKEW_SYMMETRIC = Domain("skew_symmetric", _skew_symmetric, least=2, square=True)
POSITIVE_DEFINITE = Domain("positive_definite", _positive_definite, least=2, square=True)
ORTHOGONAL = Domain("orthogonal", _orthogonal, least=2, square=True)
DIAGONAL = Domain("diagonal", _diagonal, least=2, square=True)
LOWER_TRIANGULAR = Domain("lower_triangular", lambda s, g: np.tril(g.normal(size=s)), least=2)
UPPER_TRIANGULAR = Domain("upper_triangular", lambda s, g: np.triu(g.normal(size=s)), least=2)
LOWER_POSITIVE = Domain("lower_positive", _lower_positive, least=2, square=True)

DOMAINS = MappingProxyType(
    {
        domain.name: domain
        for domain in (
            REAL,
            POSITIVE,
            NEGATIVE,
            UNIT_INTERVAL,
            BINARY,
            SIMPLEX,
            UNIT_VECTOR,
            ONE_HOT,
            SYMMETRIC,
            SKEW_SYMMETRIC,
            POSITIVE_DEFINITE,
            ORTHOGONAL,
            DIAGONAL,
            LOWER_TRIANGULAR,
            UPPER_TRIANGULAR,
            LOWER_POSITIVE,
        )
    }
)
"""All domains without parameters, by name."""
