"""Golden forms: printed literally, renamed, permuted, batched, and true."""

from __future__ import annotations

import re
from functools import reduce

import numpy as np
import pytest

import symdl as sd
from symdl.display.errors import NotationError
from symdl.language.rebuild import rewired
from symdl.language.sizes import variables_of
from symdl.language.tensor import Variable
from tests.display.golden import GOLDEN
from tests.display.index_text import Reader
from tests.display.numpy_text import evaluate
from tests.display.points import point, sizes_of, value


def in_order(*terms):
    return reduce(lambda a, b: a + b, terms)


def reversed_(*terms):
    return in_order(*terms[::-1])


def printed_value(text, notation, inputs, sizes, shape):
    if notation == "index":
        return Reader(text, inputs, sizes, shape).value()
    return np.asarray(evaluate(text, {**sizes, **inputs}))


def require_true(text, notation, t):
    """The printed text has the derivative's value at a random point."""
    rng = np.random.default_rng(3)
    sizes = sizes_of([t], rng, n=3, m=2, d=4, k=2, h=3) | {
        str(s): 4 for s in ("h", "w") if notation == "index"}
    inputs = point([t], sizes, rng)
    expected = value(t, inputs, sizes)
    found = printed_value(text, notation, inputs, sizes, expected.shape)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-8)


def test_there_are_at_least_forty_and_each_has_a_source():
    assert len(GOLDEN) >= 40
    assert all(g.source for g in GOLDEN.values())


@pytest.mark.parametrize("name", GOLDEN)
def test_a_golden_form_is_printed_literally_and_its_text_is_true(name):
    g = GOLDEN[name]
    t = g.derivative(in_order)
    assert g.print(t) == g.text
    require_true(g.text, g.notation, t)


@pytest.mark.parametrize("name", GOLDEN)
def test_permuted_terms_print_the_same(name):
    g = GOLDEN[name]
    assert g.print(g.derivative(reversed_)) == g.text


def lines(text):
    """The result, and the definitions below it in any order."""
    first, *others = text.split("\n")
    return first, {line.removeprefix("where").strip() for line in others}


@pytest.mark.parametrize("name", GOLDEN)
def test_renamed_tensors_print_the_same_but_for_the_names(name):
    g = GOLDEN[name]
    t = g.derivative(in_order)
    inputs = variables_of([t, *g.known])
    new = {v: Variable.make(f"{v.name}0", v.shape, v.dtype, v.facts) for v in inputs}
    other, *known = rewired([t, *g.known], new)
    text = g.text
    for v in inputs:
        text = re.sub(rf"(?<![\w']){v.name}(?![\w(])(?!=)", f"{v.name}0", text)
    assert lines(getattr(other.simplify(*known), g.notation)()) == lines(text)


@pytest.mark.parametrize("name", GOLDEN)
def test_with_a_batch_axis_it_prints_and_is_true(name):
    g = GOLDEN[name]
    t = g.derivative(in_order)
    i = sd.indices("i", sd.dims("batch"))
    new = {v: Variable.make(v.name, (sd.dims("batch"), *v.shape), v.dtype, v.facts)[i]
           for v in variables_of([t]) if v.dtype == "real"}
    if not new:
        return
    stacked = sd.vmap(rewired([t], new)[0], over=i)
    simple = stacked.simplify()
    try:
        require_true(simple.matrix(), "matrix", stacked)
    except NotationError:
        require_true(simple.index(), "index", stacked)


@pytest.mark.parametrize("name", GOLDEN)
def test_the_derivative_agrees_with_differences(name):
    g = GOLDEN[name]
    y, simple = g.differentiated(in_order), g.derivative(in_order).simplify(*g.known)
    loss, along = y, simple
    if y.ndim:
        weight = sd.tensor("weight_", *y.shape)
        loss = sd.sum(weight * y)
        along = weight @ simple if y.ndim == 1 else sd.sum(weight * simple)
    report = sd.check_grad(loss, g.wrt, gradient=along, directions=1, entries=2)
    assert report.status == "passed", report


def test_a_wrong_text_is_noticed():
    g = GOLDEN["quadratic form"]
    with pytest.raises(AssertionError):
        require_true("2*B @ x", "matrix", g.derivative(in_order))
