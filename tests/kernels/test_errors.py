"""What a user does wrong, and what he is told."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import symdl as sd
from symdl.kernels.kernel import compile as compiled
from symdl.language.errors import DifferentiationError, RangeError, ShapeError, SymdlError
from tests.values import assert_near

n, m, d, k = sd.dims("n m d k")
X, W, b = sd.tensor("X", n, d), sd.tensor("W", d, k), sd.tensor("b", k)
y, u = sd.tensor("y", n, integer=True), sd.tensor("u", m)
x, w, c = np.ones((3, 2)), np.ones((2, 4)), np.ones(4)
BACKENDS = ["numpy", "python"]


@cache
def kernel(name, backend="numpy", dtype="float64"):
    programs = {
        "dense": lambda: X @ W + b,
        "rows": lambda: W[y],
        "chosen": lambda: sd.one_hot(y, k) * b,
        "twice": lambda: b[sd.tensor("p", d, integer=True)[y]],
        "wide": lambda: sd.sum(sd.broadcast_to(b[:, None], (k, m))),
        "shifted": lambda: u[y + 1],
        "counted": lambda: sd.grad(sd.sum(u[y + 1]), u),
        "best": lambda: u[sd.argmax(X, 1)],
        "window": lambda: sd.define("V", (I,), sd.sum(u[I + J], J)),
        "row_maxima": lambda: sd.grad(sd.sum(sd.max(X, axis=1)), X),
    }
    return compiled(programs[name](), dtype, backend)


I, J = sd.indices("i j", m - k + 1, k)


def dense(**changed):
    return kernel("dense")(**{"X": x, "W": w, "b": c, **changed})


@pytest.mark.parametrize(("build", "error", "message"), [
    (lambda: X @ b, ShapeError, r"X @ b: X is \(n, d\), b is \(k,\): inner sizes d and k differ"),
    (lambda: X @ sd.tensor("V", k, d), ShapeError, r"Did you mean X @ V\.T\?"),
    (lambda: X + b, ShapeError, r"shapes \(n, d\) and \(k,\) don't broadcast: sizes d and k"),
    (lambda: X + sd.tensor("e", n), ShapeError, r"Did you mean e\[:, None\]\?"),
    (lambda: sd.reshape(X, (d, d)), ShapeError, r"has n\*d entries and can't be reshaped"),
    (lambda: sd.concatenate([X, W]), ShapeError, r"\(n, d\) and \(d, k\) differ beside axis 0"),
    (lambda: sd.sum(X, axis=2), ShapeError, r"axis 2 is outside the 2 axes \(n, d\) of X"),
    (lambda: sd.sum(X, axis="rows"), SymdlError, r"an axis is an integer, not 'rows'"),
    (lambda: sd.tensor("Z", 3)[7], RangeError, r"index 7 is outside axis 0 of size 3 of Z"),
    (lambda: W[X], SymdlError, r"X indexes axis 0 of W but isn't of integers"),
    (lambda: W[y > 0], SymdlError, r"would make the shape depend on data; use sd\.where"),
    (lambda: sd.one_hot(X, 3), SymdlError, r"declare X with integer=True"),
    (lambda: sd.grad(X @ W, W), DifferentiationError, r"scalar.*\(n, k\).*sum.*jacobian"),
    (lambda: sd.grad(sd.sum(X), y), DifferentiationError, r"y holds integers and has no gradient"),
    (lambda: sd.log(-1), SymdlError, r"log\(-1\) is not a real number"),
    (lambda: sd.sqrt(-2) * X, SymdlError, r"sqrt\(-2\) is not a real number"),
    (lambda: sd.tensor("a b", n), SymdlError, r"must be a Python identifier, not 'a b'"),
    (lambda: sd.tensor("q", n, wrong=True), SymdlError, r"unknown fact 'wrong'"),
    (lambda: compiled(3), SymdlError, r"compile takes tensor expressions, not 3"),
    (lambda: compiled(X, dtype="float16"), SymdlError, r"float64 or float32, not float16"),
    (lambda: compiled(X, backend="cuda"), SymdlError, r"there are numba, numpy, python"),
])
def test_a_mistake_in_a_formula(build, error, message):
    with pytest.raises(error, match=message):
        build()


def test_a_size_that_is_1_only_in_the_data_does_not_broadcast():
    message = "Only a size written as the number 1 broadcasts.*if d or m stands for 1"
    with pytest.raises(ShapeError, match=message):
        X + sd.tensor("r", n, m)
    assert (X + sd.tensor("r", n, 1)).shape == (n, d)
    with pytest.raises(ShapeError, match="the size k is 4 in axis 1 of W but 1 in axis 0 of b"):
        dense(b=np.ones(1))


def test_a_name_with_two_shapes():
    message = r"the name X is used for two inputs: one of shape \(d,\) and one of shape \(n, d\)"
    with pytest.raises(SymdlError, match=message):
        compiled(sd.sum(X) + sd.sum(sd.tensor("X", d)))


@pytest.mark.parametrize(("arguments", "message"), [
    ({"X": x, "W": w}, "missing argument b; the kernel takes W, X, b"),
    ({}, "missing arguments W, X, b"),
    ({"X": x, "W": w, "b": c, "V": c}, "no argument V; it takes W, X, b"),
    ({"Xs": x, "W": w, "b": c}, r"no argument Xs; it takes W, X, b\. Did you mean X\?"),
    ({"X": x, "W": w, "b": c, "n": 7}, r"the size n is 7 in the call .* but 3 in axis 0 of X"),
    ({"X": x, "W": w, "b": c, "n": 2.5}, r"the size n must be an integer, not 2\.5"),
])
def test_wrong_arguments(arguments, message):
    with pytest.raises(SymdlError, match=message):
        kernel("dense")(**arguments)


def test_wrong_positional_arguments():
    with pytest.raises(SymdlError, match=r"takes 3 arrays \(W, X, b\), but 4 are given"):
        kernel("dense")(w, x, c, c)
    with pytest.raises(SymdlError, match="the argument W is given twice"):
        kernel("dense")(w, x, c, W=w)


def test_a_size_that_no_array_states():
    assert kernel("wide")(b=c, m=3) == 12
    with pytest.raises(SymdlError, match=r"the size m is in no argument's shape.*m=\.\.\."):
        kernel("wide")(b=c)
    with pytest.raises(ShapeError, match="the size m = -1 is negative"):
        kernel("wide")(b=c, m=-1)


@pytest.mark.parametrize(("changed", "message"), [
    ({"W": np.ones((3, 4))}, r"the size d is 3 in axis 0 of W but 2 in axis 1 of X with shape"),
    ({"b": np.ones(5)}, r"the size k is 4 in axis 1 of W but 5 in axis 0 of b with shape \(5,\)"),
    ({"X": np.ones(2)}, r"X has 2 axes \(n, d\), but the array has shape \(2,\)"),
    ({"X": np.ones((3, 2, 1))}, r"X has 2 axes \(n, d\), but the array has shape \(3, 2, 1\)"),
])
def test_shapes_that_contradict_each_other(changed, message):
    with pytest.raises(ShapeError, match=message):
        dense(**changed)


@pytest.mark.parametrize(("changed", "message"), [
    ({"X": x.astype("float32")}, r"X takes float64, but the array is float32.*dtype='float32'"),
    ({"X": x.astype("float16")}, r"X takes float64, but the array is float16; convert it"),
    ({"X": x.astype(int)}, r"X takes float64, but the array is int64; convert it with .astype"),
    ({"b": np.array([True] * 4)}, r"b takes float64, but the array is bool"),
    ({"X": x.astype(object)}, "X takes real numbers, but the array holds objects"),
    ({"X": x.astype(complex)}, "X takes real numbers, but the array holds complex numbers"),
    ({"X": np.array([["a", "b"]])}, "X takes real numbers, but the array holds <U1"),
])
def test_wrong_types(changed, message):
    with pytest.raises(SymdlError, match=message):
        dense(**changed)


def test_labels_are_integers():
    with pytest.raises(SymdlError, match="y takes integers, but the array is float64"):
        kernel("rows")(W=w, y=np.zeros(3))
    assert kernel("rows")(W=w, y=np.array([1, 0], "uint8")).shape == (2, 4)


def test_plain_numbers_are_taken_as_floats():
    assert_near(dense(X=[[1, 2], [3, 4]], b=[0, 0, 0, 0]), [[3.0] * 4, [7.0] * 4])


@pytest.mark.parametrize("backend", [*BACKENDS, "numba"])
def test_arrays_of_any_layout(backend):
    rng = np.random.default_rng(0)
    data, f = rng.normal(size=(3, 2)), kernel("dense", backend)
    expected = data @ w + 1
    read_only, reversed_twice = data.copy(), np.ascontiguousarray(data[::-1])[::-1]
    read_only.flags.writeable = False
    wide = np.zeros((6, 8))
    wide[::2, ::4] = data
    raw = bytearray(b" " + data.tobytes())
    unaligned = np.frombuffer(raw, np.float64, 6, offset=1).reshape(3, 2)
    for array in (np.asfortranarray(data), data.T.copy().T, read_only, reversed_twice,
                  wide[::2, ::4], data.astype(">f8"), unaligned, data.tolist()):
        assert_near(f(X=array, W=w, b=c), expected)
    with pytest.raises(SymdlError, match="X takes float64, but the array is >f4"):
        f(X=data.astype(">f4"), W=w, b=c)


@pytest.mark.parametrize(("name", "arguments", "message"), [
    ("rows", {"W": w, "y": [0, 2]}, r"y holds the label 2, .* size d = 2: they run from 0 to 1"),
    ("rows", {"W": w, "y": [0, -1]}, r"y holds the label -1, .* they run from 0 to 1"),
    ("rows", {"W": np.ones((0, 4)), "y": [0]}, "there is nothing to choose from"),
    ("chosen", {"b": c, "y": [0, 4]}, r"y holds the label 4, .* size k = 4"),
    ("twice", {"b": c, "p": [0, 9], "y": [0]}, r"p holds the label 9, .* size k = 4"),
    ("twice", {"b": c, "p": [0, 1], "y": [2]}, r"y holds the label 2, .* size d = 2"),
    ("twice", {"b": c, "p": [0, 1], "y": [-1]}, r"y holds the label -1"),
])
@pytest.mark.parametrize("backend", BACKENDS)
def test_labels_out_of_range(backend, name, arguments, message):
    integers = {key: np.array(a) if isinstance(a, list) else a for key, a in arguments.items()}
    with pytest.raises(SymdlError, match=message):
        kernel(name, backend)(**integers)


@pytest.mark.parametrize("backend", [*BACKENDS, "numba"])
def test_computed_labels_out_of_range(backend):
    f = kernel("shifted", backend)
    data = np.arange(6.0)
    assert_near(f(y=np.array([4, 1]), u=data), [5.0, 2.0])
    for labels in ([0, 5], [-2, 0], [10**12, 0]):
        with pytest.raises(SymdlError, match="a computed label is out of range"):
            f(y=np.array(labels), u=data)


@pytest.mark.parametrize("backend", [*BACKENDS, "numba"])
def test_computed_labels_out_of_range_write_nothing(backend):
    f = kernel("counted", backend)
    assert_near(f(y=np.array([0, 5, -2, -1, 10**12]), m=2), [1.0, 1.0])


@pytest.mark.parametrize("backend", [*BACKENDS, "numba"])
def test_places_of_maxima_in_a_shorter_axis(backend):
    data = np.array([[0.0, 1.0, 9.0]])
    assert_near(kernel("best", backend)(X=data, u=np.arange(4.0)), [2.0])
    with pytest.raises(SymdlError, match="a computed label is out of range"):
        kernel("best", backend)(X=data, u=np.arange(2.0))


@pytest.mark.parametrize("backend", [*BACKENDS, "numba"])
def test_maxima_over_nothing_are_written_nowhere(backend):
    assert kernel("row_maxima", backend)(X=np.ones((3, 0))).shape == (3, 0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_window_that_does_not_fit(backend):
    f = kernel("window", backend)
    assert_near(f(u=np.arange(4.0), k=2), [1.0, 3.0, 5.0])
    with pytest.raises(ShapeError, match=r"size m \+ 1 - k is negative with k = 6, m = 4"):
        f(u=np.arange(4.0), k=6)


@pytest.mark.parametrize(("given", "message"), [
    ({"u": [[1.0, 2.0], [3.0]]}, "u can't be read as an array"),
    ({"u": np.ma.array([1.0, 2.0], mask=[True, False])}, "u is a masked array"),
    ({"y": np.array([0, 2**63], "uint64")}, "y holds 9223372036854775808, which no 64-bit"),
])
def test_what_is_no_array_of_these_numbers(given, message):
    u, y = sd.tensor("u", n), sd.tensor("y", n, integer=True)
    f = compiled(sd.sum(u * y), backend="numpy")
    assert_near(f(u=[], y=[]), 0.0)
    with pytest.raises(SymdlError, match=message):
        f(**{"u": np.ones(2), "y": np.array([1, 2]), **given})


def test_outputs_of_the_wrong_kind():
    for out, message in [
        (np.empty((3, 4), "float32"), r"an array of float64 of shape \(3, 4\) is due, not float32"),
        (np.empty((3, 5)), r"of shape \(3, 4\) is due, not float64 of shape \(3, 5\)"),
        (np.empty((4, 3)).T, "must be contiguous and writable"),
        ([np.empty((3, 4))] * 2, "is due, not list of shape"),
        (np.ones((3, 4)), "shares memory with an input"),
    ]:
        given = {"X": np.ones((3, 2)), "b": c}
        with pytest.raises(SymdlError, match=message):
            kernel("dense")(**given, W=out[:2] if "shares" in message else w, out=out)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_the_loss_does_not_depend_on_has_a_gradient_of_zeros(backend):
    f = compiled(sd.grad(sd.sum(X**2), {"X": X, "b": b}), backend=backend)
    found = f(X=x, k=4)
    assert_near(found["b"], np.zeros(4))
    assert_near(found["X"], 2 * x)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_stopped_gradient(backend):
    f = compiled(sd.grad(sd.sum(X * sd.stop_gradient(X)), X), backend=backend)
    assert_near(f(X=3 * x), 3 * x)
