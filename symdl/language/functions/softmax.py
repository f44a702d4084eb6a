"""Softmax and its relatives, as their definitions state them.

No maximum is subtracted here: lowering finds the form that can't overflow, in derivatives too.
"""

from __future__ import annotations

from typing import Any

from symdl.language import operators as op
from symdl.language.tensor import Tensor


def softmax(x: Any, axis: Any = -1) -> Tensor:
    r"""Turn scores into weights that sum to 1.

    .. math:: p_k = \frac{e^{x_k}}{\sum_j e^{x_j}}

    Parameters
    ----------
    x : tensor-like
        Scores.
    axis : int, tuple of int or None
        What the weights are normalised over; None: all axes together.

    Returns
    -------
    Tensor
        Of the shape of x.

    References
    ----------
    I. Goodfellow, Y. Bengio, A. Courville, Deep Learning, 2016, eq. 6.29.
    """
    e: Tensor = op.exp(x)
    return e / op.sum(e, axis, keepdims=True)


def log_softmax(x: Any, axis: Any = -1) -> Tensor:
    r"""Return the logarithm of the softmax.

    .. math:: \log p_k = x_k - \log \sum_j e^{x_j}

    Parameters
    ----------
    x : tensor-like
        Scores.
    axis : int, tuple of int or None
        What the weights are normalised over; None: all axes together.

    Returns
    -------
    Tensor
        Of the shape of x.

    References
    ----------
    I. Goodfellow, Y. Bengio, A. Courville, Deep Learning, 2016, eq. 6.30.
    """
    return op.as_tensor(x) - logsumexp(x, axis, keepdims=True)


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    r"""Return the logarithm of a sum of exponentials, a smooth maximum.

    .. math:: \operatorname{lse}(x) = \log \sum_k e^{x_k}

    Parameters
    ----------
    x : tensor-like
        The exponents.
    axis : int, tuple of int, index, tuple of indices or None
        What is summed over, as in `symdl.sum`; None: all axes.
    keepdims : bool
        Leave summed axes in place with size 1.

    Returns
    -------
    Tensor
        The shape of x without the summed axes; -∞ over an empty axis.

    References
    ----------
    S. Boyd, L. Vandenberghe, Convex Optimization, 2004, section 3.1.5.
    """
    out: Tensor = op.log(op.sum(op.exp(x), axis, keepdims))
    return out
