"""Whether claims are proved: for all sizes if they are true of all, else at their own."""

from __future__ import annotations

import symdl as sd
from symdl.claims.equal import Verdict
from tests.formulas.reading import sides_over
from tests.formulas.referee import Claim
from tests.fuzz.run import limited

LIMIT = 20
"""Seconds for the proof of a claim."""


def proof(c: Claim, seconds: int = LIMIT) -> Verdict:
    """What is found of the equality of a claim's sides.

    A formula that names a size by its number is false of other sizes: what isn't proved for all
    sizes is tried at those of the claim, and the verdict is then about these alone.
    """
    verdict = Verdict("undecided", "its sides don't have one shape")
    try:
        with limited(seconds):
            for numeric in (False, True):
                try:
                    left, right = sides_over(c, numeric)
                except sd.SymdlError:
                    continue
                if left.shape == right.shape:
                    verdict = sd.equal(left.simplify(), right)
                if verdict.status == "proved":
                    break
    except TimeoutError as error:
        return Verdict("undecided", f"{verdict.reason}; {error}")
    return verdict
