"""Every domain draws what its name says."""

from __future__ import annotations

import numpy as np
import pytest

from symdl.evidence import domains
from symdl.evidence.domains import DOMAINS


def transpose(a):
    return np.swapaxes(a, -1, -2)


MEMBERS = {
    "real": lambda a: np.isfinite(a).all() and (a < 0).any() and (a > 0).any(),
    "positive": lambda a: (a > 0.01).all(),
    "negative": lambda a: (a < -0.01).all(),
    "unit_interval": lambda a: ((a >= 0.05) & (a <= 0.95)).all(),
    "binary": lambda a: set(a.ravel()) == {0.0, 1.0},
    "simplex": lambda a: (a > 0).all() and np.allclose(a.sum(-1), 1),
    "unit_vector": lambda a: np.allclose((a**2).sum(-1), 1),
    "one_hot": lambda a: set(a.ravel()) == {0.0, 1.0} and (a.sum(-1) == 1).all(),
    "symmetric": lambda a: (a == transpose(a)).all(),
    "skew_symmetric": lambda a: (a == -transpose(a)).all(),
    "positive_definite": lambda a: (a == transpose(a)).all() and np.linalg.eigvalsh(a).min() > 0.5,
    "orthogonal": lambda a: np.allclose(a @ transpose(a), np.eye(a.shape[-1])),
    "diagonal": lambda a: (a[..., ~np.eye(a.shape[-1], dtype=bool)] == 0).all(),
    "lower_triangular": lambda a: (a == np.tril(a)).all(),
    "upper_triangular": lambda a: (a == np.triu(a)).all(),
    "lower_positive": lambda a: (
        (a == np.tril(a)).all() and (np.diagonal(a, axis1=-2, axis2=-1) > 0).all()
    ),
}


@pytest.mark.parametrize("name", DOMAINS)
@pytest.mark.parametrize("shape", [(4, 4), (6, 3, 3)])
def test_a_draw_lies_in_its_domain(name, shape):
    drawn = DOMAINS[name].draw(shape, np.random.default_rng(3))
    assert drawn.shape == shape
    assert drawn.dtype == np.float64
    assert MEMBERS[name](drawn)
    assert np.any(drawn != 0)


@pytest.mark.parametrize("name", DOMAINS)
@pytest.mark.parametrize("shape", [(0, 0), (0, 3, 3), (2, 1, 1)])
def test_small_and_empty_shapes(name, shape):
    assert DOMAINS[name].draw(shape, np.random.default_rng(0)).shape == shape


@pytest.mark.parametrize("name", [name for name, d in DOMAINS.items() if d.entrywise])
def test_entrywise_domains_draw_scalars(name):
    assert DOMAINS[name].draw((), np.random.default_rng(0)).shape == ()


def test_both_orientations_are_drawn():
    drawn = domains.ORTHOGONAL.draw((50, 3, 3), np.random.default_rng(0))
    assert set(np.sign(np.linalg.det(drawn))) == {-1.0, 1.0}


def test_ranges():
    generator = np.random.default_rng(0)
    assert set(domains.integers(-1, 3).draw((200,), generator)) == {-1, 0, 1, 2}
    assert domains.integers(0, 2).draw((3,), generator).dtype == np.int64
    drawn = domains.interval(2.0, 2.5).draw((100,), generator)
    assert drawn.min() >= 2
    assert drawn.max() < 2.5


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda g: domains.SYMMETRIC.draw((2, 3), g), r"symmetric: a square matrix .* \(2, 3\)"),
        (lambda g: domains.SIMPLEX.draw((), g), "simplex: at least 1 axes"),
        (lambda g: domains.integers(3, 3), "none in 3 <= k < 3"),
        (lambda g: domains.interval(1.0, 0.0), "1.0 is not below 0.0"),
    ],
)
def test_impossible_draws_say_why(draw, message):
    with pytest.raises(ValueError, match=message):
        draw(np.random.default_rng(0))
