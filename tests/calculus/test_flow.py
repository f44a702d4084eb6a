"""A branch that isn't taken can't spoil a derivative from behind a reduction."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import symdl as sd
from symdl.calculus.flow import zeros
from symdl.language.body import kinks, slot, strong_factor, strong_product
from symdl.language.tensor import Equation, topological
from tests.programs import PROGRAMS
from tests.values import assert_near

n, m = sd.dims("n m")
X, V, W = (sd.tensor(name, n, m) for name in "XVW")
A, B = sd.tensor("A", n, m, m), sd.tensor("B", n, m, m)
c, s, w = sd.tensor("c", n), sd.tensor("s"), sd.tensor("w", m)
GENERIC = np.array([[0.7, 1.9], [2.0, 3.0]])
FIXED = {"W": np.array([[1.5, -0.5], [0.3, 0.8]]), "w": np.array([0.4, -1.1]),
         "c": np.array([-1.0, 1.0]), "s": np.array(-1.0)}

ROWS = {  # a number for each row, and a first row at which its derivative is infinite or NaN
    "sum of logarithms": (sd.sum(sd.log(X), 1), [0, 1]),
    "its square": (sd.sum(sd.log(X), 1) ** 2, [0, 1]),
    "weighted": (sd.sin(sd.sum(W * sd.log(X), 1)), [0, 1]),
    "product of reciprocals": (sd.prod(1 / X, 1), [0, 1]),
    "product of roots": (sd.prod(sd.sqrt(X), 1), [0, 0]),
    "norm": (sd.sqrt(sd.sum(X**2, 1)), [0, 0]),
    "exponential of a norm": (sd.exp(-sd.norm(X, axis=1)), [0, 0]),
    "unit vector": ((X / sd.sqrt(sd.sum(X**2, 1, keepdims=True))) @ w, [0, 0]),
    "entropy": (sd.sum(X * sd.log(X), 1), [0, 1]),
    "negative root": (sd.sum(sd.sqrt(X), 1) ** 2, [-1, 1]),
    "largest reciprocal": (sd.max(1 / X, 1), [0, 1]),
    "standard deviation": (sd.std(X, 1) ** 3, [1, 1]),
    "log of a softmax": (sd.sum(w * sd.log_softmax(sd.log(X)), 1), [0, 1]),
    "power": (sd.sum(X**w, 1), [0, 1]),
    "share": (sd.sum(W * (X / sd.sum(X, 1, keepdims=True)) ** 2, 1), [0, 0]),
    "layers": (sd.sum(sd.tanh(sd.log(X) @ sd.outer(w, w)) ** 2, 1), [0, 1]),
}


def derivatives(loss, x, v):
    """The gradient, the Hessian, and products with the Hessian and the Jacobian."""
    return [sd.grad(loss, x), sd.hessian(loss, x), sd.hvp(loss, x, v), sd.jvp(loss, x, v)]


def assert_dropped(loss, x, v, generic, singular, rows=(0,), which=derivatives):
    """What the unchosen part is doesn't count: derivatives are those at a generic point."""
    direction = np.linspace(-1, 1, generic.size).reshape(generic.shape)
    both = [sd.evaluate(which(loss, x, v), {
        x.name: at, v.name: direction, **FIXED}) for at in (generic, singular)]
    for expected, found in zip(*both, strict=True):
        assert np.all(np.isfinite(found))
        assert_near(found, expected)
    assert all(np.all(both[1][0][row] == 0) for row in rows)


def at_row(row):
    return np.array([row, GENERIC[1]], float)


@pytest.mark.parametrize("name", ROWS)
def test_a_where_drops_its_row_from_every_derivative(name):
    value, row = ROWS[name]
    assert_dropped(sd.sum(sd.where(c > 0, value, 0) * sd.where(c > 0, 2, 1)), X, V, GENERIC,
                   at_row(row))


@pytest.mark.parametrize("name", ["its square", "unit vector"])
@pytest.mark.parametrize("choice", [
    lambda y: sd.where(c > 0, sd.where(c > -3, y, 1), c),
    lambda y: (y * c)[1:],
    lambda y: sd.tanh(sd.where(c > 0, sd.cumsum(sd.outer(y, w), 1)[:, 1], 2)),
])
def test_choices_of_other_kinds(name, choice):
    value, row = ROWS[name]
    assert_dropped(sd.sum(choice(value)), X, V, GENERIC, at_row(row))


def test_a_whole_program_that_isnt_chosen():
    net = sd.sum(sd.tanh(sd.log(X) @ sd.outer(w, w)) * sd.norm(X, axis=0))
    assert_dropped(sd.where(s > 0, net, s), X, V, GENERIC, np.zeros((2, 2)), rows=(0, 1))


