"""Names that are imported at their first call, so that a value can have methods of later stages."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any


@cache
def late(path: str) -> Any:
    """The object at `module:name`, imported now."""
    module, name = path.split(":")
    return getattr(import_module(module), name)
