"""Proofs of equality, by one method after the other; numbers prove nothing here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from symdl.algebra.normal import GaveUp, normal_form
from symdl.algebra.terms import noting, time_limit
from symdl.algebra.zeros import is_zero
from symdl.claims.verify.entries.decide import equal_entries
from symdl.claims.verify.entries.pointwise import is_pointwise
from symdl.claims.verify.preparing import prepared, with_cuts
from symdl.claims.verify.sized import at_sizes
from symdl.language.sizes import dims_of
from symdl.language.tensor import Equation, Part, Tensor, topological

SECONDS = 3.0


Step: TypeAlias = tuple[str, Tensor, Tensor]


@dataclass(frozen=True)
class Proof:
    """Why two expressions are equal.

    Attributes
    ----------
    method : str
        In one line.
    rules : tuple of str
        What was used.
    steps : tuple of (str, Tensor, Tensor)
        Equations that lead from one side to the other, each with its rule.
    """

    method: str
    rules: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class NoProof:
    """Why no proof was found; false."""

    reason: str

    def __bool__(self) -> bool:
        return False


def prove(left: Tensor, right: Tensor, kinks: Sequence[Tensor] = (), seconds: float = SECONDS,
          ) -> Proof | NoProof:
    """Prove that two expressions of one shape are equal wherever both are defined.

    Parameters
    ----------
    left, right : Tensor
    kinks : sequence of Tensor
        Where one of these is 0, nothing is claimed.
    seconds : float
        How long each method may take.
    """
    found = _by_normal_forms(left, right, seconds)
    if isinstance(found, Proof):
        return found
    roots, method = [left, right, *kinks], ENTRIES
    if dims_of(roots):
        if not is_pointwise(roots):
            return found
        roots, method = at_sizes(roots, dict.fromkeys(dims_of(roots), 1)), POINTWISE
    one, other, *rest = roots
    reason = equal_entries(one, other, rest, seconds)
    if reason:
        return NoProof(f"{found.reason}, and {reason}")
    return Proof(method, ("arithmetic of rational functions", "exponentials of sums",
                          "logarithms of products", "roots of powers", "cases by signs"),
                 ((method, left, right),))


ENTRIES = "each entry of the difference is 0 as a rational function of independent quantities"
POINTWISE = ("every entry depends on one entry of each input, and there the difference is 0 as a "
             "rational function of independent quantities")


def _by_normal_forms(left: Tensor, right: Tensor, seconds: float) -> Proof | NoProof:
    whole = (left, right)
    simple, other = prepared([left.simplify(), right])
    left, right = prepared([left, right])
    pairs = [(left, right), *([(simple, other)] if simple is not left else [])]
    with time_limit(seconds), noting() as rules:
        for one, two in pairs:
            if one is two:
                return Proof(SAME, ("simplification",), ((SAME, *whole),))
            if _same(one, two):
                return Proof(NORMAL, tuple(rules), _written(whole, (one, two)))
        for one, two in pairs:
            cut = with_cuts(one, two)
            if cut is not None and _same(*cut):
                return Proof(CUT, tuple(rules), ((CUT, *whole),))
        for one, two in pairs:
            if is_zero(one - two):
                return Proof(CLEARED, tuple(rules), ((CLEARED, *whole),))
    found = normal_form(left)
    return NoProof(f"there is no normal form: {found.reason}" if isinstance(found, GaveUp) else
                   "the normal forms differ")


SAME = "both sides are the same expression"
NORMAL = "both sides have one normal form"
CUT = "both sides have one normal form over sums that both compute"
CLEARED = "the difference is 0, multiplied by its denominators or by what it inverts"


def _same(left: Tensor, right: Tensor) -> bool:
    one, other = normal_form(left), normal_form(right)
    return one is other and not isinstance(one, GaveUp)


def _written(whole: tuple[Tensor, Tensor], sides: tuple[Tensor, Tensor]) -> tuple[Step, ...]:
    """Each side and its intermediate results, brought into normal form."""
    steps: list[Step] = []
    for given, side in zip(whole, sides, strict=True):
        if given is not side:
            steps.append(("simplification", given, side))
        inner = [t for t in topological([side]) if isinstance(t, (Equation, Part))][-_SHOWN:]
        for t in inner:
            found = normal_form(t)
            if not isinstance(found, GaveUp) and found is not t and found.dtype == t.dtype:
                steps.append(("normal form", t, found))
    return tuple(steps)


_SHOWN = 12
