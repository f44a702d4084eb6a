"""Calling kernels: names, positions, nested parameters, outputs, bound arguments, pickles."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import symdl as sd
from symdl.language.errors import SymdlError
from tests.values import assert_near

ROOT = Path(__file__).parents[2]
n, d, k = sd.dims("n d k")
X, W, b = sd.tensor("X", n, d), sd.tensor("W", d, k), sd.tensor("b", k)
Y = X @ W + b
loss = sd.sum(Y**2)
x, w, c = np.arange(6.0).reshape(3, 2), np.ones((2, 4)), np.arange(4.0)
y = x @ w + c
BACKENDS = ["numpy", "python"]


class Pair(NamedTuple):
    value: object
    gradients: object


def test_names_and_positions():
    f = sd.compile(Y, backend="numpy")
    assert f.signature == "(W: float64(d, k), X: float64(n, d), b: float64(k,)) -> (n, k)"
    for found in (f(X=x, W=w, b=c), f(w, x, c), f(w, x, b=c), f(w, X=x, b=c)):
        assert_near(found, y)


def test_the_order_of_arguments_can_be_chosen():
    f = sd.compile(Y, backend="numpy", inputs=[X, W, b])
    assert f.signature.startswith("(X: float64(n, d), W")
    assert_near(f(x, w, c), y)
    with pytest.raises(SymdlError, match="inputs leaves out W, b"):
        sd.compile(Y, inputs=[X])


def test_an_input_that_nothing_depends_on_may_be_asked_for():
    u = sd.tensor("u", n)
    f = sd.compile(Y, backend="numpy", inputs=[X, W, b, u])
    assert_near(f(x, w, c, np.ones(3)), y)
    with pytest.raises(SymdlError, match="the size n is 3 in axis 0 of X but 5 in axis 0 of u"):
        f(x, w, c, np.ones(5))


@pytest.mark.parametrize("backend", [*BACKENDS, "numba"])
def test_outputs_have_the_form_they_were_given_in(backend):
    f = sd.compile({"loss": loss, "out": [Y, (sd.mean(Y), X)]}, backend=backend)
    found = f(X=x, W=w, b=c)
    assert list(found) == ["loss", "out"]
    assert isinstance(found["out"], list)
    assert isinstance(found["out"][1], tuple)
    assert np.shape(found["loss"]) == ()
    assert_near(found["loss"], np.sum(y**2))
    assert_near(found["out"][0], y)
    assert_near(found["out"][1][1], x)
    assert not np.shares_memory(found["out"][1][1], x)


def test_outputs_in_a_named_tuple():
    found = sd.compile(Pair(loss, {"W": sd.grad(loss, W)}), backend="numpy")(X=x, W=w, b=c)
    assert isinstance(found, Pair)
    assert_near(found.gradients["W"], 2 * x.T @ y)


def test_nested_parameters_are_taken_apart_by_name():
    f = sd.compile(Y, backend="numpy")
    assert_near(f(X=x, params={"layer": {"W": w, "b": c}}), y)
    with pytest.raises(SymdlError, match="the argument W is given twice"):
        f(X=x, W=w, params={"W": w, "b": c})
    with pytest.raises(SymdlError, match="no argument V"):
        f(X=x, params={"W": w, "b": c, "V": c})


def test_nested_parameters_of_a_stated_form():
    f = sd.compile(sd.grad(loss, [W, b]), backend="numpy", inputs={"data": X, "params": [W, b]})
    assert_near(f(x, [w, c])[1], 2 * y.sum(0))
    assert_near(f(data=x, params=[w, c])[0], 2 * x.T @ y)
    with pytest.raises(SymdlError, match="params must hold 2 entries, not 1"):
        f(x, [w])
    g = sd.compile(Y, backend="numpy", inputs={"data": X, "params": {"first": W, "second": b}})
    assert_near(g(x, {"second": c, "first": w}), y)
    with pytest.raises(SymdlError, match="a dict with the keys first, second, not the keys first"):
        g(x, {"first": w})
    h = sd.compile(Y, backend="numpy", inputs={"data": X, "layers": [{"W": W}, b]})
    assert_near(h(x, [{"W": w}, c]), y)
    with pytest.raises(SymdlError, match=r"layers\[0\] must be a dict with the keys W, not"):
        h(x, [{"V": w}, c])
    with pytest.raises(SymdlError, match="layers must hold 2 entries, not a dict"):
        h(x, {"W": w, "b": c})


def test_inputs_are_input_tensors_each_once():
    for inputs, message in [
        ([X, X, W, b], "inputs names X twice"),
        (["X"], "inputs holds 'X', which is no input tensor"),
        (X, "a list of input tensors, or a dict of them by name, not X"),
        ({"a": X @ W}, "which is no input tensor"),
    ]:
        with pytest.raises(SymdlError, match=message):
            sd.compile(Y, inputs=inputs)


def test_the_type_may_be_numpys():
    assert sd.compile(Y, dtype=np.float32).dtype == "float32"
    assert sd.compile(Y, dtype=np.dtype("float64")).dtype == "float64"


@pytest.mark.parametrize("backend", [*BACKENDS, "numba"])
def test_outputs_are_written_where_they_are_wanted(backend):
    f = sd.compile([loss, {"Y": Y}], backend=backend)
    value, array = np.empty(()), np.full((3, 4), np.nan)
    out = [value, {"Y": array}]
    assert f(X=x, W=w, b=c, out=out) is out
    assert_near(value, np.sum(y**2))
    assert_near(array, y)
    by_key = sd.compile({"a": Y, "b": 2 * Y}, backend=backend)
    given = {"b": np.empty((3, 4)), "a": np.empty((3, 4))}
    by_key(X=x, W=w, b=c, out=given)
    assert_near(given["b"], 2 * y)
    with pytest.raises(SymdlError, match="out must be a dict with the keys a, b, not a list"):
        by_key(X=x, W=w, b=c, out=[*given.values()])
    with pytest.raises(SymdlError, match="two outputs share memory"):
        sd.compile([Y, 2 * Y], backend=backend)(X=x, W=w, b=c, out=[array, array])


@pytest.mark.parametrize("backend", [*BACKENDS, "numba"])
def test_bound_arguments(backend):
    f = sd.compile([loss, Y], backend=backend)
    out = [np.empty(()), np.empty((3, 4))]
    step = f.bind({"W": w}, b=c, out=out)
    assert step(X=x) is out
    assert_near(out[1], y)
    w_changed = f.bind({"W": w, "b": c})(X=x, W=2 * w)
    assert_near(w_changed[1], 2 * x @ w + c)
    with pytest.raises(SymdlError, match="bind takes arrays by name"):
        f.bind(w)


def test_empty_and_single_sizes():
    f = sd.compile([loss, Y], backend="numpy")
    for rows, inner, columns in [(0, 2, 4), (3, 0, 4), (3, 2, 0), (0, 0, 0), (1, 1, 1)]:
        value, found = f(X=np.ones((rows, inner)), W=np.ones((inner, columns)), b=np.ones(columns))
        assert found.shape == (rows, columns)
        assert_near(value, rows * columns * (inner + 1.0) ** 2)


def test_scalars():
    a = sd.tensor("a")
    for backend in BACKENDS:
        f = sd.compile(2 * a, backend=backend)
        assert f(a=3.0) == f(a=np.array(3.0)) == f(a=np.float64(3)) == 6
        assert isinstance(f(a=3.0), np.float64)


@pytest.mark.parametrize("backend", [*BACKENDS, "numba"])
def test_a_kernel_survives_pickling(backend):
    f = pickle.loads(pickle.dumps(sd.compile({"Y": Y, "g": sd.grad(loss, W)}, backend=backend)))
    assert_near(f(X=x, W=w, b=c)["Y"], y)


def test_a_kernel_travels_to_another_process(tmp_path):
    f = sd.compile([Y, sd.grad(loss, W)], inputs={"params": [W, b], "X": X})
    path = tmp_path / "kernel.pkl"
    path.write_bytes(pickle.dumps((f, ([w, c], x), f([w, c], x))))
    program = (
        "import pickle, sys, numpy as np\n"
        "f, arguments, expected = pickle.load(open(sys.argv[1], 'rb'))\n"
        "assert all(map(np.allclose, f(*arguments), expected))\n"
    )
    run = subprocess.run([sys.executable, "-c", program, str(path)], cwd=ROOT, capture_output=True,
                         text=True, check=False)
    assert run.returncode == 0, run.stderr


AWKWARD = """
    i0 v0 z0 t0 t0_ m0 w0 s0 x0 n0 c1_s0 t1_0 out0 b b_1 kernel workspace real np exp range max min
    int gemm _loop0 _plus lambda for zero inf math abs
