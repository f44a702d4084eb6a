"""The gradient check accepts right gradients and, above all, rejects wrong ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from symdl.evidence.gradient import gradient_check

N, D, K = 5, 4, 3


@dataclass(frozen=True)
class Problem:
    """A function with a gradient known from a textbook."""

    value: Callable
    gradient: Callable
    at: dict


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def logistic_value(p):
    z = p["X"] @ p["W"] + p["b"]
    return np.mean(np.log(np.exp(z).sum(-1)) - z[np.arange(N), p["y"]])


def logistic_gradient(p):
    error = (softmax(p["X"] @ p["W"] + p["b"]) - np.eye(K)[p["y"]]) / N
    return {"X": error @ p["W"].T, "W": p["X"].T @ error, "b": error.sum(0)}


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


MIXED = 10.0 ** np.arange(-6, 7)

PROBLEMS = {
    "polynomial": Problem(
        lambda p: (p["x"] ** 3).sum() + p["x"].prod(),
        lambda p: {"x": 3 * p["x"] ** 2 + p["x"].prod() / p["x"]},
        {"x": normal(5)},
    ),
    "exponential": Problem(
        lambda p: np.exp(p["a"] @ p["x"]),
        lambda p: {k: np.exp(p["a"] @ p["x"]) * p[{"a": "x", "x": "a"}[k]] for k in "ax"},
        {"a": normal(4), "x": normal(4, seed=1)},
    ),
    "scalar": Problem(np.vectorize(lambda p: p["t"] ** 2), lambda p: {"t": 2 * p["t"]}, {"t": 3.0}),
    "quadratic form": Problem(
        lambda p: p["x"] @ p["B"] @ p["x"],
        lambda p: {"x": (p["B"] + p["B"].T) @ p["x"], "B": np.outer(p["x"], p["x"])},
        {"x": normal(4), "B": normal(4, 4, seed=1)},
    ),
    "log determinant": Problem(
        lambda p: np.linalg.slogdet(p["A"])[1],
        lambda p: {"A": np.linalg.inv(p["A"]).T},
        {"A": normal(4, 4) + 3 * np.eye(4)},
    ),
    "trace of an inverse": Problem(
        lambda p: np.trace(np.linalg.inv(p["A"]) @ p["C"]),
        lambda p: {"A": -(np.linalg.inv(p["A"]) @ p["C"] @ np.linalg.inv(p["A"])).T},
        {"A": normal(3, 3) + 3 * np.eye(3), "C": normal(3, 3, seed=1)},
    ),
    "logistic regression": Problem(
        logistic_value,
        logistic_gradient,
        {"X": normal(N, D), "W": normal(D, K), "b": normal(K), "y": np.array([0, 1, 2, 1, 1])},
    ),
    "entries from 1e-6 to 1e6": Problem(
        lambda p: (np.log(p["x"]) ** 2).sum(),
        lambda p: {"x": 2 * np.log(p["x"]) / p["x"]},
        {"x": 1.3 * MIXED},
    ),
    "gradients from 1e-6 to 1e6": Problem(
        lambda p: np.sin(p["x"] / MIXED).sum(),
        lambda p: {"x": np.cos(p["x"] / MIXED) / MIXED},
        {"x": 0.7 * MIXED},
    ),
    "tiny value": Problem(
        lambda p: 1e-9 * (p["x"] ** 2).sum(), lambda p: {"x": 2e-9 * p["x"]}, {"x": normal(6)}
    ),
    "huge value": Problem(
        lambda p: 1e200 * (p["x"] ** 2).sum(), lambda p: {"x": 2e200 * p["x"]}, {"x": normal(6)}
    ),
    "relu": Problem(
        lambda p: np.maximum(p["x"], 0) @ p["w"],
        lambda p: {"x": (p["x"] > 0) * p["w"], "w": np.maximum(p["x"], 0)},
        {"x": np.array([0.01, -0.01, 2.0, -3.0]), "w": normal(4)},
    ),
}


def each_problem(test):
    return pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)(test)


def check(problem, spoil=lambda gradient: gradient, **options):
    return gradient_check(
        problem.value, lambda p: spoil(problem.gradient(p)), problem.at, **options
    )


@each_problem
@pytest.mark.parametrize("seed", range(3))
def test_a_right_gradient_passes(problem, seed):
    report = check(problem, seed=seed)
    assert report, report
    assert report.status == "passed"


@each_problem
@pytest.mark.parametrize("factor", [1.001, 0.999, -1.0, 0.0, 2.0])
def test_a_gradient_off_by_a_factor_is_rejected(problem, factor):
    report = check(problem, lambda g: {name: factor * values for name, values in g.items()})
    assert report.status == "failed", report


def spoil_entry(name, index, factor=1.001):
    def spoil(gradient):
        values = np.array(gradient[name])
        values[index] *= factor
        return {**gradient, name: values}

    return spoil


def entries_of(problem):
    gradient = problem.gradient({k: np.asarray(v) for k, v in problem.at.items()})
    return [
        (name, tuple(index))
        for name, values in gradient.items()
        for index in np.argwhere(np.asarray(values) != 0)
    ]


@each_problem
@pytest.mark.parametrize("factor", [1.001, -1.0])
def test_one_wrong_entry_is_rejected_and_named(problem, factor):
    for name, index in entries_of(problem):
        report = check(problem, spoil_entry(name, index, factor), directions=1)
        assert report.status == "failed", (name, index, report)
        place = ", ".join(map(str, index))
        failed = {c.label for c in report.of_status("failed")}
        assert (f"{name}[{place}]" if place else name) in failed


@pytest.mark.parametrize("name", ["quadratic form", "log determinant", "trace of an inverse"])
def test_a_transposed_matrix_is_rejected(name):
    problem = PROBLEMS[name]

    def transpose(gradient):
        return {k: g.T if g.ndim == 2 and k == "A" else g for k, g in gradient.items()}

    def half(gradient):
        return {
            k: problem.at["B"] @ problem.at["x"] if k == "x" else g for k, g in gradient.items()
        }

    assert check(problem, half if name == "quadratic form" else transpose).status == "failed"


@pytest.mark.parametrize("index", [(0, 0), (57, 3), (199, 49)])
def test_one_wrong_entry_of_many_is_found_by_halving(index):
    c = normal(200, 50)
    report = gradient_check(
        lambda p: (c * np.tanh(p["W"])).sum() + p["b"].sum(),
        lambda p: spoil_entry("W", index)({"b": np.ones(7), "W": c * (1 - np.tanh(p["W"]) ** 2)}),
        {"b": normal(7), "W": normal(200, 50, seed=1)},
        entries=0,
        directions=4,
    )
    assert report.status == "failed"
    assert report.worst.label == f"W[{index[0]}, {index[1]}]"
    assert report.worst.claimed / report.worst.measured == pytest.approx(1.001)


def test_a_claimed_zero_is_checked():
    report = gradient_check(
        lambda p: p["x"].sum() + 0.0 * p["y"].sum(),
        lambda p: {"x": np.array([1.0, 0.0]), "y": np.zeros(2)},
        {"x": np.ones(2), "y": np.ones(2)},
    )
    assert {c.label for c in report.of_status("failed")} >= {"x[1]"}
    assert {"y[0]", "y[1]"} <= {c.label for c in report.of_status("passed")}


def test_a_gradient_that_vanishes_up_to_rounding_passes():
    report = gradient_check(
        lambda p: softmax(p["z"]).sum() + (p["z"] - p["z"].mean()).mean(),
        lambda p: {"z": 1e-17 * normal(5)},
        {"z": normal(5)},
    )
    assert report, report


def test_the_complex_step_is_used_where_it_is_given():
    problem = PROBLEMS["exponential"]
    report = check(problem, complex_step=problem.value)
    assert report
    assert report.method == "complex step"
    assert max(c.error / abs(c.measured) for c in report.checks) < 1e-12
    wrong = check(problem, spoil_entry("a", 1), complex_step=problem.value)
    assert wrong.status == "failed"


def test_a_complex_step_through_a_function_that_is_not_analytic_never_passes():
    report = gradient_check(
        lambda p: (p["x"] * np.abs(p["x"])).sum(),
        lambda p: {"x": np.abs(p["x"])},
        {"x": np.array([1.0, 2.0])},
        complex_step=lambda p: (p["x"] * np.abs(p["x"])).sum(),
    )
    assert report.status == "inconclusive", report


def test_a_measurement_that_is_too_coarse_is_inconclusive():
    report = gradient_check(
        lambda p: 1e14 + np.sin(p["x"]).sum(),
        lambda p: {"x": np.cos(p["x"])},
        {"x": normal(3)},
        negligible=0.0,
    )
    assert report.status == "inconclusive"
    assert not report
    assert report.of_status("passed") == ()


@pytest.mark.parametrize("width", [1e-2, 1e-4, 1e-6])
def test_a_feature_narrower_than_the_first_step_is_not_overlooked(width):
    value = lambda p: np.exp(-(((p["x"] - 1) / width) ** 2))  # noqa: E731
    at = {"x": 1 + 0.3 * width}
    problem = Problem(value, lambda p: {"x": -2 * (p["x"] - 1) / width**2 * value(p)}, at)
    assert check(problem)
    assert check(problem, spoil_entry("x", ())).status == "failed"


def test_a_kink_at_the_point_never_passes_a_one_sided_gradient():
    report = gradient_check(
        lambda p: np.maximum(p["x"], 0).sum(), lambda p: {"x": np.ones(1)}, {"x": np.zeros(1)}
    )
    assert not report


@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf])
def test_a_gradient_that_is_not_finite_fails_and_is_named(poison):
    report = gradient_check(
        lambda p: (p["x"] ** 2).sum(),
        lambda p: {"x": np.where([[False, True]], poison, 2 * p["x"])},
        {"x": normal(2, 2)},
    )
    assert report.status == "failed"
    assert report.nonfinite == (f"gradient x[0, 1] is {poison}", f"gradient x[1, 1] is {poison}")
    assert "not finite: gradient x[0, 1]" in str(report)


@pytest.mark.parametrize("poison", [np.nan, np.inf])
def test_a_value_that_is_not_finite_is_inconclusive_and_named(poison):
    report = gradient_check(lambda p: poison, lambda p: {"x": p["x"]}, {"x": np.ones(2)})
    assert report.status == "inconclusive"
    assert f"not finite: value is {poison}" in str(report)


def test_the_seed_reproduces_the_report():
    problem = PROBLEMS["logistic regression"]
    first, again, other = (check(problem, seed=seed, entries=5) for seed in (7, 7, 8))
    assert first.checks == again.checks
    assert first.checks != other.checks
    assert str(first) == str(again)


def test_small_arrays_are_checked_entry_by_entry_first():
    problem = PROBLEMS["logistic regression"]
    labels = {c.label.split("[")[0] for c in check(problem, entries=3).checks[8:]}
    assert labels == {"b", "W", "X"}
    assert len(check(problem, entries=1000).checks) == 8 + N * D + D * K + K
    assert len(check(problem, entries=10, directions=2).checks) == 12


def test_only_the_names_of_the_gradient_move():
    problem = PROBLEMS["logistic regression"]
    report = check(problem, lambda g: {"b": g["b"]})
    assert {c.label.split("[")[0] for c in report.checks[8:]} == {"b"}


def test_float32_points_are_measured_in_float64():
    report = gradient_check(
        lambda p: np.exp(p["x"]).sum(),
        lambda p: {"x": np.exp(p["x"])},
        {"x": np.ones(2, dtype=np.float32)},
    )
    assert report
    assert report.point["x"].dtype == np.float64


def test_empty_arrays_have_nothing_to_compare():
    report = gradient_check(
        lambda p: p["x"].sum(), lambda p: {"x": p["x"]}, {"x": np.zeros((0, 3))}
    )
    assert report
    assert "nothing to compare" in str(report)


@pytest.mark.parametrize(
    ("gradient", "message"),
    [
        ({"y": 0.0}, r"'y' is not one of the point's \['k', 'x'\]"),
        ({"x": np.ones(3)}, r"x has shape \(2,\), its gradient \(3,\)"),
        ({"k": 1.0}, "k holds int64 and has no gradient"),
    ],
)
def test_a_gradient_that_does_not_fit_is_refused(gradient, message):
    with pytest.raises(ValueError, match=message):
        gradient_check(lambda p: 0.0, lambda p: gradient, {"x": np.ones(2), "k": 3})


def test_a_value_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match=r"not an array of shape \(2,\)"):
        gradient_check(lambda p: p["x"], lambda p: {"x": p["x"]}, {"x": np.ones(2)})
