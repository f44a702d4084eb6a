"""A mistaken formula gets one message: the column, the shapes, what may have been meant."""

from __future__ import annotations

import pytest

import symdl as sd

DECLARED = """A: matrix[m,n], S: matrix[n,n], x: vector[m], y: vector[n], c: scalar,
weights: vector[n], T: matrix[k,n], D: tensor[m,n,k]"""

MESSAGES = [
    # shapes
    ("c + A*x", 5, "A*x — A is (m, n), x is (m,): inner sizes n and m differ. Did you mean A'*x?"),
    ("A*S'*A", 1, "A*S'*A — A*S' is (m, n), A is (m, n): inner sizes n and m differ. "
                  "Did you mean (A*S')'*A?"),
    ("y*y", 1, "y*y — y is (n,), y is (n,): inner sizes 1 and n differ. "
               "Did you mean y'*y or y .* y?"),
    ("y'*y'", 1, "y' is (1, n), y' is (1, n): inner sizes n and 1 differ. "
                 "Did you mean y'*y or y' .* y'?"),
    ("x + y", 1, "x is (m,), y is (n,): sizes m and n differ"),
    ("A + A'", 1, "A is (m, n), A' is (n, m): sizes m and n differ. Did you mean A?"),
    ("y + y'", 1, "y is (n,), y' is (1, n): + needs equal shapes or a scalar. Did you mean y?"),
    ("A + y", 1, "+ needs equal shapes or a scalar. To add it to every row, write vector(1)*y'"),
    ("c / y", 1, "/ divides by a scalar. Did you mean c ./ y?"),
    ("y^2", 1, "^ is the power of a scalar or of a square matrix. Did you mean y .^ 2?"),
    ("A^2", 1, "^ takes a square matrix, but A is (m, n): sizes m and n differ"),
    ("S^0.5", 1, "a matrix is raised to a whole number, not 1/2. Did you mean S .^ 0.5?"),
    ("A^T", 1, "Did you mean A'?"),
    ("det(A)", 1, "det takes a square matrix, but A is (m, n): sizes m and n differ"),
    ("tr(y)", 1, "tr takes a square matrix, but y is (n,)"),
    ("norm2(A)", 1, "norm2 is of a vector. Did you mean normF(A), or norm_spec(A)"),
    ("norm1(A)", 1, "Did you mean sum(abs(A))?"),
    ("solve(S, x)", 1, "S is (n, n), x is (m,): sizes n and m differ"),
    ("vector(y)", 1, "vector repeats a scalar, but y is (n,)"),
    ("D*y", 1, "D is (m, n, k): * multiplies matrices and vectors"),
    ("D'", 1, "' transposes matrices and vectors"),
    ("sum(A, axis=2)", 1, "A has 2 axes, counted from 0: there is no axis 2"),
    ("sum(A, axis=(0, 0))", 1, "an axis is named twice"),
    ("sum(A, axis=c)", 13, "axis takes a number, e.g. axis=1"),
    ("softmax(c)", 1, "softmax takes a vector or a matrix, but c is a scalar"),
    ("where(y, y, x)", 1, "y is (n,), x is (m,): sizes n and m differ"),
    ("where(y, y, 0)", 1, "the condition y is real; compare it"),
    # indices
    ("sum[i](A[i,j]*T[i,j])", 8, "the index i runs over m and, in T[i,j], over k"),
    ("sum[i](y)", 1, "the index i doesn't occur in y"),
    ("D[i-j,0,0]", 1, "the range of index i can't be told"),
    ("sum[2](y)", 5, "an index is a name"),
    ("y[i,j]", 1, "y is (n,), but 2 indices are given"),
    ("foo[i](y[i])", 1, "foo[...] is no reduction over indices; there are sum"),
    ("y[0.5]", 3, "an address is a whole number, not 0.5"),
    ("y[c*exp(c)]", 5, "an address is made of indices, sizes and whole numbers"),
    ("T[weights[i],j]", 3, "weights stands in an address: declare it as integers"),
    ("T[n[i],0]", 3, "n stands in an address: declare it as integers"),
    ("(1,2)", 1, "several values in brackets stand only in an option"),
    # names
    ("sum(wieghts)", 5, "wieghts isn't declared. Did you mean weights?"),
    ("logdt(S)", 1, "there is no function logdt. Did you mean logdet?"),
    ("exp*c", 1, "exp is a function: write exp(...)"),
    ("S(y)", 1, "S is a tensor, not a function. Did you mean S*(...)?"),
    ("exp(y, y)", 1, "exp takes 1 argument, not 2"),
    ("where(y)", 1, "where takes 3 arguments, not 1"),
    ("max(y, y, y)", 1, "max takes 1 or 2 arguments, not 3"),
    ("exp(y, axis=1)", 1, "there is no option axis; it has none"),
    ("sum(y, axes=1)", 1, "there is no option axes; it has axis, keepdims"),
    # characters
    ("", 1, "there is no formula"),
    ("y +", 4, "the formula ends too early"),
    ("(y + c", 1, "( — this bracket is never closed"),
    ("sum(y, [c)", 8, "[ — this is unexpected here"),
    ("y)", 2, ") — this is unexpected here"),
    ("c**2", 3, "* — this is unexpected here. A power is written ^"),
    ("S @ y", 3, "@ — this can't be read. A matrix product is written *"),
    ("S.T*y", 2, ". — this can't be read. A transpose is written '"),
    ("2 c", 3, "c — this is unexpected here. A product is written with *"),
    ("S (y)", None, "S is a tensor, not a function"),
    ("c = 2", 3, "= — this is unexpected here. Equality is written =="),
    ("c $ 2", 3, "$ — this can't be read"),
    ("__import__('os')", None, ""),
    ("y.__class__", 2, "this can't be read"),
    # derivatives
    ("d y'*S*y / dz", 13, "z doesn't occur in what is differentiated"),
    ("d2 y'*S*y / dy", 13, "the derivative is of order 2, but in 1 variable"),
    ("d y'*S*y / dy dy", 12, "the derivative is of order 1, but in 2 variables"),
    ("d9 c / dc9", 1, "derivatives are taken up to order 4"),
    ("d c^2 / dc^3", None, ""),
    # outside the real numbers
    ("c*sqrt(-1)", 3, "a constant is outside the domain"),
    ("log(-1)*y", 1, "a constant is outside the domain"),
]