"""


@pytest.mark.parametrize("backend", [*BACKENDS, "numba"])
def test_any_name_will_do(backend):
    """Inputs and sizes may be called what the generated source calls things."""
    length, width = sd.dims("i0 v0")
    inputs = [sd.tensor(name, length, width) for name in AWKWARD.split()]
    running = sd.recur("r", length, inputs[0][0], lambda t, r: sd.tanh(r + inputs[1][t]))
    total = sum(inputs[1:], inputs[0])
    f = sd.compile([sd.exp(total), total @ sd.swapaxes(total, 0, 1), running], backend=backend)
    arrays = {name: np.full((2, 3), 0.01 * k) for k, name in enumerate(AWKWARD.split())}
    found = f(**arrays)
    value = sum(arrays.values())
    assert_near(found[0], np.exp(value))
    assert_near(found[1], value @ value.T)
    assert_near(found[2][0], np.tanh(np.full(3, 0.01)))


def test_evaluate_computes_at_once():
    assert sd.evaluate(loss, {X: x, W: w, b: c}) == np.sum(y**2)
    found = sd.evaluate({"g": [sd.grad(loss, b), Y]}, {"X": x, W: w, "b": c, "unused": 3.0})
    assert_near(found["g"][0], 2 * y.sum(0))
    assert_near(found["g"][1], y)
    assert sd.evaluate(sd.sum(sd.broadcast_to(b[:, None], (k, n))), {b: c}, n=3) == 18
    assert sd.evaluate(sd.sqrt(4)) == 2
    assert sd.evaluate(Y, {X: x.astype("f4"), W: w.astype("f4"), b: [0, 1, 2, 3]}).dtype == "f4"
    with pytest.raises(SymdlError, match="missing arguments X, b"):
        sd.evaluate(Y, {W: w})
    with pytest.raises(SymdlError, match="which is no input"):
        sd.evaluate(Y, {Y: y})


def test_evaluating_does_not_load_the_compiler():
    program = (
        "import sys, numpy as np, symdl as sd\n"
        "x = sd.tensor('x', sd.dims('n'))\n"
        "assert sd.evaluate(sd.sum(sd.erf(x)), {x: np.zeros(2)}) == 0\n"
        "assert 'numba' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)
