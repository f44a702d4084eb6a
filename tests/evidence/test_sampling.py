"""Points, reproducible and away from kinks."""

from __future__ import annotations

import numpy as np
import pytest

from symdl.evidence.domains import ORTHOGONAL, POSITIVE, REAL, integers
from symdl.evidence.sampling import Source, draw_point

SOURCES = {
    "X": Source(REAL, (30, 20)),
    "W": Source(REAL, (20, 40)),
    "b": Source(POSITIVE, (40,)),
    "k": Source(integers(0, 40), (30,)),
}


def hidden(p):
    return p["X"] @ p["W"] + p["b"]


def test_the_seed_decides():
    first, again, other = (draw_point(SOURCES, seed=seed) for seed in (5, 5, 6))
    assert all(np.array_equal(first[name], again[name]) for name in SOURCES)
    assert not np.array_equal(first["X"], other["X"])


def test_a_thousand_kinks_are_avoided():
    point = draw_point(SOURCES, seed=1, kinks=hidden)
    assert np.abs(hidden(point)).min() >= 1e-2
    assert (np.abs(hidden(draw_point(SOURCES, seed=1))) < 1e-2).sum() > 1
    assert np.array_equal(hidden(point), hidden(draw_point(SOURCES, seed=1, kinks=hidden)))
    assert (point["b"] > 0).all()


def test_structured_arrays_keep_their_structure():
    sources = {"Q": Source(ORTHOGONAL, (3, 3))}
    point = draw_point(sources, kinks=lambda p: p["Q"], distance=0.1)
    assert np.abs(point["Q"]).min() >= 0.1
    np.testing.assert_allclose(point["Q"] @ point["Q"].T, np.eye(3), atol=1e-12)


def test_unreachable_distances_are_an_error():
    with pytest.raises(ValueError, match=r"no point found in 20 tries .* 3 of 3 kinks are nearer"):
        draw_point({"x": Source(REAL, (3,))}, kinks=lambda p: p["x"] - p["x"], tries=20)


def test_a_distance_that_is_not_a_number_is_not_far():
    with pytest.raises(ValueError, match="1 of 1 kinks"):
        draw_point({"x": Source(REAL, ())}, kinks=lambda p: np.nan * p["x"], tries=3)


def test_empty_arrays_have_no_kinks():
    point = draw_point({"x": Source(REAL, (0, 2))}, kinks=lambda p: p["x"])
    assert point["x"].shape == (0, 2)


def test_a_point_without_entries_can_not_be_moved():
    with pytest.raises(ValueError, match="no point found"):
        draw_point({"x": Source(REAL, (0,))}, kinks=lambda p: 0.0, tries=2)
