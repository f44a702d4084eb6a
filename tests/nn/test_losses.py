"""Losses, against closed forms in NumPy and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

import symdl as sd
from symdl import nn
from tests.values import assert_near, value

n, k, m = sd.dims("n k m")
A, B, s = sd.tensor("A", n, k), sd.tensor("B", n, k), sd.tensor("s", n)
y, y2 = sd.tensor("y", n, integer=True), sd.tensor("y2", n, m, integer=True)
g = np.random.default_rng(0)
a, b = g.normal(size=(4, 3)), g.normal(size=(4, 3))
labels = np.array([2, 0, 0, 1])
POINT = {"A": a, "B": b, "y": labels, "s": g.normal(size=4)}
REDUCTIONS = {"mean": np.mean, "sum": np.sum, "none": lambda x: x}

ERRORS = {
    "mse": (nn.mse, {}, (a - b) ** 2, 2 * (a - b)),
    "mae": (nn.mae, {}, abs(a - b), np.sign(a - b)),
    "huber": (nn.huber, {}, special.huber(1, a - b), np.clip(a - b, -1, 1)),
    "huber_wide": (
        nn.huber, {"delta": 0.4}, special.huber(0.4, a - b), np.clip(a - b, -0.4, 0.4),
    ),
    "binary": (
        nn.binary_cross_entropy, {},
        -b * special.log_expit(a) - (1 - b) * special.log_expit(-a), special.expit(a) - b,
    ),
}


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", ERRORS)
def test_values_entry_by_entry(name, reduction):
    loss, options, expected, _ = ERRORS[name]
    found = value(loss(A, B, reduction=reduction, **options), POINT)
    assert_near(found, REDUCTIONS[reduction](expected))


@pytest.mark.parametrize("name", ERRORS)
def test_the_textbook_gradients(name):
    loss, options, _, expected = ERRORS[name]
    found = value(sd.grad(loss(A, B, **options), A), POINT)
    assert_near(found, expected / a.size)


def test_the_derivative_of_the_absolute_error_at_zero_is_zero():
    gradient = sd.grad(nn.mae(A, B, reduction="sum"), A)
    assert not value(gradient, {"A": a, "B": a}).any()


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_cross_entropy_by_integer_labels(reduction):
    expected = -special.log_softmax(a, axis=1)[np.arange(4), labels]
    found = value(nn.cross_entropy(A, y, reduction=reduction), POINT)
    assert_near(found, REDUCTIONS[reduction](expected))


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_cross_entropy_by_probabilities(reduction):
    """The probabilities needn't sum to 1."""
    expected = -(b * special.log_softmax(a, axis=1)).sum(1)
    found = value(nn.cross_entropy(A, B, reduction=reduction), POINT)
    assert_near(found, REDUCTIONS[reduction](expected))


def test_integer_and_one_hot_labels_agree():
    by_class = value(nn.cross_entropy(A, y), POINT)
    assert_near(value(nn.cross_entropy(A, sd.one_hot(y, k)), POINT), by_class)
    Y = sd.tensor("Y", n, k, one_hot=True)
    assert_near(value(nn.cross_entropy(A, Y), {**POINT, "Y": np.eye(3)[labels]}), by_class)


def test_the_gradient_of_cross_entropy_is_probabilities_minus_labels():
    expected = (special.softmax(a, axis=1) - np.eye(3)[labels]) / 4
    for target in (y, sd.one_hot(y, k)):
        assert_near(value(sd.grad(nn.cross_entropy(A, target), A), POINT), expected)


def test_cross_entropy_over_two_axes_of_examples():
    logits, z = sd.tensor("Z", n, m, k), g.normal(size=(2, 4, 3))
    places = np.array([[0, 1, 2, 2], [1, 0, 0, 2]])
    found = value(nn.cross_entropy(logits, y2, reduction="none"), {"Z": z, "y2": places})
    rows, columns = np.indices((2, 4))
    assert_near(found, -special.log_softmax(z, axis=2)[rows, columns, places])


@pytest.mark.parametrize("ignored", [-100, 0])
def test_ignored_labels_count_for_nothing(ignored):
    some = np.where(np.array([True, False, True, False]), labels, ignored)
    counts = some != ignored
    entries = -special.log_softmax(a, axis=1)[np.arange(4), np.where(counts, some, 0)]
    entries = np.where(counts, entries, 0)
    expected = {"none": entries, "sum": entries.sum(), "mean": entries.sum() / counts.sum()}
    at = {"A": a, "y": some}
    for reduction, numbers in expected.items():
        loss = nn.cross_entropy(A, y, ignore_index=ignored, reduction=reduction)
        assert_near(value(loss, at), numbers)
    gradient = value(sd.grad(nn.cross_entropy(A, y, ignore_index=ignored), A), at)
    assert not gradient[~counts].any()
    assert_near(gradient[counts],
                ((special.softmax(a, axis=1) - np.eye(3)[some * counts]) / counts.sum())[counts])


def test_an_ignored_row_cannot_spoil_the_others():
    spoiled = np.array([[np.inf, 0, 0], [1.0, 2.0, 3.0]])
    loss = nn.cross_entropy(A, y, ignore_index=-1)
    at = {"A": spoiled, "y": np.array([-1, 1])}
    assert_near(value(loss, at), -special.log_softmax([1, 2, 3])[1])
    gradient = value(sd.grad(loss, A), at)
    assert not gradient[0].any()
    assert_near(gradient[1], special.softmax([1, 2, 3]) - [0, 1, 0])


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda: nn.mse(A, s), "A is (n, k) but s is (n,); a loss compares tensors of one shape"),
        (lambda: nn.cross_entropy(A, s), "give integers of shape (n,) (integer=True) or"),
        (lambda: nn.mae(A, B, reduction="average"), "one of mean, sum, none, not 'average'"),
        (lambda: nn.cross_entropy(A, B, ignore_index=0), "ignore_index speaks of integer labels"),
    ],
)
def test_errors(write, message):
    with pytest.raises(sd.SymdlError) as error:
        write()
    assert message in str(error.value)