@pytest.mark.parametrize("choice", [sd.relu, lambda y: sd.maximum(y, 0), sd.max,
                                    lambda y: sd.clip(y, -1, 5), lambda y: sd.top_k(y, 1)[0]])
def test_a_kink_and_a_maximum_drop_what_they_dont_choose(choice):
    value = sd.sum(sd.log(X), 1)
    assert_dropped(sd.sum(choice(value)), X, V, np.array([[0.1, 0.2], [2.0, 3.0]]),
                   at_row([0, 1]))


MATRICES = {
    "logdet": sd.logdet(A) ** 2, "inverse": sd.sum(sd.inv(A), (1, 2)),
    "solution": sd.sum(sd.solve(A, sd.exp(A)), (1, 2)),
    "factor": sd.sum(sd.cholesky(A) ** 2, (1, 2)), "determinant": sd.det(A) ** 2,
}


@pytest.mark.parametrize("name", MATRICES)
def test_a_primitive_of_a_singular_matrix(name):
    generic = np.array([[[2, 0.5], [0.5, 1]], [[3, 1], [1, 2]]])
    singular = np.array([[[1.0, 1], [1, 1]], [[3, 1], [1, 2]]])
    if name == "factor":
        singular[0] = [[0, 0], [0, 0]]
    loss = sd.sum(sd.where(c > 0, MATRICES[name], 0))
    assert_dropped(loss, A, B, generic, singular, which=derivatives if name == "logdet" else (
        lambda loss, x, v: [sd.grad(loss, x), sd.jvp(loss, x, v)]))


@pytest.mark.parametrize("name", ["its square", "layers", "product of reciprocals"])
def test_an_adjoint_that_happens_to_be_0_keeps_its_second_derivative(name):
    """The square of a sum of logarithms at a product of 1: its gradient is 0, its Hessian not."""
    value, _ = ROWS[name]
    loss = sd.sum(sd.where(c > -5, value**2, 0))
    at = np.array([[2.0, 0.5], [1.0, 1.0]])
    x = sd.evaluate(sd.hessian(loss, X), {"X": at, **FIXED})
    gradient, step = sd.grad(loss, X), 1e-6
    for place in np.ndindex(2, 2):
        h = np.zeros((2, 2))
        h[place] = step
        up, down = (sd.evaluate(gradient, {"X": at + q * h, **FIXED}) for q in (1, -1))
        assert_near(x[(..., *place)], (up - down) / (2 * step), 1e-6)


@pytest.mark.parametrize("backend", ["python", "numpy"])
def test_kernels_compute_what_the_oracle_does(backend):
    value, row = ROWS["unit vector"]
    loss = sd.sum(sd.where(c > 0, value, 0))
    roots = [loss, *derivatives(loss, X, V)]
    at = {"X": at_row(row), "V": GENERIC, **FIXED}
    kernel = sd.compile(roots, backend=backend)
    found = kernel(**{v.name: at[v.name] for v in kernel.inputs})
    for a, b in zip(found, sd.evaluate(roots, at), strict=True):
        assert_near(a, b)


def strong(tensors):
    return [t for t in topological(tensors) if isinstance(t, Equation) and zeros(t.scheme.body)]


def test_an_ordinary_log_sum_exp_has_no_such_product():
    z = X @ sd.tensor("U", m, m)
    for loss in (sd.sum(sd.logsumexp(sd.relu(z), axis=1)), sd.sum(sd.relu(sd.logsumexp(z, axis=1))),
                 sd.max(sd.nn.layer_norm(z, w, w)),
                 sd.sum(sd.relu((z - sd.mean(z, 0)) / sd.sqrt(sd.var(z, 0) + 1e-5))),
                 sd.sum(sd.where(z > 0, sd.log(z), 0))):
        assert not strong(derivatives(loss, X, V))
    assert strong([sd.grad(sd.sum(sd.where(c > 0, sd.sum(sd.log(X), 1), 0)), X)])


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_gradients_of_usual_programs_have_no_such_product(name):
    loss, wrt, _ = PROGRAMS[name]()
    assert not strong(list(sd.grad(loss, wrt).values()))


def test_a_product_in_which_0_wins_has_no_kink():
    a, b = slot(0), slot(1)
    product = strong_product(a, 1 / b)
    assert strong_factor(product) == a
    assert not kinks(product)
    assert strong_factor(sp.Piecewise((0, sp.Eq(a, 0)), (a / b, True), evaluate=False)) is None


def test_a_choice_inside_a_recurrence():
    start = sd.tensor("start")
    h = sd.recur("h", n, init=start, step=lambda t, h: sd.where(
        h > 0, h + sd.sum(sd.log(X[t])), h / 2))
    found = sd.evaluate(sd.grad(sd.sum(h), X), {"X": np.zeros((3, 2)), "start": np.array(-1.0)})
    assert np.all(found == 0)
