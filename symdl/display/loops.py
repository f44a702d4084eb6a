"""What a loop computes, in index notation: an entry, and the formula of its value."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from symdl.display.formulas import Formulas
from symdl.display.page import Page
from symdl.display.plain import plain
from symdl.display.tree import Node, name, reference
from symdl.language.form import Atom, Form, Idx
from symdl.language.scheme import Scheme
from symdl.language.tensor import Tensor

_LETTERS = "ijlpqrsuvabc"


class _Letters(Formulas):
    """Formulas whose indices have their names already."""

    def __init__(self, arranged: Page, letters: Mapping[int, str]) -> None:
        super().__init__(arranged)
        self.letters = letters

    def atom(self, a: Atom) -> Node:
        """A size, an index by name, or an entry of an integer tensor."""
        return name(self.letters[a.position], scalar=True) if isinstance(a, Idx) else (
            super().atom(a))


def equation(t: Tensor, s: Scheme, target: Sequence[Form], adds: bool, letters: Mapping[int, str],
             names: Mapping[Tensor, str], taken: Collection[str]) -> str:
    """An equation as `Z[i,j] = sum_l X[i,l]*W[l,j]`.

    Parameters
    ----------
    t : Tensor
        What is computed.
    s : Scheme
        How.
    target : sequence of Form
        The entry that is written.
    adds : bool
        Whether terms are added up at computed places; the formula is then that of a term,
        `G[y[i]] += x[i]`.
    letters : mapping
        The names of some indices; the others get letters of their own.
    names : mapping
        The names of the tensors.
    taken : collection of str
        Names that are no index's.
    """
    found = dict(letters)
    free = (c for c in _LETTERS if c not in taken and c not in letters.values())
    for k in range(len(s.sizes)):
        if k not in found:
            found[k] = next(free, f"i{k}")
    page = Page(t, {}, frozenset({t, *s.tensors}))
    formulas = _Letters(page, found)
    at = formulas.axes(s.sizes[:s.axes])
    left = Node("entry", (reference(t), *map(formulas.form, target)), scalar=not target)
    if adds:
        whole = Scheme(s.sizes, len(s.sizes), "none", s.guards, s.body, s.leaves)
        right = formulas.equation(whole, [Form.of(Idx(k)) for k in range(len(s.sizes))])
    else:
        right = formulas.equation(s, at)
    return f"{plain(left, names)} {'+=' if adds else '='} {plain(right, names)}"
