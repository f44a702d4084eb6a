"""Source for a reader: the formula's names, equations that are true, and the same numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import symdl as sd
from symdl import nn
from symdl.kernels.cache import executed
from symdl.kernels.readable import readable
from tests.kernels.cases import CASES
from tests.programs import PROGRAMS
from tests.values import assert_near

n, d, h, k = sd.dims("n d h k")
SIZES = {"n": 4, "m": 5, "d": 2, "k": 3, "T": 3}


def network() -> sd.Kernel:
    i, u = sd.indices("i u", n, h)
    X, W, b = sd.tensor("X", n, d), sd.tensor("W", d, h), sd.tensor("b", h)
    A = sd.define("A", (i, u), nn.dense(X, W, b)[i, u])
    H = sd.define("H", (i, u), sd.tanh(A[i, u]))
    return sd.compile(sd.value_and_grad(sd.sum(H**2), {"W": W, "b": b}))


def run(kernel: sd.Kernel, /, **arguments: Any) -> Any:
    """Call a kernel of the python backend with the text that is read."""
    source = readable(kernel, compiled=False)
    kernel.__dict__["_made"] = replace(
        kernel.program, source=source, module=executed(source.text, "readable", "<readable>"))
    return kernel(**arguments)


def test_names_and_equations_are_those_of_the_formula():
    source = network().source
    for line in (
        "W,  # (d, h)",
        "df_dW,  # (d, h)",
        "A_ij = ",
        "H_ij = tanh(A_ij)",
        "# H[i,j] = tanh(A[i,j])",
        "# df_dW[i,j] = sum_l X[l,i]*",
        "gemm(n, h, d, False, False, X, 0, W, 0, ",
    ):
        assert line in source, line


def test_lines_of_the_kernel_are_short():
    """Its own lines and comments; decorators and long expressions aside."""
    body = network().source.split("def kernel(")[1]
    assert max(map(len, body.splitlines())) <= 100


@pytest.mark.parametrize("name", CASES)
def test_what_is_read_computes_the_same(name):
    case = CASES[name]
    program = case.program()
    values = case.values(program, SIZES, np.random.default_rng(0))
    numbers = {str(s): SIZES[str(s)] for s in sd.compile(program, backend="numpy").sizes}
    kernel = sd.compile(program, backend="python", inputs=list(sd.inputs(*program)))
    stated = {s for v in kernel.inputs for f in v.shape for s in map(str, f.all_atoms)}
    sizes = {s: x for s, x in numbers.items() if s not in stated}
    expected = kernel(**values, **sizes)
    for found, due in zip(run(kernel, **values, **sizes), expected, strict=True):
        assert np.array_equal(found, due, equal_nan=True)


def test_recurrences_and_gradients_in_some_inputs():
    p = PROGRAMS["rnn"]()
    some = {name: p.wrt[name] for name in ("W", "U")}
    source = sd.compile(sd.value_and_grad(p.loss, some), backend="python").source
    assert re.search(r"# (\w+)\[t0,i,j\] = tanh\(.*\n +for i in", source)
    assert re.search(r"# \w+\[t0,i,j\] = \[t0 >= 1\]\*h_?\w*\[t0-1,i,j\]", source)
    assert "df_dU,  # (h, h)" in source


def test_scatters_are_written_as_additions():
    x, y = sd.tensor("x", n), sd.tensor("y", n, integer=True)
    table = sd.tensor("E", k)
    source = sd.compile(sd.grad(sd.sum(table[y] * x), table), backend="python").source
    assert "# out0[y[i]] += [y[i] >= 0 and y[i] < k]*x[i]" in source


@pytest.mark.parametrize("name", ["i", "j", "A_ij", "v1", "l", "kernel"])
def test_inputs_may_be_called_what_loops_are(name):
    x, W = sd.tensor(name, n, d), sd.tensor("W", d, d)
    kernel = sd.compile([sd.tanh(x @ W), sd.sum(x, axis=0)], backend="python")
    arrays = {name: np.arange(6.0).reshape(3, 2), "W": np.eye(2)}
    found = run(kernel, **arrays)
    assert_near(found[0], np.tanh(arrays[name]))
    assert_near(found[1], [6.0, 9.0])


def equation_holds(line: str, arrays: dict[str, Any]) -> bool:
    """Whether an equation `C[i,j] = sum_l A[i,l]*B[l,j]` is true of arrays."""
    found = re.fullmatch(r"# (\w+)\[i,j\] = sum_l (\w+)\[(.),(.)\]\*(\w+)\[(.),(.)\]", line)
    assert found, line
    out, a, a0, a1, b, b0, b1 = found.groups()
    value = np.einsum(f"{a0}{a1},{b0}{b1}->ij", arrays[a], arrays[b])
    return bool(np.allclose(value, arrays[out]))


def test_the_equation_of_a_product_is_true():
    """With transposes and exchanged factors; a wrong one would be noticed."""
    A, B = sd.tensor("A", n, d), sd.tensor("B", d, h)
    draw = np.random.default_rng(0)
    arrays = {"A": draw.normal(size=(3, 2)), "B": draw.normal(size=(2, 4))}
    arrays |= {"P": arrays["A"] @ arrays["B"], "Q": arrays["A"].T @ arrays["A"]}
    lines = []
    for name, product in {"P": A @ B, "Q": A.T @ A}.items():
        source = sd.compile({name: product}, backend="python").source
        lines += [x.strip() for x in source.splitlines() if x.strip().startswith(f"# {name}[i,j]")]
    assert len(lines) == 2
    assert all(equation_holds(line, arrays) for line in lines)
    assert not equation_holds("# P[i,j] = sum_l A[i,l]*A[j,l]", arrays | {"P": arrays["P"][:, :3]})
