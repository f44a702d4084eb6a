"""Differences of the entries of a vector: where they are 0, a primitive may have no derivative."""

from __future__ import annotations

import sympy

from symdl.language.body import piecewise, slot
from symdl.language.form import ONE
from symdl.language.guard import Guard
from symdl.language.scheme import Access, Scheme, Value
from symdl.language.shaping import at
from symdl.language.tensor import Equation, Tensor


def gaps(x: Tensor) -> Tensor:
    """x_i - x_j for all entries along the last axis; 1 where i = j."""
    n = x.ndim
    lead = tuple(at(k) for k in range(n - 1))
    i, j = at(n - 1), at(n)
    leaves = (Access(x, (*lead, i)), Access(x, (*lead, j)), Value(ONE, (Guard(i - j, "=="),)))
    body = piecewise((sympy.S.One, slot(2) > 0), (slot(0) - slot(1), True))
    return Equation.make(Scheme((*x.shape, x.shape[-1]), n + 1, "none", (), body, leaves))


def over_gaps(m: Tensor, x: Tensor) -> Tensor:
    """M_ij / (x_j - x_i) off the diagonal, 0 on it."""
    n = x.ndim
    lead = tuple(at(k) for k in range(n - 1))
    i, j = at(n - 1), at(n)
    leaves = (Access(m, (*lead, i, j)), Access(x, (*lead, j)), Access(x, (*lead, i)))
    body = slot(0) / (slot(1) - slot(2))
    return Equation.make(Scheme(m.shape, m.ndim, "none", (Guard(i - j, "!="),), body, leaves))
