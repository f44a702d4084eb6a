"""Nested dicts, lists and tuples of outputs and parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
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
    return maker(tree)([value() for _ in leaves(tree)])


def maker(tree: Any, numbers: Sequence[bool] | None = None) -> Callable[[Sequence[Any]], Any]:
    """A function from leaves in order to a tree of the same form.

    Parameters
    ----------
    tree : nested dicts, lists and tuples
        The form.
    numbers : sequence of bool, optional
        Which leaves are arrays of one entry, of which the tree is to hold the entry.
    """
    names: dict[str, Any] = {}
    found = [f"x[{k}][0]" if one else f"x[{k}]"
             for k, one in enumerate(numbers or [False] * len(leaves(tree)))]
    made: Callable[[Sequence[Any]], Any] = eval(
        f"lambda x: {expression(tree, found, names)}", names)  # the names in it are made here
    return made


def expression(tree: Any, found: Iterable[str], names: dict[str, Any]) -> str:
    """A tree as source text; its keys and its own types are added to the names."""
    return _written(tree, iter(found), names)


def _written(tree: Any, found: Iterator[str], names: dict[str, Any]) -> str:

    def constant(value: Any) -> str:
        name = f"c{len(names)}"
        names[name] = value
        return name

    if isinstance(tree, dict):
        rows = (f"{constant(key)}: {_written(branch, found, names)}"
                for key, branch in tree.items())
        return f"{{{', '.join(rows)}}}"
    if not isinstance(tree, (tuple, list)):
        return next(found)
    entries = "".join(f"{_written(branch, found, names)}, " for branch in tree)
    if type(tree) in (tuple, list):
        return f"({entries})" if isinstance(tree, tuple) else f"[{entries}]"
    return f"{constant(type(tree))}({entries if hasattr(tree, '_fields') else f'[{entries}]'})"
