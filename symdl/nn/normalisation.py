"""Normalisation by batch and by layer."""

from __future__ import annotations

from typing import Any

from symdl.language import operators as op
from symdl.language.errors import ShapeError, shape_text
from symdl.language.shaping import axes_of, axis_of
from symdl.language.tensor import Tensor

Axes = int | tuple[int, ...]


def batch_norm(
    x: Any, gamma: Any = None, beta: Any = None, axis: int = 1, eps: Any = 1e-5
) -> Tensor:
    r"""Normalise each feature over the batch, by the statistics of this batch.

    .. math:: Y_{nf} = \gamma_f \frac{X_{nf} - \mu_f}{\sqrt{\sigma_f^2 + \epsilon}} + \beta_f,
              \qquad \sigma_f^2 = \frac 1N \sum_n (X_{nf} - \mu_f)^2

    The variance is biased. Mean and variance depend on x, and gradients pass through them.

    Parameters
    ----------
    x : tensor-like, (n, f) or (n, f, h, w) or alike
        The batch; statistics are taken over every axis but that of the features.
    gamma, beta : tensor-like, (f,), optional
        Scale and shift; 1 and 0 if left out.
    axis : int
        The axis of the features.
    eps : float or scalar tensor
        What is added to the variance.

    Returns
    -------
    Tensor
        Of the shape of x.

    References
    ----------
    S. Ioffe, C. Szegedy, Batch normalization, 2015, arXiv:1502.03167, algorithm 1.
    """
    x = op.as_tensor(x)
    feature = axis_of(x, axis)
    others = tuple(k for k in range(x.ndim) if k != feature)
    after = (slice(None), *[None] * (x.ndim - 1 - feature))
    return _affine(
        _normalised(x, others, eps),
        None if gamma is None else op.as_tensor(gamma)[after],
        None if beta is None else op.as_tensor(beta)[after],
    )


def layer_norm(
    x: Any, gamma: Any = None, beta: Any = None, axis: Axes = -1, eps: Any = 1e-5
) -> Tensor:
    r"""Normalise each example over its features.

    .. math:: Y_{nd} = \gamma_d \frac{X_{nd} - \mu_n}{\sqrt{\sigma_n^2 + \epsilon}} + \beta_d,
              \qquad \sigma_n^2 = \frac 1D \sum_d (X_{nd} - \mu_n)^2

    The variance is biased.

    Parameters
    ----------
    x : tensor-like, (..., d)
        Examples.
    gamma, beta : tensor-like, (d,), optional
        Scale and shift, of the shape of the normalised axes; 1 and 0 if left out.
    axis : int or tuple of int
        The features: the last axis or the last few.
    eps : float or scalar tensor
        What is added to the variance.

    Returns
    -------
    Tensor
        Of the shape of x.

    References
    ----------
    J. L. Ba, J. R. Kiros, G. E. Hinton, Layer normalization, 2016, arXiv:1607.06450, eq. 3.
    """
    x = op.as_tensor(x)
    features = axes_of(x, axis)
    if sorted(features) != list(range(x.ndim - len(features), x.ndim)):
        raise ShapeError(
            f"layer_norm: the axes {axis} are not the last ones of {x.said} of shape "
            f"{shape_text(x.shape)}"
        )
    return _affine(_normalised(x, features, eps), gamma, beta)


def _normalised(x: Tensor, axes: tuple[int, ...], eps: Any) -> Tensor:
    centred = x - op.mean(x, axes, keepdims=True)
    variance = op.mean(centred**2, axes, keepdims=True)
    out: Tensor = centred / op.sqrt(variance + eps)
    return out


def _affine(x: Tensor, gamma: Any, beta: Any) -> Tensor:
    scaled = x if gamma is None else x * gamma
    return scaled if beta is None else scaled + beta
