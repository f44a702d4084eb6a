"""Saved kernels: they run without symdl, say what they compute, and notice what is wrong."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symdl as sd
from symdl import nn
from symdl.language.errors import SymdlError
from tests.programs import PROGRAMS
from tests.values import assert_near

n, d, k = sd.dims("n d k")


def loaded(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def regression() -> sd.Kernel:
    X, w, y = sd.tensor("X", n, d), sd.tensor("w", d), sd.tensor("y", n)
    loss = sd.sum(sd.softplus(-y * (X @ w)))
    return sd.compile(sd.value_and_grad(loss, {"w": w, "X": X}))


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    kernel = regression()
    path = kernel.save(tmp_path_factory.mktemp("saved") / "regression.py")
    return kernel, path


def test_a_saved_kernel_runs_without_symdl(saved):
    """It loads in a process that can't import symdl or SymPy, tests itself and is timed."""
    _, path = saved
    program = (
        "import sys\n"
        "sys.modules['symdl'] = sys.modules['sympy'] = None\n"
        "import runpy\n"
        f"sys.argv = [{str(path)!r}, 'n=50', 'd=7']\n"
        f"runpy.run_path({str(path)!r}, run_name='__main__')\n"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=path.parent, capture_output=True,
                         text=True, check=False)
    assert run.returncode == 0, run.stderr
    first, second = run.stdout.splitlines()
    assert first == "10 numbers as in 50 digits, 9 of 9 derivatives as by differences"
    assert second.endswith("µs a call with d = 7, n = 50")


def test_it_computes_what_the_kernel_does(saved):
    kernel, path = saved
    draw = np.random.default_rng(0)
    x, w, y = draw.normal(size=(5, 3)), draw.normal(size=3), draw.choice([-1.0, 1.0], 5)
    value, gradients = loaded(path).compute(X=x, w=w, y=y)
    margin = y * (x @ w)
    assert_near(value, np.sum(np.log1p(np.exp(-margin))))
    assert_near(gradients["w"], -(x.T @ (y / (1 + np.exp(margin)))))
    assert np.array_equal(gradients["X"], kernel(X=x, w=w, y=y)[1]["X"])


def test_it_says_what_it_computes(saved):
    _, path = saved
    said = loaded(path).__doc__
    assert "f = sum(softplus(" in said
    assert "df/dw = " in said
    assert "X : float64, shape (n, d)" in said
    assert "flops" in said


def test_arguments_are_checked(saved):
    _, path = saved
    compute = loaded(path).compute
    x, w, y = np.ones((5, 3)), np.ones(3), np.ones(5)
    with pytest.raises(ValueError, match=r"w must have shape \(d,\) = \(3,\), not \(4,\)"):
        compute(X=x, w=np.ones(4), y=y)
    with pytest.raises(TypeError, match="w takes float64, but the array is float32"):
        compute(X=x, w=w.astype("f4"), y=y)
    with pytest.raises(ValueError, match=r"w has 1 axes, but the array has shape \(3, 1\)"):
        compute(X=x, w=w[:, None], y=y)


@pytest.mark.parametrize("part", ["value", "gradient", "shape"])
def test_the_self_test_notices_what_is_wrong(saved, part):
    module = loaded(saved[1])
    right = module.compute

    def wrong(**arguments):
        value, gradients = right(**arguments)
        if part == "value":
            return value * (1 + 1e-6), gradients
        if part == "shape":
            return value, {**gradients, "w": gradients["w"][None]}
        return value, {**gradients, "w": gradients["w"] * (1 + 1e-6)}

    module.compute = wrong
    with pytest.raises(AssertionError, match="f is" if part == "value" else "df/dw is"):
        module.self_test()


def test_differences_alone_notice_a_wrong_gradient(saved):
    module = loaded(saved[1])
    right = module.compute

    def wrong(**arguments):
        value, gradients = right(**arguments)
        return value, {**gradients, "w": gradients["w"] * (1 + 1e-4)}

    with pytest.raises(AssertionError, match=r"df/dw\[0\] is .*, but differences give"):
        module._check_gradients(wrong, module.EXAMPLE, module.LABELS, module.GRADIENTS)


