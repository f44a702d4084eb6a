"""The fitting of coefficients, and the coefficients that kernels have."""

from __future__ import annotations

from itertools import pairwise

import pytest
from mpmath import mp, mpf

from benchmarks import minimax
from benchmarks.minimax import CONSTANTS, TABLES, Fit, parts, rounded, shortest
from symdl.kernels.numba_math import coefficients

FITS = [(table, kind) for table in TABLES for kind in table.degrees]
UNIT = {"float64": mpf(2) ** -53, "float32": mpf(2) ** -24}


def stored(table, kind):
    return [rounded(mpf(float(x)), kind) for x in getattr(coefficients, table.name)[kind]]


@pytest.fixture(autouse=True)
def precise():
    with mp.workprec(300):
        yield


@pytest.mark.parametrize(("table", "kind"), FITS, ids=lambda x: getattr(x, "name", x))
def test_stored_polynomials_are_better_than_rounding(table, kind, monkeypatch):
    monkeypatch.setattr(minimax, "POINTS", 80)
    fit = Fit(table, kind)
    c = stored(table, kind)
    assert len(c) == table.degrees[kind] + 1
    assert max(map(abs, fit.errors(c))) < UNIT[kind] * mpf("0.7")
    wrong = [c[0] * (1 + 20 * UNIT[kind]), *c[1:]]
    assert max(map(abs, fit.errors(wrong))) > max(map(abs, fit.errors(c)))


def test_the_file_is_what_the_command_writes():
    table = next(t for t in TABLES if t.name == "SIN")
    found = [shortest(rounded(x, "float32"), "float32") for x in Fit(table, "float32").best()]
    assert found == [str(x) for x in coefficients.SIN["float32"]]


def test_the_best_polynomial_errs_alike_with_alternating_signs():
    table = next(t for t in TABLES if t.name == "COS")
    fit = Fit(table, "float32")
    off = fit.errors(fit.best())
    peaks = minimax._extremes(off, 99)
    assert len(peaks) >= table.degrees["float32"] + 2
    assert all(off[a] * off[b] < 0 for a, b in pairwise(peaks))
    assert min(abs(off[k]) for k in peaks) > 0.99 * max(map(abs, off))


@pytest.mark.parametrize("constant", CONSTANTS, ids=lambda c: c.name)
def test_constants_are_sums_of_parts(constant):
    for kind, unit in UNIT.items():
        found = [rounded(mpf(float(x)), kind) for x in getattr(coefficients, constant.name)[kind]]
        assert found == parts(constant.value(), constant.parts, kind)
        assert abs(sum(found) - constant.value()) <= unit**constant.parts * found[0]
