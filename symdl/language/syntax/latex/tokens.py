"""The tokens of a LaTeX formula, spacing and sizing of brackets left out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from symdl.language.syntax.errors import ParseError

_TOKEN = re.compile(r"""
    (?P<space>\s+|%[^\n]*|~|\\[,;:!>\s]|\\q?quad\b|\\(?:left|right|[bB]ig+[lrm]?)(?![a-zA-Z])\.?
        |\\(?:displaystyle|textstyle|limits|nolimits)\b)
  | (?P<newline>\\\\)
  | (?P<command>\\(?:[a-zA-Z]+|[{}|]))
  | (?P<number>\d+(?:\.\d+)?|\.\d+)
  | (?P<letter>[^\W\d_])
  | (?P<sign>[-+*/^_=<>()\[\]{}|,;:&'!.])
""", re.VERBOSE)


@dataclass(frozen=True)
class Token:
    """One token and where it stands.

    Attributes
    ----------
    kind : str
        ``command`` (with its backslash), ``number``, ``letter``, ``sign``, ``newline``, ``end``.
    """

    kind: str
    text: str
    start: int
    end: int


def tokens(source: str) -> list[Token]:
    """The tokens, then one of kind ``end``.

    Raises
    ------
    ParseError
        At a character that no formula has.
    """
    found, place = [], 0
    while place < len(source):
        match = _TOKEN.match(source, place)
        if match is None:
            raise ParseError(source, place, place + 1, "this can't be read as LaTeX")
        kind = str(match.lastgroup)
        if kind != "space":
            found.append(Token(kind, match.group(), place, match.end()))
        place = match.end()
    return [*found, Token("end", "", len(source), len(source))]


_FRAME = re.compile(r"""
    (?P<opened>\s*(?: \$\$? | \\\[ | \\\( | \\begin\{(?:equation|displaymath|math)\*?\} )?)
    (?P<formula>.*?)
    (?P<closed>\s*[.,;]?\s*
        (?: \$\$? | \\\] | \\\) | \\end\{(?:equation|displaymath|math)\*?\} )?\s*[.,;]?\s*)
""", re.VERBOSE | re.DOTALL)


def without_frame(source: str) -> str:
    r"""The formula without `$`, `\[` or an environment around it and a full stop at its end.

    Blanks stand in their place.
    """
    found = _FRAME.fullmatch(source)
    if found is None:
        return source
    opened, formula, closed = found["opened"], found["formula"], found["closed"]
    framed = bool(opened.strip()) == bool(closed.strip(" \t\n.,;"))
    return " " * len(opened) + formula + " " * len(closed) if framed else source
