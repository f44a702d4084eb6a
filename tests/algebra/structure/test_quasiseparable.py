"""Maps of low rank beside the diagonal, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from tests.algebra.structure.dense import Reconstruction, entries, number

n, r = sd.dims("n r")
i, j = sd.indices("i j", n, n)
s = sd.indices("s", r)
u, v, w, d = (sd.tensor(name, n) for name in ("u", "v", "w", "d"))
P, Q = sd.tensor("P", n, r), sd.tensor("Q", n, r)
low = sd.sum(P[i, s] * Q[j, s], s)
near = sd.where((i <= j + 1) & (j <= i + 1), w[i], 0)

MAPS = {
    "lower triangular (rank 1 below the diagonal)": sd.where(i >= j, u[i] * v[j], 0),
    "upper triangular (rank 1 above the diagonal)": sd.where(j >= i + 1, u[i] * v[j], 0)
    + sd.where(sd.eq(i, j), d[i], 0),
    "lower triangular (low rank (at most r) below the diagonal)": sd.where(i >= j, low, 0),
    "quasiseparable (rank 1 below and rank 1 above the diagonal)":
        sd.where(i >= j, u[i] * v[j], 0) + sd.where(j >= i + 1, v[i] * w[j], 0),
    "quasiseparable (low rank (at most r) below and rank 1 above the diagonal)":
        sd.where(i >= j + 3, low, 0) + sd.where(j >= i - 1, v[i] * w[j], 0) + near,
    "quasiseparable (rank 1 below the diagonal) plus rank 1":
        sd.where(i >= j, u[i] * v[j], 0) + near + w[i] * d[j],
}


@pytest.mark.parametrize("text", MAPS)
def test_a_map_is_what_it_says_and_solved_as_its_entries_are(text):
    h = sd.define(None, (i, j), MAPS[text])
    assert str(h.structure) == text
    assert not h.structure.dense
    b = sd.tensor("b", n)
    for size in (1, 2, 3, 6):
        rng = np.random.default_rng(size)
        at = {x: rng.normal(size=size) for x in "uvwdb"}
        at |= {x: rng.normal(size=(size, 2)) for x in "PQ"}
        sizes = {"n": size, "r": 2}
        known = {x.name: at[x.name] for x in sd.inputs(h)}
        full = entries(h, known, sizes)
        made = Reconstruction(known, sizes).array(h.structure, (size,), (size,))
        np.testing.assert_allclose(made, full, atol=1e-13)
        if np.linalg.cond(full) < 1e8:
            found = number(h.solve(b), {**known, "b": at["b"]}, sizes)
            np.testing.assert_allclose(found, np.linalg.solve(full, at["b"]), rtol=1e-7, atol=1e-9)
            sign, expected = np.linalg.slogdet(full)
            value = number(h.logdet(), known, sizes)
            assert np.isnan(value) if sign < 0 else np.isclose(value, expected)


def test_a_triangle_of_full_rank_stays_dense():
    Z = sd.tensor("Z", n, n)
    h = sd.tril(Z @ Z)
    assert str(h.structure) == "lower triangular"
    assert h.structure.dense
