"""Trees of any grammar: NumPy's conventions, places in the source, and how deep a tree may be."""

from __future__ import annotations

import pytest

import symdl as sd
from symdl.language.syntax import limits
from symdl.language.syntax.declarations import declared
from symdl.language.syntax.elaborate import elaborate
from symdl.language.syntax.sizes import Sizes
from symdl.language.syntax.text import tree
from symdl.language.syntax.tree import Binary, Call, Derivative, Name, Number, Unary, fold

n, m = sd.dims("n m")
X, x, b = sd.tensor("X", n, m), sd.tensor("x", m), sd.tensor("b", n)
DECLARED = declared("X: matrix[n,m], x: vector[m], b: vector[n], c: scalar, R: matrix[1,m]")


def arrays(source: str):
    """A formula in which every name is one letter, read with NumPy's conventions."""
    return elaborate(source, tree(source), DECLARED, arrays=True)


def test_arrays_broadcast_and_have_no_direction():
    assert arrays("X + x") == X + x
    assert arrays("x' .* x") == x * x
    assert arrays("X / x") == X / x
    assert arrays("X - R") == X - sd.tensor("R", 1, m)
    assert arrays("X'") == X.T


def test_arrays_that_do_not_broadcast_are_refused():
    with pytest.raises(sd.ParseError, match="can't broadcast them: sizes m and n differ"):
        arrays("X + b")


def product(op: str, left: str, right: str) -> Binary:
    return Binary(0, 5, op, Name(0, 1, left), Name(4, 5, right))


def test_numpys_product_takes_vectors_as_they_are():
    assert elaborate("X @ x", product("@", "X", "x"), DECLARED, arrays=True) == X @ x
    assert elaborate("b @ X", product("@", "b", "X"), DECLARED, arrays=True) == b @ X
    with pytest.raises(sd.ParseError, match="inner: sizes m and n differ"):
        elaborate("X @ b", product("@", "X", "b"), DECLARED, arrays=True)
    with pytest.raises(sd.ParseError, match="use \\* with a scalar"):
        elaborate("X @ c", product("@", "X", "c"), DECLARED, arrays=True)


def test_derivatives_within_derivatives_are_one_request():
    source = "x.x"
    square = Binary(0, 3, "*", Unary(0, 1, "'", Name(0, 1, "x")), Name(2, 3, "x"))
    inner = Derivative(0, 3, square, (Name(0, 1, "x"),))
    asked = elaborate(source, Derivative(0, 3, inner, (Name(0, 1, "x"),)), {})
    assert isinstance(asked, sd.Derivative)
    assert len(asked.variables) == 2


def test_a_derivative_inside_is_refused_where_it_stands():
    asked = Derivative(2, 5, Name(2, 3, "x"), (Name(2, 3, "x"),))
    with pytest.raises(sd.ParseError, match="ask for it alone") as caught:
        elaborate("2*dxx", Binary(0, 5, "*", Number(0, 1, "2"), asked), {})
    assert caught.value.column == 3


def test_a_tree_may_be_as_deep_as_a_sum_is_long_but_not_otherwise():
    node = Name(0, 1, "x")
    chain, nest = node, node
    for _ in range(limits.DEPTH + 1):
        chain = Binary(0, 1, "+", chain, node)
        nest = Call(0, 1, "exp", (nest,))
    assert elaborate("x", chain, {}).shape == elaborate("x", node, {}).shape
    with pytest.raises(sd.ParseError, match="nested deeper than"):
        elaborate("x", nest, {})


def test_places_point_into_the_source():
    source = " c + (X * x)' "
    spans = fold(tree(source), lambda node, inner: {source[node.start:node.end], *set().union(
        *inner)})
    assert spans == {"c + (X * x)'", "c", "(X * x)'", "(X * x)", "X", "x"}


def test_sizes_are_unified_to_the_end_of_every_chain():
    sizes = Sizes(taken={"n"})
    a, b, c, d = (sizes.fresh() for _ in range(4))
    assert sizes.unify(a, b)
    assert sizes.unify(c, d)
    assert sizes.unify(b, c)
    assert sizes.form(a) == sizes.form(d) == m
    assert not sizes.unify(a, n)
    assert sizes.unify(d, m)
