"""Names of indices: a size's own letter where it can't be mistaken, else i, j, k, ..."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from symdl.display.arrays import size
from symdl.display.page import Page
from symdl.display.tree import Node
from symdl.language.form import Dim, Form
from symdl.language.sizes import dims_of

_LETTERS = "ijklpqrsuvxyzabcdefghmnotw"


class Naming:
    """Gives the indices of one line their names.

    An index over a size is called like it, in lower case. Where that would be ambiguous, since
    the index stands outside brackets or some size inside, it is called i, j, k, ...
    Sums that aren't inside each other may use the same name.

    Parameters
    ----------
    sizes : sequence of Form
        The range of each index.
    formulas : sequence of Node
        The formulas of the line, indices by number.
    arranged : Page
        The page, whose names are taken.
    """

    def __init__(self, sizes: Sequence[Form], formulas: Sequence[Node], arranged: Page):
        self.sizes = sizes
        self.outside: set[str] = set()
        self.inside: set[str] = set()
        for f in formulas:
            _collect(f, self.outside, self.inside)
        self.dims = {str(d) for d in dims_of([arranged.root])}
        self.mixed = any(d in self.inside and d == d.lower() for d in self.dims)
        seen = {n for n in self.inside | self.outside if not n.startswith("#")}
        self.taken = set(arranged.names.values()) | seen - self.dims

    def names(self, indices: Sequence[int], scope: Mapping[int, str]) -> dict[int, str]:
        """The scope with names for further indices."""
        names = dict(scope)
        for k in indices:
            atom = self.sizes[k].atom
            own = str(atom) if isinstance(atom, Dim) else ""
            plain = own.isalpha() and (own != own.lower() or not (
                self.mixed or f"#{k}" in self.outside))
            taken = self.taken | (self.dims - {own} if plain else self.dims) | set(names.values())
            names[k] = next(c for c in _candidates(own.lower() if plain else "") if c not in taken)
        return names

    def renamed(self, x: Node, scope: Mapping[int, str]) -> Node:
        """The formula with its indices named."""
        if x.head == "index":
            return Node("name", text=scope[int(x.text)])
        bound = [int(k) for k in x.over]
        if bound:
            scope = self.names(bound, scope)
            x = replace(x, args=(*x.args, *self._ranges(x, bound, scope)))
        args = tuple(self.renamed(a, scope) for a in x.args)
        over = tuple(scope[k] for k in bound)
        return x if args == x.args and not over else replace(x, args=args, over=over)

    def _ranges(self, x: Node, bound: Sequence[int], scope: Mapping[int, str]) -> list[Node]:
        """The upper ends of indices whose range neither their name nor an axis tells."""
        return [Node("compare", (Node("index", text=str(k)), size(self.sizes[k])), "<")
                for k in bound
                if scope[k].rstrip("0123456789") != str(self.sizes[k]).lower()
                and not _stands_alone(x, str(k), self.sizes[k])]


def _stands_alone(x: Node, index: str, extent: Form) -> bool:
    """Whether an index is the place on an axis of that size."""
    if x.head == "entry":
        base = x.args[0].tensor
        for axis, a in enumerate(x.args[1:]):
            if a.head == "index" and a.text == index and (
                    base is None or base.shape[axis] == extent):
                return True
    return any(_stands_alone(a, index, extent) for a in x.args)


def _collect(x: Node, outside: set[str], inside: set[str], within: bool = False) -> None:
    """Gather the names and indices (as #number) inside and outside brackets."""
    if x.head == "entry":
        _collect(x.args[0], outside, inside, within)
        for a in x.args[1:]:
            _collect(a, outside, inside, True)
        return
    if x.head in ("name", "index"):
        (inside if within else outside).add(x.text if x.head == "name" else f"#{x.text}")
    for a in x.args:
        _collect(a, outside, inside, within)


def _candidates(own: str) -> Iterator[str]:
    if own:
        yield own
        yield from (f"{own}{k}" for k in range(2, 10))
    yield from _LETTERS
    k = 1
    while True:
        yield f"i{k}"
        k += 1
