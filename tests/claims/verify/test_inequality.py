"""Inequalities: proved where a sign is sure, refuted at a point, else supported."""

from __future__ import annotations

import pytest

import symdl as sd

PROVED = ["x'*x >= 0", "sum(exp(x)) >= 0", "x^2 - x + 1 > 0 under x: scalar",
          "x <= x^2 + 1/4 under x: scalar", "1/(1 + x^2) <= 1 under x: scalar",
          "(x - 1)^2*(x + 2)^4 >= 0 under x: scalar", "x + 1/x >= 2 under x: scalar positive",
          "sum(p) >= 0 under p: vector[n] positive", "norm2(X*w)^2 >= 0"]
REFUTED = ["x <= x^2 under x: scalar", "x + 1/x >= 2 under x: scalar", "x'*A*x >= 0",
           "x^2 - x + 1/5 > 0 under x: scalar", "x^2 > 0 under x: scalar", "x'*y >= 0",
           "1/(1 + x^2) < 1 under x: scalar", "sum(x) >= 0"]
SUPPORTED = ["exp(x) >= 1 + x under x: scalar", "(x'*y)^2 <= (x'*x)*(y'*y)"]


@pytest.mark.parametrize(("status", "text"), [
    *(("proved", t) for t in PROVED), *(("refuted", t) for t in REFUTED),
    *(("supported", t) for t in SUPPORTED)])
def test_an_inequality_gets_its_verdict(status: str, text: str) -> None:
    assert sd.verify(text).status == status
