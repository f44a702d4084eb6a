"""The worked derivations run: each asserts its own steps."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import numpy as np
import pytest

from tests.architecture.imports import ROOT

FOLDER = ROOT / "derivations"
FILES = sorted(path.stem for path in FOLDER.glob("*.py"))


def loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"derivations_{name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", [name for name in FILES if name != "digits"])
def test_a_derivation_runs(name, capsys):
    loaded(name).main()
    assert capsys.readouterr().out


@pytest.mark.parametrize("name", FILES)
def test_a_derivation_says_its_reference(name):
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    assert "Reference" in text.split('"""')[1]


def test_a_derivation_is_in_the_table():
    listed = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [name for name in FILES if f"| `{name}.py` |" not in listed] == []


def test_a_wrong_step_is_noticed():
    module = loaded("softmax_cross_entropy")
    with pytest.raises(AssertionError):
        module.assert_equal(module.y, module.y + module.t / 1000)


def test_the_digits_are_learnt_a_little_in_two_epochs(tmp_path, capsys):
    pytest.importorskip("sklearn")
    pytest.importorskip("matplotlib")
    reached = loaded("digits").main(epochs=2, turns=2, goal=0.85, out=tmp_path)
    assert reached >= 0.85
    written = {path.name for path in tmp_path.iterdir()}
    assert written == {"digits.npz", "examples.png", "gradients.py", "step.py", "training.png"}
    shown = capsys.readouterr().out
    assert all(f"∂L/∂{name} = " in shown for name in ("Z", "W1", "b1", "W2", "b2"))
    with np.load(tmp_path / "digits.npz") as saved:
        assert {name: saved[name].shape for name in saved.files} == {
            "W1": (64, 128), "b1": (128,), "W2": (128, 10), "b2": (10,)}
