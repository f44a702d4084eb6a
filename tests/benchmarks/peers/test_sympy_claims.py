"""Claims in SymPy's matrix expressions: they say what the referee reads."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from benchmarks.judge import judged
from benchmarks.peers.spelling import needed
from benchmarks.peers.sympy_claims import SPELLINGS, WAYS, said
from tests.formulas.referee import apart, claims, point, side

CLAIMS = {c["id"]: c for c in claims("grad", "jac", "hess")}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("name", ["MC95", "HS.log", "NI.65", "PR5.56", "MM7.8", "DL20.68"])
def test_every_spelling_of_a_left_side_has_the_value_that_the_referee_reads(
        name: str, spelling: str) -> None:
    c = CLAIMS[name]
    at, f = point(c, 0), said(c, SPELLINGS[spelling])
    assert apart(side(c, c["lhs"], at), np.squeeze(f.value(f.expression, at))) < 1e-9


@pytest.mark.skipif(not sp.__version__.startswith("1.14"), reason="known of SymPy 1.14")
@pytest.mark.parametrize(("name", "outcome"), [
    ("MC81", "right"), ("MC60", "right"), ("MC37", "right"),
    ("MC57", "wrong"), ("MC130", "wrong"), ("PR4.106", "wrong"), ("MC49", "unsupported")])
def test_sympy_is_right_wrong_or_without_an_answer(name: str, outcome: str) -> None:
    assert judged(CLAIMS[name], WAYS).outcome == outcome


def test_only_the_intermediates_of_the_left_side_are_read() -> None:
    assert [*needed(CLAIMS["DL10.22"])] == ["h1", "h2", "h3", "o1", "o2", "o3"]
    assert [*needed(CLAIMS["HS.km"])] == ["P", "Cc"]
