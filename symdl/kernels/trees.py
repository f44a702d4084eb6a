"""Nested dicts, lists and tuples of outputs and parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from symdl.language.errors import SymdlError


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


def paired(key: str, tree: Any, other: Any) -> Iterator[tuple[Any, Any]]:
    """The leaves of a tree with what stands at their places in another one, found at `key`.

    Raises
    ------
    SymdlError
        If the other has other keys or another number of entries.
    """
    if isinstance(tree, dict):
        if not isinstance(other, dict) or tree.keys() != other.keys():
            found = f"the keys {', '.join(map(str, other))}" if isinstance(other, dict) else (
                f"a {type(other).__name__}")
            raise SymdlError(f"{key} must be a dict with the keys {', '.join(map(str, tree))}, "
                             f"not {found}")
        for name, branch in tree.items():
            yield from paired(f"{key}[{name!r}]", branch, other[name])
    elif isinstance(tree, (tuple, list)):
        if not isinstance(other, (tuple, list)) or len(tree) != len(other):
            found = str(len(other)) if isinstance(other, (tuple, list)) else (
                f"a {type(other).__name__}")
            raise SymdlError(f"{key} must hold {len(tree)} entries, not {found}")
        for k, branch in enumerate(tree):
            yield from paired(f"{key}[{k}]", branch, other[k])
    else:
        yield tree, other


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
