"""Proofs of equality, by one method after the other; numbers prove nothing here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symdl.algebra.normal import GaveUp, is_zero, normal_form
from symdl.algebra.terms import time_limit
from symdl.claims.verify.entries.decide import equal_entries
from symdl.claims.verify.entries.pointwise import is_pointwise
from symdl.claims.verify.preparing import prepared, with_cuts
from symdl.claims.verify.sized import at_sizes
from symdl.language.sizes import dims_of
from symdl.language.tensor import Tensor

SECONDS = 4.0


@dataclass(frozen=True)
class Proof:
    """Why two expressions are equal.

    Attributes
    ----------
    method : str
        In one line.
    rules : tuple of str
        What was used.
    """

    method: str
    rules: tuple[str, ...] = ()


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
    if not dims_of([left, right, *kinks]):
        reason = equal_entries(left, right, kinks, seconds)
        return NoProof(f"{found.reason}, and {reason}") if reason else Proof(ENTRIES)
    if is_pointwise([left, right, *kinks]):
        roots = [left, right, *kinks]
        left, right, *kinks = at_sizes(roots, dict.fromkeys(dims_of(roots), 1))
        reason = equal_entries(left, right, kinks, seconds)
        return NoProof(f"{found.reason}, and {reason}") if reason else Proof(POINTWISE)
    return found


ENTRIES = "each entry of the difference is 0 as a rational function of independent quantities"
POINTWISE = ("every entry depends on one entry of each input, and there the difference is 0 as a "
             "rational function of independent quantities")


def _by_normal_forms(left: Tensor, right: Tensor, seconds: float) -> Proof | NoProof:
    simple, other = prepared([left.simplify(), right])
    left, right = prepared([left, right])
    reason = "both sides are the same"
    pairs = [(left, right), *([(simple, other)] if simple is not left else [])]
    with time_limit(seconds):
        for one, two in pairs:
            if one is two:
                return Proof(SAME)
            if _same(one, two):
                return Proof(NORMAL)
        for one, two in pairs:
            cut = with_cuts(one, two)
            if cut is not None and _same(*cut):
                return Proof(CUT)
        for one, two in pairs:
            if is_zero(one - two):
                return Proof(CLEARED)
    found = normal_form(left)
    reason = f"there is no normal form: {found.reason}" if isinstance(found, GaveUp) else (
        "the normal forms differ")
    return NoProof(reason)


SAME = "both sides are the same expression"
NORMAL = "both sides have one normal form"
CUT = "both sides have one normal form over sums that both compute"
CLEARED = "the difference is 0, multiplied by its denominators"


def _same(left: Tensor, right: Tensor) -> bool:
    one, other = normal_form(left), normal_form(right)
    return one is other and not isinstance(one, GaveUp)
