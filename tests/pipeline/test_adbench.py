"""ADBench's Gaussian mixture: its data files, its values and gradients, in both sign variants."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import symdl as sd
from tests.programs import PROGRAMS
from tests.values import assert_near, values

STORED = Path(__file__).parents[1] / "data" / "adbench"
VARIANTS = {"adbench": "gmm_adbench", "gradbench": "gmm"}


def read(file: str) -> tuple[dict[str, np.ndarray], int]:
    """The inputs in a data file, and m; `pos` are the places of the strictly lower part."""
    numbers = (STORED / "gmm" / f"{file}.txt").read_text().split()
    d, k, n = map(int, numbers[:3])
    shapes = {"alpha": (k,), "mu": (k, d), "icf": (k, d * (d + 1) // 2), "X": (n, d), "gamma": ()}
    inputs, first = {}, 3
    for name, shape in shapes.items():
        count = int(np.prod(shape))
        inputs[name] = np.array(numbers[first : first + count], float).reshape(shape)
        first += count
    inputs["pos"] = np.diag(np.arange(d))
    columns, rows = np.triu_indices(d, 1)
    inputs["pos"][rows, columns] = d + np.arange(len(rows))
    return inputs, int(numbers[first])


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("file", ["test", "1k_gmm_d2_K5"])
def test_value_and_gradient_are_adbenchs(file, variant):
    reference = json.loads((STORED / f"gmm_{variant}_{file}.json").read_text())
    loss, wrt, _ = PROGRAMS[VARIANTS[variant]]()
    inputs, m = read(file)
    gradients = sd.grad(loss, [wrt[name] for name in ("alpha", "mu", "icf")])
    found, *parts = values([loss, *gradients], inputs, m=m)
    assert_near(found, reference["F"], 1e-9)
    assert_near(np.concatenate([part.ravel() for part in parts]), np.array(reference["J"]), 1e-9)
