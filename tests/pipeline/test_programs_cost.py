"""What the hard programs cost: gradients against values, loops against counts, depth, names."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy

import symdl as sd
from symdl.language.bridge.sizes import form_to_sympy
from symdl.lowering.cost import cost
from tests.programs import PROGRAMS

SIZES = {"kh": 3, "kw": 3, "h": 17, "w": 14, "m": 2}
SHAPES = ["mlp", "cnn", "transposed_conv", "lstm", "rnn", "embedding", "attention",
          "gaussian_nll", "gmm", "logistic_bn"]


def entries(tensors: Any) -> sympy.Expr:
    return sympy.Add(*(sympy.Mul(*map(form_to_sympy, t.shape)) for t in tensors))


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_a_gradient_costs_at_most_five_values(name):
    loss, wrt, _ = PROGRAMS[name]()
    gradients = list(sd.grad(loss, wrt).values())
    inputs = sd.compile(loss, backend="python").inputs
    slack = entries([*gradients, *inputs])
    value, both = cost(loss).flops, cost([loss, *gradients]).flops
    symbols = value.free_symbols | both.free_symbols | slack.free_symbols
    for seed in range(5):
        g = np.random.default_rng(seed)
        at = {s: SIZES.get(str(s), 0) + int(g.integers(8, 40)) for s in symbols}
        if name == "cnn":
            at |= {s: 3 for s in symbols if str(s) in ("kh", "kw")}
        assert both.subs(at) <= 5 * value.subs(at) + slack.subs(at)


def lines_run(kernel: Any, arrays: dict[str, np.ndarray], sizes: dict[str, int]) -> int:
    """How many lines of the generated loops run in one call."""
    count = 0
    names = {"kernel", *re.findall(r"def (_loop\d+)", kernel.source)}

    def trace(frame: Any, event: str, argument: Any) -> Any:
        nonlocal count
        if frame.f_code.co_name not in names:
            return None
        count += event == "line"
        return trace

    kernel(**arrays, **sizes)
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        kernel(**arrays, **sizes)
    finally:
        sys.settrace(before)
    return count


def drawn(kernel: Any, sizes: dict[str, int]) -> dict[str, np.ndarray]:
    g = np.random.default_rng(0)
    found = {}
    for v in kernel.inputs:
        shape = tuple(int(form_to_sympy(s).subs(
            {q: sizes[str(q)] for q in form_to_sympy(s).free_symbols})) for s in v.shape)
        found[v.name] = (np.zeros(shape, np.int64) if v.dtype == "int"
                         else 0.1 + g.random(shape))
    return found


@pytest.mark.parametrize("name", SHAPES)
def test_loops_grow_with_each_size_as_the_count_says(name):
    """A delta left as a masked sum would grow faster than the count."""
    loss, wrt, shapeless = PROGRAMS[name]()
    outputs = [loss, *sd.grad(loss, wrt).values()]
    kernel = sd.compile(outputs, backend="python")
    total = cost(outputs)
    count = total.flops + total.bytes / 8
    names = [str(d) for d in kernel.sizes]
    base = {d: {"kh": 2, "kw": 2, "h": 7, "w": 7, "T": 4}.get(d, 3) for d in names}
    if name != "cnn":
        base |= {d: 4 for d in names if d in ("h", "w")}

    def work(sizes: dict[str, int]) -> tuple[int, float]:
        given = {d: sizes[d] for d in shapeless}
        at = {s: sizes[str(s)] for s in count.free_symbols}
        return lines_run(kernel, drawn(kernel, sizes), given), float(count.subs(at))

    lines, counted = work(base)
    for d in names:
        more = {**base, d: 2 * base[d] + (d in ("h", "w") and name == "cnn")}
        if name == "cnn" and d in ("kh", "kw"):
            continue  # a larger kernel leaves fewer places: counted, but not as a power
        lines_more, counted_more = work(more)
        assert lines_more / lines <= 1.5 * counted_more / counted, d


def residual(depth: int) -> tuple[Any, list[Any]]:
    n, w = sd.dims("n w")
    h = sd.tensor("X", n, w)
    parameters = [h]
    for layer in range(depth):
        W, b = sd.tensor(f"W{layer}", w, w), sd.tensor(f"b{layer}", w)
        h = h + sd.tanh(h @ W + b)
        parameters += [W, b]
    return sd.sum(h**2), parameters


def test_fifty_layers_are_derived_within_a_second_and_share_their_code():
    loss, parameters = residual(50)
    start = time.process_time()
    gradients = sd.grad(loss, parameters)
    assert time.process_time() - start < 1
    source = sd.compile([loss, *gradients], backend="python").source
    assert source.count("\n") < 2000
    assert len(re.findall(r"def _loop", source)) < 12


def test_derivation_time_grows_linearly_with_depth():
    def seconds(depth: int) -> float:
        loss, parameters = residual(depth)
        start = time.process_time()
        sd.grad(loss, parameters)
        return time.process_time() - start

    seconds(2)
    short = min(seconds(depth) / depth for depth in (41, 42, 43))
    long = min(seconds(depth) / depth for depth in (161, 162, 163))
    assert long < 2.5 * short


def test_no_layer_has_a_name_below_the_layers():
    root = Path(sd.__file__).parent
    words = re.compile(r"\b(conv(olution|2d)?|lstm|rnn|attention|embedding|batch_norm|layer_norm|"
                       r"max_pool\w*|dense|cross_entropy)\b", re.IGNORECASE)
    for folder in ("calculus", "lowering", "kernels"):
        for path in (root / folder).glob("*.py"):
            assert not words.search(path.read_text(encoding="utf-8")), path


def loops(outputs: list[Any]) -> list[str]:
    """The lines of a kernel's loops, without numbers, names and the order of operands."""
    source = sd.compile(outputs, backend="python").source
    start = min(source.find(f"def {name}") % len(source) for name in ("_loop0", "kernel"))
    lines = source[start:source.index("def workspace")].split("\n")
    code = [line for line in lines if line.strip() and "#" not in line and "def " not in line]
    keywords = {"for", "in", "range", "min", "max", "if", "else", "and"}
    words = [re.findall(r"\w+|\S", line) for line in code]
    return sorted(" ".join(sorted(w if w in keywords or not w.isidentifier() else "_"
                                  for w in line)) for line in words)


def test_a_renamed_convolution_by_hand_has_the_loops_of_conv2d():
    n, c, h, w, o, kh, kw = sd.dims("n c h w o kh kw")
    X, K = sd.tensor("X", n, c, h, w), sd.tensor("K", o, c, kh, kw)
    layer = sd.sum(sd.nn.conv2d(X, K, stride=2) ** 2)
    a, b, e, f, g, p, q = sd.dims("a b e f g p q")
    A, F = sd.tensor("A", a, b, e, f), sd.tensor("F", g, b, p, q)
    s, t, y, x, u, i, j = sd.indices("s t y x u i j", a, g, (e - p) // 2 + 1, (f - q) // 2 + 1,
                                     b, p, q)
    by_hand = sd.define("G", (s, t, y, x), sd.sum(
        F[t, u, i, j] * A[s, u, i + 2 * y, j + 2 * x], (j, u, i)))
    other = sd.sum(by_hand**2)
    hand = loops([other, *sd.grad(other, [A, F])])
    assert sum("for" in line.split() for line in hand) > 10
    assert loops([layer, *sd.grad(layer, [X, K])]) == hand
    assert loops([layer, *sd.grad(layer, [X])]) != hand
