"""What acts on each entry by itself, and what doesn't."""

from __future__ import annotations

import pytest

import symdl as sd
from symdl.claims.verify.entries.pointwise import is_pointwise

DECLARED = ("x: vector[n], y: vector[n], A: matrix[n,n], t: scalar, w: vector[n] simplex")


@pytest.mark.parametrize("text", ["x.*y + t", "sigmoid(x)", "A.*A", "where(x > 0, x, y)"])
def test_an_entrywise_formula_is(text: str) -> None:
    assert is_pointwise([sd.parse(text, DECLARED)])


@pytest.mark.parametrize("text", ["sum(x)", "A*x", "x*y'", "A'.*A", "w.*x", "x*x'", "diag(x)",
                                  "x[i]*n"])
def test_another_one_is_not(text: str) -> None:
    assert not is_pointwise([sd.parse(text, DECLARED)])
