"""What a kernel says of itself, counted against its source and against hand-made counts."""

from __future__ import annotations

import symdl as sd
from symdl import nn
from tests.programs import PROGRAMS

n, d, k = sd.dims("n d k")
X, W, y = sd.tensor("X", n, d), sd.tensor("W", d, k), sd.tensor("y", n, integer=True)


def test_softmax_regression():
    loss = nn.cross_entropy(X @ W, y, reduction="sum")
    kernel = sd.compile(sd.value_and_grad(loss, {"W": W}), backend="python")
    found = kernel.explain()
    assert (found.count("loop"), found.count("product")) == (1, 2)
    assert kernel.source.count("gemm(n, k, d") + kernel.source.count("gemm(d, k, n") == 2
    text = str(found)
    assert text.startswith("passes: 1 loop, 2 products\n  product: w0(n, k) = X @ W\n")
    assert "product: df_dW(d, k) = X.T @ " in text
    assert "exponentials shifted by their maximum" in found.choices
    assert len(found.choices["fused into one loop"]) == 1
    assert "flops: 4*d*k*n" in text


def test_each_choice_names_what_it_is_about():
    table, x = sd.tensor("E", k), sd.tensor("x", n)
    scatter = sd.grad(sd.sum(table[y] * x), table)
    scan = sd.cumsum(sd.sin(x))
    found = sd.compile({"G": scatter, "C": scan}, backend="python").explain()
    assert found.choices["added up at computed places"] == ("G",)
    assert found.choices["running sums and products in one pass"] == ("C",)
    assert "exponentials shifted by their maximum" not in found.choices


def test_what_is_read_in_place():
    i, j = sd.indices("i j", n, d)
    V = sd.define("V", (i, j), X[i, j])
    T = sd.define("T", (j, i), V[i, j])
    found = sd.compile({"S": sd.sin(T)}, backend="python").explain()
    assert found.choices["read in place, computed where they are used"] == ("T",)


def test_passes_inside_recurrences():
    p = PROGRAMS["rnn"]()
    found = sd.compile(p.loss, backend="python").explain()
    (recurrence,) = (x for x in found.passes if x.kind == "recurrence")
    assert recurrence.text == "over T steps"
    assert [x.kind for x in recurrence.inside].count("product") == 1
    assert found.count("product") == 2


def test_primitives_and_numbers_of_bytes():
    S = sd.tensor("S", n, n)
    kernel = sd.compile(sd.inv(S), backend="python")
    text = str(kernel.explain())
    assert "primitive: out0(n, n) = inv(S)" in text
    assert "bytes: 16*n**2" in text
    assert "workspace: 0 bytes" in text
