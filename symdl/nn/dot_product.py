"""Attention by scaled dot products."""

from __future__ import annotations

from typing import Any

from symdl.language import operators as op
from symdl.language.errors import ShapeError, shape_text
from symdl.language.tensor import Tensor


def attention(query: Any, key: Any, value: Any, *, causal: bool = False) -> Tensor:
    r"""Average values, weighted by how well their keys fit each query.

    .. math:: Y = \operatorname{softmax}\!\left(\frac{Q K^\top}{\sqrt a}\right) V

    Parameters
    ----------
    query : tensor-like, (..., t, a)
        Queries; leading axes are batches and broadcast.
    key : tensor-like, (..., s, a)
        Keys.
    value : tensor-like, (..., s, v)
        Values.
    causal : bool
        Let query t see the keys s <= t only: the others have weight 0.

    Returns
    -------
    Tensor, (..., t, v)

    References
    ----------
    A. Vaswani et al., Attention is all you need, 2017, arXiv:1706.03762, eq. 1 and section 3.2.3.
    """
    q, k = op.as_tensor(query), op.as_tensor(key)
    for x in (q, k):
        if x.ndim < 2:
            raise ShapeError(f"attention takes matrices, not {x.said} of {shape_text(x.shape)}")
    scores: Tensor = q @ op.swapaxes(k, -1, -2) / op.sqrt(q.shape[-1])
    out: Tensor = attention_weights(scores, causal=causal) @ value
    return out


def attention_weights(scores: Any, *, causal: bool = False) -> Tensor:
    r"""Turn scores into weights.

    .. math:: P_{ts} = \frac{e^{S_{ts}}}{\sum_{s'} e^{S_{ts'}}}

    Parameters
    ----------
    scores : tensor-like, (..., t, s)
        How well key s fits query t.
    causal : bool
        Sum over s' <= t only, and let the other weights be 0.

    Returns
    -------
    Tensor, (..., t, s)
        Each row sums to 1.

    References
    ----------
    A. Vaswani et al., Attention is all you need, 2017, arXiv:1706.03762, section 3.2.3.
    """
    e: Tensor = op.exp(scores)
    if causal:
        e = op.tril(e)
    return e / op.sum(e, axis=-1, keepdims=True)
