"""Claims up to an order and up to a constant."""

from __future__ import annotations

import pytest

import symdl as sd
from symdl.language.errors import SymdlError

PROVED = [
    "sin(eps) = eps + O(eps^3)", "exp(eps) = 1 + eps + O(eps^2) under eps: scalar",
    "inv(eye + eps*A) = eye - eps*A + O(eps^2) under A: matrix[n,n], eps: scalar",
    "det(eye + eps*A) = 1 + eps*tr(A) + O(eps^2) under A: matrix[n,n], eps: scalar",
    "inv(Q + e*M) = inv(Q) - e*inv(Q)*M*inv(Q) + O(e^2) under e: scalar, "
    "Q: matrix[n,n] positive_definite, M: matrix[n,n] positive_definite",
    "log(2*x) = log(x) up to constant in x under x: scalar",
    "sum((x - m).^2) = x'*x - 2*m'*x up to a constant in x",
]
REFUTED = [
    "sin(eps) = eps + O(eps^4)", "inv(Q + e*M) = inv(Q) - e*inv(Q)*M*inv(Q) under e: scalar, "
    "Q: matrix[n,n] positive_definite, M: matrix[n,n] positive_definite",
    "x^2 = x up to constant in x under x: scalar", "exp(eps) = 1 + O(eps^2) under eps: scalar",
]


@pytest.mark.parametrize("text", PROVED)
def test_a_claim_up_to_something_is_proved(text: str) -> None:
    assert sd.verify(text).status == "proved"


@pytest.mark.parametrize("text", REFUTED)
def test_a_claim_that_says_too_much_is_refuted(text: str) -> None:
    assert sd.verify(text).status == "refuted"


def test_the_order_that_fails_is_named() -> None:
    assert "eps^1" in sd.verify("exp(eps) = 1 + O(eps^2) under eps: scalar").reason


@pytest.mark.parametrize(("text", "message"), [
    ("x = y up to scaling", "up to scaling"), ("x = y + O(z^2)", "no input"),
    ("abs(x) = 0 + O(x^2) under x: scalar", "kink"),
    ("sign(x) = 0 up to constant in x under x: scalar", "kink"),
    ("x <= y up to constant in x", "an equality may hold"), ("x = x + O(x^9) under x: scalar",
                                                             "at most"),
])
def test_other_leeway_is_refused(text: str, message: str) -> None:
    with pytest.raises(SymdlError, match=message):
        sd.verify(text)
