"""One of two methods, chosen by sizes when a kernel runs.

A method that is worth its while for few columns, such as those of a low rank or a band, and the
matrix of all entries for many. Both are in the program; sizes are multiplied by 1 for the method
that is chosen, and by 0 for the other one.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from symdl.language.body import slot
from symdl.language.form import ONE, ZERO, Form, least, quotient
from symdl.language.guard import Guard
from symdl.language.scheme import Access, Scheme
from symdl.language.shaping import at, view
from symdl.language.tensor import Equation, Tensor


@dataclass(frozen=True)
class Regimes:
    """Two forms, one of which is 1 and the other 0."""

    few: Form
    full: Form


def regimes(count: Form, n: Form) -> Regimes:
    """`few` is 1 where count < n; for a number, always, whatever n."""
    if count.constant is not None:
        return Regimes(ONE, ZERO)
    return compared(count, n)


def compared(count: Form, n: Form) -> Regimes:
    """`few` is 1 where count < n, and `full` where not."""
    return Regimes(least(ONE, quotient(n, count + 1)), least(ONE, quotient(count + 1, n + 1)))


def cut(x: Tensor, rows: Form, columns: Form) -> Tensor:
    """The first rows and columns of a matrix; at most as many as it has."""
    sizes = (*x.shape[:-2], rows, columns)
    if sizes == x.shape:
        return x
    k, m = x.ndim - 2, x.ndim - 1
    inside = (Guard(x.shape[k] - 1 - at(k), ">="), Guard(x.shape[m] - 1 - at(m), ">="))
    return view(x, sizes, [at(a) for a in range(x.ndim)], inside)


def joined(parts: tuple[Tensor, Tensor], n: Form) -> Tensor:
    """N rows, those of one of two matrices; the other one has none."""
    sizes = (*parts[0].shape[:-2], n, parts[0].shape[-1])
    row = len(sizes) - 2
    index = tuple(at(a) for a in range(len(sizes)))
    leaves = tuple(Access(x, index, (Guard(x.shape[row] - 1 - at(row), ">="),)) for x in parts)
    return Equation.make(Scheme(sizes, len(sizes), "none", (), sympy.Add(slot(0), slot(1)), leaves))
