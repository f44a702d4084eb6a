"""What calls cost, and that the short ways say and compute what the long one does."""

from __future__ import annotations

import threading
import tracemalloc

import numpy as np
import pytest
from numba import njit
from numba.core.runtime import _nrt_python, rtsys

import symdl as sd
from symdl.language.errors import SymdlError
from tests.values import assert_near

n, d, k = sd.dims("n d k")
X, W, b = sd.tensor("X", n, d), sd.tensor("W", d, k), sd.tensor("b", k)
rate, y = sd.tensor("rate"), sd.tensor("y", n, integer=True)
Z = sd.tanh(X @ W + b)
LOSS = sd.mean(sd.cross_entropy(Z, y)) * rate
r = np.random.default_rng(0)
DATA = {"X": r.normal(size=(5, 3)), "W": r.normal(size=(3, 4)), "b": r.normal(size=4),
        "y": np.array([0, 3, 1, 2, 2]), "rate": 0.5}
PARAMETERS = {name: DATA[name] for name in ("W", "b")}


def expected(X, W, b, y, rate):
    """The loss and its gradients in W and b, by the textbook's formulas."""
    z = np.tanh(X @ W + b)
    p = np.exp(z - z.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    rows = np.arange(len(y))
    loss = -np.log(p[rows, y]).mean() * rate
    p[rows, y] -= 1
    delta = p * (1 - z**2) * rate / len(y)
    return loss, X.T @ delta, delta.sum(0)


@pytest.fixture(scope="module")
def kernel():
    made = sd.compile((LOSS, sd.grad(LOSS, {"W": W, "b": b})))
    made(**DATA)
    return made


def assert_right(found, data):
    loss, w, bias = expected(**data)
    assert_near(found[0], loss)
    assert_near(found[1]["W"], w)
    assert_near(found[1]["b"], bias)


def out_for(data):
    return np.empty(()), {"W": np.empty_like(data["W"]), "b": np.empty_like(data["b"])}


def first(rows):
    return {**DATA, "X": DATA["X"][:rows], "y": DATA["y"][:rows]}


VARIANTS = {
    "the same": DATA,
    "fewer rows": first(2),
    "a number as an array": {**DATA, "rate": np.array(0.25)},
    "a number of NumPy's": {**DATA, "rate": np.float64(0.25)},
    "a whole number": {**DATA, "rate": 2},
    "columns first": {**DATA, "X": np.asfortranarray(DATA["X"])},
    "every second row": {**DATA, "X": np.repeat(DATA["X"], 2, 0)[::2]},
    "lists": {**DATA, "y": DATA["y"].tolist(), "b": DATA["b"].tolist()},
    "short labels": {**DATA, "y": DATA["y"].astype(np.int8)},
}
"""Arguments that mean something; some are to be converted."""

MISTAKES = {
    "a shape": ({"b": np.ones(3)}, "the size k is 4 in axis 1 of W but 3 in axis 0 of b"),
    "a rank": ({"b": np.ones((4, 1))}, "b"),
    "a type": ({"X": DATA["X"].astype("f4")}, "X takes float64, but the array is float32"),
    "a number's type": ({"rate": np.float32(1)}, "rate takes float64"),
    "a number's rank": ({"rate": np.ones(1)}, "rate"),
    "a label": ({"y": np.array([0, 1, 2, 3, 4])}, "y holds the label 4"),
    "a negative label": ({"y": np.array([0, 1, 2, 3, -1])}, "y holds the label -1"),
    "a name": ({"Q": 1.0}, "no argument Q"),
}
"""What is wrong with a call, and what is said."""


@pytest.mark.parametrize("name", VARIANTS)
def test_a_later_call_computes_what_a_first_one_does(kernel, name):
    data = VARIANTS[name]
    numbers = {key: np.asarray(x) for key, x in data.items()}
    for _ in range(2):
        assert_right(kernel(**data), numbers)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_later_call_says_what_is_wrong(kernel, name):
    change, message = MISTAKES[name]
    with pytest.raises(SymdlError, match=message):
        kernel(**{**DATA, **change})
    assert_right(kernel(**DATA), DATA)


def bound_to(kernel, free):
    fixed = {name: x for name, x in DATA.items() if name not in free}
    out = out_for(DATA)
    step = kernel.bind(fixed, out=out)
    assert step(**{name: DATA[name] for name in free}) is out
    assert_right(out, DATA)
    return step, out


FREE = [("X",), ("X", "y"), ("rate",), ("X", "rate", "y"), ("W", "b"), tuple(DATA), ()]


@pytest.mark.parametrize("free", FREE)
def test_what_is_bound_can_be_chosen(kernel, free):
    step, out = bound_to(kernel, free)
    new = {name: DATA[name] * 0.5 if name != "y" else DATA[name][::-1].copy() for name in free}
    assert step(**new) is out
    assert_right(out, {**DATA, **new})
    assert step(*(new[name] for name in sorted(free))) is out
    assert_right(out, {**DATA, **new})


@pytest.mark.parametrize("name", VARIANTS)
def test_a_bound_kernel_takes_what_the_kernel_takes(kernel, name):
    data = VARIANTS[name]
    free = ("X", "rate", "y")
    step, out = bound_to(kernel, free)
    for _ in range(2):
        assert step(**{name: data[name] for name in free}) is out
        assert_right(out, {key: np.asarray(x) for key, x in data.items()})


@pytest.mark.parametrize("name", MISTAKES)
def test_a_bound_kernel_says_what_is_wrong(kernel, name):
    change, message = MISTAKES[name]
    step, out = bound_to(kernel, ("X", "rate", "y", "b"))
    given = {name: DATA[name] for name in ("X", "rate", "y", "b")}
    with pytest.raises(SymdlError, match=message):
        step(**{**given, **change})
    step(**given)
    assert_right(out, DATA)


def test_what_is_written_into_bound_arrays_counts(kernel):
    fixed = {name: np.copy(x) for name, x in DATA.items() if name != "X"}
    out = out_for(DATA)
    step = kernel.bind(fixed, out=out)
    step(X=DATA["X"])
    for array in fixed.values():
        array += 1 if array.dtype.kind == "f" else -np.sign(array)
    step(X=DATA["X"])
    assert_right(out, {**fixed, "X": DATA["X"]})


@pytest.mark.parametrize("change", [np.asfortranarray, list])
def test_bound_arrays_that_are_converted_may_change_too(kernel, change):
    weights = change(DATA["W"].copy())
    out = out_for(DATA)
    step = kernel.bind({name: x for name, x in {**DATA, "W": weights}.items() if name != "X"},
                       out=out)
    step(X=DATA["X"])
    weights[1] = np.ones(4)
    for _ in range(2):
        step(X=DATA["X"])
        assert_right(out, {**DATA, "W": np.asarray(weights)})


def test_a_bound_array_cannot_be_resized(kernel):
    fixed = {name: np.copy(x) for name, x in DATA.items() if name != "X"}
    step = kernel.bind(fixed, out=out_for(DATA))
    step(X=DATA["X"])
    with pytest.raises(ValueError, match="resize"):
        fixed["W"].resize((30, 40), refcheck=False)


def test_an_array_that_was_bound_is_not_the_name(kernel):
    """Names in the dict may come to stand for other arrays; the kernel keeps those it got."""
    fixed = {name: x for name, x in DATA.items() if name != "X"}
    out = out_for(DATA)
    tree = [*out]
    step = kernel.bind(fixed, out=out)
    fixed["W"] = np.zeros((3, 4))
    step(X=DATA["X"])
    assert_right(tree, DATA)


def test_a_bound_kernel_in_several_threads(kernel):
    step = kernel.bind({name: x for name, x in DATA.items() if name not in ("X", "y")})
    batches = [(r.normal(size=(rows, 3)), r.integers(0, 4, rows)) for rows in (1, 2, 5, 40)] * 2
    wrong = []

    def work(x, labels):
        for _ in range(200):
            found = step(X=x, y=labels)
            if not np.allclose(found[1]["W"], expected(**{**DATA, "X": x, "y": labels})[1]):
                wrong.append(len(x))

    threads = [threading.Thread(target=work, args=batch) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_memory_of_outputs_is_not_shared(kernel):
    out = out_for(DATA)
    for name in ("W", "b"):
        with pytest.raises(SymdlError, match="an output shares memory with an input"):
            kernel(**{**DATA, name: out[1][name]}, out=out)
    step, out = bound_to(kernel, ("W", "X"))
    with pytest.raises(SymdlError, match="an output shares memory with an input"):
        step(W=out[1]["W"], X=DATA["X"])
    both = np.empty(30)
    with pytest.raises(SymdlError, match="two outputs share memory"):
        kernel(**DATA, out=(np.empty(()), {"W": both[:12].reshape(3, 4), "b": both[11:15]}))
    apart = np.empty(30)
    found = np.empty(()), {"W": apart[:12].reshape(3, 4), "b": apart[12:16]}
    step = kernel.bind({name: x for name, x in DATA.items() if name != "X"}, out=found)
    beside = apart[15:30].reshape(5, 3)
    with pytest.raises(SymdlError, match="an output shares memory with an input"):
        step(X=beside)


@pytest.fixture
def counted():
    """Numba counts its allocations meanwhile."""
    _nrt_python.memsys_enable_stats()
    yield
    _nrt_python.memsys_disable_stats()


@njit
def idle(*arrays):
    """Take arrays and do nothing: Numba makes a header for each."""


def allocations(call):
    before = rtsys.get_allocation_stats().alloc
    call()
    return rtsys.get_allocation_stats().alloc - before


def peak(call):
    """The bytes that Python and NumPy allocate at once during a call."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.usefixtures("counted")
def test_with_outputs_a_call_allocates_nothing(kernel):
    rows = 5000
    data = {**DATA, "X": r.normal(size=(rows, 3)), "y": r.integers(0, 4, rows),
            "rate": np.array(0.5)}
    out = out_for(data)
    step = kernel.bind({name: x for name, x in data.items() if name != "X"}, out=out)

    def named():
        kernel(**data, out=out)

    def bound():
        step(X=data["X"])

    for call, arrays in ((bound, 2), (named, 9)):
        call()
        assert allocations(call) == allocations(lambda n=arrays: idle(*[data["b"]] * n))
        assert peak(call) < 8 * rows
    assert peak(lambda: kernel(**{**data, "X": data["X"][::-1]}, out=out)) > 8 * rows  # a copy
    assert allocations(lambda: doubled(data["b"])) > allocations(lambda: idle(data["b"]))


@njit
def doubled(array):
    """Return a new array."""
    return array + array


def test_the_workspace_is_used_again_and_released_on_demand(kernel):
    kernel.release()
    kernel(**DATA)
    blocks = kernel.program.blocks
    (_, block), = blocks.kept
    kernel(**first(2))
    assert blocks.kept[0][1] is block
    kernel.release()
    assert not blocks.kept
    assert_right(kernel(**DATA), DATA)
