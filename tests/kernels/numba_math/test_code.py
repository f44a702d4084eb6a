"""What the scalar functions become: vectorised loops, under any flags, from text alone."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

import symdl.kernels.numba_math as package
from symdl.kernels.numba_math import HOMES
from symdl.kernels.scalar_code import all_helpers

FOLDER = Path(package.__file__).parent
VECTOR = numba.float64[::1]
ORDER = ("format", "values", "operations", "function", "library", "coefficients", "exponentials",
         "logarithms", "circular", "error_function", "powers", "pieces")


BINARY = ("pow_", "_logaddexp", "_max", "_min", "_plus", "_times")
INSTRUCTIONS = tuple(f"llvm.{name}." for name in (
    "fma", "fabs", "copysign", "sqrt", "floor", "ceil", "maximum", "minimum"))


def looped(function, name="", **options):
    """A function over vectors, compiled for float64."""

    @numba.njit(error_model="numpy", **options)
    def unary(x, out):
        for i in range(x.size):
            out[i] = function(x[i])

    @numba.njit(error_model="numpy", **options)
    def binary(x, out):
        for i in range(x.size):
            out[i] = function(x[i], 0.5)

    made = binary if (name or function._name) in BINARY else unary
    made.compile((VECTOR, VECTOR))
    return made


def called(name):
    return getattr(importlib.import_module(HOMES[name]), name)


def outside(made):
    """What a compiled loop calls that isn't an instruction, or None if it isn't vectorised."""
    text = made.inspect_llvm(made.signatures[0])
    if not re.search(r"store <\d+ x double>", text):
        return None
    names = set(re.findall(r"call [^@]*double[^@]*@([\w.]+)", text))
    return {n for n in names if not n.startswith(INSTRUCTIONS)}


@pytest.mark.parametrize("name", HOMES)
def test_loops_are_vectorised(name):
    found = outside(looped(called(name)))
    assert found is not None
    if name in ("sin", "cos", "tan"):  # in versions for vectors
        assert any(re.fullmatch(rf"symdl_far_{name}_float64_\d+", n) for n in found)
        found = {n for n in found if n != name and not n.startswith("symdl_far_")}
    assert not found


def test_a_loop_that_calls_the_library_is_noticed():
    log = numba.njit(lambda x: np.log(x))
    assert outside(looped(log, name="log"))


@pytest.mark.parametrize("name", ["log1p", "expm1", "tanh", "pow_", "sin"])
def test_fast_math_of_the_caller_stays_outside(name):
    x = np.concatenate([np.geomspace(1e-300, 0.9, 500), [0.0, np.inf, np.nan]])
    plain, fast = np.empty_like(x), np.empty_like(x)
    looped(called(name))(x, plain)
    looped(called(name), fastmath=True)(x, fast)
    assert np.array_equal(plain, fast, equal_nan=True)


def test_sums_may_be_reordered():
    plus = called("_plus")

    @numba.njit(error_model="numpy")
    def total(x):
        out = 0.0
        for i in range(x.size):
            out = plus(out, x[i])
        return out

    total.compile((VECTOR,))
    assert re.search(r"fadd .*<\d+ x double>", total.inspect_llvm(total.signatures[0]))
    assert total(np.arange(100.0)) == 4950


def test_the_type_of_the_numbers_decides():
    exp = called("exp")
    f = numba.njit(lambda x: exp(x))
    assert isinstance(f(np.float32(1)), float)
    assert f.nopython_signatures[-1].return_type == numba.float32
    assert f(1) == pytest.approx(np.e)
    assert f.nopython_signatures[-1].return_type == numba.float64
    with pytest.raises(numba.TypingError):
        f("1")


def test_every_function_stands_for_a_helper():
    assert set(HOMES) <= all_helpers()
    assert {path.stem for path in FOLDER.glob("*.py")} == {*ORDER, "__init__"}


def test_the_text_is_enough_by_itself(tmp_path, monkeypatch):
    text, names = "from __future__ import annotations\n", []
    for module in ORDER:
        tree = ast.parse((FOLDER / f"{module}.py").read_text())
        tree.body = [node for node in tree.body if not isinstance(node, ast.ImportFrom)
                     or not str(node.module).startswith(("symdl", "__future__"))]
        names += [node.name for node in tree.body if hasattr(node, "name")]
        text += ast.unparse(tree) + "\n"
    assert len(names) == len(set(names))
    file = tmp_path / "saved.py"
    file.write_text(text)
    spec = importlib.util.spec_from_file_location("saved", file)
    monkeypatch.setitem(sys.modules, "saved", importlib.util.module_from_spec(spec))
    with monkeypatch.context() as without:
        for name in [n for n in sys.modules if n.partition(".")[0] == "symdl"]:
            without.setitem(sys.modules, name, None)
        spec.loader.exec_module(sys.modules["saved"])
    x, out, expected = np.linspace(-3, 3, 50), np.empty(50), np.empty(50)
    looped(sys.modules["saved"].erf)(x, out)
    looped(called("erf"))(x, expected)
    assert np.array_equal(out, expected)
