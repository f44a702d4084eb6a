"""The gradient of the cross-entropy of a softmax.

Question
    A linear classifier gives each example i the activations a_i = Wᵀ φ_i and each class k the
    probability y_ik = softmax(a_i)_k. What is the gradient of the cross-entropy E between the
    probabilities and the targets, in the activations and in the weights?

Definitions
    φ   (n, m)   features, one row an example
    W   (m, k)   weights
    a   (n, k)   activations, a = φ W
    t   (n, k)   targets, each row one-hot; all that is used is that a row sums to 1
    y   (n, k)   y_ik = e^(a_ik) / sum_j e^(a_ij)
    E            E = -sum_ik t_ik log y_ik

Result
    ∂E/∂a = y - t,    ∂E/∂W = φᵀ (y - t)

Reference
    C. M. Bishop, Pattern Recognition and Machine Learning, 2006, equations 4.104 to 4.109.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

import symdl as sd

n, m, k = sd.dims("n m k")
i, c, j = sd.indices("i c j", n, k, k)
φ, W = sd.tensor("φ", n, m), sd.tensor("W", m, k)
a, t = sd.tensor("a", n, k), sd.tensor("t", n, k, one_hot=True)

y = sd.exp(a) / sd.sum(sd.exp(a), axis=1, keepdims=True)
E = -sd.sum(t * sd.log(y))


def points() -> list[dict[Any, Any]]:
    """Inputs at which both sides of a step are compared; one example of one class among them."""
    draw = np.random.default_rng(0)
    return [point(draw, *sizes) for sizes in ((4, 2, 3), (3, 5, 4), (1, 1, 1))]


def point(draw: Generator, n: int, m: int, k: int) -> dict[Any, Any]:
    return {
        φ: draw.normal(size=(n, m)), W: draw.normal(size=(m, k)), a: draw.normal(size=(n, k)),
        t: np.eye(k)[draw.integers(0, k, n)],
    }


def assert_equal(left: sd.Tensor, right: sd.Tensor) -> None:
    """Assert that two expressions have the same values at all points."""
    assert left.shape == right.shape, f"{left.shape} is not {right.shape}"
    for at in points():
        ours, theirs = sd.evaluate([left, right], at)
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-13)


def main() -> None:
    # The logarithm undoes the exponential: with s_i = log sum_j e^(a_ij),
    #
    #     log y_ic = a_ic - s_i.
    s = sd.log(sd.sum(sd.exp(a), axis=1))
    assert_equal(sd.log(y), a - s[:, None])

    # A row of t sums to 1, so E is a sum over examples of s_i, less the activations aimed at:
    #
    #     E = sum_i (sum_c t_ic) s_i - sum_ic t_ic a_ic = sum_i s_i - sum_ic t_ic a_ic.
    short = sd.sum(s) - sd.sum(t * a)
    assert_equal(E, short)

    # The derivative of log sum exp is the softmax,
    #
    #     ∂s_i/∂a_ic = e^(a_ic) / sum_j e^(a_ij) = y_ic,
    assert_equal(sd.grad(sd.sum(s), a), y)

    # and the second term is linear, with the coefficients t. Together they give
    #
    #     ∂E/∂a = y - t.
    assert_equal(sd.grad(sd.sum(t * a), a), t)
    assert_equal(sd.grad(E, a), y - t)

    # Another way leads through the derivative of the softmax itself (equation 4.106; δ_cj is 1
    # where c = j, else 0),
    #
    #     ∂y_ic/∂a_ij = y_ic (δ_cj - y_ij),
    δ = sd.where(sd.eq(c, j), 1, 0)
    jacobian = sd.define(None, (i, c, j), sd.grad(y[i, c], a)[i, j])
    by_hand = sd.define(None, (i, c, j), y[i, c] * (δ - y[i, j]))
    assert_equal(jacobian, by_hand)

    # and through ∂E/∂y_ic = -t_ic / y_ic:
    #
    #     ∂E/∂a_ij = sum_c (-t_ic / y_ic) y_ic (δ_cj - y_ij) = y_ij sum_c t_ic - t_ij.
    chain = sd.define(None, (i, j), sd.sum(-t[i, c] / y[i, c] * by_hand[i, c, j], c))
    assert_equal(chain, y - t)

    # With a = φ W, every weight W_dc meets each example i through φ_id (equation 4.109):
    #
    #     ∂E/∂W = φᵀ ∂E/∂a = φᵀ (y - t).
    loss = -sd.sum(t * sd.log_softmax(φ @ W))
    result = φ.T @ (sd.softmax(φ @ W) - t)
    assert_equal(sd.grad(loss, W), result)

    # The numbers: the result, against derivatives measured from values of the loss alone.
    report = sd.check_grad(loss, W, gradient=result, sizes={"n": 4, "m": 2, "k": 3})
    assert report, str(report)
    print("∂E/∂a =", sd.grad(short, a).simplify().matrix())
    print("∂E/∂W =", sd.grad(loss, W).simplify().matrix())
    print(str(report).splitlines()[0])


if __name__ == "__main__":
    main()
