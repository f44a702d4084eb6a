"""Losses: how far predictions are from targets."""

from __future__ import annotations

from typing import Any

from symdl.language import operators as op
from symdl.language.errors import ShapeError, SymdlError, shape_text
from symdl.language.functions.softmax import log_softmax, logsumexp
from symdl.language.tensor import Tensor

_REDUCTIONS = {"mean": op.mean, "sum": op.sum, "none": lambda x: x}


def mse(prediction: Any, target: Any, *, reduction: str = "mean") -> Tensor:
    r"""Return the squared error, without a factor ½.

    .. math:: \ell = (\hat y - y)^2

    Parameters
    ----------
    prediction, target : tensor-like
        Of one shape.
    reduction : {"mean", "sum", "none"}
        Over all entries.

    Returns
    -------
    Tensor
        A scalar, or the shape of the operands for "none".

    References
    ----------
    C. M. Bishop, Pattern Recognition and Machine Learning, 2006, eq. 1.2 (which has the ½).
    """
    return _reduced(_error(prediction, target, "mse") ** 2, reduction)


def mae(prediction: Any, target: Any, *, reduction: str = "mean") -> Tensor:
    r"""Return the absolute error.

    .. math:: \ell = |\hat y - y|

    Parameters
    ----------
    prediction, target : tensor-like
        Of one shape.
    reduction : {"mean", "sum", "none"}
        Over all entries.

    Returns
    -------
    Tensor
        A scalar, or the shape of the operands for "none". The derivative at 0 is 0.

    References
    ----------
    C. M. Bishop, Pattern Recognition and Machine Learning, 2006, section 1.5.5.
    """
    return _reduced(op.abs(_error(prediction, target, "mae")), reduction)


def huber(prediction: Any, target: Any, *, delta: Any = 1, reduction: str = "mean") -> Tensor:
    r"""Return Huber's loss: quadratic for small errors, linear for large ones.

    .. math:: \ell = \begin{cases} \frac 12 e^2 & |e| \le \delta \\
                     \delta (|e| - \frac 12 \delta) & \text{otherwise} \end{cases},
              \qquad e = \hat y - y

    Parameters
    ----------
    prediction, target : tensor-like
        Of one shape.
    delta : float or scalar tensor
        Where the loss becomes linear.
    reduction : {"mean", "sum", "none"}
        Over all entries.

    Returns
    -------
    Tensor
        A scalar, or the shape of the operands for "none".

    References
    ----------
    P. J. Huber, Robust estimation of a location parameter, Annals of Mathematical Statistics
    35(1), 1964, section 7.
    """
    e = _error(prediction, target, "huber")
    size = op.abs(e)
    return _reduced(op.where(size <= delta, e**2 / 2, delta * (size - delta / 2)), reduction)


def cross_entropy(
    logits: Any, labels: Any, *, reduction: str = "mean", ignore_index: int | None = None
) -> Tensor:
    r"""Return the cross-entropy of softmax probabilities, from logits.

    .. math:: \ell_i = -\sum_k Y_{ik} \log \operatorname{softmax}(Z_i)_k
              \qquad\text{or}\qquad
              \ell_i = \log \sum_k e^{Z_{ik}} - Z_{i y_i}

    Parameters
    ----------
    logits : tensor-like, (..., k)
        Z, one row an example.
    labels : Tensor
        Classes as integers 0 ... k - 1 of shape (...), or their probabilities Y (one-hot, say) of
        the shape of the logits.
    reduction : {"mean", "sum", "none"}
        Over the examples.
    ignore_index : int, optional
        A label whose examples count for nothing; the mean is over the others.

    Returns
    -------
    Tensor
        A scalar, or shape (...) for "none".

    References
    ----------
    C. M. Bishop, Pattern Recognition and Machine Learning, 2006, eq. 4.108.
    """
    z, y = op.as_tensor(logits), op.as_tensor(labels)
    if y.dtype == "int" and y.shape == z.shape[:-1]:
        return _by_class(z, y, reduction, ignore_index)
    if y.shape != z.shape:
        raise ShapeError(
            f"cross_entropy: logits are {shape_text(z.shape)} and labels {shape_text(y.shape)}; "
            f"give integers of shape {shape_text(z.shape[:-1])} (integer=True) or probabilities "
            f"of shape {shape_text(z.shape)}"
        )
    if ignore_index is not None:
        raise SymdlError("cross_entropy: ignore_index speaks of integer labels")
    return _reduced(-op.sum(y * log_softmax(z), axis=-1), reduction)


def _by_class(z: Tensor, y: Tensor, reduction: str, ignored: int | None) -> Tensor:
    if ignored is None:
        return _reduced(logsumexp(z, -1) - _chosen(z, y), reduction)
    counts = op.not_equal(y, ignored)
    seen = op.where(counts[..., None], z, 0)  # whatever stands in the other rows
    loss = logsumexp(seen, -1) - _chosen(seen, op.where(counts, y, 0))
    kept = op.where(counts, loss, 0)
    return op.sum(kept) / op.sum(counts) if reduction == "mean" else _reduced(kept, reduction)


def _chosen(z: Tensor, y: Tensor) -> Tensor:
    """The entry of each row that its label names."""
    rows = [
        op.arange(size)[(slice(None), *[None] * (y.ndim - 1 - k))] for k, size in enumerate(y.shape)
    ]
    return op.getitem(z, (*rows, y))


def binary_cross_entropy(logits: Any, labels: Any, *, reduction: str = "mean") -> Tensor:
    r"""Return the cross-entropy of a yes-or-no question, from logits.

    .. math:: \ell = \log(1 + e^z) - y z
                   = -y \log \sigma(z) - (1 - y) \log(1 - \sigma(z))

    Parameters
    ----------
    logits : tensor-like
        z.
    labels : tensor-like
        y, of the same shape: 0, 1 or a probability of 1.
    reduction : {"mean", "sum", "none"}
        Over all entries.

    Returns
    -------
    Tensor
        A scalar, or the shape of the logits for "none".

    References
    ----------
    C. M. Bishop, Pattern Recognition and Machine Learning, 2006, eq. 4.90.
    """
    z, y = op.as_tensor(logits), op.as_tensor(labels)
    _require_same(z, y, "binary_cross_entropy")
    return _reduced(op.softplus(z) - y * z, reduction)


def _error(prediction: Any, target: Any, what: str) -> Tensor:
    a, b = op.as_tensor(prediction), op.as_tensor(target)
    _require_same(a, b, what)
    return a - b


def _require_same(a: Tensor, b: Tensor, what: str) -> None:
    """Refuse two shapes that differ: broadcasting (n, 1) against (n,) is a mistake here."""
    if a.shape != b.shape:
        raise ShapeError(
            f"{what}: {a.said} is {shape_text(a.shape)} but {b.said} is {shape_text(b.shape)}; "
            "a loss compares tensors of one shape"
        )


def _reduced(loss: Tensor, reduction: str) -> Tensor:
    if reduction not in _REDUCTIONS:
        raise SymdlError(f"reduction is one of {', '.join(_REDUCTIONS)}, not {reduction!r}")
    out: Tensor = _REDUCTIONS[reduction](loss)
    return out
