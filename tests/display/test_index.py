"""Index notation: golden forms, and the value of what is printed."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl.display.index import index
from tests.display.expressions import ENTRIES, GRADIENTS, MATRIX, A, X, d, i, k, m, n, w, x
from tests.display.index_text import Reader
from tests.display.points import point, sizes_of, value

EXPRESSIONS = MATRIX | ENTRIES | GRADIENTS

FORMS = {
    "dense": "sum_d X[n,d]*W[d,k] + b[k]",
    "transpose": "[d,n]: X[n,d]",
    "dense gradient": "sum_n X[n,d]*R[n,k]",
    "logistic regression": "sum_n X[n,d]*(sigmoid(sum_d2 X[n,d2]*w[d2]) - t[n])",
    "convolution": "[n,k,i,j]: sum_{d,l,p} I[n,d,i+l,j+p]*F[k,d,l,p]",
    "bounded": "sum_{j | j <= i} A[i,j]*x[j]",
    "by hand": "sum_i X[n,i]*W[i,k]*i",
    "index as data": "sum_i x[i]*i",
    "triangle": "sum_{j | j <= i} A[i,j]*x[j] + sum_{j | j > i} A[i,j]*x[j]",
    "maximum": "max_d exp(X[n,d]) + min_d X[n,d]",
    "arg max": "argmax_d X[n,d]",
    "gather": "X[y[n],d] + X[0,d]",
    "one hot": "[n,i]: [i == y[n]] - R[n,i]",
    "choice": "(X[n,d] if X[n,d] > 0 else -X[n,d]/2) + maximum(1/2, X[n,d])",
    "padding": "[i,j]: [j < d and i >= 1]*X[i-1,j]",
    "reshaped": "X[i//d,i%d]",
    "inverse": "sum_n2 inv(A)[n,n2]*x[n2]",
    "states": "s[m,n]\nwhere s[i,n] = tanh(sum_n2 A[n,n2]*([i >= 1]*s[i-1,n2] + [i == 0]*x[n2])"
              " + i) for i = 0, ..., m-1",
}


@pytest.mark.parametrize("name", FORMS)
def test_form(name):
    assert index(EXPRESSIONS[name]) == FORMS[name]


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_printed_text_has_the_value_of_the_expression(name):
    t = EXPRESSIONS[name]
    rng = np.random.default_rng(len(name))
    for given in ({"n": 3, "d": 2, "k": 2}, {"k": 2, "d": 3, "h": 1, "m": 2}):
        sizes = sizes_of([t], rng, **given)
        inputs = point([t], sizes, rng)
        expected = value(t, inputs, sizes)
        found = Reader(index(t), inputs, sizes, expected.shape).value()
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


def test_free_indices_keep_their_names():
    assert index(X[i] @ w) == "sum_d X[i,d]*w[d]"


def test_a_size_and_an_index_are_never_taken_for_each_other():
    assert index(sd.flip(x)) == "x[n-i-1]"
    assert index(n * x + sd.arange(n)) == "n*x[i] + i"


def test_sums_beside_each_other_share_an_index_and_sums_inside_do_not():
    assert index(A @ x + A @ A @ x) == (
        "sum_n2 x[n2]*(sum_n3 A[n,n3]*A[n3,n2]) + sum_n2 A[n,n2]*x[n2]")


def test_time_runs_backwards_in_an_adjoint():
    s = sd.recur("s", m, x, lambda t, s: sd.tanh(A @ s))
    text = index(sd.grad(sd.sum(s**2), x))
    assert " for i = m-1, ..., 0" in text
    assert " for i = 0, ..., m-1" in text


def test_no_letter_is_used_twice_on_a_line():
    B = sd.tensor("B", k, k, d, 3, 3)
    assert index(B) == "B[k,k2,d,i,j]"
