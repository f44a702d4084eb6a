"""Spectral helpers of kernels: against NumPy, SciPy and data that isn't finite."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import linalg

import symdl as sd
from symdl.kernels import spectral
from tests.values import assert_near

n, m = sd.dims("n m")
S, A = sd.tensor("S", n, n), sd.tensor("A", m, n)
FUNCTIONS = {
    "_expm": linalg.expm, "_sqrtm": linalg.sqrtm, "_logm": linalg.logm,
    "_pinv": np.linalg.pinv,
}


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def run(name, a, *arguments):
    out = np.full((a.shape[1], a.shape[0]), 7.0)
    with np.errstate(all="ignore"):
        getattr(spectral, name)(a, *arguments, out)
    return out


@pytest.mark.parametrize("size", [1, 2, 6, 30])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_a_matrix(name, size):
    constants = (0.0,) if name == "_pinv" else ()
    for a in (2 * np.eye(size) + draw(size, size) / size, np.eye(size)):
        assert_near(run(name, a, *constants), FUNCTIONS[name](a), 1e-11)


def test_a_large_block_above_the_diagonal_costs_no_digits():
    a, zero = draw(3, 3), np.zeros((3, 3))
    g = draw(3, 3, seed=1)
    small, large = (run("_expm", np.block([[a, s * g], [zero, a]]))[:3, 3:] / s for s in (1, 1e15))
    assert_near(large, small, 1e-13)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_entry_that_is_not_finite_spoils_all(name, bad):
    a = np.eye(3)
    a[0, 2] = bad
    assert np.isnan(run(name, a, *((0.0,) if name == "_pinv" else ()))).all()


@pytest.mark.parametrize("scale", [1e-300, 1e-10, 1e10, 1e100, 1e300])
def test_extreme_sizes_end(scale):
    a = scale * (2 * np.eye(3) + draw(3, 3) / 5)
    root = run("_sqrtm", a)
    assert_near(root / scale**0.5 @ root / scale**0.5, a / scale, 1e-12)
    assert np.trace(run("_logm", a)) == pytest.approx(np.linalg.slogdet(a / scale)[1]
                                                      + 3 * np.log(scale), rel=1e-11)
    assert run("_expm", a).shape == (3, 3)


@pytest.mark.parametrize("condition", [1e4, 1e8])
def test_an_ill_conditioned_root(condition):
    """A block above the diagonal holds L with X L + L X = G: by eigenvalues G_ij/(s_i + s_j)."""
    q, g = np.linalg.qr(draw(4, 4))[0], draw(4, 4, seed=1)
    s = np.geomspace(1, condition**-0.5, 4)
    a = q * s**2 @ q.T
    assert_near(run("_sqrtm", (a + a.T) / 2), q * s @ q.T, 1e-14 * condition**0.5)
    root = run("_sqrtm", np.block([[a, g], [np.zeros((4, 4)), a]]))
    assert_near(root[:4, 4:], q @ (q.T @ g @ q / (s[:, None] + s)) @ q.T, 1e-15 * condition)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("backend", ["numpy", "python"])
def test_stacks_of_no_matrices_and_of_empty_ones(backend, dtype):
    B = sd.tensor("B", m, n, n)
    roots = [*sd.eigh(B), *sd.svd(B), sd.expm(B), sd.sqrtm(B), sd.logm(B), sd.pinv(B)]
    kernel = sd.compile(roots, dtype, backend)
    for shape in ((0, 2, 2), (2, 0, 0)):
        assert all(out.size == 0 for out in kernel(B=np.zeros(shape, dtype)))


def test_the_compiled_kernel_of_the_decompositions():
    roots = [*sd.eigh(S), *sd.svd(S), sd.pinv(S)]
    a = draw(4, 4)
    for out, expected in zip(sd.compile(roots)(S=a), sd.compile(roots, backend="numpy")(S=a),
                             strict=True):
        assert_near(out, expected, 1e-12)
    a[1, 2] = np.nan
    assert all(np.isnan(out).all() for out in sd.compile(roots)(S=a))
