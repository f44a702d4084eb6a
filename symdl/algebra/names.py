"""The names that rules give, in an order that doesn't depend on which rule was first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from itertools import count

from symdl.language.rebuild import replaced
from symdl.language.sizes import dims_of
from symdl.language.tensor import Equation, Tensor, topological, transform


def names_of(*roots: Tensor) -> frozenset[str]:
    """The names in a program."""
    tensors = (t.name for t in topological(roots) if t.name is not None)
    return frozenset(tensors) | {str(d) for d in dims_of(roots)}


def named_in_order(t: Tensor, given: Set[str]) -> Tensor:
    """The program with its names that weren't given counted from the result on: P, P1, ..."""
    invented = {x for x in topological([t]) if isinstance(x, Equation) and x.name is not None
                and x.name not in given}
    if not invented:
        return t
    letters: dict[Tensor, str] = {}

    def bare(x: Tensor, so_far: Mapping[Tensor, Tensor]) -> Tensor:
        new = replaced(x, so_far)
        if x in invented and isinstance(new, Equation):
            new = new.renamed(None)
            letters[new] = str(x.name).rstrip("0123456789")
        return new

    root = transform([t], bare)[t]
    used = set(given)
    names: dict[Tensor, str] = {}
    for x in _in_reading_order(root):
        if x in letters:
            names[x] = next(n for k in count() if (n := f"{letters[x]}{k or ''}") not in used)
            used.add(names[x])

    def named(x: Tensor, so_far: Mapping[Tensor, Tensor]) -> Tensor:
        new = replaced(x, so_far)
        return new.renamed(names[x]) if x in names and isinstance(new, Equation) else new

    return transform([root], named)[root]


def _in_reading_order(root: Tensor) -> Iterator[Tensor]:
    """Each tensor when it is first read, readers before what they read."""
    seen: set[Tensor] = set()
    stack = [root]
    while stack:
        x = stack.pop()
        if x not in seen:
            seen.add(x)
            yield x
            stack.extend(reversed(x.operands))
