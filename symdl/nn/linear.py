"""Layers that are linear in a matrix: dense, and the look-up of its rows."""

from __future__ import annotations

from typing import Any

from symdl.language import operators as op
from symdl.language.tensor import Tensor


def dense(x: Any, weight: Any, bias: Any = None) -> Tensor:
    r"""Apply an affine map to each row.

    .. math:: Y_{nk} = \sum_d X_{nd} W_{dk} + b_k

    Parameters
    ----------
    x : tensor-like, (..., d)
        Inputs as rows.
    weight : tensor-like, (d, k)
        Weights, inputs first: the transpose of torch's.
    bias : tensor-like, (k,), optional
        What is added to each row.

    Returns
    -------
    Tensor, (..., k)

    References
    ----------
    I. Goodfellow, Y. Bengio, A. Courville, Deep Learning, 2016, section 6.1.
    """
    out = op.matmul(x, weight)
    return out if bias is None else out + bias


def embedding(table: Any, tokens: Any) -> Tensor:
    r"""Look up a row of a table for each token.

    .. math:: E_{\ldots d} = T_{t(\ldots) d}

    Parameters
    ----------
    table : tensor-like, (v, d)
        One row for each token of the vocabulary.
    tokens : Tensor of integers, (...)
        Numbers in 0 ... v - 1; the gradient in the table adds up over repeated ones.

    Returns
    -------
    Tensor, (..., d)

    References
    ----------
    Y. Bengio, R. Ducharme, P. Vincent, C. Jauvin, A neural probabilistic language model, JMLR 3,
    2003, section 2.
    """
    return op.take(table, tokens, axis=0)
