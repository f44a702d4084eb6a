"""Systems and determinants of D + U Vᵀ with a diagonal D, and of U Vᵀ alone.

The formula of Woodbury divides by D. If the whole map is invertible, at most as many entries of D
are 0 as U has columns, r: a singular value of D + U Vᵀ is at most the one of D that is r places
further up (Horn & Johnson, *Matrix Analysis*, 2nd ed., 7.3.P16). So the r smallest entries of D,
those of the places S, wait: the others, N, are eliminated first, and a system of 2 r equations
is left, which is solved with exchanges of rows:

    [ D_S               U_S         ] [x_S]   [      b_S      ]
    [-V_Sᵀ   I + V_Nᵀ D_N⁻¹ U_N     ] [ y ] = [V_Nᵀ D_N⁻¹ b_N ],     x_N = D_N⁻¹ (b_N - U_N y).

It is the bordered matrix [D, U; -Vᵀ, I] without its pivots of N, and for an empty S the formula
of Woodbury (Golub & Van Loan, *Matrix Computations*, 4th ed., 2.1.4). Where D is a multiple of
the identity S is empty: either none of its entries is 0 or all are.
"""

from __future__ import annotations

from dataclasses import dataclass

from symdl.algebra.structure.determinants import Determinant, of_matrix, of_product
from symdl.algebra.structure.parts import zero
from symdl.language import linalg
from symdl.language.body import slot
from symdl.language.elementwise import as_tensor, function, less_equal
from symdl.language.form import Form
from symdl.language.guard import Guard
from symdl.language.indexing import integer_entry
from symdl.language.linalg import argsort
from symdl.language.reductions import argmin
from symdl.language.scheme import Access, Scheme
from symdl.language.selection import where
from symdl.language.shaping import (
    at,
    broadcast_to,
    concatenate,
    expand_dims,
    eye,
    indicator,
    squeeze,
    swapaxes,
    view,
)
from symdl.language.solve import solved
from symdl.language.tensor import Equation, Tensor

_abs = function("abs")
EPSILON = 2.0**-52
"""The distance from 1 to the next number."""


@dataclass(frozen=True)
class Split:
    """D + U Vᵀ for each index over some leading axes, and the places S that wait.

    Attributes
    ----------
    diagonal : Tensor, (..., n)
        D.
    left, right : Tensor, (..., n, r)
        U and V.
    places : Tensor of int, (..., r), or None
        S; None where it is empty. Of more than n places the first n count.
    """

    diagonal: Tensor
    left: Tensor
    right: Tensor
    places: Tensor | None


def split(diagonal: Tensor, left: Tensor, right: Tensor, constant: bool) -> Split:
    """D + U Vᵀ with the r smallest entries of D set apart, unless they are known to be equal."""
    return Split(diagonal, left, right,
                 None if constant else _smallest(diagonal, left.shape[-1]))


def split_solve(h: Split, b: Tensor) -> Tensor:
    """X with (D + U Vᵀ) X = B, for B of shape (..., n, k)."""
    inverse, r = column(_inverse(h)), h.left.shape[-1]
    weighed = inverse * h.left, inverse * b
    small, right = eye(r) + _products(h.right, weighed[0]), _products(h.right, weighed[1])
    if h.places is None:
        return weighed[1] - weighed[0] @ _small_solve(small, right)
    x, y = _solved(h, _bordered(h, small), _taken(b, h.places), right)
    return weighed[1] - weighed[0] @ y + _placed(x, h.places, b.shape[-2])


def split_determinant(h: Split) -> Determinant:
    """Det D_N times the determinant of the system that is left."""
    r = h.left.shape[-1]
    small = eye(r) + _products(h.right, column(_inverse(h)) * h.left)
    if h.places is None:
        return of_product(h.diagonal) * of_matrix(small)
    blocks = _bordered(h, small)
    left = (of_product(squeeze(_two_by_two(blocks, h), -1)) if r == 1
            else of_matrix(_joined(blocks)))
    return of_product(where(_waiting(h), 1, h.diagonal)) * left


@dataclass(frozen=True)
class Blocks:
    """The matrix [A, B; C, D]."""

    a: Tensor
    b: Tensor
    c: Tensor
    d: Tensor


