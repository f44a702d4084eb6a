"""Accuracy certificates: planted errors are found, condition numbers are the known ones."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl.claims.certificate import certify

n, d = sd.dims("n d")
x, W = sd.tensor("x", n), sd.tensor("W", n, d)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_kernel_is_as_accurate_as_its_type(dtype):
    loss = sd.logsumexp(W @ sd.tensor("v", d))
    kernel = sd.compile(sd.value_and_grad(loss, {"W": W}), dtype, "python", report=True)
    found = kernel.certificate
    assert found
    assert [r.label for r in found.rows] == ["[0]", "W"]
    unit = np.finfo(dtype).eps / 2
    for r in found.rows:
        assert 0 < r.error < 20 * unit
        assert r.unit == unit
    text = str(found)
    assert text.startswith(f"accuracy of {dtype} (python) against 50 digits at 3 points, d = ")
    assert "W (n, d)" in text


def test_condition_numbers():
    """Of x³ it is 3, of a product of two numbers 2, of a sum the sum of magnitudes over it."""
    a, b = sd.tensor("a"), sd.tensor("b")
    kernel = sd.compile({"cube": a**3, "product": a * b, "exponential": sd.exp(a)},
                        backend="python")
    rows = {r.label: r for r in certify(kernel, points=1).rows}
    assert rows["cube"].condition == pytest.approx(3, rel=1e-6)
    assert rows["product"].condition == pytest.approx(2, rel=1e-6)
    point = []
    certify(kernel, points=1, compute=lambda **at: (point.append(at), kernel(**at))[1])
    assert rows["exponential"].condition == pytest.approx(abs(point[0]["a"]), rel=1e-6)


def test_many_entries_bound_a_condition_number_from_below():
    """A sum of squares of more than 200 entries: 2, whatever the signs."""
    V = sd.tensor("V", 15, 15)
    (row,) = certify(sd.compile(sd.sum(V**2), backend="python"), points=1).rows
    assert 0.01 < row.condition <= 2 + 1e-6


@pytest.mark.parametrize("error", [1e-12, 1e-6, np.nan, np.inf])
def test_errors_are_found(error):
    kernel = sd.compile({"s": sd.sum(x**2), "e": sd.exp(x)}, backend="python")

    def wrong(**arguments):
        found = kernel(**arguments)
        return {**found, "e": found["e"] * (1 + error)}

    certificate = certify(kernel, compute=wrong)
    assert not certificate
    good, bad = certificate.rows
    assert good
    assert not bad
    assert bad.error == pytest.approx(error, rel=1e-3) if error < 1 else bad.error == np.inf
    assert "inaccurate" in str(certificate)


def test_cancellation_shows_in_the_condition_number():
    """(1 + t) - 1 is read as t; a variance as the difference of two means cancels."""
    variance = sd.mean((x + 100) ** 2) - sd.mean(x + 100) ** 2
    kernel = sd.compile(variance, "float32", "python")
    (row,) = certify(kernel, points=2).rows
    assert row.error > 1e-5
    assert row.condition > 1


def test_sizes_in_no_shape_and_integers():
    y = sd.tensor("y", n, integer=True)
    kernel = sd.compile([sd.broadcast_to(x, (d, n)), y, sd.argmax(x)], backend="python",
                        report=True)
    assert len(kernel.certificate.rows) == 1
    assert kernel.certificate.rows[0].error == 0
