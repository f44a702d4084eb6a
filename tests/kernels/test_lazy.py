"""Kernels that answer through NumPy while Numba compiles in the background."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import symdl as sd
from symdl.kernels import compiled
from symdl.kernels.background import Background
from symdl.language.errors import ShapeError, SymdlError
from tests.values import assert_near

ROOT = Path(__file__).parents[2]
n = sd.dims("n")
x = sd.tensor("x", n)
VALUE = sd.sum(sd.exp(sd.sin(x)))
POINT = np.linspace(-1, 2, 7)
TRUE = np.exp(np.sin(POINT)).sum(), np.cos(POINT) * np.exp(np.sin(POINT))


@pytest.fixture
def gate(monkeypatch):
    """Compiling waits for the gate to be opened."""
    opened = threading.Event()
    made = compiled.numba_program

    def held(*arguments):
        assert opened.wait(60)
        return made(*arguments)

    monkeypatch.setattr(compiled, "numba_program", held)
    yield opened
    opened.set()


def lazy():
    return sd.compile((VALUE, sd.grad(VALUE, x)), lazy=True)


def test_it_answers_before_it_is_compiled_and_after(gate):
    f = lazy()
    for _ in range(2):
        value, gradient = f(x=POINT)
        assert_near(value, TRUE[0])
        assert_near(gradient, TRUE[1])
        assert not f.ready()
        assert not f.wait(0)
        assert isinstance(f.program, Background)
        with pytest.raises(ShapeError):
            f(x=np.ones((2, 2)))
    gate.set()
    assert f.wait(60)
    assert f.ready()
    assert isinstance(f.program, compiled.Compiled)
    for _ in range(2):
        value, gradient = f(x=POINT)
        assert_near(value, TRUE[0])
        assert_near(gradient, TRUE[1])


def test_a_bound_kernel_switches_too(gate):
    f = lazy()
    out = np.empty(()), np.empty(7)
    step = f.bind(out=out)
    assert step(x=POINT) is out
    assert_near(out[1], TRUE[1])
    gate.set()
    f.wait(60)
    for factor in (1, 2, 3):
        assert step(x=POINT / factor) is out
        assert_near(out[0], np.exp(np.sin(POINT / factor)).sum())


def test_the_source_is_that_of_the_compiled_program():
    assert "\ndef kernel(\n    x,  # (n,)\n" in lazy().source


@pytest.mark.filterwarnings("error")
def test_an_error_in_the_background_is_said_at_the_next_call(monkeypatch):
    def broken(*arguments):
        raise RuntimeError("no compiler today")

    monkeypatch.setattr(compiled, "numba_program", broken)
    f = lazy()
    f._made.wait(60)
    for _ in range(2):
        with pytest.raises(SymdlError, match="background failed: no compiler today"):
            f(x=POINT)


def test_it_survives_pickling():
    f = pickle.loads(pickle.dumps(lazy()))
    assert f.lazy
    assert_near(f(x=POINT)[0], TRUE[0])
    assert f.wait(60)
    assert_near(f(x=POINT)[0], TRUE[0])


def test_other_backends_have_nothing_to_compile():
    with pytest.raises(SymdlError, match="lazy is for the backend numba"):
        sd.compile(VALUE, backend="numpy", lazy=True)
    assert sd.compile(VALUE, backend="numpy").ready()


def test_waiting_compiles_an_ordinary_kernel():
    f = sd.compile(VALUE * 3)
    assert not f.ready()
    assert f.wait()
    assert f.ready()
    assert_near(f(x=POINT), 3 * TRUE[0])


def test_a_program_that_is_compiled_by_running_it():
    """One of so many arrays that its main function isn't compiled."""
    many = [sd.tensor(f"y{k}", n) for k in range(130)]
    f = sd.compile([sd.sum(y**2) for y in many], lazy=True)
    points = {f"y{k}": np.full(3, float(k)) for k in range(130)}
    for _ in range(400):
        assert_near(f(**points), [3.0 * k**2 for k in range(130)])
        if f.wait(0.3):
            break
    assert f.ready()
    assert_near(f(**points), [3.0 * k**2 for k in range(130)])


def test_expressions_may_be_built_meanwhile():
    kernels = [sd.compile(sd.grad(sd.sum(sd.tanh(x * k)), x), lazy=True) for k in range(2, 6)]
    built = [sd.grad(sd.sum(sd.tanh(x * k)), x) for k in range(2, 6)]
    for k, (f, g) in enumerate(zip(kernels, built, strict=True), 2):
        assert f.roots[0] is g
        expected = k / np.cosh(k * POINT) ** 2
        assert_near(f(x=POINT), expected)
        assert f.wait(60)
        assert_near(f(x=POINT), expected)


def test_a_process_may_end_while_it_compiles():
    program = ("import numpy as np, symdl as sd\n"
               "x = sd.tensor('x', sd.dims('n'))\n"
               "f = sd.compile(sd.sum(sd.tanh(x)) * 7, lazy=True)\n"
               "assert abs(f(x=np.ones(2)) - 14 * np.tanh(1)) < 1e-12\n")
    for _ in range(3):
        run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True,
                             text=True, check=False, timeout=60)
        assert run.returncode == 0, run.stderr
