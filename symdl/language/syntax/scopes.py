"""Each sum has indices of its own: `sum[i](x[i]) + sum[i](y[i])` speaks of two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import count

from symdl.language.syntax.tree import (
    Binary,
    Call,
    Derivative,
    Item,
    Name,
    Node,
    Reduce,
    Several,
    Slice,
    Unary,
    addresses,
    fold,
    postorder,
)


def apart(root: Node) -> Node:
    """The tree with an index of a reduction renamed where another one has its name."""
    reductions = [node for node in postorder(root) if isinstance(node, Reduce)]
    bound = Counter(name for node in reductions for name, _ in node.indices)
    used = _names(root)
    shared = {name for name, times in bound.items() if times > 1} | {
        name for node in reductions for name, _ in node.indices if used[name] > _names(node)[name]}
    if not shared:
        return root
    taken = {*used, *bound}

    def visit(node: Node, inner: list[Node]) -> Node:
        node = _rebuilt(node, inner)
        if not isinstance(node, Reduce) or shared.isdisjoint(name for name, _ in node.indices):
            return node
        names = {name: _fresh(name, taken) for name, _ in node.indices if name in shared}
        return replace(node, indices=tuple((names.get(k, k), size) for k, size in node.indices),
                       body=_renamed(node.body, names),
                       where=node.where and _renamed(node.where, names))

    return fold(root, visit)


def _fresh(name: str, taken: set[str]) -> str:
    found = next(new for k in count(1) if (new := f"{name}{k}") not in taken)
    taken.add(found)
    return found


def _names(root: Node) -> Counter[str]:
    return Counter(part.name for node in postorder(root) for part in _parts(node)
                   if isinstance(part, Name))


def _parts(node: Node) -> list[Node]:
    """A node and the addresses in it."""
    inside: list[Node | None] = []
    if isinstance(node, Item):
        inside += node.index
    elif isinstance(node, Reduce):
        inside += [node.where, *(size for _, size in node.indices)]
    return [node, *(part for k in inside if k is not None for part in addresses(k))]


def _renamed(root: Node, names: Mapping[str, str]) -> Node:
    """A tree or an address whose names are changed."""
    def visit(node: Node, inner: list[Node]) -> Node:
        if isinstance(node, Name):
            return replace(node, name=names.get(node.name, node.name))
        if isinstance(node, Item):
            node = replace(node, index=tuple(_renamed(k, names) for k in node.index))
        elif isinstance(node, Slice):
            node = replace(node, low=node.low and _renamed(node.low, names),
                           high=node.high and _renamed(node.high, names))
        elif isinstance(node, Reduce):
            sizes = tuple((k, size and _renamed(size, names)) for k, size in node.indices)
            node = replace(node, indices=sizes, where=node.where and _renamed(node.where, names))
        return _rebuilt(node, inner)

    return fold(root, visit)


def _rebuilt(node: Node, inner: list[Node]) -> Node:
    """The node with other children."""
    if all(a is b for a, b in zip(node.children, inner, strict=True)):
        return node
    if isinstance(node, Unary):
        return replace(node, operand=inner[0])
    if isinstance(node, Binary):
        return replace(node, left=inner[0], right=inner[1])
    if isinstance(node, Call):
        return replace(node, args=tuple(inner))
    if isinstance(node, Item):
        return replace(node, tensor=inner[0])
    if isinstance(node, Reduce):
        return replace(node, body=inner[0])
    if isinstance(node, Several):
        return replace(node, items=tuple(inner))
    assert isinstance(node, Derivative)
    body, *variables = inner
    return replace(node, body=body, variables=tuple(v for v in variables if isinstance(v, Name)))
