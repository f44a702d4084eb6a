"""Verdicts, and how they are said: as text, as LaTeX and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, TypeAlias

import mpmath
import numpy as np

from symdl.claims.verify.claim import Claim
from symdl.evidence.line import Array
from symdl.language.errors import SymdlError

Status: TypeAlias = Literal["proved", "refuted", "supported", "undecided"]
EXIT_CODES: Mapping[str, int] = {"proved": 0, "refuted": 1, "supported": 2, "undecided": 2}


@dataclass(frozen=True)
class Verdict:
    """What was found of a claim.

    Attributes
    ----------
    status : {"proved", "refuted", "supported", "undecided"}
        Proved by rules; refuted at a point or by shapes; supported by numbers alone; or neither.
    claim : Claim
    reason : str
        By what, in one line.
    covers : str
        The sizes a proof speaks of.
    rules : tuple of str
        What a proof uses.
    sizes, point, entry, values
        The counterexample: sizes by name, inputs by name, the entry that is wrong, both sides
        there.
    fault : str
        The term that is wrong.
    remedies : tuple of str
        What would make the claim true, each verified.
    conditions : tuple of str
        Where the sides are defined, if not everywhere.
    evidence : mapping
        Points, sizes, digits and seed of what was computed.
    declarations : str
        What the names were taken for.
    proof : mapping
        The steps, for `symdl.claims.verify.checker`.
    """

    status: Status
    claim: Claim
    reason: str
    covers: str = ""
    rules: tuple[str, ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict)
    point: Mapping[str, Array] = field(default_factory=dict)
    entry: tuple[int, ...] = ()
    values: tuple[Any, Any] | None = None
    fault: str = ""
    remedies: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)
    declarations: str = ""
    proof: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def exit_code(self) -> int:
        """0 for proved, 1 for refuted, 2 for the others."""
        return EXIT_CODES[self.status]

    def __bool__(self) -> bool:
        if self.exit_code == 2:
            raise SymdlError(f"{self.status}: {self.reason}; look at .status")
        return self.status == "proved"

    def __str__(self) -> str:
        lines = [f"{self.status}: {self.claim}" + (f"   [{self.claim.source}]" if
                                                   self.claim.source else ""), f"  {self.reason}"]
        lines += [f"  {self.covers}"] if self.covers else []
        lines += [f"  rules: {'; '.join(self.rules)}"] if self.rules else []
        if self.values is not None:
            left, right = map(said, self.values)
            lines.append(f"  left{self._place} = {left}, right{self._place} = {right}")
            lines += [f"  at {self._where}"] if self._where else []
        lines += [f"  at fault: {self.fault}"] if self.fault else []
        lines += [f"  holds if {x}" for x in self.remedies]
        lines += [f"  where {x}" for x in self.conditions]
        return "\n".join(lines)

    __repr__ = __str__

    @property
    def _place(self) -> str:
        return f"[{', '.join(map(str, self.entry))}]" if self.entry else ""

    @property
    def _where(self) -> str:
        inputs = [f"{name} = {said(x)}" for name, x in self.point.items()]
        return ", ".join([*(f"{k} = {n}" for k, n in self.sizes.items()), *inputs])

    def json(self) -> dict[str, Any]:
        """All that was found, as JSON's types."""
        found = {
            "status": self.status, "claim": str(self.claim), "source": self.claim.source,
            "reason": self.reason, "covers": self.covers, "rules": list(self.rules),
            "fault": self.fault, "remedies": list(self.remedies),
            "conditions": list(self.conditions), "evidence": dict(self.evidence),
            "declarations": self.declarations}
        if self.values is not None:
            found["counterexample"] = {
                "sizes": dict(self.sizes), "entry": list(self.entry),
                "point": {name: _plain(x) for name, x in self.point.items()},
                "left": said(self.values[0]), "right": said(self.values[1])}
        if self.proof:
            found["proof"] = self.proof
        return found

    def latex(self) -> str:
        """A paragraph in LaTeX: the verdict, and the counterexample as formulas."""
        parts = [rf"\textbf{{{self.status.capitalize()}.}} {_escaped(self.reason)}."]
        parts += [f"{_escaped(self.covers[0].upper() + self.covers[1:])}."] if self.covers else []
        if self.values is not None:
            index = f"_{{{','.join(map(str, self.entry))}}}" if self.entry else ""
            left, right = (_number(x) for x in self.values)
            place = rf" in entry \({index[2:-1]}\)" if index else ""
            at = f"At {self._latex_point()} the" if self._where else "The"
            parts.append(rf"{at} left side is \({left}\) and the right side \({right}\){place}.")
        parts += [rf"At fault: {_escaped(self.fault)}."] if self.fault else []
        parts += [f"It holds if {_escaped(x)}." for x in self.remedies]
        return "\n".join(parts)

    def _latex_point(self) -> str:
        sizes = [rf"\({k} = {n}\)" for k, n in self.sizes.items()]
        return ", ".join([*sizes, *(rf"\({k} = {_array(x)}\)" for k, x in self.point.items())])


def said(x: Any) -> str:
    """A number, or an array of them, as it is written by hand."""
    if isinstance(x, np.ndarray) and x.ndim:
        return f"[{', '.join(map(said, x))}]"
    x = x.item() if isinstance(x, np.ndarray) else x
    if isinstance(x, (Fraction, int)):
        return str(x)
    return str(mpmath.nstr(mpmath.mpmathify(x), 15))


def _plain(x: Any) -> Any:
    """Nested lists of whole numbers, and of fractions as text."""
    if isinstance(x, np.ndarray) and x.ndim:
        return [_plain(y) for y in x]
    x = x.item() if isinstance(x, np.ndarray) else x
    return int(x) if x == int(x) else str(x)


def _number(x: Any) -> str:
    x = x.item() if isinstance(x, np.ndarray) else x
    if isinstance(x, Fraction) and x.denominator != 1:
        sign = "-" if x < 0 else ""
        return rf"{sign}\tfrac{{{abs(x.numerator)}}}{{{x.denominator}}}"
    return said(x)


def _array(x: Array) -> str:
    if x.ndim == 0:
        return _number(x)
    if x.ndim > 2:
        return said(x)
    rows = x if x.ndim == 2 else x[:, None]
    body = r" \\ ".join(" & ".join(map(_number, row)) for row in rows)
    return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"


def _escaped(text: str) -> str:
    for mark in "&%#_$":
        text = text.replace(mark, rf"\{mark}")
    return text.replace("^", r"\^{}").replace("<=", r"\(\le\)").replace(">=", r"\(\ge\)")
