"""Addresses in index notation: `A[i, j+1]`, `X[:, 0]`, `T[token[n], d]`."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

from symdl.language.form import Dim, Form, Free, fresh
from symdl.language.guard import COMPARED, Condition
from symdl.language.syntax.errors import Refusal
from symdl.language.syntax.tree import (
    Binary,
    Item,
    Name,
    Node,
    Number,
    Reduce,
    Slice,
    Unary,
    addresses,
    postorder,
)
from symdl.language.tensor import Tensor


def index_names(root: Node, tensors: Container[str], sizes: Container[str]) -> tuple[str, ...]:
    """The names that are indices, as they appear.

    A reduction binds them, or they stand alone in an address; in the arithmetic of an address,
    as in `x[n-1]`, the name of a size is that size.
    """
    bound = {name for node in postorder(root) if isinstance(node, Reduce)
             for name, _ in node.indices}
    tables = {*gathers(root)}
    alone = {k.name for item in _items(root) for k in item.index if isinstance(k, Name)}
    found: dict[str, None] = {}
    for part in _parts(root):
        if isinstance(part, Name) and part.name not in tables and (
                part.name in bound or (part.name not in tensors and (
                    part.name in alone or part.name not in sizes))):
            found.setdefault(part.name)
    return tuple({**found, **dict.fromkeys(sorted(bound))})


def gathers(root: Node) -> dict[str, int]:
    """The names of tensors read inside addresses, and their numbers of axes."""
    return {part.tensor.name: len(part.index) for part in _parts(root)
            if isinstance(part, Item) and isinstance(part.tensor, Name)}


def bounds(root: Node) -> set[str]:
    """The names that stand in ranges and conditions of indices: sizes, if they are no indices."""
    inside = [part for node in postorder(root) if isinstance(node, Reduce)
              for part in (*(size for _, size in node.indices), node.where)]
    return {name.name for part in inside if part is not None for name in addresses(part)
            if isinstance(name, Name)}


def reaches(root: Node) -> dict[str, dict[int, Form]]:
    """How far indices with a stated range read into the axes of each tensor."""
    ranges = dict[str | None, Form]()
    for node in reversed([*postorder(root)]):
        if isinstance(node, Reduce):
            ranges.update((name, Form.of(Addresses({}).read(size)))
                          for name, size in node.indices if size is not None)
            ranges.update(_below_others(node.where, ranges))
    found: dict[str, dict[int, Form]] = {}
    for item in _items(root):
        for axis, place in enumerate(item.index):
            index, shift = _shifted(place)
            if index not in ranges or not isinstance(item.tensor, Name):
                continue
            end, far = ranges[index] + shift, found.setdefault(item.tensor.name, {})
            more = (end - far.get(axis, end)).constant
            if axis not in far or (more is not None and more > 0):
                far[axis] = end
    return found


def _below_others(where: Node | None, ranges: Mapping[str | None, Form],
                  ) -> Iterator[tuple[str | None, Form]]:
    """How far an index runs that is less than one whose range is known: at least as far."""
    if isinstance(where, Binary) and where.op == "and":
        yield from _below_others(where.left, ranges)
        yield from _below_others(where.right, ranges)
    elif isinstance(where, Binary) and where.op in ("<", "<="):
        (index, less), (other, more) = map(_shifted, (where.left, where.right))
        if index not in ranges and other in ranges:
            yield index, ranges[other] + max(0, more - less - (where.op == "<"))


def _shifted(place: Node) -> tuple[str | None, int]:
    """An index and the number added to it; no index for another address."""
    shift = 0
    while isinstance(place, Binary) and place.op in ("+", "-") and (
            isinstance(place.right, Number) and place.right.text.isdigit()):
        shift += int(place.right.text) * (1 if place.op == "+" else -1)
        place = place.left
    return (place.name if isinstance(place, Name) else None), shift


def _items(root: Node) -> list[Item]:
    items = [node for node in postorder(root) if isinstance(node, Item)]
    return sorted(items, key=lambda x: x.start)


def _parts(root: Node) -> list[Node]:
    return [part for item in _items(root) for place in item.index for part in addresses(place)]


def new_index(name: str, size: Form | None = None) -> Form:
    """An index of that name, over a range if one is stated."""
    return Form.of(Free(name, fresh(), size))


class Addresses:
    """The meaning of addresses.

    Parameters
    ----------
    values : mapping
        Indices and sizes by name, as forms; tensors of integers by name.
    """

    def __init__(self, values: Mapping[str, Any]):
        self._values = values

    def read(self, node: Node) -> Any:
        """A form, a slice, or a tensor of integers to gather by."""
        if isinstance(node, Slice):
            return slice(*(None if end is None else self._form(end)
                           for end in (node.low, node.high)))
        return self._form(node)

    def condition(self, node: Node) -> Condition:
        """Comparisons of addresses, and several of them."""
        assert isinstance(node, Binary)
        if node.op == "and":
            return self.condition(node.left) & self.condition(node.right)
        return COMPARED[node.op](self._form(node.left), self._form(node.right))

    def _form(self, node: Node) -> Any:
        if isinstance(node, Number):
            if not node.text.isdigit():
                raise Refusal(f"an address is a whole number, not {node.text}", node)
            return int(node.text)
        if isinstance(node, Name):
            return self._values.get(node.name, Form.of(Dim(node.name)))
        if isinstance(node, Unary) and node.op == "-":
            return -self._form(node.operand)
        if isinstance(node, Binary) and node.op in ("+", "-", "*", ".*"):
            return self._arithmetic(node)
        if isinstance(node, Item):
            return self._gathered(node)
        raise Refusal("an address is made of indices, sizes and whole numbers", node)

    def _arithmetic(self, node: Binary) -> Any:
        a, b = self._form(node.left), self._form(node.right)
        for x, part in ((a, node.left), (b, node.right)):
            if isinstance(x, Tensor) and not x.free:
                raise Refusal("a tensor has no place in the arithmetic of addresses", part)
        return a + b if node.op == "+" else a - b if node.op == "-" else a * b

    def _gathered(self, node: Item) -> Any:
        if not isinstance(node.tensor, Name):
            raise Refusal("only a named tensor of integers can be read inside an address", node)
        table = self._values.get(node.tensor.name)
        if not isinstance(table, Tensor) or table.dtype != "int":
            raise Refusal(f"{node.tensor.name} stands in an address: declare it as integers, "
                          f"e.g. {node.tensor.name}: vector[n] integer", node)
        return table[tuple(self.read(k) for k in node.index)]
