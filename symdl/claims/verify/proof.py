"""Proofs of equality, by one method after the other; numbers prove nothing here."""

from __future__ import annotations

from dataclasses import dataclass

from symdl.algebra.normal import GaveUp, is_zero, normal_form
from symdl.algebra.terms import time_limit
from symdl.language.tensor import Tensor

SECONDS = 8.0


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


def prove(left: Tensor, right: Tensor, seconds: float = SECONDS) -> Proof | NoProof:
    """Prove that two expressions of one shape are equal wherever both are defined.

    Parameters
    ----------
    left, right : Tensor
    seconds : float
        How long the search may take.
    """
    with time_limit(seconds):
        one, other = normal_form(left), normal_form(right)
        if one is other and not isinstance(one, GaveUp):
            return Proof("both sides have one normal form")
        if is_zero(left - right):
            return Proof("the difference is 0, multiplied by its denominators")
        simple = left.simplify()
        if simple is not left:
            again = normal_form(simple)
            if again is other and not isinstance(again, GaveUp):
                return Proof("both sides have one normal form")
            if is_zero(simple - right):
                return Proof("the difference is 0, multiplied by its denominators")
    gave_up = next((x for x in (one, other) if isinstance(x, GaveUp)), None)
    return NoProof("the normal forms differ" if gave_up is None else
                   f"there is no normal form: {gave_up.reason}")
