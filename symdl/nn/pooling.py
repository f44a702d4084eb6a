"""Pooling over images."""

from __future__ import annotations

from typing import Any

from symdl.language import operators as op
from symdl.language.declare import indices
from symdl.language.define import define
from symdl.language.tensor import Tensor
from symdl.nn.windows import pair, require_image, windows


def max_pool2d(
    x: Any, window: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1
) -> Tensor:
    r"""Take the maximum in each window.

    .. math:: Y_{ncyx} = \max_{i<k_h,\, j<k_w} X_{n,\, c,\, sy + di - p,\, sx + dj - p}

    Pixels outside the image take no part, as if they were -∞. Of equal maxima the first one, row
    by row, receives the gradient.

    Parameters
    ----------
    x : tensor-like, (n, c, h, w)
        Images.
    window : size or pair of sizes
        Height and width k of a window.
    stride : size or pair of sizes, optional
        s; the window's own size if it is left out.
    padding, dilation : size or pair of sizes
        p and d. With p at most half a window each window holds a pixel of the image.

    Returns
    -------
    Tensor, (n, c, (h + 2p - d(kh - 1) - 1) // s + 1, (w + 2p - d(kw - 1) - 1) // s + 1)

    References
    ----------
    I. Goodfellow, Y. Bengio, A. Courville, Deep Learning, 2016, section 9.3.
    """
    return _pooled(op.max, x, window, stride, padding, dilation)


def avg_pool2d(x: Any, window: Any, stride: Any = None, padding: Any = 0) -> Tensor:
    r"""Take the mean of each window.

    .. math:: Y_{ncyx} = \frac{1}{k_h k_w} \sum_{i<k_h,\, j<k_w}
              X_{n,\, c,\, sy + i - p,\, sx + j - p}

    Pixels outside the image count as 0 (`count_include_pad=True` in torch).

    Parameters
    ----------
    x : tensor-like, (n, c, h, w)
        Images.
    window : size or pair of sizes
        Height and width k of a window.
    stride : size or pair of sizes, optional
        s; the window's own size if it is left out.
    padding : size or pair of sizes
        p.

    Returns
    -------
    Tensor, (n, c, (h + 2p - kh) // s + 1, (w + 2p - kw) // s + 1)

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-based learning applied to document
    recognition, Proceedings of the IEEE 86(11), 1998, section II.B (without its coefficients).
    """
    height, width = pair(window, "window")
    return _pooled(op.sum, x, window, stride, padding, 1) / (height * width)


def _pooled(reduce: Any, x: Any, window: Any, stride: Any, padding: Any, dilation: Any) -> Tensor:
    x = op.as_tensor(x)
    require_image(x, "pooling")
    at = windows(x, pair(window, "window"), window if stride is None else stride, padding, dilation)
    n, c = indices("n c", *x.shape[:2])
    entry = reduce(x[n, c, at.row, at.column], at.offset, where=at.inside)
    return define(None, (n, c, *at.place), entry)
