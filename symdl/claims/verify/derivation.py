"""Derivations judged line by line: each line from the one before."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from symdl.claims.verify.claim import read_claim
from symdl.claims.verify.verdict import Verdict
from symdl.claims.verify.verify import verify
from symdl.language.errors import SymdlError
from symdl.language.syntax.declarations import declared

_ENVIRONMENT = re.compile(r"\\begin\{(align|gather|equation|eqnarray|multline)(\*?)\}(.*?)"
                          r"\\end\{\1\2\}", re.DOTALL)
_MARKS = re.compile(r"\\(label|tag|notag|nonumber|qquad|quad|displaystyle)(\{[^}]*\})?")
_DECLARED = re.compile(r"^\s*[%#]\s*declare:?\s*(.+)$", re.MULTILINE)
_BARE = re.compile(r"\\?[A-Za-z]\w*$")


@dataclass(frozen=True)
class Line:
    """A line of a derivation.

    Attributes
    ----------
    number : int
        Counted from 1.
    text : str
        What is claimed of it.
    verdict : Verdict or None
        None for a definition.
    """

    number: int
    text: str
    verdict: Verdict | None

    def __str__(self) -> str:
        if self.verdict is None:
            return f"{self.number}. definition: {self.text}"
        return f"{self.number}. {self.verdict}"


@dataclass(frozen=True)
class Derivation:
    """A derivation with the verdicts on its lines."""

    lines: tuple[Line, ...]

    @property
    def wrong(self) -> Line | None:
        """The first line that is refuted."""
        return next((x for x in self.lines if x.verdict is not None
                     and x.verdict.status == "refuted"), None)

    @property
    def exit_code(self) -> int:
        """0 if all lines are proved, 1 if one is refuted, else 2."""
        codes = {x.verdict.exit_code for x in self.lines if x.verdict is not None}
        return 1 if 1 in codes else max(codes, default=2)

    def __str__(self) -> str:
        end = (f"the first wrong step is line {self.wrong.number}" if self.wrong else
               "every line is proved" if self.exit_code == 0 else
               "no line is refuted, but not every line is proved")
        return "\n".join([*map(str, self.lines), end])

    def json(self) -> dict[str, Any]:
        """All lines with their verdicts."""
        return {"wrong": self.wrong.number if self.wrong else None, "lines": [
            {"number": x.number, "text": x.text,
             "verdict": x.verdict.json() if x.verdict is not None else None}
            for x in self.lines]}


def verify_derivation(text: str, declarations: str = "", *, grammar: str = "") -> Derivation:
    r"""Judge a derivation line by line.

    Parameters
    ----------
    text : str
        LaTeX with `align` environments, or lines of equations. A line `= b` is judged from the
        side before it; `f = b` defines f where f isn't declared and hasn't occurred; any other
        equation is judged by itself. A comment `% declare: A: matrix[n,n]` declares.
    declarations : str
        More declarations.
    grammar : {"text", "latex", "numpy"}
        Left out: LaTeX where there is an environment, else text.

    Returns
    -------
    Derivation

    Raises
    ------
    SymdlError
        For a line that can't be read, with its number.
    """
    grammar = grammar or ("latex" if _ENVIRONMENT.search(text) else "text")
    known = ", ".join(x for x in (declarations, *_DECLARED.findall(text)) if x.strip())
    return Derivation(tuple(_Reader(known, grammar).lines(_rows(text, grammar))))


def _rows(text: str, grammar: str) -> list[str]:
    if grammar != "latex":
        bare = (re.sub(r"#.*", "", row).strip() for row in text.splitlines())
        return [row for row in bare if row]
    text = re.sub(r"(?<!\\)%.*", "", text)
    bodies = [m[2] for m in _ENVIRONMENT.findall(text)] or [text]
    rows = [re.sub(r"\s+", " ", _MARKS.sub("", row).replace("&", " ")).strip(" .,;")
            for body in bodies for row in re.split(r"\\\\(?:\[[^\]]*\])?", body)]
    return [row for row in rows if row]


class _Reader:
    def __init__(self, declarations: str, grammar: str):
        self.declarations, self.grammar = declarations, grammar
        self.known = declared(declarations)
        self.where: list[tuple[str, str]] = []
        self.before = ""

    def lines(self, rows: list[str]) -> list[Line]:
        """Every line with its verdict."""
        out: list[Line] = []
        for number, row in enumerate(rows, 1):
            try:
                out.append(self._line(number, row))
            except SymdlError as error:
                raise SymdlError(f"line {number}, {row}: {error}") from None
        return out

    def _line(self, number: int, row: str) -> Line:
        continued = re.match(r"\s*(=|\\leq?|\\geq?|<=|>=|<|>)", row)
        if continued and not self.before:
            raise SymdlError("there is no side before it")
        text = f"{self.before} {row}" if continued else row
        claim = read_claim(text, grammar=self.grammar)
        left, right = str(claim.left), str(claim.right)
        self.before = right
        if not continued and self._defines(left) and claim.relation == "=":
            self.where.append((left, right))
            return Line(number, row, None)
        verdict = verify(text, self.declarations, grammar=self.grammar, where=tuple(self.where))
        return Line(number, row, verdict)

    def _defines(self, name: str) -> bool:
        return bool(_BARE.match(name)) and name not in self.known and all(
            name != n for n, _ in self.where)
