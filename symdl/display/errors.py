"""What can go wrong when a result is shown."""

from __future__ import annotations

from symdl.language.errors import SymdlError


class NotationError(SymdlError):
    """A result that this notation can't say."""
