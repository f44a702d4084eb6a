"""Errors a user can act on: their expression, the shapes, a suggestion."""

from __future__ import annotations

import re
from itertools import count


class SymdlError(ValueError):
    """A mistake in what was asked, said in the asker's words."""


class ShapeError(SymdlError):
    """Shapes that don't fit together."""


class RangeError(SymdlError):
    """An index that leaves its tensor, or whose range can't be told."""


class DifferentiationError(SymdlError):
    """A derivative that doesn't exist."""


def shape_text(shape: object) -> str:
    """A shape as it is written: `(n, d)`."""
    parts = [str(s) for s in shape]  # type: ignore[attr-defined]
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def lettered(text: str) -> str:
    """A message whose indices by position, i0, i1, ..., are called i, j, k, ...

    A letter that occurs in the message already is passed over.
    """
    words = set(re.findall(r"\w+", text))
    letters = (x for n in count() for c in "ijklpqrsuvabc" if (x := f"{c}{n or ''}") not in words)
    found = dict.fromkeys(re.findall(r"\bi\d+\b", text))
    names = dict(zip(found, letters, strict=False))
    return re.sub(r"\bi\d+\b", lambda m: names[m.group()], text)
