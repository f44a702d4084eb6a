"""What names are taken for: declared, or guessed from their letters and the shapes around them."""

from __future__ import annotations

import pytest

import symdl as sd

GUESSED = [
    ("A*x", "A: matrix[n,m], x: vector[m]"),
    ("x'*A*x", "A: matrix[n,n], x: vector[n]"),
    ("x'*A*y", "A: matrix[n,m], x: vector[n], y: vector[m]"),
    ("A + A'", "A: matrix[n,n]"),
    ("A*B*C", "A: matrix[n,m], B: matrix[m,k], C: matrix[k,p]"),
    ("sum(log(1 + exp(-y .* (X*w))))", "X: matrix[n,m], w: vector[m], y: vector[n]"),
    ("c*x", "c: scalar, x: vector[n]"),
    ("A*x + b", "A: matrix[n,m], b: vector[n], x: vector[m]"),
    ("alpha*x + β*y", "alpha: scalar, x: vector[n], y: vector[n], β: scalar"),
    ("lambda1*norm1(x)", "lambda1: scalar, x: vector[n]"),
    ("t^2", "t: scalar"),
    ("X/s", "X: matrix[n,m], s: scalar"),
    ("inv(A + c*eye)", "A: matrix[n,n], c: scalar"),
    ("A*vector(1)", "A: matrix[n,m]"),
    ("sum[i](A[i,j]*x[i])", "A: matrix[n,m], x: vector[n]"),
    ("a[i,j,k]*b[k]", "a: tensor[n,m,p], b: vector[p]"),
    ("T[token[i],j]", "T: matrix[m,k], token: vector[n] integer"),
    ("where(x > 0, x, a)", "a: vector[n], x: vector[n]"),
    ("norm2(A*x - y)", "A: matrix[n,m], x: vector[m], y: vector[n]"),
    ("2*pi*e", ""),
    ("d logdet(A) / dA", "A: matrix[n,n]"),
]


@pytest.mark.parametrize(("text", "said"), GUESSED, ids=[g[0] for g in GUESSED])
def test_what_is_not_declared_is_guessed_and_said(text, said):
    f = sd.parse(text)
    assert f.declarations == said
    again = sd.parse(text, said)
    assert again == f
    assert again.declarations == said


READ = [
    ("x: vector[n]", {"x": ("n",)}),
    ("A: matrix[n,2*n+1], c: scalar", {"A": ("n", "2*n + 1"), "c": ()}),
    ("x, y: vector[n]; T: tensor[2,n,m]", {"x": ("n",), "y": ("n",), "T": ("2", "n", "m")}),
    ("A: matrix[ n , n ]  symmetric  positive_definite", {"A": ("n", "n")}),
    ("A: symmetric matrix[n,n]", {"A": ("n", "n")}),
    ("x: vector[(n+1)*(n-1)]", {"x": ("n*n - 1",)}),
]


@pytest.mark.parametrize(("text", "shapes"), READ, ids=[r[0] for r in READ])
def test_declarations_are_read(text, shapes):
    for name, shape in shapes.items():
        found = sd.parse(name, text)
        assert tuple(map(str, found.shape)) == shape


@pytest.mark.parametrize("fact", [
    "symmetric", "positive_definite", "orthogonal", "diagonal", "lower_triangular", "one_hot",
    "upper_triangular", "simplex", "positive", "nonnegative", "unit_interval", "unit_norm",
    "idempotent", "integer"])
def test_facts_are_those_of_a_tensor(fact):
    n = sd.dims("n")
    assert sd.parse("A", f"A: matrix[n,n] {fact}") == sd.tensor("A", n, n, **{fact: True})


def test_keywords_text_and_tensors_declare_alike():
    n, d = sd.dims("n d")
    X = sd.tensor("X", n, d)
    text = "sum(X*w)"
    assert sd.parse(text, "X: matrix[n,d], w: vector[d]") == sd.parse(
        text, X="matrix[n,d]", w="vector[d]") == sd.parse(text, {"X": X}, w="vector[d]")


def test_sizes_left_out_are_found():
    assert sd.parse("A*x", A="matrix symmetric", x="vector[d]").declarations == \
        "A: matrix[d,d] symmetric, x: vector[d]"


def test_sizes_that_are_found_keep_clear_of_names():
    assert sd.parse("n*A*m", n="scalar", m="vector").declarations == \
        "A: matrix[p,k], m: vector[k], n: scalar"


def test_sizes_that_are_found_keep_clear_of_indices():
    assert sd.parse("sum[n](A[n,m]*x[n])").declarations == "A: matrix[k,p], x: vector[k]"


def test_a_declared_size_is_a_number():
    n = sd.dims("n")
    assert sd.parse("sum(x)/n", x="vector[n]") == sd.sum(sd.tensor("x", n)) / n


def test_a_declared_name_overrides_a_constant():
    assert sd.parse("e'*x", "e: vector[n]").declarations == "e: vector[n], x: vector[n]"


def test_names_of_functions_may_be_declared():
    assert sd.parse("var*x", "var: scalar").declarations == "var: scalar, x: vector[n]"


def test_the_inputs_of_any_expression_read_as_declarations():
    n, m = sd.dims("n m")
    f = sd.tensor("Y", n, m, one_hot=True) @ sd.tensor("w", m)
    assert f.declarations == "Y: matrix[n,m] one_hot, w: vector[m]"
    assert sd.parse("Y*w", f.declarations) == f