def _bordered(h: Split, small: Tensor) -> Blocks:
    """[D_S, U_S; -V_Sᵀ, small]; a place too many has a 1 in D_S and nothing else."""
    assert h.places is not None
    d, u, v = (_taken(x, h.places) for x in (column(h.diagonal), h.left, h.right))
    r = h.left.shape[-1]
    besides = broadcast_to(indicator((r,), (Guard(at(0) - h.diagonal.shape[-1], ">="),)),
                           h.places.shape)
    return Blocks(eye(r) * (d + column(besides)), u, -swapaxes(v, -2, -1), small)


def _joined(m: Blocks) -> Tensor:
    return concatenate([concatenate([m.a, m.b], -1), concatenate([m.c, m.d], -1)], -2)


def _solved(h: Split, m: Blocks, right: Tensor, last: Tensor) -> tuple[Tensor, Tensor]:
    """The two halves of the solution, by Cramer's rule where there are two equations."""
    r = m.a.shape[-1]
    if r == 1:
        det = _two_by_two(m, h)
        return (m.d * right - m.b * last) / det, (m.a * last - m.c * right) / det
    both = linalg.solve(_joined(m), concatenate([right, last], -2))
    return both[..., :r, :], both[..., r:, :]


def _two_by_two(m: Blocks, h: Split) -> Tensor:
    """A D - B C, of single entries; 0 where the sums in it round by as much.

    So the covariance of a softmax, which is singular for every x, is singular in floats too.
    """
    terms = _products(_abs(h.right), _abs(column(_inverse(h)) * h.left))
    size = _abs(m.a) * (1 + terms) + _abs(m.b * m.c)
    det = m.a * m.d - m.b * m.c
    return where(less_equal(_abs(det), EPSILON * as_tensor(h.diagonal.shape[-1]) * size), 0, det)


def _inverse(h: Split) -> Tensor:
    """1 / D, and 0 at the places that wait."""
    return 1 / h.diagonal if h.places is None else where(_waiting(h), 0, 1 / h.diagonal)


def _waiting(h: Split) -> Tensor:
    """Which places are in S."""
    assert h.places is not None
    ones = broadcast_to(1, (*h.places.shape, 1))
    return squeeze(_placed(ones, h.places, h.diagonal.shape[-1]), -1) > 0


def _products(v: Tensor, x: Tensor) -> Tensor:
    """Vᵀ X."""
    return swapaxes(v, -2, -1) @ x


def _small_solve(a: Tensor, b: Tensor) -> Tensor:
    return b / a if a.shape[-1] == 1 else linalg.solve(a, b)


def _smallest(d: Tensor, r: Form) -> Tensor:
    """The places of the r entries of the smallest magnitude; 0 beyond the last one."""
    if r == 1:
        return column(argmin(_abs(d), axis=d.ndim - 1))
    order = argsort(_abs(d), -1)
    return view(order, (*d.shape[:-1], r), [at(k) for k in range(d.ndim)],
                (Guard(d.shape[-1] - 1 - at(d.ndim - 1), ">="),))


def _taken(x: Tensor, places: Tensor) -> Tensor:
    """The rows of a matrix at some places, as many as it has rows; 0 after that."""
    lead = places.ndim - 1
    batch = [at(k) for k in range(lead)]
    row = integer_entry(places, [*batch, at(lead)])
    return view(x, (*places.shape, x.shape[-1]), [*batch, row, at(lead + 1)],
                (Guard(x.shape[-2] - 1 - at(lead), ">="),))


def _placed(x: Tensor, places: Tensor, n: Form) -> Tensor:
    """The matrix of n rows that has those of x at some places, as many as it has rows, and 0."""
    lead = places.ndim - 1
    batch, row, k, place = [at(a) for a in range(lead)], at(lead), at(lead + 1), at(lead + 2)
    sizes = (*places.shape[:-1], n, x.shape[-1], places.shape[-1])
    guards = (Guard(n - 1 - place, ">="),
              Guard(row - integer_entry(places, [*batch, place]), "=="))
    s = Scheme(sizes, lead + 2, "sum", guards, slot(0), (Access(x, (*batch, place, k)),))
    return Equation.make(solved(s) or zero(sizes[:-1]), x.dtype)


def column(d: Tensor) -> Tensor:
    """A vector as a matrix of one column."""
    return expand_dims(d, d.ndim)
