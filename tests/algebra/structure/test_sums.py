"""Random sums of structured terms: recognised soundly, and right as operators."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

import symdl as sd
from tests.algebra.structure.dense import Reconstruction, draw, entries, number, shape

n, d, k = sd.dims("n d k")
i, j = sd.indices("i j", n, n)
a, b = sd.indices("a b", d, d)
s = sd.indices("s", k)
here = sd.eye(n)[i, j]
there = sd.eye(d)[a, b]


def T(name, *index, sizes):
    return sd.tensor(name, *sizes)[index]


MATRICES = {  # a term of a map over (n,), as its entry at [i, j]
    "diagonal": lambda m: T(m, i, sizes=(n,)) * here,
    "identity": lambda m: T(m, sizes=()) * here if m else here,
    "rank 1": lambda m: T(m, i, sizes=(n,)) * T(m + "v", j, sizes=(n,)),
    "gram": lambda m: sd.sum(T(m, s, i, sizes=(k, n)) * T(m, s, j, sizes=(k, n)), s),
    "weighted gram": lambda m: sd.sum(
        T(m, s, i, sizes=(k, n)) * sd.exp(T(m + "w", s, sizes=(k,))) * T(m, s, j, sizes=(k, n)),
        s),
    "sides": lambda m: (T(m, i, sizes=(n,)) - T(m + "v", j, sizes=(n,))) ** 2,
    "full": lambda m: T(m, i, j, sizes=(n, n)),
    "triangle": lambda m: sd.where(i >= j, T(m, i, j, sizes=(n, n)), 0),
    "band": lambda m: sd.where((i <= j + 1) & (j <= i + 1), T(m, i, sizes=(n,)), 0),
    "nonlinear": lambda m: sd.tanh(T(m, i, sizes=(n,)) * T(m + "v", j, sizes=(n,))),
}
BLOCKS = {  # a term of a map over (n, d), as its entry at [i, a, j, b]
    "diagonal": lambda m: T(m, i, a, sizes=(n, d)) * here * there,
    "identity": lambda m: T(m, sizes=()) * here * there,
    "blocks": lambda m: T(m, i, a, b, sizes=(n, d, d)) * here,
    "other blocks": lambda m: T(m, a, i, j, sizes=(d, n, n)) * there,
    "equal blocks": lambda m: T(m, a, b, sizes=(d, d)) * here,
    "low blocks": lambda m: T(m, i, a, sizes=(n, d)) * T(m + "v", i, b, sizes=(n, d)) * here,
    "kron": lambda m: T(m, i, j, sizes=(n, n)) * T(m + "v", a, b, sizes=(d, d)),
    "scaled kron": lambda m: T(m, i, sizes=(n,)) * here * T(m + "v", a, b, sizes=(d, d)),
    "rank 1": lambda m: T(m, i, a, sizes=(n, d)) * T(m + "v", j, b, sizes=(n, d)),
    "low rank": lambda m: sd.sum(
        T(m, s, i, a, sizes=(k, n, d)) * T(m + "v", s, j, b, sizes=(k, n, d)), s),
    "full": lambda m: T(m, i, a, j, b, sizes=(n, d, n, d)),
    "partly": lambda m: T(m, i, a, j, sizes=(n, d, n)) * there,
}


def drawn(seed: int) -> tuple[sd.Tensor, list[str]]:
    random = Random(seed)
    kinds, index = (MATRICES, (i, j)) if seed % 2 else (BLOCKS, (i, a, j, b))
    chosen = random.choices(list(kinds), k=random.randint(1, 3))
    entry = sum((random.choice([1, -1, 2]) * kinds[name](f"m{q}")
                 for q, name in enumerate(chosen[1:])), kinds[chosen[0]]("m"))
    return sd.define(None, index, entry), chosen


@pytest.mark.parametrize("seed", range(36))
def test_a_sum_is_what_its_structure_says_and_does_what_its_entries_do(seed):
    h, chosen = drawn(seed)
    rows = h.ndim // 2
    sizes = Random(seed).choice([{"n": 4, "d": 3, "k": 2}, {"n": 3, "d": 2, "k": 3},
                                 {"n": 2, "d": 1, "k": 1}, {"n": 1, "d": 2, "k": 4}])
    v = sd.tensor("v", *h.shape[rows:])
    at = draw([h, v], sizes, seed)
    dense = entries(h, at, sizes)
    size = shape(h, sizes)
    found = h.structure
    made = Reconstruction(at, sizes).array(found, size[:rows], size[rows:])
    near = {"rtol": 1e-9, "atol": 1e-10}
    np.testing.assert_allclose(made, dense, **near, err_msg=f"{chosen}: {found}")
    count = int(np.prod(size[:rows]))
    flat = dense.reshape(count, count)
    if found.symmetric:
        np.testing.assert_allclose(flat, flat.T, **near)
    x = at["v"].ravel()
    np.testing.assert_allclose(number(h.matvec(v), at, sizes).ravel(), flat @ x, **near)
    np.testing.assert_allclose(number(h.rmatvec(v), at, sizes).ravel(), flat.T @ x, **near)
    np.testing.assert_allclose(number(h.diagonal(), at, sizes).ravel(), np.diag(flat), **near)
    if np.linalg.cond(flat) < 1e6:
        np.testing.assert_allclose(number(h.solve(v), at, sizes).ravel(),
                                   np.linalg.solve(flat, x), rtol=1e-7, atol=1e-8,
                                   err_msg=f"{chosen}: {found}")
        sign, size_ = np.linalg.slogdet(flat)
        value = number(h.logdet(), at, sizes)
        assert np.isnan(value) if sign < 0 else np.isnan(value) or np.isclose(value, size_)


@pytest.mark.parametrize("seed", range(20))
def test_a_full_term_makes_a_sum_general(seed):
    random = Random(seed)
    name = random.choice([x for x in MATRICES if x != "full"])
    entry = MATRICES[name]("m") + MATRICES["full"]("full")
    assert sd.define(None, (i, j), entry).structure.kind == "general"


def test_terms_that_cancel_leave_the_structure_of_the_rest():
    entry = MATRICES["full"]("m") + MATRICES["rank 1"]("p") - MATRICES["full"]("m")
    assert str(sd.define(None, (i, j), entry).structure) == "rank 1"
