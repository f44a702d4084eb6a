"""Parameters saved and loaded."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl import nn

g = np.random.default_rng(0)
PARAMETERS = {
    "hidden": [
        {"W": g.normal(size=(2, 3)), "b": g.normal(size=3).astype(np.float32)} for _ in range(11)
    ],
    "file": {"scale": np.array(2.5), "steps": np.array([1, 2])},
    "empty": np.zeros((0, 4)),
}


def same(a, b):
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(same, a, b))
    return a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b)


def test_what_was_saved_is_loaded(tmp_path):
    nn.save(tmp_path / "model.npz", PARAMETERS)
    assert same(nn.load(tmp_path / "model.npz"), PARAMETERS)


def test_numpy_reads_the_file(tmp_path):
    nn.save(tmp_path / "model.npz", PARAMETERS)
    with np.load(tmp_path / "model.npz") as file:
        assert "hidden/10/W" in file.files
        assert np.array_equal(file["file/scale"], 2.5)


def test_the_same_parameters_give_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        nn.save(tmp_path / name, PARAMETERS)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_list_at_the_top_and_a_tuple(tmp_path):
    nn.save(tmp_path / "model.npz", (np.ones(2), {"x": np.zeros(1)}))
    assert same(nn.load(tmp_path / "model.npz"), [np.ones(2), {"x": np.zeros(1)}])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"a/b": np.ones(1)}, "without a slash and no number, not 'a/b'"),
        ({"3": np.ones(1)}, "not '3'"),
        ({3: np.ones(1)}, "not 3"),
        ({"": np.ones(1)}, "not ''"),
        ({"a": {}}, "nothing to save in a: it is empty"),
        ([], "nothing to save in the parameters"),
        (np.ones(2), "a dict or list of arrays, not a single one"),
        ({"a": [1.0, None]}, "the parameter a/1 is no array of numbers: None"),
        ({"a": "text"}, "the parameter a is no array of numbers: 'text'"),
    ],
)
def test_what_could_not_be_read_back_is_refused(tmp_path, parameters, message):
    with pytest.raises(sd.SymdlError) as error:
        nn.save(tmp_path / "model.npz", parameters)
    assert message in str(error.value)
    assert not (tmp_path / "model.npz").exists()


def test_what_is_no_archive(tmp_path):
    path = tmp_path / "weights.npz"
    path.write_text("torn")
    with pytest.raises(sd.SymdlError, match=r"holds no parameters: it is no \.npz archive"):
        nn.load(path)
    with pytest.raises(FileNotFoundError):
        nn.load(tmp_path / "missing.npz")
