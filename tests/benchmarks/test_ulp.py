"""The measurement of scalar functions, which has to notice what is wrong."""

from __future__ import annotations

import json
from decimal import Decimal, localcontext

import numpy as np
import pytest

from benchmarks import ulp
from benchmarks.scalars import CASES, edges, errors, exact, patterns


class Here:
    """Instead of other processes."""

    def starmap(self, function, parts):
        return [function(*part) for part in parts]


def test_exact_values_have_more_digits_than_a_float():
    high, low = exact("exp", np.array([1.0]))
    with localcontext() as context:
        context.prec = 40
        e = Decimal(float(high[0])) + Decimal(float(low[0]))
        assert abs(e - Decimal("2.7182818284590452353602874713526624977572")) < Decimal("1e-30")


@pytest.mark.parametrize(("found", "value", "ulps"), [
    (1.0, 1.0, 0), (1 + 2**-52, 1.0, 1), (2 - 2**-52, 2.0, 0.5), (5e-324, 0.0, 1),
    (np.inf, np.inf, 0), (np.inf, -np.inf, np.inf), (np.nan, np.nan, 0), (np.nan, 1.0, np.inf),
    (1.0, np.nan, np.inf), (np.inf, 1e308, np.inf), (-1.0, 1.0, 2**53),
])
def test_errors_are_counted_in_the_last_place(found, value, ulps):
    assert errors(np.array([found]), np.array([value]), np.zeros(1)) == ulps


def test_what_a_float_lacks_counts():
    assert errors(np.array([1.0]), np.array([1.0]), np.array([2**-54])) == 0.25
    assert errors(np.array([1], "float32"), np.array([1 + 2**-24]), np.zeros(1)) == 0.5


@pytest.mark.parametrize("wrong", [
    lambda x, out: np.multiply(np.exp(x), 1 + 6e-16, out=out),
    lambda x, out: np.copyto(out, np.where(x < -708, 0, np.exp(x))),
    lambda x, out: np.copyto(out, np.where(np.isnan(x), 1, np.exp(x))),
    lambda x, out: np.copyto(out, np.minimum(np.exp(x), 1e308)),
    lambda x, out: np.exp(x.astype("float32").astype("float64"), out=out),
])
def test_a_slightly_wrong_function_is_noticed(wrong):
    right, off = ulp.accuracy("exp", "float64", [np.exp, wrong], 2000, Here())
    assert right[0] <= 2 < off[0]


def test_all_sizes_and_edges_are_tried():
    draw, kind = np.random.default_rng(0), np.finfo("float32")
    _, sizes = np.frexp(patterns(draw, 5000, kind))
    assert sizes.min() < -120 < 120 < sizes.max()
    assert {0.0, np.inf, -np.inf, 2.0**-149, -(2.0**-149)} <= set(edges(draw, 0, kind))


def test_a_line_says_what_exceeds_its_bound():
    row = {"function": "exp", "dtype": "float64", "bound": 2.0, "ulp": 1.0, "at": [0.5],
           "peer ulp": 0.5, "ns": 1.0, "peer ns": 2.0}
    assert ulp.line(row).split() == ["exp", "float64", "1.00", "0.5", "1.00", "2.00"]
    assert "more than 2.0 at [0.5]" in ulp.line({**row, "ulp": 2.1})


def test_a_function_is_measured(monkeypatch):
    monkeypatch.setattr(ulp, "ENTRIES", 1000)
    row = ulp.measured("pow", "float32", 300, Here())
    assert row["ulp"] <= row["bound"] == CASES["pow"].bound
    assert len(row["at"]) == 2
    assert row["ns"] > 0 < row["peer ns"]
    json.dumps(row)
