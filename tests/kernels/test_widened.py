"""float32 arrays with float64 sums: rounded once, where plain float32 loses digits."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import symdl as sd
from symdl.language.errors import SymdlError

n, d = sd.dims("n d")
x, X, w = sd.tensor("x", n), sd.tensor("X", n, d), sd.tensor("w", d)
UNIT = np.finfo(np.float32).eps / 2


@pytest.mark.parametrize("backend", ["numba", "numpy", "python"])
def test_a_long_sum_is_rounded_once(backend):
    """The sum of 0.1 ten thousand times, as float32 numbers, exactly."""
    values = np.full(10_000, 0.1, np.float32)
    exact = 10_000 * float(np.float32(0.1))
    wide = sd.compile(sd.sum(x), "float32", backend, accumulate="float64")(x=values)
    assert wide.dtype == np.float32
    assert wide == np.float32(exact)


def test_plain_float32_is_not_as_exact():
    values = np.full(10_000, 0.1, np.float32)
    plain = sd.compile(sd.sum(x), "float32", "python")(x=values)
    assert abs(plain - 10_000 * float(np.float32(0.1))) > 1e-3


def test_products_recurrences_and_functions_are_rounded_once():
    draw = np.random.default_rng(0)
    arrays = {"X": draw.normal(size=(200, 30)), "w": draw.normal(size=30)}
    narrow = {name: a.astype(np.float32) for name, a in arrays.items()}
    wide = {name: a.astype(np.float64) for name, a in narrow.items()}
    z = wide["X"] @ wide["w"]
    exact = np.sum(np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0))
    slope = wide["X"].T @ (1 / (1 + np.exp(-z)))
    loss = sd.sum(sd.softplus(X @ w))
    kernel = sd.compile(sd.value_and_grad(loss, w), "float32", accumulate="float64")
    value, gradient = kernel(**narrow)
    assert value == np.float32(exact)
    assert gradient.dtype == np.float32
    assert np.array_equal(gradient, slope.astype(np.float32))
    assert pickle.loads(pickle.dumps(kernel))(**narrow)[0] == value


def test_the_certificate_shows_it():
    variance = sd.mean((x + 100) ** 2) - sd.mean(x + 100) ** 2
    plain, wide = (sd.compile(variance, "float32", "python", accumulate=accumulate).certificate
                   for accumulate in (None, "float64"))
    assert wide.rows[0].error <= UNIT
    assert plain.rows[0].error > 100 * UNIT


def test_integers_overflow_and_given_outputs():
    y = sd.tensor("y", n, integer=True)
    kernel = sd.compile([x * 1e30, y + 1, x], "float32", "numpy", accumulate=np.float64)
    values = np.array([1.0, 1e30], np.float32)
    out = [np.empty(2, np.float32), np.empty(2, np.int64), np.empty(2, np.float32)]
    found = kernel(x=values, y=np.array([1, 2]), out=out)
    assert found is out
    assert np.array_equal(out[0], [np.float32(1e30), np.inf])
    assert np.array_equal(out[1], [2, 3])
    assert np.array_equal(out[2], values)


def test_what_is_refused(tmp_path):
    with pytest.raises(SymdlError, match="in float64 accumulates in float64, not float32"):
        sd.compile(sd.sum(x), accumulate="float32")
    with pytest.raises(SymdlError, match="in float32 accumulates in float32 or float64, not int"):
        sd.compile(sd.sum(x), "float32", accumulate="int")
    kernel = sd.compile(sd.sum(x), "float32", accumulate="float64")
    with pytest.raises(SymdlError, match="can't be saved; compile it with dtype='float64'"):
        kernel.save(tmp_path / "sum.py")
