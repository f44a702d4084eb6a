"""Bounds on what is read: a hostile formula costs a message, not a minute."""

from __future__ import annotations

from symdl.language.syntax.errors import Refusal
from symdl.language.syntax.tree import (
    Call,
    Derivative,
    Item,
    Name,
    Node,
    Number,
    Reduce,
    addresses,
    fold,
)

LENGTH = 10_000
"""Characters of a formula."""
PARTS = 1_000
"""Nodes of its tree."""
DEPTH = 60
"""Operations within each other; a long sum counts as one."""
EXPONENT = 1_000
"""The largest number in an exponent."""
POWER = 32
"""The largest power of a matrix."""
DIGITS = 100
"""Digits of a number, its decimal exponent included."""
ARGUMENT = 1_000_000
"""The largest number, in which no tensor occurs, that a function or a power is applied to."""
FACTORIAL = 1_000
"""The same for functions that count up to their argument."""
OPTION = 1_000
"""The largest number in an option."""
ORDER = 4
"""The highest derivative."""
NAME = 100
"""Characters of a name."""
ADDRESS = 24
"""Parts of an address or a size."""
EXACT = 6_000
"""Bits of an exact number that is computed with further."""
AXES = 8
"""Axes of a tensor."""


def check_length(source: str) -> None:
    """Refuse a text that is too long to be a formula."""
    if len(source) > LENGTH:
        raise Refusal(f"the formula has {len(source)} characters; at most {LENGTH} are read")


def check_brackets(source: str) -> None:
    """Refuse brackets nested too deeply, before anything is parsed."""
    depth = 0
    for place, c in enumerate(source):
        if c in "([{":
            depth += 1
            if depth > DEPTH:
                raise Refusal(f"brackets are nested deeper than {DEPTH}",
                              Node(place, place + 1))
        elif c in ")]}":
            depth -= 1


def check_tree(root: Node) -> None:
    """Refuse a tree with too many parts, too deep, or of too high an order."""
    parts = 0

    def depth(node: Node, inner: list[int]) -> int:
        nonlocal parts
        parts += 1
        if parts > PARTS:
            raise Refusal(f"the formula has more than {PARTS} parts", root)
        check_node(node)
        first, *others = inner or [0]
        found = max([first + isinstance(node, Call), *(d + 1 for d in others)])
        if found > DEPTH:
            raise Refusal(f"operations are nested deeper than {DEPTH}", node)
        return found

    fold(root, depth)


def check_address(node: Node) -> None:
    """Refuse a long address or size: its terms multiply."""
    for count, part in enumerate(addresses(node)):
        if count >= ADDRESS:
            raise Refusal(f"an address or a size may have {ADDRESS} parts", node)
        check_node(part)


def check_node(node: Node) -> None:
    """Refuse what is too long for its kind: numbers, names, addresses, derivatives."""
    if isinstance(node, Name) and len(node.name) > NAME:
        raise Refusal(f"a name may have {NAME} characters", node)
    if isinstance(node, Item):
        for place in node.index:
            check_address(place)
    if isinstance(node, (Item, Reduce)):
        count = len(node.index if isinstance(node, Item) else node.indices)
        if count > AXES:
            raise Refusal(f"a tensor may have {AXES} axes, not {count}", node)
    if isinstance(node, Reduce):
        for part in (*(size for _, size in node.indices), node.where):
            if part is not None:
                check_address(part)
    if isinstance(node, Number):
        mantissa, _, power = node.text.lower().partition("e")
        if len(mantissa) > DIGITS or len(power) > 4 or abs(int(power or 0)) > DIGITS:
            raise Refusal(f"a number may have {DIGITS} digits", node)
    if isinstance(node, Derivative) and len(node.variables) > ORDER:
        raise Refusal(f"derivatives are taken up to order {ORDER}, "
                      f"not {len(node.variables)}", node)
