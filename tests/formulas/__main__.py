"""`python -m tests.formulas`: how many of the claims are read, derived, confirmed and printed.

Claims that are true and not proved are listed, each with what stands in the way.
"""

from __future__ import annotations

import warnings
from collections import Counter

import numpy as np

import symdl as sd
from tests.formulas.proving import is_exact, is_wrong, judged
from tests.formulas.reading import sides, values_of
from tests.formulas.referee import Claim, apart, claims, measured, point

KINDS = ("grad", "jac", "hess", "shape", "eq")
COLUMNS = ("claims", "read", "symbolic sizes", "as measured", "verdict", "proved",
           "matrix notation")


def marks(c: Claim) -> list[str]:
    """The columns in which a claim counts."""
    found = ["claims"]
    try:
        left, right, symbolic = sides(c)
    except sd.SymdlError as error:
        print(f"{c['id']}: {str(error).splitlines()[0]}")
        return found
    found += ["read", *(["symbolic sizes"] if symbolic else [])]
    one, other = values_of(c, (left, right), point(c, 0))
    found += ["as measured"] if apart(measured(c, point(c, 0)), one) < 1e-5 else []
    agree = apart(one, other) < c.get("tol", 1e-6)
    found += ["verdict"] if agree == (c["verdict"] == "true") else []
    found += _proved(c)
    try:
        left.simplify().matrix()
    except sd.SymdlError:
        return found
    return [*found, "matrix notation"]


def _proved(c: Claim) -> list[str]:
    """Whether the claim is proved; what was found is printed where it isn't, or is wrong."""
    verdict = judged(c)
    if is_wrong(c, verdict):
        print(f"{c['id']}: WRONG, it is {c['verdict']}: {verdict}")
    elif c["verdict"] == "true" and verdict.status != "proved":
        near = "" if is_exact(c) else " (an approximation)"
        print(f"{c['id']}: {verdict.status}{near}: {verdict.reason}")
    return ["proved"] if verdict.status == "proved" else []


def main() -> None:
    """Print a line a kind."""
    print(f"{'':6}" + "".join(f"{column:>17}" for column in COLUMNS))
    total: Counter[str] = Counter()
    for kind in KINDS:
        counts = Counter(mark for c in claims(kind) for mark in marks(c))
        total += counts
        print(f"{kind:6}" + "".join(f"{counts[column]:17}" for column in COLUMNS))
    print(f"{'all':6}" + "".join(f"{total[column]:17}" for column in COLUMNS))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with np.errstate(all="ignore"):
        main()
