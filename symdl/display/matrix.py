"""Matrix notation."""

from __future__ import annotations

from symdl.display.contraction import comparison
from symdl.display.entries import Reader
from symdl.display.equation import expression
from symdl.display.errors import NotationError
from symdl.display.page import Page, page
from symdl.display.ranges import ranges_beside
from symdl.display.style import style_of
from symdl.display.tree import Node, application, array, call, reference
from symdl.language.owners import Application, Recurrence
from symdl.language.tensor import Constant, Equation, Part, Slot, Tensor, Variable


def matrix(t: Tensor, style: str = "text") -> str:
    r"""Matrix notation.

    Plain text is in NumPy's spelling and can be evaluated, last line first: `@`, `*` and the
    functions are NumPy's, those of the catalogue and `softmax`, `one_hot`, `inv` and the like are
    symdl's of the same name, and sizes stand for themselves. It speaks of sizes that aren't 0.
    In LaTeX `\odot` is the entrywise product, `\frac` of arrays the entrywise quotient, and
    `s \mathbf{1}^\top` repeats a column; in Unicode they are ⊙ and ⊘.

    Parameters
    ----------
    t : Tensor
        Any result.
    style : {"text", "latex", "unicode"}
        How it is set.

    Returns
    -------
    str
        The formula; below it the ranges of a user's indices that address no axis of theirs, and
        a line for each intermediate that has a name or is read often.

    Raises
    ------
    NotationError
        If a part of it is no matrix expression, or there is no such style.
    """
    written = style_of(style)
    arranged, formulas = formulas_of(t)
    (_, main), *others = formulas.items()
    names = arranged.names
    return written.page([written.formula(main, names, True), *(
        f"{written.symbol(names[x])} = {written.formula(f, names, True)}" for x, f in others)],
        [written.formula(r, names, True) for r in ranges_beside(arranged.root)])


def formulas_of(t: Tensor) -> tuple[Page, dict[Tensor, Node]]:
    """The page of a result, and the matrix expression of the result and of each line."""
    arranged = page(t)
    t = arranged.root
    if any(isinstance(x, Part) and isinstance(x.owner, Recurrence) for x in arranged.definitions):
        raise NotationError("a recurrence has no matrix notation")
    inline: dict[Tensor, Node] = {}

    def read(x: Tensor) -> Node:
        if x in arranged.lines or isinstance(x, (Variable, Slot)):
            return reference(x)
        if x not in inline:
            inline[x] = _expression(arranged.definitions[x], read)
        return inline[x]

    lines = [x for x in arranged.lines_in_order if x is not t]
    formulas = {x: _expression(arranged.definitions[x], read) for x in (t, *lines)}
    return arranged, {x: comparison(f) if x.dtype == "bool" else f for x, f in formulas.items()}


def _expression(d: Tensor, read: Reader) -> Node:
    if isinstance(d, Equation):
        return expression(d.scheme, read)
    if isinstance(d, Part) and isinstance(d.owner, Application):
        return application(d, read)
    if isinstance(d, Constant):
        return call("array", array(d.data.tolist()))
    return reference(d)
