"""The gradient check of expressions, and the check of that check."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl import nn
from symdl.claims.check import check_grad
from symdl.claims.domains import SATISFIED
from symdl.claims.evaluate import is_analytic
from tests.programs import PROGRAMS

n, d, k = sd.dims("n d k")
x, y, X, W = sd.tensor("x", n), sd.tensor("y", n), sd.tensor("X", n, d), sd.tensor("W", d, k)
labels = sd.tensor("labels", n, integer=True)
CLASSIFIER = sd.cross_entropy(sd.tanh(X @ W), labels)
FEW = {"directions": 2, "entries": 4}

LOSSES = {
    "relu": sd.sum(sd.relu(X @ W) ** 2),
    "log": sd.sum(sd.log(x) * sd.sqrt(y)),
    "log of a sum": sd.sum(sd.log(X @ W)),
    "inverse trigonometry": sd.sum(sd.asin(x) + sd.acosh(y)),
    "division": sd.sum(x / y),
    "guarded log": sd.sum(sd.where(x > 0, sd.log(x), x)),
    "power": sd.sum(x**y),
    "gamma": sd.sum(sd.lgamma(x) + sd.digamma(y)),
    "maximum": sd.sum(sd.max(X, axis=0) * sd.min(X, axis=0)),
    "sort": sd.sum(sd.sort(x) * sd.arange(n)),
    "relu of relu": sd.sum(sd.relu(sd.relu(x) * y)),
    "pooling of relu": sd.sum(nn.max_pool2d(sd.relu(sd.tensor("I", 1, 1, n, d)), 2, 1) ** 2),
    "labels": CLASSIFIER,
    "one-hot": sd.cross_entropy(X, sd.tensor("Y", n, d, one_hot=True)),
    "stopped": sd.sum(sd.stop_gradient(sd.sin(x) * y) * x**2) + sd.sum(y**2),
    "cholesky": sd.sum(sd.cholesky(sd.tensor("A", n, n)) ** 2 * sd.arange(n)),
    "logdet": sd.logdet(sd.tensor("A", n, n)) + sd.logdet(sd.tensor("B", n, n) + sd.eye(n)),
}


@pytest.mark.parametrize("name", LOSSES)
def test_derived_gradients_pass(name):
    report = check_grad(LOSSES[name], **FEW)
    assert report, report


@pytest.mark.parametrize("facts", sorted({f for _, facts in SATISFIED for f in facts}))
def test_inputs_of_every_fact_can_be_drawn(facts):
    A = sd.tensor("A", n, n, **{facts: True})
    report = check_grad(sd.sum(A**3), sizes={"n": 3}, **FEW)
    assert report, report
    assert report.point["A"].shape == (3, 3)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", ["mlp", "logistic_bn", "attention", "rnn", "axes_pad", "gmm"])
def test_programs_at_points_of_its_own(name, seed):
    loss, wrt, _ = PROGRAMS[name]()
    tensors = [t for t in wrt.values() if t.label != "h"]
    report = check_grad(loss, tensors, seed=seed, directions=1, entries=3)
    assert report, report


@pytest.mark.parametrize("loss", [CLASSIFIER, LOSSES["relu"]], ids=["complex step", "differences"])
def test_a_gradient_off_by_one_part_in_a_thousand_is_rejected(loss):
    right = sd.grad(loss, [X, W])
    assert check_grad(loss, [X, W], gradient=right)
    report = check_grad(loss, [X, W], gradient=[right[0], right[1] * 1.001])
    assert report.status == "failed"
    assert report.worst.label.startswith(("W", "direction"))


def test_one_wrong_entry_is_named():
    wrong = sd.grad(CLASSIFIER, W) + sd.pad(sd.ones(1, 1) / 100, [(0, d - 1), (1, k - 2)])
    report = check_grad(CLASSIFIER, W, gradient=wrong)
    assert "W[0, 1]" in {check.label for check in report.of_status("failed")}


def test_the_method_is_chosen_by_what_the_definitions_are():
    assert check_grad(CLASSIFIER, **FEW).method == "complex step"
    assert check_grad(LOSSES["relu"], **FEW).method == "central differences"


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (sd.gelu(x), True), (sd.relu(x), False), (abs(x), False), (sd.max(x), False),
        (sd.inv(X @ X.T), True), (sd.stop_gradient(x) * y, True),
        (sd.sort(x), False), (x[sd.argmax(X, 0)], False), (x[labels], True),
        (sd.tril(sd.exp(X)), True), (sd.floor(x), False),
    ],
)
def test_what_is_analytic(expr, expected):
    assert is_analytic(expr) is expected


def test_arrays_and_sizes_that_are_given_stay():
    at = {X: np.ones((2, 3)), "labels": np.array([1, 0])}
    report = check_grad(CLASSIFIER, at=at, sizes={"k": 5}, **FEW)
    assert np.array_equal(report.point["X"], at[X])
    assert report.point["W"].shape == (3, 5)
    assert report.point["labels"].tolist() == [1, 0]


def test_the_seed_decides_the_point():
    first, again, other = (check_grad(CLASSIFIER, seed=s, **FEW).point for s in (3, 3, 4))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not all(np.array_equal(first[name], other[name]) for name in first)


def test_intermediates():
    Z = X @ W
    report = check_grad(sd.cross_entropy(Z, labels), {"scores": Z, "weights": W}, **FEW)
    assert report, report
    assert any(check.label.startswith("delta_") for check in report.checks)


def test_an_evaluator_of_your_own():
    calls = []

    def evaluate(roots, inputs, sizes):
        from tests.values import values

        calls.append(len(roots))
        return values(roots, inputs, **sizes)

    assert check_grad(sd.sum(x**3), evaluate=evaluate, **FEW)
    assert len(calls) > 5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: check_grad(X), "check_grad takes a scalar, but X has shape (n, d)"),
        (lambda: check_grad(sd.sum(labels)), "has no real input to differentiate in"),
        (lambda: check_grad(CLASSIFIER, labels), "labels holds ints and has no gradient"),
        (lambda: check_grad(CLASSIFIER, W, gradient=W.T), "W is (d, k), its gradient (k, d)"),
        (lambda: check_grad(CLASSIFIER, [X, W], gradient=[X]), "1 gradients are given for 2"),
        (lambda: check_grad(CLASSIFIER, at={"Q": 1.0}), "Q is not an input of the loss: it has"),
        (lambda: check_grad(sd.sum(x), X @ W), "the loss is not computed from it"),
        (lambda: check_grad(sd.sum(sd.tensor("A", n, n, orthogonal=True, symmetric=True))),
         "no way is known to draw an array that is orthogonal and symmetric"),
        (lambda: check_grad(sd.sum(sd.log(-sd.exp(x)))), "no point to try"),
    ],
)
def test_errors(call, message):
    with pytest.raises(sd.SymdlError) as error:
        call()
    assert message in str(error.value)


def test_a_given_point_at_a_kink_is_no_failure_of_the_gradient():
    with pytest.raises(sd.SymdlError, match=r"at a kink.*x\[i\] = 0 in .*, at distance 0"):
        check_grad(sd.sum(sd.relu(x)), at={"x": np.array([1.0, 0.0])})


def test_a_state_of_a_recurrence():
    H = nn.rnn(sd.tensor("S", k, n, d), X, sd.tensor("V", d, d), sd.tensor("U", d, d))
    assert check_grad(sd.sum(H**2), **FEW)
    with pytest.raises(sd.SymdlError, match="h is a state of a recurrence"):
        check_grad(sd.sum(H**2), H)
