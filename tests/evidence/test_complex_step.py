"""The complex step."""

from __future__ import annotations

import numpy as np
import pytest

from symdl.evidence.complex_step import complex_step_along


def along(function, x, d):
    return complex_step_along(lambda p: function(p["x"]), {"x": np.array(x)}, {"x": d})


@pytest.mark.parametrize(
    ("function", "x", "derivative"),
    [
        (lambda x: x**3, 2.0, 12.0),
        (np.exp, 1.0, np.e),
        (lambda x: np.exp(x) / np.sin(x) ** 3, 0.7, None),
        (np.log, 1e-6, 1e6),
        (lambda x: 1e12 + np.sin(x), 0.3, np.cos(0.3)),
    ],
)
def test_a_derivative_to_the_last_digits(function, x, derivative):
    if derivative is None:
        derivative = function(x) * (1 - 3 / np.tan(x))
    found = along(function, x, 1.0)
    assert found.value == pytest.approx(derivative, rel=4e-15)
    assert found.error <= 1e-13 * abs(derivative)


def test_a_matrix_function():
    generator = np.random.default_rng(0)
    a, d = generator.normal(size=(2, 3, 3)) + 3 * np.eye(3)
    exact = -np.linalg.inv(a) @ d @ np.linalg.inv(a)
    np.testing.assert_allclose(along(np.linalg.inv, a, d).value, exact, rtol=1e-12)


def test_integers_stay_integers():
    at = {"x": np.array([1.0, 2.0]), "k": np.array([1, 1])}
    found = complex_step_along(lambda p: p["x"][p["k"]] ** 2, at, {"x": np.ones(2)})
    np.testing.assert_allclose(found.value, [4.0, 4.0])


@pytest.mark.parametrize("function", [np.abs, lambda x: x.real**2])
def test_a_function_that_drops_the_imaginary_part_is_refused(function):
    with pytest.raises(ValueError, match="real numbers at a complex point"):
        along(function, 0.5, 1.0)


def test_a_nan_is_no_derivative():
    found = along(lambda x: x * np.nan, 1.0, 1.0)
    assert np.isnan(found.value)
    assert found.error == np.inf


def test_an_arithmetic_error_is_no_derivative():
    def fail(x):
        raise np.linalg.LinAlgError

    assert along(fail, 1.0, 1.0).error == np.inf
