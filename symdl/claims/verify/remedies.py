"""What would make a false claim true, and which term is at fault; each verified first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import islice
from time import thread_time

from symdl.claims.verify.claim import Claim
from symdl.claims.verify.disproof import Agreement, Counterexample, disprove
from symdl.claims.verify.edits import edits
from symdl.claims.verify.judging import kinks_of
from symdl.claims.verify.proof import Proof, prove
from symdl.claims.verify.reading import statement_of
from symdl.claims.verify.statement import Statement
from symdl.language.errors import SymdlError
from symdl.language.tensor import Tensor, Variable

SECONDS = 2.0
MOST = 3
_SHORT = 72


@dataclass(frozen=True)
class Remedy:
    """Something that makes a claim true.

    Attributes
    ----------
    text : str
        To be read behind `holds if`.
    fault : str
        What is wrong, where the remedy tells.
    names, fact
        The inputs that are assumed to have a fact.
    """

    text: str
    fault: str = ""
    names: frozenset[str] = frozenset()
    fact: str = ""


def _follows(new: Remedy, old: Remedy) -> bool:
    """Whether a remedy assumes more than another one that is known to do."""
    return bool(new.fact) and old.names <= new.names and old.fact in (
        new.fact, *(["symmetric"] if new.fact in ("diagonal", "positive_definite") else []))


def remedies(claim: Claim, statement: Statement, seed: int, seconds: float = SECONDS,
             ) -> list[Remedy]:
    """Look for layouts, factors, facts and small changes that make a claim true.

    Parameters
    ----------
    claim : Claim
    statement : Statement
        What it says, which is false.
    seed : int
        Of the points that are tried.
    seconds : float
        How long the search may take.

    Returns
    -------
    list of Remedy
        Each proved; the least change first.
    """
    end, found = thread_time() + seconds, list[Remedy]()
    for way in (_layouts, _factors, _facts, partial(_changes, claim)):
        for remedy, changed in way(statement):
            if thread_time() > end or len(found) == MOST:
                break
            if not any(_follows(remedy, x) for x in found) and _is_true(changed, seed):
                found.append(remedy)
                if remedy.fault:
                    break
        if any(x.fault for x in found) and way is not _layouts:
            break
    if statement.variables and statement.relation == "=":
        found += _truth(statement)
    return found


def _is_true(statement: Statement, seed: int) -> bool:
    """Whether a statement is proved."""
    try:
        left, right = statement.sides()
        if left.shape != right.shape:
            return False
        found = disprove(statement, seed, 0.2, steps=0)
        return isinstance(found, Agreement) and found.points > 0 and isinstance(
            prove(left, right, kinks_of(statement), 0.5), Proof)
    except SymdlError:
        return False


def _layouts(statement: Statement) -> Iterator[tuple[Remedy, Statement]]:
    if len(statement.variables) == 1:
        for layout in ("denominator", "numerator"):
            if layout != statement.layout:
                yield (Remedy(f"the derivative is in {layout} layout", "a transpose: the layout"),
                       replace(statement, layout=layout))
    left, right = statement.sides()
    if right.ndim == 2 and left.shape == right.shape[::-1]:
        yield (Remedy("the right side is transposed", "a transpose"),
               replace(statement, right=right.T))


def _factors(statement: Statement) -> Iterator[tuple[Remedy, Statement]]:
    """The number by which the right side is too small, if it is one."""
    if statement.relation != "=" or len({x.shape for x in statement.sides()}) > 1:
        return
    ratio = _ratio(statement)
    if ratio is not None:
        said = f"{ratio}" if ratio.denominator == 1 else f"({ratio})"
        fault = "a sign" if ratio == -1 else f"a factor {ratio}"
        yield (Remedy(f"the right side is multiplied by {said}", fault),
               replace(statement, right=statement.right * ratio.numerator / ratio.denominator))


def _ratio(statement: Statement) -> Fraction | None:
    try:
        found = disprove(statement, 1, 0.3, steps=0)
    except SymdlError:
        return None
    if not isinstance(found, Counterexample) or found.comparison.values is None:
        return None
    x, y = found.comparison.values
    if not x or not y:
        return None
    exact = Fraction(x) / Fraction(y) if isinstance(x, Fraction) else Fraction(float(x / y))
    simple = exact.limit_denominator(64)
    return simple if abs(simple - exact) < Fraction(1, 10**12) else None


def _facts(statement: Statement) -> Iterator[tuple[Remedy, Statement]]:
    inputs = [v for v in statement.inputs() if v.dtype == "real"]
    square = [v for v in inputs if v.ndim >= 2 and v.shape[-1] == v.shape[-2]]
    for fact in ("symmetric", "diagonal", "orthogonal", "positive_definite", "idempotent"):
        for v in square:
            yield _with_facts(statement, [v], fact)
        if len(square) > 1:
            yield _with_facts(statement, square, fact)
    for v in inputs:
        for fact in _FACTS.get(v.ndim, ()):
            yield _with_facts(statement, [v], fact)


_FACTS = {0: ("positive",), 1: ("positive", "unit_norm", "simplex"), 2: ("positive", "simplex")}


def _with_facts(statement: Statement, which: list[Variable], fact: str,
                ) -> tuple[Remedy, Statement]:
    new: dict[Tensor, Tensor] = {
        v: Variable.make(v.name or "", v.shape, v.dtype, v.facts | {fact}) for v in which}
    names = " and ".join(v.name or "" for v in which)
    said = {"simplex": "sums to 1 (a probability vector)", "unit_norm": "has norm 1"}.get(
        fact, f"{'are' if len(which) > 1 else 'is'} {fact.replace('_', ' ')}")
    return (Remedy(f"{names} {said}", names=frozenset(v.name or "" for v in which), fact=fact),
            statement.over(new))


def _changes(claim: Claim, old: Statement) -> Iterator[tuple[Remedy, Statement]]:
    """The right side with one part changed."""
    if not isinstance(claim.right, str) or not isinstance(claim.left, str):
        return
    inputs = {v.name or "": v for v in old.inputs()}
    for edit in islice(edits(claim.right, claim.grammar), 120):
        changed = replace(claim, right=edit.text, declarations=inputs)
        try:
            statement = statement_of(changed, numeric=bool(claim.sizes))
        except SymdlError:
            continue
        if statement.right is not old.function:
            yield Remedy(f"the right side is {edit.text}", edit.fault), statement


def _truth(statement: Statement) -> list[Remedy]:
    """What the derivative is, where that is short."""
    try:
        said = str(statement.sides()[0].simplify())
    except SymdlError:
        return []
    return [Remedy(f"the right side is {said} (the derivative)")] if (
        len(said) <= _SHORT and "\n" not in said) else []


def missing_term(statement: Statement) -> str:
    """What the right side lacks, where that is short."""
    left, right = statement.sides()
    if left.shape != right.shape or statement.relation != "=":
        return ""
    try:
        said = str((left - right).simplify())
    except SymdlError:
        return ""
    return f"left - right = {said}" if len(said) <= _SHORT and "\n" not in said else ""
