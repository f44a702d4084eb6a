"""A sample of the wrong variants of proved formulas; `mutants` judges all of them."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from tests.claims.verify.mutants import is_false, judgements, mutants
from tests.formulas.referee import claims

CLAIMS = {c["id"]: c for c in claims("grad", "jac", "hess", "eq")}
SAMPLE = ("MC81", "MC52", "MC64", "DL6.26", "NI.122", "MC125")


@pytest.mark.parametrize("name", SAMPLE)
def test_wrong_variants_are_refuted(name: str) -> None:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = list(judgements(CLAIMS[name], 12))
    assert found
    assert [text for text, v in found if v.status != "refuted"] == []


def test_a_variant_that_is_true_by_accident_is_told() -> None:
    c = CLAIMS["MC81"]
    assert not is_false(c) and not is_false({**c, "rhs": f"1*({c['rhs']})"})
    assert is_false({**c, "rhs": f"2*({c['rhs']})"})


def test_variants_change_signs_transposes_functions_and_terms() -> None:
    found = mutants("A.T@x + tr(B)*y")
    assert {"A @ x + tr(B) * y", "A.T @ x - tr(B) * y", "A.T @ x + det(B) * y",
            "x @ A.T + tr(B) * y", "A.T @ x + 0 * (tr(B) * y)"} <= set(found)
