"""LaTeX of a result, in either notation."""

from __future__ import annotations

from collections.abc import Sequence

from symdl.display.errors import NotationError
from symdl.display.index import Line, in_order, lines_of
from symdl.display.matrix import formulas_of
from symdl.display.page import Page
from symdl.display.tex import symbol, tex
from symdl.language.tensor import Tensor


def latex(t: Tensor) -> str:
    r"""LaTeX, in matrix notation where the result has one, else in index notation.

    In matrix notation `\odot` is the entrywise product, `\frac` of arrays the entrywise
    quotient, and `s \mathbf{1}^\top` repeats a column; tensors whose name is a Greek letter's
    are set as that letter, digits at the end of a name as an index.

    Parameters
    ----------
    t : Tensor
        Any result.

    Returns
    -------
    str
        Without dollars; several lines stand in an `aligned` environment.
    """
    try:
        arranged, formulas = formulas_of(t)
    except NotationError:
        return _index(t)
    lines = [tex(f, arranged.names, True) if k == 0 else
             f"{symbol(arranged.names[x])} = {tex(f, arranged.names, True)}"
             for k, (x, f) in enumerate(formulas.items())]
    return _aligned(lines)


def _index(t: Tensor) -> str:
    arranged, (main, *others) = lines_of(t)
    text = tex(main.right, arranged.names, False)
    if main.axes and not in_order(main):
        text = rf"\left({text}\right)_{{{','.join(map(symbol, main.axes))}}}"
    return _aligned([text, *(_line(x, arranged) for x in others)])


def _line(x: Line, arranged: Page) -> str:
    assert x.left is not None
    left, right = (tex(f, arranged.names, False) for f in (x.left, x.right))
    if not x.steps:
        return f"{left} = {right}"
    time, first, last = (tex(f, arranged.names, False) for f in x.steps)
    return rf"{left} = {right} \quad {time} = {first}, \dots, {last}"


def _aligned(lines: Sequence[str]) -> str:
    """The result and, below it, `where` and what its names stand for."""
    main, *others = lines
    if not others:
        return main
    first, later = r"\text{where } ", r"\phantom{\text{where }} "
    below = [f"&{later if n else first}{line}" for n, line in enumerate(others)]
    rows = r" \\ ".join([f"&{main}", *below])
    return rf"\begin{{aligned}} {rows} \end{{aligned}}"
