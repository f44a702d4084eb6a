"""The twelve hard programs as kernels (Python, NumPy, Numba) against torch and the oracle."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

import symdl as sd
from tests.pipeline.test_programs_oracle import CASES, stored
from tests.programs import PROGRAMS
from tests.values import assert_near, values

TWELVE = ["mlp", "cnn", "transposed_conv", "lstm", "rnn", "embedding", "attention",
          "gaussian_nll", "gmm", "logistic_bn", "residual_widths", "axes_gather", "axes_prod",
          "axes_roll"]


@cache
def kernel(name: str, backend: str, dtype: str = "float64") -> Any:
    loss, wrt, _ = PROGRAMS[name]()
    return sd.compile({"loss": loss, **sd.grad(loss, wrt)}, dtype=dtype, backend=backend)


def run(case: str, backend: str, dtype: str = "float64") -> dict[str, Any]:
    name = case.rpartition("_")[0]
    sizes = {s: int(stored(case, "size")[s]) for s in PROGRAMS[name]().sizes}
    compiled = kernel(name, backend, dtype)
    inputs = {v.name: stored(case, "in")[v.name] for v in compiled.inputs}
    inputs = {k: a.astype(dtype) if a.dtype.kind == "f" else a for k, a in inputs.items()}
    return compiled(**inputs, **sizes)


def expected(case: str) -> dict[str, np.ndarray]:
    return {"loss": stored(case, "out")["loss"], **stored(case, "grad")}


@pytest.mark.parametrize("backend", ["python", "numpy"])
@pytest.mark.parametrize("case", CASES)
def test_interpreted_kernels_give_torchs_values(case, backend):
    found = run(case, backend)
    for name, array in expected(case).items():
        assert np.shape(found[name]) == array.shape
        assert_near(found[name], array, 1e-9)


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_compiled_kernels_give_the_oracles_values(name):
    loss, wrt, shapeless = PROGRAMS[name]()
    roots = [loss, *sd.grad(loss, wrt).values()]
    for case in (c for c in CASES if c.rpartition("_")[0] == name):
        found = run(case, "numba")
        sizes = {s: int(stored(case, "size")[s]) for s in shapeless}
        for array, oracle in zip(found.values(), values(roots, stored(case, "in"), **sizes),
                                 strict=True):
            assert_near(array, oracle, 1e-12)
        for key, array in expected(case).items():
            assert_near(found[key], array, 1e-9)


@pytest.mark.parametrize("name", TWELVE)
def test_compiled_float32_kernels(name):
    for case in (c for c in CASES if c.rpartition("_")[0] == name):
        found = run(case, "numba", "float32")
        for key, array in expected(case).items():
            assert np.asarray(found[key]).dtype == np.float32
            scale = max(1.0, np.abs(array).max(initial=0.0))  # an entry may be a difference of such
            assert_near(np.asarray(found[key], float) / scale, array / scale, 1e-4)
