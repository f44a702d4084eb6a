"""What a tensor prints as."""

from __future__ import annotations

from symdl.display.errors import NotationError
from symdl.display.index import index
from symdl.display.matrix import matrix
from symdl.language.tensor import Tensor


def text(t: Tensor) -> str:
    """Matrix notation where the result has one, else index notation."""
    try:
        return matrix(t)
    except NotationError:
        return index(t)
