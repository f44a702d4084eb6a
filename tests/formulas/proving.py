"""What is found of claims: for all sizes if they are true of all, else at their own."""

from __future__ import annotations

from typing import Any

import symdl as sd
from symdl.claims.verify.verdict import Verdict
from tests.formulas.reading import read, variables
from tests.formulas.referee import Claim, sizes_of

QUADRATURES = ("si.quad", "gh(")
"""Sums over nodes of finitely many digits: what they say is true up to these."""
ORDERS = {"eq": 0, "grad": 1, "shape": 1, "jac": 1, "hess": 2}


def judged(c: Claim) -> Verdict:
    """The verdict on a claim.

    A formula that names a size by its number is false of other sizes: what isn't proved for all
    sizes is judged at those of the claim, and the verdict is then about these alone.
    """
    found = None
    for numeric in (False, True):
        try:
            verdict = sd.verify(_stated(c, numeric), advice=False)
        except sd.SymdlError:
            continue
        found = verdict
        if verdict.status == "proved" or (verdict.status == "refuted" and not _has_numbers(c)):
            break
    if found is None:
        raise sd.SymdlError(f"{c['id']} can't be read")
    return found


def _stated(c: Claim, numeric: bool) -> sd.Claim:
    names = _assumed(c, numeric)
    f, right = (read(c, c[side], names) for side in ("lhs", "rhs"))
    wrt = (names[c["wrt"]],) * ORDERS[c["kind"]] if c["kind"] != "eq" else ()
    return sd.Claim(f, right, wrt=wrt, source=f"{c['source']}, {c['eq']}")


def _has_numbers(c: Claim) -> bool:
    """Whether a size of the claim may stand in it as a number."""
    text = " ".join([c["lhs"], c["rhs"], *c.get("let", {}).values()])
    return any(str(n) in text for n in sizes_of(c).values())


def _assumed(c: Claim, numeric: bool) -> dict[str, Any]:
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
