"""Nested dicts, lists and tuples of outputs and parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def leaves(tree: Any) -> list[Any]:
    """The leaves, in order."""
    return [leaf for _, leaf in named_leaves(tree)]


def named_leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves with their last key."""
    if isinstance(tree, dict):
        for key, branch in tree.items():
            yield from named_leaves(branch, str(key))
    elif isinstance(tree, (tuple, list)):
        for k, branch in enumerate(tree):
            yield from named_leaves(branch, f"{path}[{k}]")
    else:
        yield path, tree


def rebuilt(tree: Any, value: Callable[[], Any]) -> Any:
    """A tree of the same form with its leaves taken from `value()` in order."""
    if isinstance(tree, dict):
        return {key: rebuilt(branch, value) for key, branch in tree.items()}
    if isinstance(tree, (tuple, list)):
        found = [rebuilt(branch, value) for branch in tree]
        if isinstance(tree, tuple) and hasattr(tree, "_fields"):
            return type(tree)(*found)
        return type(tree)(found)
    return value()
