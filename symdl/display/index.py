"""Index notation: every tensor entry by entry, sums with their indices written below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symdl.display.formulas import Formulas
from symdl.display.naming import Naming
from symdl.display.page import Page, page
from symdl.display.ranges import ranges_beside
from symdl.display.style import Style, style_of
from symdl.display.tree import Node
from symdl.language.form import Form
from symdl.language.owners import Application, Recurrence
from symdl.language.tensor import Equation, Part, Tensor


@dataclass(frozen=True)
class Line:
    """One equation of a page in index notation.

    Attributes
    ----------
    left : Node or None
        The entry that is defined; None for the result itself.
    axes : tuple of str
        The names of the result's indices.
    right : Node
        What it is.
    steps : Node or None
        The time index and its first and last value, where earlier entries are read.
    """

    left: Node | None
    axes: tuple[str, ...]
    right: Node
    steps: tuple[Node, ...] = ()


def index(t: Tensor, style: str = "text") -> str:
    """Index notation.

    The result's axes are its free indices in the order in which they appear; where that isn't
    so, they are listed in front: ``[d,n]: X[n,d]``. Below it the ranges of a user's indices that
    address no axis of theirs, and a line for each intermediate that has a name, is read often or
    is a state of a recurrence.

    Parameters
    ----------
    t : Tensor
        Any result.
    style : {"text", "latex", "unicode"}
        How it is set.

    Raises
    ------
    NotationError
        If there is no such style.
    """
    written = style_of(style)
    arranged, (main, *others) = lines_of(t)
    text = written.formula(main.right, arranged.names, False)
    if main.axes and not in_order(main):
        text = written.axes(text, main.axes)
    return written.page([text, *(_line(x, arranged, written) for x in others)],
                        [written.formula(r, {}, False) for r in ranges_beside(arranged.root)])


def _line(x: Line, arranged: Page, written: Style) -> str:
    assert x.left is not None
    left, right, *steps = (
        written.formula(f, arranged.names, False) for f in (x.left, x.right, *x.steps))
    line = f"{left} = {right}"
    return written.steps(line, *steps) if steps else line


def in_order(x: Line) -> bool:
    """Whether the axes are the free indices in order of appearance."""
    seen = [n.text for n in _walk(x.right) if n.head == "name" and n.text in x.axes]
    return tuple(dict.fromkeys(seen)) == x.axes


def _walk(x: Node) -> list[Node]:
    """The nodes in the order in which they are read: conditions before what they govern."""
    found, stack = [], [x]
    while stack:
        x = stack.pop()
        found.append(x)
        parts = (*x.args[1:], x.args[0]) if x.head == "reduce" else x.args
        stack.extend(reversed(parts))
    return found


def lines_of(t: Tensor) -> tuple[Page, tuple[Line, ...]]:
    """The page of a result: the result, then each line."""
    arranged = page(t, _operands_of_primitives)
    root = arranged.root
    main = _main(root, arranged)
    return arranged, (main, *(_defined(x, arranged) for x in arranged.lines_in_order))


def _operands_of_primitives(d: Tensor) -> Sequence[Tensor]:
    """Operands that a whole-matrix function names."""
    if isinstance(d, Part) and isinstance(d.owner, Application):
        return [x for x in d.owner.operands if isinstance(x, Equation)]
    return []


def _main(root: Tensor, arranged: Page) -> Line:
    formulas = Formulas(arranged)
    axes = formulas.axes(root.shape)
    right = formulas.named(root, axes) if root in arranged.lines else formulas.entry(root, axes)
    return _named(formulas, arranged, None, axes, right, ())


def _defined(t: Tensor, arranged: Page) -> Line:
    formulas = Formulas(arranged)
    axes = formulas.axes(t.shape)
    left, right = formulas.named(t, axes), formulas.definition(t, axes)
    steps: tuple[Node, ...] = ()
    if isinstance(t, Part) and isinstance(t.owner, Recurrence):
        steps = formulas.steps(t.owner, axes[t.owner.members[t.number].time])
    return _named(formulas, arranged, left, axes, right, steps)


def _named(formulas: Formulas, arranged: Page, left: Node | None, axes: Sequence[Form],
           right: Node, steps: tuple[Node, ...]) -> Line:
    naming = Naming(formulas.sizes, (right, *steps), arranged)
    scope = naming.names([k for k, f in enumerate(axes) if f != 0], {})
    at = tuple(scope.get(k, "0") for k in range(len(axes)))
    return Line(None if left is None else naming.renamed(left, scope), at,
                naming.renamed(right, scope), tuple(naming.renamed(s, scope) for s in steps))
