"""Proofs of claims: right ones are proved, wrong ones never, and a wrong verdict is noticed."""

from __future__ import annotations

import pytest

import symdl as sd
from symdl.claims.verify.verdict import Verdict
from tests.formulas.proving import is_exact, is_wrong, judged
from tests.formulas.referee import Claim, claims

CLAIMS = {c["id"]: c for c in claims("grad", "jac", "hess", "eq")}
NEEDED = ("MC21", "MC52", "MC64", "MC125", "DL3.36", "DL3.38", "DL6.26", "DL20.78", "PR2.141",
          "BV.lse", "NI.122", "GA.2")
"""Each needs an identity or a fact that the others don't."""
SAMPLE = [c for c in CLAIMS.values() if c["verdict"] == "false"][::8]


@pytest.mark.parametrize("name", NEEDED)
def test_a_claim_is_proved(name: str) -> None:
    assert judged(CLAIMS[name]).status == "proved"


@pytest.mark.parametrize("name", NEEDED[:3] + NEEDED[4:9])
def test_the_claim_with_another_factor_is_not(name: str) -> None:
    c = CLAIMS[name]
    assert judged({**c, "rhs": f"1.001*({c['rhs']})"}).status == "refuted"


@pytest.mark.parametrize("c", SAMPLE, ids=lambda c: c["id"])
def test_a_false_claim_is_refuted(c: Claim) -> None:
    assert judged(c).status == "refuted"


def test_a_verdict_against_the_measurement_is_wrong() -> None:
    false, true, said = SAMPLE[0], CLAIMS["MC21"], sd.Claim("a", "a")
    proved, refuted = Verdict("proved", said, ""), Verdict("refuted", said, "")
    assert is_wrong(false, proved) and not is_wrong(false, refuted)
    assert is_wrong(true, refuted) and not is_wrong(true, proved)


def test_a_claim_about_being_near_is_not_about_equality() -> None:
    assert not is_exact(CLAIMS["UDB.4c"])
    assert is_exact(CLAIMS["MC21"])
