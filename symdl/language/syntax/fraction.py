"""`d f / dx` around a formula: read before the formula itself, since it is no part of it."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

from symdl.language.syntax.errors import ParseError
from symdl.language.syntax.limits import ORDER
from symdl.language.syntax.tree import Name

_VARIABLE = r"[d∂]\s?(?:[^\W\d]\w*)'?(?:\s*\^\s*\d+)?'?"
_BELOW = rf"/\s*(?P<open>\(\s*)?(?P<below>{_VARIABLE}(?:[\s*]\s*{_VARIABLE})*)(?(open)\s*\))"
_ABOVE = r"\s*(?:d(?=[\s(^\d/])|∂)\s*(?:\^?\s*(?P<order>\d+))?"
_AROUND = re.compile(rf"{_ABOVE}(?P<body>[\s(]*[^\s/].*?)\s*{_BELOW}\s*$", re.DOTALL)
_BEFORE = re.compile(rf"{_ABOVE}\s*{_BELOW}(?=[\s(])(?P<body>.+)$", re.DOTALL)


@dataclass(frozen=True)
class Frame:
    """A derivative in writing: where the function stands, and the variables in order."""

    start: int
    end: int
    variables: tuple[Name, ...]


def framed(source: str, taken: Container[str] = ()) -> Frame | None:
    """The frame `d f / dx`, `d/dx f`, `d2 f / dx2`, `d^2 f / dx dy`; None without one.

    Parameters
    ----------
    source : str
        The formula.
    taken : container of str
        Names of tensors: where `dx` is one, `d f / dx` is a quotient.

    Raises
    ------
    ParseError
        If the order isn't the number of variables, or too high.
    """
    found = _BEFORE.match(source) or _AROUND.match(source)
    if found is None:
        return None
    order = int((found["order"] or "1")[:4])
    if order > ORDER:
        raise ParseError(source, found.start(), found.end(),
                         f"derivatives are taken up to order {ORDER}")
    variables: list[Name] = []
    for part in re.finditer(_VARIABLE, found["below"]):
        start = found.start("below") + part.start()
        variables += _repeated(part.group(), start, order)
        if f"d{variables[-1].name}" in taken:
            return None
    if len(variables) != order:
        raise ParseError(source, found.start("below"), found.end("below"),
                         f"the derivative is of order {order}, but in {len(variables)} variable"
                         f"{'s' * (len(variables) > 1)}")
    return Frame(found.start("body"), found.end("body"), tuple(variables))


def _repeated(text: str, start: int, order: int) -> list[Name]:
    """`dx`, `dx^2`, and `dx2` where the order is 2: the variable, as often as it says."""
    bare = text[1:].replace("'", "")
    name, _, power = (p.strip() for p in bare.partition("^"))
    at = start + text.index(name)
    if not power and order > 1 and name.endswith(str(order)):
        name, power = name[:-len(str(order))], str(order)
    count = min(int((power or "1")[:4]), ORDER + 1)
    return [Name(at, at + len(name), name)] * count
