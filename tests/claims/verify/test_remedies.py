"""What would make a claim true is offered, and it does."""

from __future__ import annotations

import pytest

import symdl as sd

OFFERED = {
    "d x'*A*x/dx = 2*A*x": "A is symmetric",
    "d tr(A*X)/dX = A": "the derivative is in numerator layout",
    "d A*x/dx = A' under A: matrix[m,n], x: vector[n]": "the derivative is in denominator layout",
    "d sum((X*w - y).^2)/dw = X'*(X*w - y)": "the right side is multiplied by 2",
    "d x'*A*x + x'*b/dx = (A + A')*x": "the right side is (A + A.T) @ x + b (the derivative)",
    "d sum(tanh(x))/dx = 1 + tanh(x).^2": "the right side is 1 + (-(tanh(x).^2))",
    "A'*A = eye under A: matrix[n,n]": "A is orthogonal",
    "A*A = A under A: matrix[n,n]": "A is idempotent",
    "d -sum(y.*log(softmax(z)))/dz = softmax(z) - y": "y sums to 1 (a probability vector)",
}
AT_FAULT = {
    "d sum((X*w - y).^2)/dw = X'*(X*w - y)": "a factor 2",
    "d sum(tanh(x))/dx = 1 + tanh(x).^2": "tanh(x).^2: its sign",
    "d x'*A*x + x'*b/dx = (A + A')*x": "left - right = b",
    "d tr(A*X)/dX = A": "a transpose: the layout",
    "d sum(exp(x))/dx = -exp(x)": "a sign",
}


@pytest.mark.parametrize("text", OFFERED)
def test_a_remedy_is_offered(text: str) -> None:
    assert OFFERED[text] in sd.verify(text).remedies


@pytest.mark.parametrize("text", AT_FAULT)
def test_the_term_at_fault_is_named(text: str) -> None:
    assert sd.verify(text).fault == AT_FAULT[text]


def test_what_has_no_remedy_gets_none() -> None:
    assert sd.verify("det(A*B) = det(A) - det(B)").remedies == ()
