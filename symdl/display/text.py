"""What a tensor prints as: matrix notation where the result has one, else index notation."""

from __future__ import annotations

from symdl.display.errors import NotationError
from symdl.display.index import index
from symdl.display.matrix import matrix
from symdl.language.tensor import Tensor


def text(t: Tensor, style: str = "text") -> str:
    """The result in its best notation, in one of the styles text, latex and unicode."""
    try:
        return matrix(t, style)
    except NotationError:
        return index(t, style)


def short(t: Tensor) -> str:
    """The formula where it fits into a sentence, else the tensor's label."""
    try:
        found = text(t)
    except (NotationError, RecursionError):
        return t.label
    return found if "\n" not in found and len(found) <= _SHORT else t.label


_SHORT = 40


def latex(t: Tensor) -> str:
    """The result in LaTeX.

    Tensors whose name is a Greek letter's are set as that letter, digits at the end of a name
    as an index.

    Returns
    -------
    str
        Without dollars; several lines stand in an `aligned` environment.
    """
    return text(t, "latex")


def unicode(t: Tensor) -> str:
    """The result in Unicode, such as ``Xᵀ (P − Y) / n``."""
    return text(t, "unicode")
