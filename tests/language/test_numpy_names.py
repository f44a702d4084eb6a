"""Functions that bear NumPy's names give NumPy's numbers, and right gradients."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from tests.values import assert_near, value

n, m, k = sd.dims("n m k")
X, C, u, v = sd.tensor("X", n, m), sd.tensor("C", n, m, k), sd.tensor("u", n), sd.tensor("v", m)
draw = np.random.default_rng(0)
SIZES = [(4, 3, 2), (1, 1, 1), (3, 5, 1)]
POINTS = [{"X": draw.normal(size=(a, b)), "C": draw.normal(size=(a, b, c)),
           "u": draw.normal(size=a), "v": draw.normal(size=b)} for a, b, c in SIZES]


CASES = {
    "flip": lambda np, X, C, u, v: np.flip(X),
    "flip two axes": lambda np, X, C, u, v: np.flip(C, (0, -1)),
    "roll": lambda np, X, C, u, v: np.roll(X, -2, axis=1) + np.roll(X, 5),
    "repeat": lambda np, X, C, u, v: np.repeat(X, 3, axis=-1),
    "repeat all": lambda np, X, C, u, v: np.repeat(X, 2),
    "tile": lambda np, X, C, u, v: np.tile(X, (2, 1, 3)),
    "tile a matrix by one number": lambda np, X, C, u, v: np.tile(X, 2),
    "moveaxis": lambda np, X, C, u, v: np.moveaxis(C, 0, -1),
    "std": lambda np, X, C, u, v: np.std(X, axis=0, keepdims=True),
    "mean where": lambda np, X, C, u, v: np.mean(X, axis=0, where=X > -9),
    "argmax": lambda np, X, C, u, v: np.argmax(C) + 0 * u,
    "argmin keepdims": lambda np, X, C, u, v: np.argmin(X, 1, keepdims=True) + X,
    "argmax keepdims": lambda np, X, C, u, v: np.argmax(X, keepdims=True) + X,
    "cumsum of all": lambda np, X, C, u, v: np.cumsum(X, axis=None),
    "cumprod of all": lambda np, X, C, u, v: np.cumprod(X, axis=None),
    "concatenate all": lambda np, X, C, u, v: np.concatenate([X, C], axis=None),
    "outer of matrices": lambda np, X, C, u, v: np.outer(X, v),
    "diag above": lambda np, X, C, u, v: np.diag(u, 2),
    "diag below": lambda np, X, C, u, v: np.diag(u, k=-1),
    "eye": lambda np, X, C, u, v: np.eye(*X.shape, 1) * X,
    "pad": lambda np, X, C, u, v: np.pad(X, 1) * 2,
    "pad by a pair": lambda np, X, C, u, v: np.pad(X, (1, 2)),
    "clip above": lambda np, X, C, u, v: np.clip(X, None, 0.3),
    "clip by tensors": lambda np, X, C, u, v: np.clip(X, -abs(v), v**2),
    "floor and remainder": lambda np, X, C, u, v: X // 0.3 + X % (abs(v) + 1) + 3 % (X + 9),
    "integers": lambda np, X, C, u, v: X[np.arange(u.shape[0]) // 2] * 1.0,
    "arange": lambda np, X, C, u, v: np.arange(1, 2 * u.shape[0] + 1, 2) * u,
    "arange down": lambda np, X, C, u, v: np.arange(u.shape[0] - 1, -1, -1) * u,
    "likes": lambda np, X, C, u, v: np.ones_like(X) + np.zeros_like(v) + X,
    "places from the end": lambda np, X, C, u, v: X[[-1, 0], [[0], [-1]]],
    "an integer apart from a gather": lambda np, X, C, u, v: C[
        None, np.arange(X.shape[0]) // 2, ..., None, 0],
    "an integer beside a gather": lambda np, X, C, u, v: C[:, np.arange(v.shape[0]) // 2, 0],
    "methods": lambda np, X, C, u, v: (X.clip(-1, 1).flatten() * X.T.swapaxes(0, 1).ravel()
                                       + X.std() + X.var(0, keepdims=True).squeeze(0).dot(v)),
    "einsum, axes without letters": lambda np, X, C, u, v: np.einsum("n...,n->...", C, u),
    "einsum in the middle": lambda np, X, C, u, v: np.einsum("i...k,i...->k...", C, X),
    "einsum without an arrow": lambda np, X, C, u, v: np.einsum("...k,j", C, v),
    "einsum of stacks": lambda np, X, C, u, v: np.einsum(
        "...ij,...jk->...ik", C.transpose(2, 0, 1)[:, None], X.T[None]),
    "einsum of a diagonal": lambda np, X, C, u, v: np.einsum("...ii->...", np.outer(v, v)),
}


@pytest.mark.parametrize("name", CASES)
def test_the_numbers_are_numpys(name):
    found = CASES[name](sd, X, C, u, v)
    for (a, b, c), at in zip(SIZES, POINTS, strict=True):
        expected = CASES[name](np, **at)
        got = value(found, at, n=a, m=b, k=c)
        assert got.shape == expected.shape
        assert_near(got, expected)


@pytest.mark.parametrize("name", [c for c in CASES if c not in ("likes", "integers")])
def test_gradients_pass_differences(name):
    found = CASES[name](sd, X, C, u, v)
    loss = sd.sum(sd.sin(found) * sd.tensor("w", *found.shape))
    report = sd.check_grad(loss, directions=1, entries=2)
    assert report, report


@pytest.mark.parametrize(("call", "message"), [
    (lambda: sd.einsum("ij,jk", X), "names 2 operand"),
    (lambda: sd.einsum("i1->i", X), "'1' is no letter"),
    (lambda: sd.einsum(X, "ij"), "takes its letters first"),
    (lambda: sd.einsum("...i,...i", C, X), "an axis of ... is m and n"),
    (lambda: sd.pad(X, [(1, 2)]), "no pair of widths for each of the 2 axes"),
    (lambda: sd.diag(X, 1), "slice the matrix first"),
    (lambda: sd.concatenate(X), "take a list of tensors, not X alone"),
    (lambda: X[:, None, 0, 0], "has 2 axes (n, m), but 3 indices"),
    (lambda: sd.arange(1, n, 0), "a whole number other than 0"),
])
def test_messages(call, message):
    with pytest.raises(sd.SymdlError) as error:
        call()
    assert message in str(error.value)


@pytest.mark.parametrize("call", [lambda: np.array(X), lambda: np.dot(np.ones((2, 2)), X)])
def test_numpy_makes_no_arrays_of_expressions(call):
    with pytest.raises(TypeError, match="expression"):
        call()
