"""A tensor used as a linear map, without its entries being formed where its structure allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import add, attrgetter, mul
from typing import Any

from symdl.algebra.structure.kinds import Structure
from symdl.algebra.structure.labelled import Labelled
from symdl.algebra.structure.recognise import recognised
from symdl.algebra.structure.solving import determinant, solution
from symdl.algebra.structure.terms import terms
from symdl.language import linalg
from symdl.language.body import slot
from symdl.language.elementwise import as_tensor
from symdl.language.errors import ShapeError, shape_text
from symdl.language.form import ONE
from symdl.language.rebuild import replaced
from symdl.language.scheme import Access, Scheme
from symdl.language.shaping import at, reshape, zeros
from symdl.language.shaping import transpose as transposed
from symdl.language.solve import solved
from symdl.language.tensor import Equation, Shape, Tensor, transform


def structure(t: Tensor, rows: int | None = None) -> Structure:
    """What a tensor is as a linear map from its last axes to its first ones.

    Parameters
    ----------
    t : Tensor
        Such as a Jacobian or a Hessian.
    rows : int, optional
        How many of its axes are rows; half of them if not given.

    Returns
    -------
    Structure
        What is proved for every size; `general` where nothing is.

    Raises
    ------
    ShapeError
        If the number of axes is odd and `rows` isn't given, or out of range.
    """
    return recognised(_plain(t), _rows(t, rows))


def matvec(t: Tensor, v: Any) -> Tensor:
    """H v, summed over the last axes of H, which are those of v.

    The sums are taken term by term; of a structured map no array of all its entries is made.

    Raises
    ------
    ShapeError
        If the last axes of H don't have the sizes of v.
    """
    v = as_tensor(v)
    rows = t.ndim - v.ndim
    if rows < 0 or t.shape[rows:] != v.shape:
        raise ShapeError(f"matvec: the last axes of {t.label} of shape {shape_text(t.shape)} must "
                         f"have the sizes of the vector, {shape_text(v.shape)}")
    entry = Access(v, tuple(at(k) for k in range(rows, t.ndim)))
    dtype = "int" if {t.dtype, v.dtype} <= {"int", "bool"} else "real"
    products = (replace(s, axes=rows, body=s.body * slot(len(s.leaves)), leaves=(*s.leaves, entry))
                for s in terms(_plain(t), rows))
    return _total([_summed(s, dtype) for s in products], t.shape[:rows])


def rmatvec(t: Tensor, u: Any) -> Tensor:
    """Hᵀ u, summed over the first axes of H, which are those of u.

    Raises
    ------
    ShapeError
        If the first axes of H don't have the sizes of u.
    """
    u = as_tensor(u)
    if t.shape[:u.ndim] != u.shape:
        raise ShapeError(f"rmatvec: the first axes of {t.label} of shape {shape_text(t.shape)} "
                         f"must have the sizes of the vector, {shape_text(u.shape)}")
    return matvec(transposed(t, (*range(u.ndim, t.ndim), *range(u.ndim))), u)


def solve(t: Tensor, b: Any) -> Tensor:
    """X with H x = b, by the structure of H.

    A diagonal is divided by, blocks and Kronecker factors are solved each. Of a diagonal plus low
    rank the smallest entries wait, as many as the rank, and the others are eliminated by the
    formula of Woodbury (Golub & Van Loan, *Matrix Computations*, 4th ed., 2.1.4), so zeros on the
    diagonal do no harm. A banded map, also with low rank added or low rank beside the diagonal, is
    eliminated with pivoting; a sum of Kronecker products of symmetric factors by eigenvectors. Any
    other map is solved as a matrix with all its entries. A singular map gives infinities or NaN,
    or what rounding makes of them.

    Parameters
    ----------
    t : Tensor
        A map of as many rows as columns.
    b : tensor-like
        Of the sizes of its first axes.

    Returns
    -------
    Tensor
        Of the sizes of its last axes.

    Raises
    ------
    ShapeError
        If the first axes of H don't have the sizes of b, or rows and columns differ in number.
    """
    b = as_tensor(b)
    if t.shape[:b.ndim] != b.shape:
        raise ShapeError(f"solve: the first axes of {t.label} of shape {shape_text(t.shape)} must "
                         f"have the sizes of the right side, {shape_text(b.shape)}")
    h = structure(t, b.ndim)
    if not h.frame.square:
        matrix = _flat(t, b.ndim, "solve")
        flat = linalg.solve(matrix, reshape(b, (matrix.shape[0], 1)))
        return reshape(flat, t.shape[b.ndim:])
    by_row, by_column = (sorted(h.frame.open, key=lambda p: k(p) or 0) for k in (
        attrgetter("row"), attrgetter("column")))
    return solution(h, Labelled(b, tuple(by_row))).ordered(by_column)


def logdet(t: Tensor) -> Tensor:
    """Log det H, by the structure of H.

    NaN where the determinant, or that of a block or Kronecker factor, is negative; -inf where it
    is 0. Of a diagonal plus low rank it is log det D + log det(I + VᵀD⁻¹U) (Harville, *Matrix
    Algebra From a Statistician's Perspective*, 1997, theorem 18.1.1), with the smallest entries of
    D left to the second matrix, so D may have zeros.

    Raises
    ------
    ShapeError
        If there are more rows than columns, or fewer.
    """
    rows = _rows(t, None)
    h = structure(t, rows)
    if not h.frame.square:
        return linalg.logdet(_flat(t, rows, "logdet"))
    return determinant(h).log


def diagonal(t: Tensor) -> Tensor:
    """The entries H[i, i], of the sizes of the first half of the axes.

    Raises
    ------
    ShapeError
        If rows and columns don't have the same sizes.
    """
    rows = _rows(t, None)
    if t.shape[:rows] != t.shape[rows:]:
        raise ShapeError(f"diagonal: the rows {shape_text(t.shape[:rows])} and columns "
                         f"{shape_text(t.shape[rows:])} of {t.label} differ")
    parts = []
    for s in terms(_plain(t), rows):
        n = len(s.sizes)
        place = [at(k if k < rows else k - rows) for k in range(n)]
        sizes = (*s.sizes[:rows], *s.sizes[2 * rows:])
        parts.append(_summed(s.place(sizes, rows, place), t.dtype))
    return _total(parts, t.shape[:rows])


def _plain(t: Tensor) -> Tensor:
    """The simplified tensor of a program without names, by which equal equations differ."""
    def change(x: Tensor, new: Mapping[Tensor, Tensor]) -> Tensor:
        moved = replaced(x, new)
        return moved.renamed(None) if isinstance(moved, Equation) else moved

    return transform([t], change)[t].simplify()


def _rows(t: Tensor, rows: int | None) -> int:
    if rows is None and t.ndim % 2:
        raise ShapeError(f"{t.label} of shape {shape_text(t.shape)} has an odd number of axes: "
                         "say how many are rows, as in sd.structure(J, rows=1)")
    found = t.ndim // 2 if rows is None else rows
    if not 0 <= found <= t.ndim:
        raise ShapeError(f"{t.label} has {t.ndim} axes: {found} of them can't be rows")
    return found


def _summed(s: Scheme, dtype: str) -> Tensor | None:
    """The scheme's sum over its bound indices; None where it is 0."""
    new = solved(replace(s, reduce="sum" if len(s.sizes) > s.axes else "none"))
    return None if new is None else Equation.make(new, dtype)


def _total(parts: Sequence[Tensor | None], shape: Shape) -> Tensor:
    found = [x for x in parts if x is not None]
    return (reduce(add, found) if found else zeros(*shape)).simplify()


def _flat(t: Tensor, rows: int, what: str) -> Tensor:
    """The matrix of all entries, rows merged and columns merged."""
    height, width = (reduce(mul, sizes, ONE) for sizes in (t.shape[:rows], t.shape[rows:]))
    if height != width:
        raise ShapeError(f"{what}: {t.label} of shape {shape_text(t.shape)} has {height} rows and "
                         f"{width} columns")
    return reshape(t, (height, width))
