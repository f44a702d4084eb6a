"""Kernels in C: compiled where there is a compiler, called through ctypes, compared with NumPy."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symdl as sd
from symdl.claims.example import Example
from symdl.export.c.file import c_text
from symdl.export.outputs import outputs_of
from symdl.language.errors import SymdlError
from tests.kernels.cases import CASES
from tests.programs import PROGRAMS
from tests.values import assert_near

CC = shutil.which("gcc") or shutil.which("cc")
compiled = pytest.mark.skipif(CC is None, reason="no C compiler")
SIZES = {"n": 4, "m": 5, "d": 2, "k": 3, "T": 3}
STRICT = ["-std=c11", "-O1", "-Wall", "-Werror"]
n, d, k = sd.dims("n d k")


def built(path: Path, *options: str) -> Path:
    """Compile a file: a library, or with -D a program."""
    made = path.with_suffix("" if options else ".so")
    kind = list(options) or ["-fPIC", "-shared"]
    assert CC is not None
    subprocess.run([CC, *STRICT, *kind, str(path), "-o", str(made), "-lm"], check=True)
    return made


def called(path: Path, kernel: sd.Kernel, arrays: dict[str, Any], sizes: dict[str, int],
           ) -> tuple[int, list[np.ndarray]]:
    """Call the function of a compiled file."""
    function = getattr(ctypes.CDLL(str(built(path))), path.stem)
    numbers = {s: sizes[str(s)] for s in kernel.sizes}
    types = {"real": kernel.dtype, "int": "int64"}
    given = [np.ascontiguousarray(arrays[v.name], types[v.dtype]) for v in kernel.inputs]
    found = [np.full([max(f.value(numbers), 0) for f in r.shape], 7, types[r.dtype])
             for r in kernel.roots]
    pointers = [ctypes.c_void_p(a.ctypes.data) for a in (*given, *found)]
    status = function(*pointers, *(ctypes.c_int64(sizes[str(s)]) for s in kernel.sizes))
    return status, found


def written(path: Path, kernel: sd.Kernel, point: dict[str, Any], sizes: dict[str, int]) -> None:
    """The file of a kernel, with any numbers in its self-test."""
    example = Example({s: sizes[str(s)] for s in kernel.sizes},
                      {name: np.asarray(x) for name, x in point.items()},
                      tuple(np.zeros(1) for _ in kernel.roots), (1.0,) * len(kernel.roots))
    text, header = c_text(kernel, outputs_of(kernel.outputs, kernel.inputs), example, path.stem)
    path.write_text(text)
    path.with_suffix(".h").write_text(header)


@compiled
@pytest.mark.parametrize("name", [
    "logic", "function", "extremes", "places", "cumulative_product", "batched_inverse",
    "determinant", "cholesky", "sorting", "computed_labels", "convolution", "two_lags", "softmax",
    "transposed", "index_as_number"])
def test_operators_and_primitives(tmp_path, name):
    case = CASES[name]
    program = case.program()
    kernel = sd.compile(program, backend="numpy", inputs=list(sd.inputs(*program)))
    point = case.values(program, SIZES, np.random.default_rng(0))
    stated = {str(a) for v in kernel.inputs for f in v.shape for a in f.all_atoms}
    loose = {str(s): SIZES[str(s)] for s in kernel.sizes if str(s) not in stated}
    path = tmp_path / "operators.c"
    written(path, kernel, point, SIZES)
    status, found = called(path, kernel, point, SIZES)
    assert status == 0
    for mine, due in zip(found, kernel(**point, **loose), strict=True):
        assert_near(mine, due, 1e-9)


@compiled
@pytest.mark.parametrize(("name", "dtype"), [("mlp", "float32"), ("rnn", "float64")])
def test_programs_pass_their_own_tests(tmp_path, name, dtype):
    p = PROGRAMS[name]()
    variables = {v.name: v for v in sd.inputs(p.loss) if v.dtype == "real"}
    kernel = sd.compile(sd.value_and_grad(p.loss, variables), dtype)
    path = kernel.save(tmp_path / f"{name}.c")
    program = built(path, f"-D{name.upper()}_MAIN")
    run = subprocess.run([str(program)], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"\d+ numbers compared, 0 wrong\n.* µs a call\n", run.stdout)


@compiled
@pytest.mark.parametrize("change", [
    (r"2\.0\*", "1.9*"), (r"tanh\(", "sin("), (r"(due_f\[\] = \{-?)\d", r"\g<1>7")])
def test_the_self_test_notices_what_is_wrong(tmp_path, change):
    """A wrong factor, another function, another number."""
    x, w = sd.tensor("x", n), sd.tensor("w", n)
    kernel = sd.compile(sd.value_and_grad(sd.sum((sd.tanh(w) * x - 2) ** 2), {"w": w}))
    path = kernel.save(tmp_path / "squares.c")
    assert subprocess.run([str(built(path, "-DSQUARES_MAIN"))], check=False,
                          capture_output=True).returncode == 0
    text, count = re.subn(*change, path.read_text())
    assert count
    path.write_text(text)
    run = subprocess.run([str(built(path, "-DSQUARES_MAIN"))], check=False, capture_output=True,
                         text=True)
    assert run.returncode == 1
    assert "should be" in run.stdout or "is off from differences" in run.stdout


@compiled
def test_what_the_function_refuses(tmp_path):
    """Labels and sizes; a label that the program computes ends the call."""
    x, y = sd.tensor("x", n), sd.tensor("y", d, integer=True)
    kernel = sd.compile([x[1:], x[y], x[y + 1]])
    path = tmp_path / "picked.c"
    written(path, kernel, {"x": np.ones(3), "y": np.zeros(2, int)}, {"n": 3, "d": 2})
    point = {"x": np.array([1.0, 2.0, 4.0]), "y": np.array([0, 1])}
    status, found = called(path, kernel, point, {"n": 3, "d": 2})
    assert status == 0
    assert_near(found[1], [1.0, 2.0])
    assert_near(found[2], [2.0, 4.0])
    assert called(path, kernel, {**point, "y": np.array([0, 3])}, {"n": 3, "d": 2})[0] == 1
    assert called(path, kernel, {**point, "y": np.array([0, -1])}, {"n": 3, "d": 2})[0] == 1
    assert called(path, kernel, {"x": np.ones(0), "y": np.zeros(0)}, {"n": 0, "d": 0})[0] == 3


@compiled
def test_any_name_will_do(tmp_path):
    """Inputs and sizes may be called what C calls things."""
    names = ["double", "gamma", "y0", "fabs", "free", "restrict", "i", "memory", "next", "kept0",
             "result", "escape", "inside", "out0", "expf", "kernel"]
    length = sd.dims("register")
    inputs = [sd.tensor(name, length) for name in names]
    total = sum(inputs[1:], inputs[0])
    kernel = sd.compile([sd.tanh(total), sd.sum(total), sd.sum(total) * abs(total)])
    arrays = {name: np.full(3, 0.1 * at) for at, name in enumerate(names)}
    path = tmp_path / "names.c"
    written(path, kernel, arrays, {"register": 3})
    status, found = called(path, kernel, arrays, {"register": 3})
    assert status == 0
    assert_near(found[0], np.tanh(sum(arrays.values())))


@compiled
def test_nothing_and_empty_arrays(tmp_path):
    X, W = sd.tensor("X", n, d), sd.tensor("W", d, k)
    kernel = sd.compile([sd.sum(X @ W), X @ W, sd.exp(X)])
    path = tmp_path / "empty.c"
    written(path, kernel, {"X": np.ones((2, 2)), "W": np.ones((2, 2))}, {"n": 2, "d": 2, "k": 2})
    status, found = called(path, kernel, {"X": np.ones((2, 0)), "W": np.ones((0, 3))},
                           {"n": 2, "d": 0, "k": 3})
    assert status == 0
    assert found[0] == 0
    assert_near(found[1], np.zeros((2, 3)))


def test_the_file_says_how_it_is_compiled_and_what_it_computes(tmp_path):
    X, w = sd.tensor("X", n, d), sd.tensor("w", d)
    path = sd.compile({"f": sd.sum(sd.tanh(X @ w))}).save(tmp_path / "net.c")
    text, header = path.read_text(), path.with_suffix(".h").read_text()
    assert "cc -std=c11 -O3 -march=native -fno-math-errno -fPIC -shared net.c -o libnet.so" in text
    assert "f = sum(tanh(X @ w))" in text
    assert "/* w0[i] = sum_j " in text
    assert "int net(const double *X, const double *w, double *f, int64_t d, int64_t n);" in header
    assert "X: (n, d)" in header
    assert max(map(len, text.splitlines())) <= 110


def test_matrix_functions_that_have_no_translation_are_named(tmp_path):
    S = sd.tensor("S", n, n)
    with pytest.raises(SymdlError, match=r"can't be saved as C: eigh has no equal in C; save it "
                                         r"as Python, spectrum\.py"):
        sd.compile(sd.eigvalsh(S)).save(tmp_path / "spectrum.c", example={"S": np.eye(2)})


def test_file_names_that_are_no_names(tmp_path):
    x = sd.tensor("x", n)
    for name in ("1st.c", "double.c", "a-b.c"):
        with pytest.raises(SymdlError, match="is no name in C; choose another file name"):
            sd.compile(sd.sum(x)).save(tmp_path / name)
