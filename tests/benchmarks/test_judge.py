"""The comparison with peers: what the judge of claims calls right, wrong and unsupported."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from benchmarks.judge import judged
from benchmarks.peers import symdl_claims
from tests.formulas.referee import Claim, claims

CLAIMS = {c["id"]: c for c in claims("grad", "jac", "hess")}


@pytest.mark.parametrize("name", ["MC57", "MC130", "HS.lse", "MC88n", "PR4.106"])
def test_symdl_is_right_about_a_claim(name: str) -> None:
    assert judged(CLAIMS[name], symdl_claims.WAYS).outcome == "right"


def scaled(factor: float) -> Callable[[Claim, Sequence[Mapping[str, Any]]], list[Any]]:
    """A derivative that is off by a factor."""
    return lambda c, points: [factor * x for x in symdl_claims.derivative(c, points)]


@pytest.mark.parametrize("name", ["MC57", "MC130", "HS.lse", "MC48", "NI.BP4"])
def test_a_slightly_wrong_derivative_is_called_wrong(name: str) -> None:
    assert judged(CLAIMS[name], {"off": scaled(1.01)}).outcome == "wrong"


def test_a_derivative_in_the_other_layout_is_right_and_one_of_another_shape_is_wrong() -> None:
    def transposed(c: Claim, points: Sequence[Mapping[str, Any]]) -> list[Any]:
        return [np.moveaxis(x, -1, 0) for x in symdl_claims.derivative(c, points)]

    def halved(c: Claim, points: Sequence[Mapping[str, Any]]) -> list[Any]:
        return [x[..., :-1] for x in symdl_claims.derivative(c, points)]

    assert judged(CLAIMS["NI.44"], {"transposed": transposed}).outcome == "right"
    assert judged(CLAIMS["NI.44"], {"halved": halved}).outcome == "wrong"


def test_an_error_is_unsupported_and_the_best_way_counts() -> None:
    def refusing(c: Claim, points: Sequence[Mapping[str, Any]]) -> list[Any]:
        raise NotImplementedError("no such function")

    verdict = judged(CLAIMS["MC57"], {"refusing": refusing})
    assert (verdict.outcome, verdict.reason) == (
        "unsupported", "NotImplementedError: no such function")
    ways = {"refusing": refusing, "off": scaled(2)}
    assert judged(CLAIMS["MC57"], ways).outcome == "wrong"
    assert judged(CLAIMS["MC57"], {**ways, "right": scaled(1)}).outcome == "right"


def test_a_derivative_that_is_not_a_number_is_wrong() -> None:
    assert judged(CLAIMS["MC57"], {"lost": scaled(np.nan)}).outcome == "wrong"
