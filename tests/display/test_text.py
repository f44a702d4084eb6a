"""What a tensor prints as: matrix notation where there is one, else index notation."""

from __future__ import annotations

import re

import numpy as np
import pytest

import symdl as sd
from symdl.display.index import index
from symdl.display.matrix import matrix
from symdl.display.text import text
from tests.display.expressions import ENTRIES, GRADIENTS, MATRIX, A, X, i, m, n, p, x
from tests.display.numpy_text import evaluate
from tests.display.points import point, sizes_of, value
from tests.programs import PROGRAMS

INTERNAL = re.compile(r"symdl\.|<|object at|Equation|Scheme|Piecewise|Slot|#|_[0-9a-f]{4}\b")


@pytest.mark.parametrize("name", MATRIX | GRADIENTS)
def test_matrix_notation_where_there_is_one(name):
    t = (MATRIX | GRADIENTS)[name]
    assert repr(t) == text(t) == matrix(t)


@pytest.mark.parametrize("name", ENTRIES)
def test_index_notation_else(name):
    assert repr(ENTRIES[name]) == index(ENTRIES[name])


@pytest.mark.parametrize("name", PROGRAMS)
def test_everything_prints_in_the_users_terms(name):
    program = PROGRAMS[name]()
    few = dict(list(program.wrt.items())[:2])
    for t in (program.loss, *sd.grad(program.loss, few).values()):
        for printed in (text(t), *([index(t)] if name != "residual" else [])):
            assert not INTERNAL.search(re.sub(r" <=? ", " ", printed)), printed


@pytest.mark.parametrize("name", ["mlp", "attention", "gaussian_nll", "logistic_bn", "embedding",
                                  "axes_gram", "axes_tril", "axes_mean", "axes_max"])
def test_programs_print_what_they_are(name):
    rng = np.random.default_rng(7)
    program = PROGRAMS[name]()
    for t in (program.loss, *sd.grad(program.loss, program.wrt).values()):
        sizes = sizes_of([t], rng, n=2, T=2, d=2, v=2, k=2)
        inputs = point([t], sizes, rng)
        found = evaluate(matrix(t), {**sizes, **inputs})
        np.testing.assert_allclose(found, value(t, inputs, sizes), rtol=1e-9, atol=1e-9)


def test_constants():
    q = sd.tensor("q", 3)
    assert text(q * np.array([1, 2, 3])) == "q*array([1, 2, 3])"
    assert text(sd.tensor("r", 40) * np.arange(40.0)) == (
        "v1*r\nwhere v1 = array([0.0, 1.0, ..., 39.0])")
    assert text(sd.exp(1) * x) == "exp(1)*x"
    assert text(x + 0.1) == "1/10 + x"
    assert index(q * np.array([1, 2, 3])) == "q[i]*[1, 2, 3][i]"


def test_free_indices_and_integers():
    assert text(A[i, 0]) == "A[i, 0]"
    assert text(sd.tensor("y", n, integer=True)) == "y"
    assert text(sd.argsort(x, descending=True)) == "argsort(x, descending=True)"
    assert text(X > 0) == "X > 0"


def test_states_by_their_names():
    s = sd.recur("s", m, p, lambda t, s: s * s)
    assert text(sd.final(s)).split("\n") == [
        "[m >= 1]*s[m-1,i] + [m == 0]*p[i]",
        "where s[i,n] = ([i >= 1]*s[i-1,n] + [i == 0]*p[n])**2 for i = 0, ..., m-1"]
