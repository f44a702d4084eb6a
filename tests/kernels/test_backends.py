"""Each backend equals the oracle on expressions that together use every operator."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

import symdl as sd
from symdl.kernels.kernel import compile as compiled
from symdl.kernels.oracle import oracle
from symdl.language import operators
from tests.kernels import cases
from tests.kernels.cases import CASES
from tests.values import assert_near

SIZES = ({"n": 3, "m": 5, "d": 2, "k": 4, "T": 3}, dict.fromkeys("nmdkT", 1),
         dict.fromkeys("nmdkT", 0))
COMPILED = list(CASES)[::5]


@cache
def program(name):
    return CASES[name].program()


@cache
def expected(name, number, dtype="float64"):
    """The sizes, the inputs and the oracle's values."""
    case, roots = CASES[name], program(name)
    sizes = {key: max(size, case.least) for key, size in SIZES[number].items()}
    values = case.values(roots, sizes, np.random.default_rng(crc32(name.encode())), dtype)
    stated = {d for r in compiled(roots).inputs for f in r.shape for d in map(str, f.all_atoms)}
    extra = {str(d): sizes[str(d)] for d in compiled(roots).sizes if str(d) not in stated}
    return values, extra, [a.astype(float) for a in oracle(roots, values, **extra)]


def check(name, backend, dtype="float64", rho=1e-12, numbers=(0, 1, 2)):
    kernel = compiled(program(name), dtype, backend)
    for number in numbers:
        values, extra, wanted = expected(name, number, dtype)
        found = kernel(**values, **extra)
        for out, value, root in zip(found, wanted, kernel.roots, strict=True):
            assert np.asarray(out).dtype == (dtype if root.dtype == "real" else np.int64)
            assert_near(np.asarray(out, float), value, rho)


@pytest.mark.parametrize("backend", ["numpy", "python"])
@pytest.mark.parametrize("name", CASES)
def test_a_backend_equals_the_oracle(name, backend):
    check(name, backend)


@pytest.mark.parametrize("backend", ["numpy", "python"])
@pytest.mark.parametrize("name", CASES)
def test_a_backend_computes_in_float32(name, backend):
    check(name, backend, "float32", 1e-4, [0])


@pytest.mark.parametrize("name", COMPILED)
def test_the_compiled_kernel_equals_the_oracle(name):
    check(name, "numba")


def test_the_compiled_kernel_computes_in_float32():
    check(COMPILED[1], "numba", "float32", 1e-4, [0])


def test_the_cases_use_every_operator():
    tree = ast.parse(Path(cases.__file__).read_text(encoding="utf-8"))
    used = {node.attr for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "op"}
    assert set(operators.__all__) <= used


def test_a_contraction_never_builds_its_whole_iteration_space(monkeypatch):
    from symdl.kernels import reductions

    monkeypatch.setattr(reductions, "_whole", None)
    n, d, k = sd.dims("n d k")
    X, W = sd.tensor("X", n, d), sd.tensor("W", d, k)
    x, w = np.ones((40, 50)), np.ones((50, 60))
    assert_near(compiled(X @ W, backend="numpy")(X=x, W=w), x @ w)


@pytest.mark.parametrize("largest", [1, 7, 100])
def test_large_sums_are_taken_in_parts(monkeypatch, largest):
    from symdl.kernels import reductions

    monkeypatch.setattr(reductions, "LARGEST", largest)
    for name in ("pairs", "triangles", "extremes", "convolution", "where_index"):
        check(name, "numpy", numbers=[0])


def test_where_data_is_not_finite_a_sum_skips_what_its_guard_skips():
    S, x = cases.S, cases.x
    kernel = compiled(sd.tril(S) @ x, backend="numpy")
    data = np.array([1.0, 2.0, np.nan])
    assert_near(kernel(S=np.ones((3, 3)), x=data), [1.0, 3.0, np.nan])


def test_the_numpy_backend_says_what_it_computes():
    X, W, u = cases.X, cases.W, cases.u
    source = compiled(sd.tanh(X + u) @ W, backend="numpy").source
    for part in ("u[j] + X[i, j]", "np.tanh(", "= np.sum(", " for k < m)", "return t"):
        assert part in source
