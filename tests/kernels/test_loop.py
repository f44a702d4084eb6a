"""Loops of steps: the numbers of single steps, bit by bit, and what a caller can get wrong."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import symdl as sd
from symdl import nn
from symdl.language.errors import SymdlError
from tests.values import assert_near

n, d, h, k = sd.dims("n d h k")
X, y = sd.tensor("X", n, d), sd.tensor("y", n, integer=True)
W, b, V = sd.tensor("W", d, h), sd.tensor("b", h), sd.tensor("V", h, k)
rate, decay = sd.tensor("rate"), sd.tensor("decay")
PARAMETERS = {"first": {"W": W, "b": b}, "second": [V]}
LOSS = nn.cross_entropy(sd.tanh(X @ W + b) @ V, y) + decay * sd.sum(W**2)
GRADIENTS = {"first": sd.grad(LOSS, {"W": W, "b": b}), "second": sd.grad(LOSS, [V])}
ROWS = 11
ORDER = np.random.default_rng(1).permutation(ROWS)


def optimiser(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    if name == "adam":
        memory = nn.moments(PARAMETERS)
        new, moved = nn.adam(PARAMETERS, GRADIENTS, memory, learning_rate=rate)
        return ({"parameters": PARAMETERS, "memory": memory},
                {"parameters": new, "memory": moved})
    velocities = nn.velocities(PARAMETERS)
    new, moved = nn.sgd(PARAMETERS, GRADIENTS, velocities, learning_rate=rate, momentum=0.9,
                        nesterov=True)
    return {"p": PARAMETERS, "v": velocities}, {"p": new, "v": moved}


def arrays(seed: int = 0) -> dict[str, Any]:
    draw = np.random.default_rng(seed)
    return {"X": draw.normal(size=(ROWS, 3)), "y": draw.integers(0, 4, ROWS),
            "W": draw.normal(size=(3, 5)), "b": draw.normal(size=5), "V": draw.normal(size=(5, 4))}


def filled(tree: Any, values: dict[str, Any]) -> Any:
    """Arrays for a tree of inputs: drawn ones, and zeros for what an optimiser remembers."""
    if isinstance(tree, dict):
        return {key: filled(branch, values) for key, branch in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [filled(branch, values) for branch in tree]
    name = str(tree.name)
    shape = () if name == "steps" else values[name.split("_")[-1]].shape
    return values[name].copy() if name in values else np.zeros(shape)


def flat(tree: Any) -> list[Any]:
    if isinstance(tree, dict):
        return [leaf for branch in tree.values() for leaf in flat(branch)]
    return [leaf for x in tree for leaf in flat(x)] if isinstance(tree, (list, tuple)) else [tree]


def loose(tree: Any) -> Any:
    """With lists for named tuples."""
    if isinstance(tree, dict):
        return {key: loose(branch) for key, branch in tree.items()}
    return [loose(x) for x in tree] if isinstance(tree, (list, tuple)) else tree


@pytest.mark.parametrize(("backend", "name"), [
    ("numba", "adam"), ("python", "adam"), ("numpy", "sgd"), ("python", "sgd")])
@pytest.mark.parametrize("batch", [4, 3])
def test_the_numbers_are_those_of_single_steps(backend, name, batch):
    """Four steps with a last batch of 2 rows, or three with one of 3: the same bits."""
    state, new = map(loose, optimiser(name))
    loop = sd.compile_loop(state, new, {"loss": LOSS}, data=[X, y], schedules=[rate],
                           backend=backend)
    step = sd.compile([*flat(new), LOSS], backend=backend)
    values = arrays()
    steps = -(-ROWS // batch)
    rates = np.linspace(0.1, 0.05, steps)
    mine = filled(state, values)
    found = loop(X=values["X"], y=values["y"], **mine, rate=rates, decay=0.01, order=ORDER,
                 batch=batch)
    names = [str(v.name) for v in flat(state)]
    now = dict(zip(names, flat(filled(state, values)), strict=True))
    losses = []
    for s in range(steps):
        rows = ORDER[batch * s: batch * (s + 1)]
        *moved, loss = step(X=values["X"][rows], y=values["y"][rows], rate=rates[s], decay=0.01,
                            **now)
        now = dict(zip(names, map(np.asarray, moved), strict=True))
        losses.append(loss)
    assert np.array_equal(found["loss"], losses)
    assert all(map(np.array_equal, flat(mine), now.values()))
    assert losses[-1] != losses[0]


def test_gradient_descent_on_a_parabola():
    """w' = w - η ∂/∂w mean (w - x)²/2 over one row at a time: w' = (1 - η) w + η x."""
    x, w = sd.tensor("x", n), sd.tensor("w")
    loss = sd.mean((w - x) ** 2) / 2
    loop = sd.compile_loop({"w": w}, {"w": w - rate * sd.grad(loss, w)}, [w, loss], data=[x],
                           backend="python")
    start, rows = np.array(5.0), np.array([1.0, 2.0, 4.0])
    before, losses = loop(w=start, x=rows, rate=0.5, order=[2, 0, 0, 1], batch=1)
    assert_near(before, [5.0, 4.5, 2.75, 1.875])
    assert_near(losses, [0.5, 6.125, 1.53125, 0.0078125])
    assert_near(start, 1.9375)


def test_states_may_be_exchanged_kept_and_recorded():
    u, v, x = sd.tensor("u", d), sd.tensor("v", d), sd.tensor("x", d)
    for backend in ("python", "numpy", "numba"):
        loop = sd.compile_loop({"u": u, "v": v}, {"u": v, "v": u}, [u, x], schedules={"x": x},
                               backend=backend)
        a, b_ = np.array([1.0, 2.0]), np.array([3.0, 4.0])
        x_ = np.arange(6.0).reshape(3, 2)
        us, xs = loop(u=a, v=b_, x=x_, order=[0, 0, 0], batch=1)
        assert_near(us, [[1, 2], [3, 4], [1, 2]])
        assert_near(xs, x_)
        assert_near(a, [3.0, 4.0])
        assert_near(b_, [1.0, 2.0])


def test_all_rows_at_once_and_no_rows():
    x, w = sd.tensor("x", n), sd.tensor("w")
    loop = sd.compile_loop({"w": w}, {"w": w + sd.sum(x)}, sd.sum(x), data=[x], backend="python")
    total = np.array(1.0)
    assert_near(loop(w=total, x=[1.0, 2.0], order=[0, 1]), [3.0])
    assert total == 4
    assert loop(w=total, x=[1.0, 2.0], order=[], batch=2).shape == (0,)
    assert total == 4


def test_a_loop_survives_pickling():
    loop = sd.compile_loop({"b": b}, {"b": 2 * b}, backend="python")
    again = pickle.loads(pickle.dumps(loop))
    array = np.ones(2)
    assert again(b=array, order=[0, 0], batch=1) == ()
    assert_near(array, [4.0, 4.0])


def small(**more: Any) -> Any:
    loss = sd.sum((X @ W) ** 2) + 0 * decay
    return sd.compile_loop({"W": W}, {"W": W - 0.1 * sd.grad(loss, W)}, loss, data=[X],
                           backend="python", **more)


@pytest.mark.parametrize(("change", "message"), [
    ({"W": np.ones((2, 3), "f4")}, "the state W is updated in place: it must be an array of "
                                   "float64, not an array of float32"),
    ({"W": [[1.0]]}, "must be an array of float64, not list"),
    ({"W": np.ones((3, 2)).T}, "its array must be contiguous and writable"),
    ({"W": np.ones((4, 3))}, "the size d is"),
    ({"order": [0, 5]}, "order holds the row 5, but the data have 5 rows"),
    ({"order": [0, -1]}, "order holds the row -1"),
    ({"order": [0.0, 1.0]}, "order is a list of rows, integers along one axis, not float64"),
    ({"batch": 0}, "batch is the size of a minibatch, at least 1, not 0"),
    ({"batch": 1.5}, "at least 1, not 1.5"),
    ({"Y": 1.0}, "the kernel has no argument Y"),
    ({"X": np.ones(5)}, "X has 2 axes"),
])
def test_calls_that_are_wrong(change, message):
    right = {"W": np.ones((2, 3)), "X": np.ones((5, 2)), "order": [0, 1, 2], "batch": 2}
    small()(**{**right, "W": right["W"].copy()})
    with pytest.raises(SymdlError, match=message):
        small()(**{**right, **change})


def test_more_calls_that_are_wrong():
    state, new = optimiser("sgd")
    loop = sd.compile_loop(state, new, LOSS, data=[X, y], schedules=[rate], backend="python")
    values = arrays()
    right = {**filled(state, values), "X": values["X"], "y": values["y"], "rate": np.ones(3),
             "decay": 0.0, "order": ORDER, "batch": 4}
    for change, message in [
        ({"y": values["y"][:9]}, "the data must have equally many rows, but X has 11, y has 9"),
        ({"y": values["y"] + 2}, "y holds the label 5"),
        ({"rate": 0.1}, "rate is scheduled: there are 3 steps, and its array must have an axis"),
        ({"v": right["p"]}, "the state velocity_W shares memory with another argument"),
    ]:
        with pytest.raises(SymdlError, match=message):
            loop(**{**right, **change})


@pytest.mark.parametrize(("arguments", "message"), [
    (({"W": W}, {"W": b}), r"the state W is \(d, h\), but a step makes b of \(h,\)"),
    (({"W": W}, {"V": W}), "new must be a dict with the keys W"),
    (({}, {}), "state is a dict of the inputs that a step replaces"),
    (([W], [W]), "state is a dict of the inputs that a step replaces"),
    (({"W": 2 * W}, {"W": W}), "state holds .*, which is no input tensor"),
    (({"W": W}, {"W": W}, None, {"data": [W]}), "W is given twice among state, data"),
    (({"W": W}, {"W": W}, None, {"data": [X, V]}), "the data share their first axis, the batch"),
    (({"W": W}, {"W": W}, None, {"data": [rate]}), "the first axis of rate .* must be the batch"),
    (({"order": W}, {"order": W}), "order is an argument of the loop itself"),
])
def test_loops_that_are_refused(arguments, message):
    *plain, more = arguments if isinstance(arguments[-1], dict) and len(arguments) == 4 else (
        *arguments, {})
    with pytest.raises(SymdlError, match=message):
        sd.compile_loop(*plain, **more)


def test_records_of_the_batch_need_even_batches():
    loop = sd.compile_loop({"W": W}, {"W": W}, X @ W, data=[X], backend="python")
    given = {"W": np.ones((2, 3)), "X": np.ones((5, 2))}
    assert loop(**given, order=[0, 1, 2, 3], batch=2).shape == (2, 2, 3)
    with pytest.raises(SymdlError, match="the last batch has 1 rows instead of 2"):
        loop(**given, order=[0, 1, 2], batch=2)
