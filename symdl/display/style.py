"""The styles in which every notation can be set: plain text, LaTeX, Unicode."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from symdl.display import tex, unicode
from symdl.display.errors import NotationError
from symdl.display.plain import Names, plain
from symdl.display.tree import Node


@dataclass(frozen=True)
class Style:
    """How formulas and what stands around them are set.

    Attributes
    ----------
    formula : callable
        The text of a formula, given the names of tensors and whether it is in matrix notation.
    symbol : callable
        The text of a name.
    axes : callable
        An entry whose indices are listed, since they don't appear in order.
    steps : callable
        From a line, the time index and its first and last value: a line of a recurrence.
    page : callable
        The result's text, the ranges of its indices and the lines below it, joined.
    """

    formula: Callable[[Node, Names, bool], str]
    symbol: Callable[[str], str]
    axes: Callable[[str, Sequence[str]], str]
    steps: Callable[[str, str, str, str], str]
    page: Callable[[Sequence[str], Sequence[str]], str]


def style_of(name: str) -> Style:
    """The style of that name.

    Raises
    ------
    NotationError
        If there is none.
    """
    if name not in STYLES:
        raise NotationError(f"there is no style {name!r}; there are {', '.join(STYLES)}")
    return STYLES[name]


def _where(lines: Sequence[str], ranges: Sequence[str]) -> str:
    """The result, then `for` and its indices' ranges, `where` and what its names stand for."""
    main, *others = lines
    among = [f"for {', '.join(ranges)}"] if ranges else []
    below = [f"{'      ' if n else 'where '}{line}" for n, line in enumerate(others)]
    return "\n".join([main, *among, *below])


def _aligned(lines: Sequence[str], ranges: Sequence[str]) -> str:
    main, *others = lines
    if ranges:
        main += rf" \quad \text{{for }} {', '.join(ranges)}"
    if not others:
        return main
    first, later = r"\text{where } ", r"\phantom{\text{where }} "
    below = [f"&{later if n else first}{line}" for n, line in enumerate(others)]
    rows = r" \\ ".join([f"&{main}", *below])
    return rf"\begin{{aligned}} {rows} \end{{aligned}}"


def _plain_steps(line: str, time: str, first: str, last: str) -> str:
    first, last = first.replace(" ", ""), last.replace(" ", "")
    return f"{line} for {time} = {first}, ..., {last}"


_TEXT = Style(lambda x, names, matrices: plain(x, names), str,
              lambda text, axes: f"[{','.join(axes)}]: {text}", _plain_steps, _where)
_LATEX = Style(
    tex.tex, tex.symbol,
    lambda text, axes: rf"\left({text}\right)_{{{','.join(map(tex.symbol, axes))}}}",
    lambda line, time, first, last: rf"{line} \quad {time} = {first}, \dots, {last}", _aligned)
_UNICODE = Style(unicode.unicode, unicode.symbol,
                 lambda text, axes: f"[{','.join(map(unicode.symbol, axes))}]: {text}",
                 lambda line, time, first, last: f"{line}  ({time} = {first}, …, {last})", _where)

STYLES: Mapping[str, Style] = {"text": _TEXT, "latex": _LATEX, "unicode": _UNICODE}
"""By name."""
