"""Products with Jacobians and Hessians against the complex step, differences and torch's inputs."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl.language.tensor import Variable
from tests.pipeline.test_programs_oracle import CASES, stored
from tests.programs import PROGRAMS
from tests.values import assert_near, complex_step, value, values

n = sd.dims("n")
x, v, A, R = sd.tensor("x", n), sd.tensor("v", n), sd.tensor("A", n, n), sd.tensor("R", n, n)
g = np.random.default_rng(3)
B = g.normal(size=(3, 3))
AT = {"x": g.normal(size=3), "v": g.normal(size=3), "A": B @ B.T + np.eye(3),
      "R": g.normal(size=(3, 3))}
S = A + sd.outer(x, x)
MASKED = sd.where(sd.greater(x, 0), sd.sqrt(abs(x)), x**2)


@pytest.mark.parametrize("y", [
    sd.tanh(A @ x), sd.softmax(x, axis=0), sd.prod(x), sd.cumprod(x), sd.cumsum(x) ** 2,
    x[::2] * 2, sd.concatenate([x, x**2]), x @ A @ x,
    sd.inv(S), sd.solve(S, x), sd.cholesky(S), sd.logdet(S), sd.det(S),
    sd.triangular_solve(sd.cholesky(S), x),
    sd.recur("H", n, x[0], lambda t, s: sd.sin(s * x[t])),
    sd.recur("H", n, (x[0], x[1]), lambda t, s: s[0] * s[1] + x[t], lags=2),
    sd.final(sd.recur("H", n, x, lambda t, s: sd.solve(S, s) * x[t])),
    sd.recur(("a", "b"), n, (x[0], x), lambda t, a, b: (a * sd.sum(b), b * x[t]))[1],
])
def test_a_jvp_is_what_the_complex_step_measures(y):
    assert_near(value(sd.jvp(y, x, v), AT, n=3), complex_step(y, "x", AT) @ AT["v"], 1e-10)


@pytest.mark.parametrize("y", [sd.max(x), sd.min(x), sd.sort(x), MASKED])
def test_a_jvp_through_a_choice_is_what_differences_measure(y):
    h = 1e-6
    at = [value(y, {**AT, "x": AT["x"] + s * h * AT["v"]}, n=3) for s in (1, -1)]
    assert_near(value(sd.jvp(y, x, v), AT, n=3), (at[0] - at[1]) / (2 * h), 1e-7)


def test_several_variables_move_together():
    found = sd.jvp({"y": A @ x, "s": x @ x}, (A, x), (R, v))
    assert found.keys() == {"y", "s"}
    assert_near(value(found["y"], AT), AT["R"] @ AT["x"] + AT["A"] @ AT["v"])
    assert_near(value(found["s"], AT), 2 * AT["x"] @ AT["v"])


def test_a_view_moves_alone():
    i = sd.indices("i", n)
    row = sd.tensor("row", n)
    found = sd.jvp(A @ x, A[1], row)
    expected = np.array([0, AT["v"] @ AT["x"], 0])
    assert_near(value(found, {**AT, "row": AT["v"]}), expected)
    assert_near(value(sd.jvp(x @ A @ x, sd.diagonal(A), v), AT), AT["v"] @ AT["x"] ** 2)
    assert sd.jvp(sd.sum(x**2), x[i], 1).simplify().index() == "2*x[i]"


def test_an_intermediate_moves_by_itself_and_by_what_it_is_made_of():
    z = A @ x
    found = sd.jvp(sd.sum(z**2), (x, z), (v, v))
    a = AT["A"]
    expected = 2 * (a @ AT["x"]) @ (a @ AT["v"] + AT["v"])
    assert_near(value(found, AT), expected)
    assert value(sd.jvp(x, z, v), AT, n=3).tolist() == [0, 0, 0]


def test_a_state_of_a_recurrence_moves_its_later_steps():
    u = sd.tensor("u", n)
    states = sd.recur("H", n, x[0], lambda t, s: x[t] * s + sd.exp(x[t]))
    adjoint = sd.grad(sd.sum(states**2), states)
    at = {**AT, "u": g.normal(size=3)}
    pushed = value(sd.jvp(sd.sum(states**2), states, u), at)
    assert_near(pushed, value(adjoint, at) @ at["u"])


PROGRAM = {case.rpartition("_")[0]: case for case in reversed(CASES)}
SLOW = {"residual", "residual_widths", "cnn"}


@pytest.mark.parametrize("name", sorted(PROGRAM.keys() - SLOW))
def test_the_programs_hessian_products_are_differences_of_gradients(name):
    loss, wrt, shapeless = PROGRAMS[name]()
    case, h = PROGRAM[name], 1e-4
    sizes = {size: int(stored(case, "size")[size]) for size in shapeless}
    at = stored(case, "in")
    x = {key: t for key, t in wrt.items() if isinstance(t, Variable)}
    directions = {key: sd.tensor(f"v_{key}", *t.shape) for key, t in x.items()}
    along = {f"v_{key}": np.random.default_rng(1).normal(size=at[key].shape) for key in x}

    def gradients(step):
        moved = {key: at[key] + step * h * along[f"v_{key}"] for key in x}
        return values([loss, *sd.grad(loss, x).values()], {**at, **moved}, **sizes)

    near, far = [[(a - b) / (2 * s * h) for a, b in zip(gradients(s), gradients(-s), strict=True)]
                 for s in (1, 2)]
    found = values([sd.jvp(loss, x, directions), *sd.hvp(loss, x, directions).values()],
                   {**at, **along}, **sizes)
    for a, b, c in zip(found, near, far, strict=True):
        assert_near(a, (4 * b - c) / 3, 1e-6)


def test_a_hessian_product_costs_a_few_gradients():
    loss = sd.sum(sd.tanh(A @ x) ** 2)
    assert "n**3" not in str(sd.hvp(loss, x, v).cost())


def test_a_direction_must_fit():
    with pytest.raises(sd.ShapeError, match=r"jvp: x has shape \(n,\), but .* A, has shape"):
        sd.jvp(x, x, A)
    with pytest.raises(sd.ShapeError, match="hvp: give a dict with the keys a"):
        sd.hvp(x @ x, {"a": x}, v)
    with pytest.raises(sd.ShapeError, match="give 2 tensors in a tuple"):
        sd.jvp(x, (x, A), (v,))
    with pytest.raises(sd.DifferentiationError, match="hvp takes a scalar"):
        sd.hvp(x, x, v)
