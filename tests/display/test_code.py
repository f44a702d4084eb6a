"""Results as NumPy functions: the printed source runs and has the result's value."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import symdl as sd
from symdl.display.code import code
from symdl.display.errors import NotationError
from tests.display import expressions as e
from tests.display.expressions import ENTRIES, GRADIENTS, MATRIX
from tests.display.points import point, sizes_of, value


def run(text: str, inputs: dict[str, Any], sizes: dict[str, int]) -> Any:
    """Execute the printed source in an empty namespace and call what it defines."""
    scope: dict[str, Any] = {}
    exec(text, scope)
    wanted = inspect.signature(scope["result"]).parameters
    return np.asarray(scope["result"](**{k: v for k, v in {**sizes, **inputs}.items()
                                         if k in wanted}))


@pytest.mark.parametrize("name", [*MATRIX, *GRADIENTS])
def test_the_source_runs_and_has_the_value(name):
    t = {**GRADIENTS, **MATRIX}[name]
    rng = np.random.default_rng(len(name))
    for given in ({"n": 3, "d": 2}, {"k": 2, "d": 2, "h": 1, "m": 1}):
        sizes = sizes_of([t], rng, **given)
        inputs = point([t], sizes, rng)
        found, expected = run(code(t), inputs, sizes), value(t, inputs, sizes)
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


def test_it_reads_as_one_would_write_it():
    loss = sd.sum(sd.sigmoid(e.X @ e.w)) / e.n
    assert code(sd.grad(loss, e.w).simplify(), "slope").splitlines() == [
        "import numpy as np", "",
        "def sigmoid(x0):", "    return 1.0/(1.0 + np.exp(-x0))", "",
        "def slope(X, w):", "    n = X.shape[0]",
        "    s = sigmoid(X @ w)", "    return X.T @ (s*(1 - s)) / n",
    ]


B = sd.tensor("B", e.n, e.d)
U, S, V = sd.svd(B)


@pytest.mark.parametrize("t", [
    sd.norm(B, "nuc"), sd.grad(sd.norm(B, "nuc"), B).simplify(), sd.norm(B, 2), U @ sd.diag(S) @ V,
    sd.slogdet(B.T @ B)[1], sd.slogdet(B.T @ B)[0], sd.logdet(B.T @ B),
    sd.parse("gamma(x)", x=sd.exp(B[:, 0]), grammar="numpy"),
], ids=str)
def test_functions_of_other_modules_have_the_value(t):
    b = np.random.default_rng(2).normal(size=(4, 3))
    expected = sd.evaluate(t, {"B": b})
    np.testing.assert_allclose(run(code(t), {"B": b}, {}), expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", ["lambda", "None", "np", "special", "result", "logdet", "diag"])
def test_a_name_that_means_something_else_gets_an_underscore(name):
    q = sd.tensor(name, e.n)
    t = sd.logdet(sd.diag(q) + sd.outer(q, q)) + sd.sum(sd.erf(q) * sd.tensor(f"{name}_", e.n))
    scope: dict[str, Any] = {}
    exec(code(t), scope)
    a, b = np.array([1.0, 2.0]), np.array([3.0, -1.0])
    found = scope["result"](**{f"{name}__": a, f"{name}_": b})
    np.testing.assert_allclose(found, sd.evaluate(t, {name: a, f"{name}_": b}), rtol=1e-12)


def test_sizes_that_no_array_states_are_keywords():
    t = sd.eye(e.n) * sd.sum(e.x)
    assert "def result(x):" in code(t) and "n = x.shape[0]" in code(t)
    p = sd.dims("p")
    assert "def result(x, *, p):" in code(sd.eye(p) * sd.sum(e.x))


@pytest.mark.parametrize("name", ENTRIES)
def test_what_it_cannot_say_is_refused_with_advice(name):
    with pytest.raises(NotationError, match=r"sd\.compile"):
        code(ENTRIES[name])
