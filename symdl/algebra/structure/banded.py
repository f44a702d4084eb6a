"""Banded systems with a border, and their determinants."""

from __future__ import annotations

from symdl.algebra.structure.bordered import Bordered
from symdl.algebra.structure.determinants import Determinant, of_matrix, of_product
from symdl.algebra.structure.elimination import back, eliminated, forward, row_of, time_first
from symdl.language import linalg
from symdl.language.elementwise import equal_to
from symdl.language.selection import where
from symdl.language.shaping import flip, squeeze, transpose
from symdl.language.tensor import Tensor


def banded_solve(system: Bordered, b: Tensor) -> Tensor:
    """X with (A + U Vᵀ) X = B, for B of shape (..., n, k)."""
    rows, r = b.ndim - 2, system.rank
    if system.leans:
        return flip(banded_solve(system.turned, flip(b, rows)), rows)
    if system.plain:
        return back(time_first(system.bands), time_first(b), system.right)
    done = eliminated(system)
    right, last = forward(done, b, system.below)
    if r != 0:
        y = linalg.solve(done.border, last)
        right = right - squeeze(row_of(done.pivots[..., done.pivots.shape[-1] - r:]) @ y, -2)
    return back(done.pivots, right, system.right)


def banded_determinant(system: Bordered) -> Determinant:
    """Det (A + U Vᵀ), from the pivots and the exchanges of rows."""
    if system.leans:
        return banded_determinant(system.turned)
    if system.plain:
        return of_product(system.bands[..., 0])
    done = eliminated(system)
    lead = done.chosen.ndim - 1
    chosen = transpose(done.chosen, [*range(1, lead + 1), 0])
    pivots = transpose(done.pivots[..., 0], [*range(1, lead + 1), 0])
    found = of_product(where(equal_to(chosen, 0), pivots, -pivots))
    return found if system.rank == 0 else found * of_matrix(done.border)
