"""Windows that slide over images: where each one stands, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from symdl.language.declare import indices
from symdl.language.errors import ShapeError, SymdlError, shape_text
from symdl.language.form import Form
from symdl.language.guard import Condition
from symdl.language.tensor import Tensor

Pair = tuple[Form, Form]


@dataclass(frozen=True)
class Windows:
    """The windows of an image of height h and width w.

    Window (y, x) reads the rows s y + d i - p for i = 0 ... k - 1, columns alike, with stride s,
    dilation d and padding p; there are (h + 2p - d(k - 1) - 1) // s + 1 rows of windows.

    Attributes
    ----------
    place : pair of Form
        Indices y and x of a window.
    offset : pair of Form
        Indices i and j inside a window.
    row, column : Form
        The pixel at this offset of this window.
    inside : Condition or None
        Whether the pixel is in the image; None where it always is.
    """

    place: Pair
    offset: Pair
    row: Form
    column: Form
    inside: Condition | None


def windows(
    image: Tensor, size: Pair, stride: Any = 1, padding: Any = 0, dilation: Any = 1
) -> Windows:
    """Lay windows of a size over the last two axes of an image.

    Parameters
    ----------
    image : Tensor, (..., h, w)
        The image.
    size : pair of Form
        Height and width of a window.
    stride, padding, dilation : size, or pair of sizes
        Numbers or symbols, for rows and columns.

    Returns
    -------
    Windows
    """
    (sy, sx), (py, px) = pair(stride, "stride"), pair(padding, "padding")
    dy, dx = pair(dilation, "dilation")
    height, width = image.shape[-2:]
    rows = count(height, size[0], sy, py, dy)
    columns = count(width, size[1], sx, px, dx)
    y, x = indices("y x", rows, columns)
    i, j = indices("i j", *size)
    row, column = sy * y + dy * i - py, sx * x + dx * j - px
    inside = None
    if py != 0 or px != 0:
        inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    return Windows((y, x), (i, j), row, column, inside)


def count(size: Form, window: Form, stride: Form, padding: Form, dilation: Form) -> Form:
    """Return how many windows stand along an axis.

    Parameters
    ----------
    size, window, stride, padding, dilation : Form
        Of the axis.

    Returns
    -------
    Form
        (size + 2 padding - dilation (window - 1) - 1) // stride + 1.
    """
    reach = dilation * (window - 1) + 1
    found = (size + 2 * padding - reach) // stride + 1
    if found.constant is not None and found.constant < 1:
        raise ShapeError(
            f"a window that reaches over {reach} entries doesn't fit into an axis of "
            f"{size + 2 * padding}, padding included"
        )
    return found


def pair(value: Any, what: str) -> Pair:
    """Return the sizes for rows and columns; a single one stands for both.

    Parameters
    ----------
    value : size, or pair of sizes
        Numbers or symbols.
    what : str
        What an error calls it.

    Returns
    -------
    tuple of Form
    """
    given = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(given) != 2:
        raise SymdlError(f"{what}: one size or two are needed, not {value}")
    least = 0 if what == "padding" else 1
    sizes = Form.of(given[0]), Form.of(given[1])
    for s in sizes:
        if s.constant is not None and s.constant < least:
            raise SymdlError(f"{what}: {value}, but at least {least} is needed")
    return sizes


def require_image(x: Tensor, what: str) -> None:
    """Refuse a tensor that isn't a batch of images with channels.

    Parameters
    ----------
    x : Tensor
        Of shape (n, c, h, w), it is hoped.
    what : str
        The function it was given to.
    """
    if x.ndim != 4:
        raise ShapeError(
            f"{what} takes images of shape (batch, channels, height, width), "
            f"but {x.said} has shape {shape_text(x.shape)}"
        )