@pytest.mark.parametrize(("text", "column", "message"), MESSAGES, ids=[m[0] for m in MESSAGES])
def test_the_message_says_what_is_wrong_and_where(text, column, message):
    with pytest.raises(sd.ParseError) as caught:
        sd.parse(text, DECLARED)
    assert message in str(caught.value)
    if column is not None:
        assert caught.value.column == column


def test_a_caret_stands_under_the_place():
    with pytest.raises(sd.ParseError) as caught:
        sd.parse("c + A*x", DECLARED)
    assert str(caught.value).splitlines()[1:] == ["    c + A*x", "        ^^^"]


def test_a_long_formula_is_shown_around_the_place():
    with pytest.raises(sd.ParseError) as caught:
        sd.parse("c + " * 60 + "A*x", DECLARED)
    _, line, carets = str(caught.value).splitlines()
    assert len(line) < 80
    assert line[carets.index("^"):][:3] == "A*x"


DECLARATIONS = [
    ("A matrix[n,n]", "this is unexpected here"),
    ("A: matrx[n,n]", "say what it is: scalar, vector, matrix, tensor"),
    ("A: matrix[n]", "A: a matrix has 2 sizes, not 1; write matrix[n,m]"),
    ("A: matrix[n,m] symmetric", "can't be symmetric"),
    ("A: matrix[n,n] symetric", "did you mean symmetric"),
    ("A: tensor", "A: a tensor needs sizes, e.g. tensor[n,m,k]"),
    ("x: vector[n", "this bracket is never closed"),
    ("x: vector[0-1]", "a size isn't negative"),
    ("x: vector[n/2]", "an address is made of indices, sizes and whole numbers"),
    ("x: vector[n], x: scalar", "x is declared twice"),
    ("x: vector[sum(y)]", "an address is made of indices, sizes and whole numbers"),
]


@pytest.mark.parametrize(("text", "message"), DECLARATIONS, ids=[d[0] for d in DECLARATIONS])
def test_a_mistaken_declaration_is_explained(text, message):
    with pytest.raises(sd.SymdlError) as caught:
        sd.parse("1", text)
    assert message in str(caught.value)


def test_a_declaration_of_another_type_is_refused():
    with pytest.raises(sd.SymdlError, match="declared by a text"):
        sd.parse("x", x=3)
