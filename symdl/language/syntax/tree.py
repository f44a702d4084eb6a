"""The syntax tree: what was written and where, with no meaning yet.

A node's `start` and `end` are places in the source text, so that an error can point at it. The
tree may be as deep as a sum is long: it is walked by `fold`, never by recursion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Node:
    """A part of a formula; `source[start:end]` is its text."""

    start: int
    end: int

    @property
    def children(self) -> tuple[Node, ...]:
        """The parts that have a value of their own."""
        return ()


@dataclass(frozen=True)
class Number(Node):
    """A literal, digits as they were written: `0.1` is 1/10."""

    text: str


@dataclass(frozen=True)
class Name(Node):
    """A tensor, a size, an index or a named constant."""

    name: str


@dataclass(frozen=True)
class Unary(Node):
    """`-`, `not`, or `'` (transpose)."""

    op: str
    operand: Node

    @property
    def children(self) -> tuple[Node, ...]:
        """The operand."""
        return (self.operand,)


@dataclass(frozen=True)
class Binary(Node):
    """Two operands.

    `+ - .* ./ .^` act entry by entry; `*` is the product that the shapes ask for (of matrices,
    or scaling), `·` that or the inner product of two vectors, `@` NumPy's matrix product; `/`
    divides by a scalar, `^` is the power of a scalar or of a square matrix; `< <= > >= == !=`,
    `and`, `or`.
    """

    op: str
    left: Node
    right: Node

    @property
    def children(self) -> tuple[Node, ...]:
        """Both operands."""
        return (self.left, self.right)


@dataclass(frozen=True)
class Tuple(Node):
    """Several values in an option, `axis=(0, 1)`."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Call(Node):
    """A function by name; options hold literals: `axis=1`."""

    function: str
    args: tuple[Node, ...]
    options: tuple[tuple[str, Node], ...] = ()

    @property
    def children(self) -> tuple[Node, ...]:
        """The arguments."""
        return self.args


@dataclass(frozen=True)
class Slice(Node):
    """`low:high` within an index, either end optional."""

    low: Node | None = None
    high: Node | None = None


@dataclass(frozen=True)
class Item(Node):
    """`tensor[index, ...]`; indices count from 0."""

    tensor: Node
    index: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        """The tensor; the places are read as addresses."""
        return (self.tensor,)


@dataclass(frozen=True)
class Reduce(Node):
    """`sum[i, j](body)`: a reduction over indices.

    A range is a size (`n`, `2*n + 1`), as an address is written; None: read off the axes at which
    the index stands. `where` holds comparisons of addresses: the terms that count.
    """

    reduce: str
    indices: tuple[tuple[str, Node | None], ...]
    body: Node
    where: Node | None = None

    @property
    def children(self) -> tuple[Node, ...]:
        """The body."""
        return (self.body,)


@dataclass(frozen=True)
class Derivative(Node):
    """A request, not a value: the derivative of the body, in the variables' order."""

    body: Node
    variables: tuple[Name, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        """The body and the variables."""
        return (self.body, *self.variables)


@dataclass(frozen=True)
class Several(Node):
    """Formulas that share their names and sizes, as the sides of an equation do."""

    items: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        """The formulas."""
        return self.items


def postorder(root: Node) -> Iterator[Node]:
    """Every node, children first."""
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, done = stack.pop()
        if done:
            yield node
        else:
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(node.children))


def fold(root: Node, visit: Callable[[Node, list[T]], T]) -> T:
    """The value of a tree: `visit` gets a node and the values of its children."""
    values: list[T] = []
    for node in postorder(root):
        count = len(node.children)
        inner = values[len(values) - count:]
        del values[len(values) - count:]
        values.append(visit(node, inner))
    return values[0]


def addresses(root: Node) -> Iterator[Node]:
    """Every part of an address, the addresses inside it (a gather) among them."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        below: tuple[Node | None, ...] = node.children
        if isinstance(node, Item):
            below = (node.tensor, *node.index)
        elif isinstance(node, Slice):
            below = (node.low, node.high)
        stack += [child for child in reversed(below) if child is not None]
