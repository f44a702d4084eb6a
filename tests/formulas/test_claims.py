"""What others claim: read by the grammar of NumPy expressions, derived, and compared with numbers.

The referee differentiates by differences, on NumPy's values; it knows nothing of symdl.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from tests.formulas.reading import derived, read, sides, values_of, variables
from tests.formulas.referee import Claim, apart, claims, measured, point, side

SEEDS = (0, 1)
SIGN_OF_EIGENVECTORS = {"DL10.39"}
"""Whose false right side depends on the signs that a library gives to eigenvectors."""

DERIVATIVES = claims("grad", "jac", "hess", "shape")
EQUALITIES = claims("eq")


@pytest.mark.parametrize("c", [*DERIVATIVES, *EQUALITIES], ids=lambda c: c["id"])
def test_both_sides_of_a_claim_are_what_the_referee_measures(c: Claim) -> None:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        left, right, _ = sides(c)
        found = [values_of(c, (left, right), point(c, seed)) for seed in SEEDS]
        for seed, (one, other) in zip(SEEDS, found, strict=True):
            assert apart(measured(c, point(c, seed)), one) < _limit(c)
            if c["id"] not in SIGN_OF_EIGENVECTORS:
                assert apart(side(c, c["rhs"], point(c, seed)), other) < 1e-6
    distance = max(apart(one, other) for one, other in found)
    limit = c.get("tol", 1e-6)
    assert (distance < limit) == (c["verdict"] == "true")


def _limit(c: Claim) -> float:
    """How well the referee measures: second derivatives and those of eigenvectors less well."""
    return 1e-5 if c["kind"] == "hess" or "eigh" in c["rhs"] else 1e-6


@pytest.mark.parametrize("c", [c for c in DERIVATIVES if "fixed" in c], ids=lambda c: c["id"])
def test_a_corrected_claim_is_confirmed(c: Claim) -> None:
    left, right, _ = sides({**c, "rhs": c["fixed"]})
    one, other = values_of(c, (left, right), point(c, 0))
    assert apart(one, other) < 1e-9


def test_a_slightly_wrong_claim_is_not_confirmed() -> None:
    c = next(c for c in DERIVATIVES if c["id"] == "MC81")
    left, right, _ = sides({**c, "rhs": f"1.001*({c['rhs']})"})
    one, other = values_of(c, (left, right), point(c, 0))
    assert apart(one, other) > 1e-4


def test_a_slightly_wrong_derivative_is_noticed_by_the_referee() -> None:
    c = next(c for c in DERIVATIVES if c["id"] == "MC49")
    names: dict[str, Any] = variables(c, numeric=False)
    f = read(c, "1.0001*det(X)", names)
    (wrong,) = values_of(c, (derived(c, f, names),), point(c, 0))
    assert apart(measured(c, point(c, 0)), wrong) > 1e-5


def test_most_claims_are_read_over_symbolic_sizes() -> None:
    sample = DERIVATIVES[::7]
    symbolic = [c["id"] for c in sample if sides(c)[2]]
    assert len(symbolic) > 0.8 * len(sample)
