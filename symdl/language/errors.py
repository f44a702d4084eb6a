"""Errors a user can act on: their expression, the shapes, a suggestion."""

from __future__ import annotations


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