@pytest.mark.parametrize(("name", "dtype"), [("mlp", "float32"), ("rnn", "float64")])
def test_programs_pass_their_own_tests(tmp_path, name, dtype):
    """Products and recurrences bring along what Numba needs."""
    p = PROGRAMS[name]()
    variables = {v.name: v for v in sd.inputs(p.loss) if v.dtype == "real"}
    kernel = sd.compile(sd.value_and_grad(p.loss, variables), dtype=dtype)
    module = loaded(kernel.save(tmp_path / f"{name}.py"))
    compared = module.self_test()
    assert len(module.GRADIENTS) == len(variables)
    assert "0 of 0" not in compared
    sizes = list(module.SIZES.values())
    assert len(set(sizes)) == len(sizes)


def test_large_systems_go_to_lapack_from_the_file_too(tmp_path):
    """From 48 rows on SciPy's routines solve them; what calls them is copied into the file."""
    S, x = sd.tensor("S", n, n), sd.tensor("x", n)
    module = loaded(sd.compile(sd.solve(S, x)).save(tmp_path / "solved.py"))
    module.self_test()
    draw = np.random.default_rng(0)
    matrix, right = draw.normal(size=(60, 60)), draw.normal(size=60)
    assert_near(module.compute(S=matrix, x=right), np.linalg.solve(matrix, right), 1e-9)


def test_loose_sizes_labels_copies_and_constants(tmp_path):
    """What `Kernel.__call__` does beside the loops is in the file too."""
    x, y = sd.tensor("x", d), sd.tensor("y", n, integer=True)
    table = sd.broadcast_to(x, (k, d)) + np.array([0.5])
    kernel = sd.compile({"x": x, "table": table, "picked": [x[y], (y, sd.argmax(x))]})
    module = loaded(kernel.save(tmp_path / "several.py"))
    module.self_test()
    values, labels = np.array([1.0, 4.0, 2.0]), np.array([2, 0])
    found = module.compute(x=values, y=labels, k=2)
    assert_near(found["table"], np.array([values, values]) + 0.5)
    assert_near(found["picked"][0], [2.0, 1.0])
    assert found["picked"][1][1] == 1
    assert found["x"] is not values
    assert_near(found["x"], values)
    with pytest.raises(ValueError, match="y holds labels outside 0 to 2"):
        module.compute(x=values, y=np.array([3]), k=2)
    with pytest.raises(TypeError, match="k"):
        module.compute(x=values, y=labels)


def test_sizes_for_which_a_formula_is_not_defined(tmp_path):
    x = sd.tensor("x", n)
    module = loaded(sd.compile(x[1:] - x[:-1]).save(tmp_path / "steps.py"))
    module.self_test()
    assert_near(module.compute(x=np.array([1.0, 4.0])), [3.0])
    with pytest.raises(ValueError, match="n >= 1 is needed"):
        module.compute(x=np.ones(0))


def test_an_example_may_be_given(tmp_path):
    x = sd.tensor("x", n)
    module = loaded(sd.compile(sd.sum(x**2)).save(tmp_path / "squares.py",
                                                  example={"x": [3.0, 4.0]}))
    assert_near(module.EXPECTED[0], 25.0)
    assert module.SIZES == {"n": 2}


def test_whole_training_steps_are_compared_with_numbers(tmp_path):
    """Where an output isn't the gradient of another one, 50 digits remain."""
    x, w = sd.tensor("x", n), sd.tensor("w", n)
    gradient = sd.grad(nn.mse(sd.tanh(x * w), x), w)
    new, _ = nn.sgd({"w": w}, {"w": gradient}, learning_rate=0.1)
    module = loaded(sd.compile(new).save(tmp_path / "step.py"))
    assert module.self_test() == "3 numbers as in 50 digits, 0 of 0 derivatives as by differences"


def test_other_files_are_refused(tmp_path):
    with pytest.raises(SymdlError, match=r"such as kernel.py or kernel.c, not kernel.f90"):
        regression().save(tmp_path / "kernel.f90")
