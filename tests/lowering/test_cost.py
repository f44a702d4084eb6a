"""The memory that a cost states, against what a kernel allocates."""

from __future__ import annotations

import re

import pytest
import sympy

import symdl as sd
from symdl import nn
from symdl.lowering.cost import cost

n, d, h, k = sd.dims("n d h k")
X, y = sd.tensor("X", n, d), sd.tensor("y", n, integer=True)
W, b, V = sd.tensor("W", d, h), sd.tensor("b", h), sd.tensor("V", h, k)
A, x = sd.tensor("A", d, d), sd.tensor("x", d)
NET = nn.cross_entropy(sd.tanh(X @ W + b) @ V, y)
PROGRAMS = {
    "net": [NET, *sd.grad(NET, [W, b, V])],
    "inverse": [sd.sum(sd.inv(A) @ A)],
    "chain": [x @ A @ A @ A @ x],
    "elementwise": [sd.sum(sd.exp(x) * x)],
}
SIZES = {"n": 5, "d": 3, "h": 4, "k": 2}


@pytest.mark.parametrize("name", PROGRAMS)
def test_workspace_is_what_the_kernel_allocates_between_its_loops(name):
    roots = PROGRAMS[name]
    source = sd.compile(roots, backend="python").source
    rows = re.findall(r"\((.*), \d+, \d+\),  # w", source)
    allocated = sum(eval(row, dict(SIZES)) for row in rows)
    stated = cost(roots).workspace.subs({sympy.Symbol(a, integer=True, nonnegative=True): s
                                         for a, s in SIZES.items()})
    assert stated == allocated


def test_a_single_loop_needs_no_workspace():
    assert cost(sd.sum(sd.exp(x) * x)).workspace == 0
