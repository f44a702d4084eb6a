"""Linear systems and determinants by structure: each kind in its own number of operations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce as fold
from operator import mul

from symdl.algebra.structure.banded import Bordered, banded_determinant, banded_solve
from symdl.algebra.structure.composite import BlockDiagonal, Kronecker, KroneckerSum, Permuted
from symdl.algebra.structure.determinants import Determinant, of_axes, of_matrix, of_product, unit
from symdl.algebra.structure.entries import entries
from symdl.algebra.structure.kinds import (
    Banded,
    Diagonal,
    LowRank,
    PlusLowRank,
    Quasiseparable,
    Structure,
    Triangular,
)
from symdl.algebra.structure.labelled import Labelled
from symdl.algebra.structure.quasiseparable import Sums, unrolled
from symdl.algebra.structure.regimes import Regimes, compared, cut, joined, regimes
from symdl.algebra.structure.spectra import spectral_determinant, spectral_solution
from symdl.algebra.structure.woodbury import column, split, split_determinant, split_solve
from symdl.language.elementwise import function
from symdl.language.form import ONE, ZERO, Form
from symdl.language.linalg import solve, triangular_solve
from symdl.language.selection import where
from symdl.language.shaping import broadcast_to, diagonal, squeeze, zeros
from symdl.language.tensor import Tensor

_log = function("log")


@dataclass(frozen=True)
class Method:
    """What solves with a map, for a matrix for each index over the batch; its determinant."""

    solve: Callable[[Tensor], Tensor]
    determinant: Callable[[], Determinant]


def solution(h: Structure, b: Labelled) -> Labelled:
    """X with H X = B."""
    if isinstance(h, Kronecker):
        return fold(lambda x, factor: solution(factor, x), h.factors, b)
    if isinstance(h, BlockDiagonal):
        return solution(h.block, b)
    if isinstance(h, Permuted):
        return solution(h.core, b)
    if isinstance(h, KroneckerSum) and not h.dense:
        return spectral_solution(h, b)
    if isinstance(h, Diagonal) and h.one:
        return b
    return b.along(h.frame, _method(h).solve)


def determinant(h: Structure) -> Determinant:
    """Det H for each index over the batch."""
    lead = len(h.frame.batch)
    if isinstance(h, Kronecker):
        return fold(mul, (_power(f, h) for f in h.factors), unit(h.frame.lead))
    if isinstance(h, BlockDiagonal):
        block = determinant(h.block)
        return block.over(range(lead, block.size.ndim))
    if isinstance(h, Permuted):
        places = h.frame.open
        return determinant(h.core) * of_axes([p.column or 0 for p in places],
                                             [p.width for p in places])
    if isinstance(h, KroneckerSum) and not h.dense:
        return spectral_determinant(h)
    if isinstance(h, Diagonal) and h.one:
        return unit(h.frame.lead)
    return _method(h).determinant()


def _power(factor: Structure, whole: Kronecker) -> Determinant:
    """Det (A ⊗ B) = (det A)^m (det B)^n, for A of n rows and B of m."""
    others = (f.frame.rows for f in whole.factors if f is not factor)
    return determinant(factor).power(fold(mul, others, ONE))


def _method(h: Structure) -> Method:
    """The method for a map whose rows and columns are merged."""
    n = h.frame.rows
    if isinstance(h, Diagonal):
        return Method(lambda b: b / column(h.entries), lambda: of_product(_all(h)))
    if isinstance(h, Triangular):
        return Method(lambda b: triangular_solve(h.matrix, b, h.lower),
                      lambda: of_product(diagonal(h.matrix)))
    if isinstance(h, LowRank):
        return _either(h, compared(h.rank, n), lambda r: _singular(h, n * r.few))
    if isinstance(h, PlusLowRank) and isinstance(base := h.base, Diagonal):
        return _either(h, regimes(h.update.rank, n), lambda r: _split(h, base, r.few))
    if isinstance(h, (Banded, Quasiseparable, PlusLowRank)):
        system, sums = _bordered(h)
        return _either(h, regimes(system.width, n), lambda r: _banded(system.cut(r.few), sums))
    return _dense(h, n)


def _either(h: Structure, which: Regimes, few: Callable[[Regimes], Method]) -> Method:
    """The method for few columns, and all entries for many."""
    if which.full == ZERO:
        return few(which)
    n = h.frame.rows
    methods = few(which), _dense(h, n * which.full)
    rows = n * which.few, n * which.full

    def solved(b: Tensor) -> Tensor:
        first, second = (m.solve(cut(b, k, b.shape[-1]))
                         for m, k in zip(methods, rows, strict=True))
        return joined((first, second), n)

    return Method(solved, lambda: methods[0].determinant() * methods[1].determinant())


def _dense(h: Structure, n: Form) -> Method:
    return Method(lambda b: solve(entries(h, n), b), lambda: of_matrix(entries(h, n)))


def _singular(h: Structure, n: Form) -> Method:
    """A map of n rows and a smaller rank, if it has any rows."""
    sign = broadcast_to(where(n >= 1, 0, 1), h.frame.lead)
    return Method(lambda b: b / zeros(*h.frame.lead, n, 1), lambda: Determinant(sign, _log(sign)))


def _split(h: PlusLowRank, base: Diagonal, few: Form) -> Method:
    n, r = h.frame.rows * few, h.update.rank * few
    d = squeeze(cut(column(_all(base)), n, ONE), -1)
    parts = split(d, cut(h.update.left, n, r), cut(h.update.right, n, r),
                  constant=base.constant and r.constant is None)
    return Method(lambda b: split_solve(parts, b), lambda: split_determinant(parts))


def _bordered(h: Banded | Quasiseparable | PlusLowRank) -> tuple[Bordered, Sums]:
    """The banded system that a map is or is part of, with its border."""
    base, frame = (h.base, h.frame) if isinstance(h, PlusLowRank) else (h, h.frame)
    none = zeros(*frame.lead, frame.rows, 0)
    left, right = (h.update.left, h.update.right) if isinstance(h, PlusLowRank) else (none, none)
    if isinstance(base, Quasiseparable):
        return unrolled(base, left, right)
    assert isinstance(base, Banded)
    return Bordered(base.bands, base.below, left, right), Sums(ZERO, ZERO)


def _banded(system: Bordered, sums: Sums) -> Method:
    return Method(lambda b: sums.without(banded_solve(system, sums.beside(b))),
                  lambda: banded_determinant(system))


def _all(h: Diagonal) -> Tensor:
    return broadcast_to(h.entries, (*h.frame.lead, h.frame.rows))
