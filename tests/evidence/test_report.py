"""The report: its verdict and its text."""

from __future__ import annotations

import math

import numpy as np
import pytest

from symdl.evidence.report import Check, GradientReport


def check(claimed=1.0, measured=1.0, error=1e-9, allowed=1e-6, label="W[2, 1]"):
    return Check(label, claimed, measured, error, allowed, 2.0**-6)


def report(*checks, **changes):
    fields = {
        "point": {"W": np.array([[1.0, 2.5]])},
        "value": 0.5,
        "checks": checks,
        "nonfinite": (),
        "tolerance": 1e-6,
        "method": "central differences",
        "seed": 3,
    }
    return GradientReport(**{**fields, **changes})


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, "passed"),
        ({"measured": 1.0 + 5e-7}, "passed"),
        ({"measured": 1.001}, "failed"),
        ({"measured": 1.001, "error": 1e-4}, "failed"),
        ({"measured": 1.001, "error": 1e-3}, "inconclusive"),
        ({"error": 1e-5}, "inconclusive"),
        ({"error": math.inf}, "inconclusive"),
        ({"error": math.nan}, "inconclusive"),
        ({"measured": math.nan}, "inconclusive"),
        ({"claimed": math.nan}, "failed"),
        ({"claimed": math.inf}, "failed"),
        ({"claimed": math.inf, "measured": math.inf}, "inconclusive"),
        ({"claimed": 0.0, "measured": 0.0, "error": 0.0, "allowed": 0.0}, "passed"),
    ],
)
def test_the_status_of_one_check(fields, status):
    assert check(**fields).status == status


@pytest.mark.parametrize(
    ("other", "contradicts"),
    [
        (check(measured=1.1), True),
        (check(measured=1.1, error=1.0), False),
        (check(measured=1.1, error=math.inf), False),
        (check(measured=math.nan), False),
    ],
)
def test_measurements_contradict_each_other_beyond_their_errors(other, contradicts):
    assert check().contradicts(other) is other.contradicts(check()) is contradicts


@pytest.mark.parametrize(
    ("checks", "status"),
    [
        ([], "passed"),
        ([check(), check()], "passed"),
        ([check(), check(error=1.0)], "inconclusive"),
        ([check(error=1.0), check(claimed=2.0), check()], "failed"),
    ],
)
def test_the_worst_status_decides(checks, status):
    found = report(*checks)
    assert found.status == status
    assert bool(found) is found.passed is (status == "passed")


def test_the_worst_check():
    bad, worse, vague = check(claimed=1.1), check(claimed=1.2), check(error=math.inf)
    assert report(bad, worse, vague, check()).worst is worse
    assert report().worst is None


def test_the_text_shows_numbers_and_the_point():
    text = str(report(check(), check(claimed=1.001)))
    assert text.splitlines() == [
        "gradient check failed: 1 passed, 1 failed (tolerance 1e-06, central differences, seed 3)",
        "  W[2, 1]: claimed 1.001, measured 1 ± 1e-09; 0.001 apart, 1e-06 allowed (step 0.02)",
        "  W[2, 1]: claimed 1, measured 1 ± 1e-09; 0 apart, 1e-06 allowed (step 0.02)",
        "  value 0.5 at",
        "    W = [[1.  2.5]]",
    ]


def test_many_entries_that_are_not_finite_are_counted():
    assert "z7 and 12 more" in str(report(nonfinite=tuple(f"z{i}" for i in range(20))))
