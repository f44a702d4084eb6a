"""What a formula in a book claims: two sides, a relation, and what its names stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from symdl.language.errors import SymdlError
from symdl.language.tensor import Tensor

RELATIONS = ("<=", ">=", "<", ">", "=")
LAYOUTS = ("mixed", "numerator", "denominator")
_SPELLED = MappingProxyType({"≤": "<=", "≥": ">=", "==": "=", r"\leq": "<=", r"\geq": ">=",
                             r"\le": "<=", r"\ge": ">=", r"\lt": "<", r"\gt": ">"})
_RELATION = re.compile(r"\\leq(?![a-z])|\\geq(?![a-z])|\\le(?![a-z])|\\ge(?![a-z])|"
                       r"\\lt(?![a-z])|\\gt(?![a-z])|[<>=!]=|[≤≥<>=]")
_CLAUSE = re.compile(r"(?<![\w.])(where|at|for|up to|under)(?![\w(])")
_WORDS = re.compile(r"\s*(?P<what>gradient|jacobian|hessian)(?:\s+of)?\s+(?P<body>.+?)"
                    r"\s+wrt\s+(?P<name>\w+)\s*$", re.DOTALL)
_ORDER = re.compile(r"\+\s*O\(\s*(?P<name>\w+)\s*(?:\^\s*(?P<order>\d+)\s*)?\)\s*$")


@dataclass(frozen=True)
class Claim:
    """Two sides and the relation between them.

    Attributes
    ----------
    left, right : str or Tensor
        The sides. A text on the left may ask for a derivative, `d f / dx`.
    relation : {"=", "<=", ">=", "<", ">"}
        Entry by entry.
    declarations : str or mapping
        What the names are, as `symdl.parse` takes it.
    wrt : tuple of str or Tensor
        In what the left side is differentiated, beside what its text asks for.
    where : tuple of (str, str)
        Intermediate values: names and their formulas.
    at : tuple of (str, str)
        What variables stand for once the derivative is taken: `w` at the optimum.
    only : str
        A condition on free indices, as `i != j`.
    modulo : str
        Either `constant in x`, for sides that differ by what doesn't depend on x, or
        `O(eps^2)`.
    sizes : mapping of str to int
        The sizes that a formula with numbers for sizes is about.
    layout : {"mixed", "numerator", "denominator"}
        The order of a derivative's axes.
    grammar : {"text", "latex", "numpy"}
        How the sides are written.
    source : str
        Book, edition, equation.
    """

    left: str | Tensor
    right: str | Tensor
    relation: str = "="
    declarations: str | Mapping[str, Any] = ""
    wrt: tuple[str | Tensor, ...] = ()
    where: tuple[tuple[str, str], ...] = ()
    at: tuple[tuple[str, str], ...] = ()
    only: str = ""
    modulo: str = ""
    sizes: Mapping[str, int] = field(default_factory=dict)
    layout: str = "mixed"
    grammar: str = "text"
    source: str = ""

    def __post_init__(self) -> None:
        if self.relation not in RELATIONS:
            raise SymdlError(f"there is no relation {self.relation!r}; there are "
                             f"{', '.join(RELATIONS)}")
        if self.layout not in LAYOUTS:
            raise SymdlError(f"there is no layout {self.layout!r}; there are {', '.join(LAYOUTS)}")

    def __str__(self) -> str:
        wrt = ", d".join(str(getattr(x, "name", x)) for x in self.wrt)
        left = f"d({self.left})/d{wrt}" if wrt else str(self.left)
        said = [f"{left} {self.relation} {self.right}"]
        said += [f"where {', '.join(f'{n} = {f}' for n, f in self.where)}"] if self.where else []
        said += [f"at {', '.join(f'{n} = {f}' for n, f in self.at)}"] if self.at else []
        said += [f"for {self.only}"] if self.only else []
        said += [f"up to {self.modulo}"] if self.modulo else []
        return " ".join(said)


def read_claim(text: str, declarations: str | Mapping[str, Any] = "", **parts: Any) -> Claim:
    """A claim in writing, taken apart.

    Parameters
    ----------
    text : str
        `left = right` or an inequality, followed by any of `where s = ..., t = ...`, `at w = ...`,
        `for i != j`, `up to O(eps^2)`, `up to constant in x` and `under` declarations. `hessian f
        wrt x` is `d^2 f / dx^2`; `a = b + O(eps^2)` is `a = b up to O(eps^2)`.
    declarations : str or mapping
        More declarations.
    **parts
        Other parts of the `Claim`.

    Raises
    ------
    SymdlError
        If there isn't one relation.
    """
    statement, clauses = _clauses(text)
    cuts = [m for m in _RELATION.finditer(statement) if not _inside(statement, m.start())]
    if len(cuts) != 1:
        found = "none" if not cuts else " and ".join(m.group() for m in cuts)
        raise SymdlError(f"a claim has one relation (= <= >= < >), but in {statement.strip()} "
                         f"there is {found}")
    (cut,) = cuts
    relation = _SPELLED.get(cut.group(), cut.group())
    left, right = statement[:cut.start()].strip(), statement[cut.end():].strip()
    order = _ORDER.search(right)
    if order:
        clauses.setdefault("up to", f"O({order['name']}^{order['order'] or 1})")
        right = right[:order.start()].strip()
    if not left or not right:
        raise SymdlError(f"a side is missing in {statement.strip()}")
    given = clauses.get("under", "")
    if given:
        if not isinstance(declarations, str):
            raise SymdlError("give declarations behind `under` or as a mapping, not both")
        declarations = ", ".join(x for x in (declarations, given) if x)
    return Claim(_in_symbols(left), right, relation, declarations,
                 where=(*parts.pop("where", ()), *_definitions(clauses.get("where", ""))),
                 at=_definitions(clauses.get("at", "")), only=clauses.get("for", ""),
                 modulo=clauses.get("up to", "").removeprefix("a "), **parts)


def _in_symbols(left: str) -> str:
    found = _WORDS.match(left)
    if found is None:
        return left
    name, order = found["name"], "^2" if found["what"] == "hessian" else ""
    return f"d{order} ({found['body']}) / d{name}{order}"


def _clauses(text: str) -> tuple[str, dict[str, str]]:
    """The statement, and what stands behind each keyword."""
    cuts = [m for m in _CLAUSE.finditer(text) if not _inside(text, m.start())]
    found: dict[str, str] = {}
    ends = [*(c.start() for c in cuts), len(text)][1:]
    for m, end in zip(cuts, ends, strict=True):
        if m.group() in found:
            raise SymdlError(f"`{m.group()}` stands twice in the claim")
        found[m.group()] = text[m.end():end].strip().rstrip(",;").strip()
    return text[:cuts[0].start()].rstrip().rstrip(",;") if cuts else text, found


def _definitions(text: str) -> tuple[tuple[str, str], ...]:
    out = []
    for part in _split(text):
        name, sign, formula = part.partition("=")
        if not sign or not re.fullmatch(r"\s*[\\\w]+\s*", name):
            raise SymdlError(f"a definition is `name = formula`, not {part.strip()}")
        out.append((name.strip(), formula.strip()))
    return tuple(out)


def _split(text: str) -> list[str]:
    cuts = [k for k, c in enumerate(text) if c in ",;" and not _inside(text, k)]
    ends = zip([-1, *cuts], [*cuts, len(text)], strict=True)
    return [part for a, b in ends if (part := text[a + 1:b]).strip()]


def _inside(text: str, place: int) -> bool:
    """Whether a place is within brackets."""
    before = text[:place]
    return any(before.count(a) > before.count(b) for a, b in ("()", "[]", "{}"))
