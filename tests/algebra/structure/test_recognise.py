"""What maps are recognised as, and that their entries are what the structure says."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from tests.algebra.structure.dense import Reconstruction, draw, entries, shape
from tests.algebra.structure.maps import MAPS, Q, U, V, X, d, fit, n, p, x

SIZES = [{"n": 4, "d": 3, "k": 2, "r": 2}, {"n": 2, "d": 2, "k": 3, "r": 3},
         {"n": 1, "d": 1, "k": 1, "r": 1}]


@pytest.mark.parametrize("name", MAPS)
def test_a_map_says_what_it_is(name):
    h, rows, expected = MAPS[name]
    assert str(sd.structure(h, rows)) == expected
    assert sd.structure(h, rows).kind in expected or sd.structure(h, rows).kind in KINDS


KINDS = ("low rank", "Kronecker", "diagonal plus low rank", "identity plus low rank",
         "sum of Kronecker products")


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("name", MAPS)
def test_the_parts_of_a_structure_make_up_the_map(name, sizes):
    h, rows, _ = MAPS[name]
    found = sd.structure(h, rows)
    at = draw([h], sizes, seed=1)
    dense = entries(h, at, sizes)
    size = shape(h, sizes)
    made = Reconstruction(at, sizes).array(found, size[:rows], size[rows:])
    np.testing.assert_allclose(made, dense, rtol=1e-10, atol=1e-12)
    if found.symmetric:
        flat = dense.reshape(int(np.prod(size[:rows])), -1)
        np.testing.assert_allclose(flat, flat.T, rtol=1e-10, atol=1e-12)


def test_reconstruction_rejects_a_wrong_part():
    sizes = SIZES[0]
    at = draw([x], sizes, seed=2)
    found = sd.structure(sd.diag(x**2))
    made = Reconstruction(at, sizes).array(found, (4,), (4,))
    assert not np.allclose(made, np.diag(at["x"] ** 2 * 1.001), rtol=1e-6, atol=0)


def test_half_of_the_axes_are_rows_unless_said_otherwise():
    row_sums = sd.jacobian(sd.sum(X, axis=1), X)
    with pytest.raises(sd.ShapeError, match="odd number of axes"):
        assert row_sums.structure
    assert sd.structure(row_sums, rows=1).kind == "Kronecker"
    with pytest.raises(sd.ShapeError, match="4 of them can't be rows"):
        sd.structure(row_sums, rows=4)


def test_names_of_intermediates_hide_nothing():
    P = sd.softmax(x).named("soft")
    assert str((sd.diag(P) - sd.outer(P, P).named("full")).structure) == (
        "diagonal plus rank 1, symmetric")


def test_a_low_rank_needs_fewer_columns_than_the_map_has():
    assert (U @ U.T).structure.kind == "low rank"
    assert (Q @ Q).structure.kind == "general"
    assert (sd.outer(p, p) + Q @ Q.T).structure.kind == "general"


def test_a_sum_of_diagonals_and_their_difference():
    assert (sd.diag(x) + 3 * sd.eye(n)).structure.kind == "diagonal"
    assert (sd.diag(x) - sd.diag(x)).structure.kind == "zero"


def test_a_symmetric_map_needs_equal_weights():
    W2 = sd.tensor("w2", n)
    assert (U @ U.T).structure.symmetric
    assert not ((U * W2[:, None]) @ U.T).structure.symmetric
    assert ((V.T * sd.tensor("w3", d)) @ V).structure.symmetric


def test_structures_of_equal_maps_are_equal():
    assert sd.hessian(fit, x).structure == sd.hessian(fit, x).structure
