"""Whether claims are proved: for all sizes if they are true of all, else at their own."""

from __future__ import annotations

import symdl as sd
from symdl.claims.equal import Verdict
from tests.formulas.reading import sides_over, variables
from tests.formulas.referee import Claim
from tests.fuzz.run import limited

LIMIT = 20
"""Seconds for the proof of a claim."""
QUADRATURES = ("si.quad", "gh(")
"""Sums over nodes of finitely many digits: what they say is true up to these."""


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
                    left, right = sides_over(c, _assumed(c, numeric))
                except sd.SymdlError:
                    continue
                if left.shape == right.shape:
                    verdict = sd.equal(left.simplify(), right)
                if verdict.status == "proved":
                    break
    except TimeoutError as error:
        return Verdict("undecided", str(error))
    return verdict


def _assumed(c: Claim, numeric: bool) -> dict[str, sd.Tensor]:
    """The claim's variables; signs that nothing is derived by are 2 b - 1 of a binary b."""
    names = variables(c, numeric)
    for name, (_, domain) in c["vars"].items():
        if domain == "pm1" and name != c.get("wrt"):
            names[name] = 2 * sd.tensor(name, *names[name].shape, binary=True) - 1
    return names


def is_exact(c: Claim) -> bool:
    """Whether a claim is about equality, not about being near."""
    formulas = (c["lhs"], c["rhs"], *c.get("let", {}).values())
    return "tol" not in c and not any(q in f for q in QUADRATURES for f in formulas)


def is_wrong(c: Claim, found: Verdict) -> bool:
    """Whether a verdict contradicts what was measured."""
    if c["verdict"] == "true":
        return found.status == "refuted" and is_exact(c)
    return found.status == "proved"
