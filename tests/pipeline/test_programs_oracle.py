"""The twelve hard programs by the oracle, against torch's values: loss and every gradient."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import symdl as sd
from tests.programs import PROGRAMS
from tests.values import assert_near, values

STORED = Path(__file__).parents[1] / "data" / "programs"
CASES = sorted(path.stem for path in STORED.glob("*.npz"))


def stored(case: str, kind: str) -> dict[str, np.ndarray]:
    """The arrays of a file whose keys begin with a kind: in, out, grad or size."""
    with np.load(STORED / f"{case}.npz") as file:
        return {
            key.removeprefix(f"{kind}/"): file[key] for key in file.files
            if key.startswith(f"{kind}/")
        }


def test_every_program_has_its_reference_and_no_reference_is_left_over():
    assert {case.rpartition("_")[0] for case in CASES} == set(PROGRAMS)


@pytest.mark.parametrize("case", CASES)
def test_loss_and_gradients_are_torchs(case):
    loss, wrt, shapeless = PROGRAMS[case.rpartition("_")[0]]()
    sizes = {name: int(stored(case, "size")[name]) for name in shapeless}
    expected = stored(case, "grad")
    assert wrt.keys() == expected.keys()
    gradients = sd.grad(loss, wrt)
    assert all(gradients[name].shape == tensor.shape for name, tensor in wrt.items())
    found = values([loss, *gradients.values()], stored(case, "in"), **sizes)
    assert_near(found[0], stored(case, "out")["loss"], 1e-9)
    for name, gradient in zip(gradients, found[1:], strict=True):
        assert gradient.shape == expected[name].shape
        assert_near(gradient, expected[name], 1e-9)
