"""Convolution over images."""

from __future__ import annotations

from typing import Any

from symdl.language import operators as op
from symdl.language.declare import indices
from symdl.language.define import define
from symdl.language.errors import ShapeError, shape_text
from symdl.language.form import ZERO, Form
from symdl.language.tensor import Tensor
from symdl.nn.windows import require_image, windows


def conv2d(
    x: Any,
    kernel: Any,
    bias: Any = None,
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: Any = 1,
) -> Tensor:
    r"""Correlate images with a kernel, which deep learning calls convolution.

    .. math:: Y_{noyx} = b_o + \sum_{c<C/g} \sum_{i,j}
              X_{n,\, q C/g + c,\, sy + di - p,\, sx + dj - p} \, K_{ocij},
              \qquad q = \lfloor o / (O/g) \rfloor

    The image is 0 outside; the kernel isn't flipped.

    Parameters
    ----------
    x : tensor-like, (n, C, h, w)
        Images with C channels.
    kernel : tensor-like, (O, C/g, kh, kw)
        One kernel for each of the O output channels.
    bias : tensor-like, (O,), optional
        What is added to each output channel.
    stride, padding, dilation : size or pair of sizes
        s, p and d, numbers or symbols, for rows and columns.
    groups : size
        g: output channels o with the same q see the same C/g channels. Write the shapes as
        products, x of (n, g*c, h, w) and kernel of (g*o, c, kh, kw).

    Returns
    -------
    Tensor, (n, O, (h + 2p - d(kh - 1) - 1) // s + 1, (w + 2p - d(kw - 1) - 1) // s + 1)

    References
    ----------
    I. Goodfellow, Y. Bengio, A. Courville, Deep Learning, 2016, eq. 9.7 and 9.8; V. Dumoulin,
    F. Visin, A guide to convolution arithmetic for deep learning, 2016, arXiv:1603.07285.
    """
    x, kernel, g = op.as_tensor(x), op.as_tensor(kernel), Form.of(groups)
    _require_fit(x, kernel, g)
    batch, _, _, _ = x.shape
    out_channels, channels, *size = kernel.shape
    each = out_channels // g
    at = windows(x, (size[0], size[1]), stride, padding, dilation)
    n, q, o, c = indices("n q o c", batch, g, each, channels)
    (y, z), (i, j) = at.place, at.offset
    group = ZERO if g == 1 else q
    terms = x[n, group * channels + c, at.row, at.column] * kernel[group * each + o, c, i, j]
    entry = op.sum(terms, (c, i, j), where=at.inside)
    axes = (n, o, y, z) if g == 1 else (n, q, o, y, z)
    out = define(None, axes, entry)
    out = op.reshape(out, (batch, out_channels, *out.shape[-2:]))
    return out if bias is None else out + op.as_tensor(bias)[:, None, None]


def _require_fit(x: Tensor, kernel: Tensor, groups: Form) -> None:
    require_image(x, "conv2d")
    if kernel.ndim != 4:
        raise ShapeError(
            "conv2d takes a kernel of shape (out channels, channels / groups, height, width), "
            f"but {kernel.said} has shape {shape_text(kernel.shape)}"
        )
    if kernel.shape[1] * groups != x.shape[1]:
        raise ShapeError(
            f"conv2d: {x.said} has {x.shape[1]} channels, but {kernel.said} of shape "
            f"{shape_text(kernel.shape)} takes {kernel.shape[1] * groups}"
            + (f" in {groups} groups" if groups != 1 else "")
        )
    if kernel.shape[0] // groups * groups != kernel.shape[0]:
        raise ShapeError(
            f"conv2d: the {kernel.shape[0]} output channels of {kernel.said} can't be told to "
            f"split into {groups} groups; write their number as a product, such as {groups}*o"
        )
