"""Initial weights, as arrays drawn from a seeded generator.

Of a matrix the first axis counts the inputs and the second the outputs, as `dense` takes it; of
a kernel with more axes the first counts output channels and the second input channels, as
`conv2d` takes it, and the rest is the window.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod, sqrt
from operator import index
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from symdl.language.errors import ShapeError


def glorot_uniform(
    shape: Sequence[int], seed: Generator | int, gain: float = 1.0
) -> NDArray[np.float64]:
    r"""Draw weights that keep variances alike forwards and backwards.

    .. math:: W \sim U(-a, a), \qquad a = g \sqrt{\frac{6}{n_\text{in} + n_\text{out}}}

    Parameters
    ----------
    shape : sequence of int
        Of the weights, two axes or more.
    seed : numpy.random.Generator or int
        A generator, or the seed of a new one.
    gain : float
        g.

    Returns
    -------
    ndarray
        float64, of that shape.

    References
    ----------
    X. Glorot, Y. Bengio, Understanding the difficulty of training deep feedforward neural networks,
    AISTATS 2010, eq. 16.
    """
    inputs, outputs = fans(shape)
    bound = gain * sqrt(6 / max(inputs + outputs, 1))
    return np.random.default_rng(seed).uniform(-bound, bound, tuple(shape))


def he_normal(
    shape: Sequence[int], seed: Generator | int, gain: float = sqrt(2)
) -> NDArray[np.float64]:
    r"""Draw weights that keep variances alike through layers of rectified units.

    .. math:: W \sim N(0, \sigma^2), \qquad \sigma = \frac{g}{\sqrt{n_\text{in}}}, \quad g = \sqrt 2

    Parameters
    ----------
    shape : sequence of int
        Of the weights, two axes or more.
    seed : numpy.random.Generator or int
        A generator, or the seed of a new one.
    gain : float
        g.

    Returns
    -------
    ndarray
        float64, of that shape.

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun, Delving deep into rectifiers, 2015, arXiv:1502.01852, eq. 10.
    """
    inputs, _ = fans(shape)
    return np.random.default_rng(seed).normal(0.0, gain / sqrt(max(inputs, 1)), tuple(shape))


def fans(shape: Sequence[Any]) -> tuple[int, int]:
    """Return how many inputs an output has, and how many outputs an input has.

    Parameters
    ----------
    shape : sequence of int
        Of the weights, two axes or more.

    Returns
    -------
    tuple of int
        (d, k) for a matrix of shape (d, k); (c w, o w) for a kernel of shape (o, c, ...) whose
        window has w entries.
    """
    try:
        sizes = [index(n) for n in shape]
    except TypeError:
        raise ShapeError(f"a shape of weights is a tuple of integers, not {shape!r}") from None
    if len(sizes) < 2 or min(sizes) < 0:
        raise ShapeError(f"weights have two axes or more, none negative, not the shape "
                         f"{tuple(sizes)}")
    if len(sizes) == 2:
        return sizes[0], sizes[1]
    window = prod(sizes[2:])
    return sizes[1] * window, sizes[0] * window
