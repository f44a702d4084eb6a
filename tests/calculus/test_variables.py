"""What a derivative is taken in: nestings, views, and what is refused."""

from __future__ import annotations

from collections import namedtuple

import numpy as np
import pytest

import symdl as sd
from tests.values import assert_near, complex_step, value

n, m = sd.dims("n m")
x, A, X = sd.tensor("x", n), sd.tensor("A", n, n), sd.tensor("X", m, n)
seven = sd.tensor("seven", 7)
g = np.random.default_rng(5)
AT = {"x": g.normal(size=3), "A": g.normal(size=(3, 3)), "X": g.normal(size=(2, 3)),
      "seven": g.normal(size=7)}
LOSS = sd.sum(sd.sin(A @ x)) + sd.sum(sd.exp(X)) * x[0]


@pytest.mark.parametrize(("view", "entries"), [
    (A[1], np.s_[1]), (A[:, 2], np.s_[:, 2]), (A[0, 2], np.s_[0, 2]), (A[1:], np.s_[1:]),
    (A[::2], np.s_[::2]), (A.T, np.s_[:]), (A.T[1], np.s_[:, 1]),
    (sd.diagonal(A), (np.arange(3), np.arange(3))),
])
def test_a_view_has_the_entries_of_the_gradient_that_it_shows(view, entries):
    gradient = complex_step(LOSS, "A", AT)
    expected = gradient.T if view is A.T else gradient[entries]
    assert_near(value(sd.grad(LOSS, view), AT), expected, 1e-12)
    jacobian = complex_step(sd.tanh(A @ x), "A", AT)
    shown = jacobian.transpose(0, 2, 1) if view is A.T else (
        jacobian[(slice(None), *(entries if isinstance(entries, tuple) else (entries,)))])
    assert_near(value(sd.jacobian(sd.tanh(A @ x), view), AT), shown, 1e-12)


def test_a_flat_view_has_the_flat_gradient():
    expected = complex_step(LOSS, "X", AT).ravel()
    assert_near(value(sd.grad(LOSS, sd.reshape(X, (m * n,))), AT), expected, 1e-12)


def test_an_entry_of_an_intermediate_stands_for_that_entry():
    z = (A @ x).named("z")
    loss = sd.sum(z**2)
    assert_near(value(sd.grad(loss, z[1]), AT), 2 * (AT["A"] @ AT["x"])[1])
    i, j = sd.indices("i j", n, n)
    entry = sd.jacobian(sd.tanh(z)[i], z[j])
    assert entry.shape == () and entry.simplify().index().startswith("[i == j]*(1 - tanh(")


def test_the_gradient_in_an_entry_at_symbolic_indices_is_an_entry():
    i, j = sd.indices("i j", n, n)
    assert sd.grad(x @ A @ x, A[i, j]).simplify().index() == "x[i]*x[j]"
    assert sd.grad(sd.sum(seven**3), seven[2:5]).simplify().index() == "3*seven[i+2]**2"


def test_a_view_that_repeats_entries_is_an_intermediate_or_refused():
    wide = sd.broadcast_to(x, (m, n))
    assert_near(value(sd.grad(sd.sum(X * wide), wide), AT), AT["X"])
    labels = sd.tensor("labels", m, integer=True)
    for view in (wide, x[labels]):
        with pytest.raises(sd.DifferentiationError, match="may show an entry of x twice"):
            sd.grad(sd.sum(x**2), view)


def test_a_view_that_the_loss_is_written_with_is_an_intermediate():
    for head in (x[1:].named("head"), x[1:]):
        loss = sd.sum(head**2) + sd.sum(x)
        assert_near(value(sd.grad(loss, head), AT), 2 * AT["x"][1:])
    assert_near(value(sd.grad(loss, x[:2]), AT), np.array([1, 1 + 2 * AT["x"][1]]))


def test_nestings_give_the_like_back():
    Pair = namedtuple("Pair", "first second")
    found = sd.grad(LOSS, {"a": [x, (A,)], "b": Pair(X, x)})
    assert isinstance(found["b"], Pair) and isinstance(found["a"][1], tuple)
    assert found["a"][1][0].shape == A.shape and found["b"].first.shape == X.shape


def test_what_doesnt_depend_has_a_derivative_of_zeros():
    y = sd.tensor("y", m)
    assert value(sd.grad(x @ x, y), AT, m=2).tolist() == [0, 0]
    assert value(sd.jacobian(x, y), AT, n=3, m=2).tolist() == np.zeros((3, 2)).tolist()
    assert value(sd.vjp(x, y, x), AT, m=2).tolist() == [0, 0]


@pytest.mark.parametrize("name", ["grad", "jacobian", "hessian"])
def test_a_variable_is_a_tensor_of_real_numbers(name):
    labels = sd.tensor("labels", n, integer=True)
    with pytest.raises(sd.DifferentiationError, match=f"{name}: labels holds integers"):
        getattr(sd, name)(x @ x, labels)
    with pytest.raises(sd.DifferentiationError, match=f"{name}: .* but 'x' is none"):
        getattr(sd, name)(x @ x, "x")
