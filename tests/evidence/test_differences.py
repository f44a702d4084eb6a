"""Extrapolated central differences."""

from __future__ import annotations

import numpy as np
import pytest

from symdl.evidence.differences import difference_along


def along(function, x, d, **options):
    return difference_along(lambda p: function(p["x"]), {"x": np.array(x)}, {"x": d}, **options)


@pytest.mark.parametrize(
    ("function", "x", "derivative"),
    [
        (lambda x: x**3, 2.0, 12.0),
        (np.exp, 1.0, np.e),
        (np.sin, 0.3, np.cos(0.3)),
        (lambda x: 1 / x, 0.5, -4.0),
        (np.log, 3.0, 1 / 3),
        (np.arctan, 0.0, 1.0),
        (lambda x: x**7 - x, 1.0, 6.0),
    ],
)
def test_a_scalar_derivative_and_its_error(function, x, derivative):
    found = along(function, x, 1.0)
    assert abs(found.value - derivative) <= found.error <= 1e-10 * max(1, abs(derivative))


def test_a_matrix_function_along_a_matrix():
    generator = np.random.default_rng(0)
    a, d = generator.normal(size=(2, 4, 4)) + 3 * np.eye(4)
    found = along(np.linalg.inv, a, d)
    exact = -np.linalg.inv(a) @ d @ np.linalg.inv(a)
    assert found.value.shape == (4, 4)
    assert np.all(np.abs(found.value - exact) <= found.error + 1e-15)
    assert found.error.max() < 1e-9


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1.0, 1e3, 1e6])
def test_the_direction_carries_the_scale(scale):
    found = along(lambda x: np.log(x) * x**2, 2 * scale, scale)
    exact = scale * (2 * scale + 4 * scale * np.log(2 * scale))
    assert abs(found.value - exact) <= found.error + 1e-15 * abs(exact)
    assert found.error <= 1e-10 * abs(exact)


def test_a_domain_that_ends_near_the_point_only_shrinks_the_step():
    found = along(np.log, 1e-5, 1.0)
    assert abs(found.value - 1e5) <= 4 * found.error <= 1e-3
    assert found.step < 1e-5


def test_a_failed_factorisation_only_shrinks_the_step():
    a = np.diag([1.0, 1e-3])
    found = along(lambda a: np.linalg.cholesky(a)[1, 1], a, np.eye(2))
    assert found.value == pytest.approx(0.5 / np.sqrt(1e-3), rel=1e-8)


def test_a_kink_inside_the_first_steps_is_left_behind():
    found = along(lambda x: np.abs(x) * np.exp(x), 0.01, 1.0)
    assert abs(found.value - 1.01 * np.exp(0.01)) <= found.error <= 1e-9


def test_a_kink_at_the_point_is_not_certain_of_a_wrong_number():
    found = along(lambda x: np.maximum(x, 0.0) + x**2, 0.0, 1.0)
    assert found.value == pytest.approx(0.5)


def test_rounding_shows_in_the_error():
    found = along(lambda x: 1e12 + np.sin(x), 0.3, 1.0)
    assert found.error > 1e-5
    assert abs(found.value - np.cos(0.3)) <= found.error


def test_a_function_that_is_nowhere_finite_has_no_derivative():
    found = along(lambda x: x * np.nan, 1.0, 1.0)
    assert np.isnan(found.value)
    assert found.error == np.inf


def test_entries_are_judged_one_by_one():
    found = along(lambda x: np.array([x, np.nan * x, np.exp(x)]), 0.0, 1.0)
    assert np.isfinite(found.error).tolist() == [True, False, True]


def test_several_arrays_move_together_and_others_stay():
    at = {"a": np.array([1.0, 2.0]), "b": np.array(3.0), "k": np.array([1, 0])}
    found = difference_along(
        lambda p: (p["a"][p["k"]] * p["b"]).sum(), at, {"a": np.array([1.0, -2.0]), "b": 1.0}
    )
    assert found.value == pytest.approx(3.0 * -1 + 3.0)


def test_the_point_is_left_alone():
    at = {"x": np.ones(3)}

    def overwrite(p):
        p["x"] *= 2
        return p["x"].sum()

    assert difference_along(overwrite, at, {"x": np.ones(3)}).value == pytest.approx(6.0)
    assert at["x"].tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("direction", "message"),
    [
        ({"y": 1.0}, "'y' is not one of"),
        ({"x": np.ones(2)}, r"x is \(2,\), the point's \(3,\)"),
        ({"k": 1}, "k holds int64"),
    ],
)
def test_a_direction_that_does_not_fit_is_refused(direction, message):
    with pytest.raises(ValueError, match=message):
        difference_along(lambda p: 0.0, {"x": np.ones(3), "k": np.array(1)}, direction)


def test_no_level_is_an_error():
    with pytest.raises(ValueError, match="levels: 0"):
        along(np.exp, 0.0, 1.0, levels=0)
