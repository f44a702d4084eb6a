"""Matrix products: sums of two bare factors that a BLAS routine computes."""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from symdl.language.form import Form, Idx
from symdl.language.scheme import Access, Scheme
from symdl.language.tensor import Tensor


@dataclass(frozen=True)
class Factor:
    """One factor as a stack of matrices: batch axes, then rows and columns as stored.

    Attributes
    ----------
    access : Access
        What is read.
    rows, columns : tuple of int
        The equation's indices that run over the stored rows and columns.
    """

    access: Access
    rows: tuple[int, ...]
    columns: tuple[int, ...]


@dataclass(frozen=True)
class Product:
    """`result[batch, m, n] = sum_k left[batch, m, k] right[batch, k, n]`, maybe transposed."""

    result: Tensor
    scheme: Scheme
    batch: tuple[int, ...]
    m: tuple[int, ...]
    n: tuple[int, ...]
    k: tuple[int, ...]
    left: Factor
    right: Factor

    @property
    def left_transposed(self) -> bool:
        """Whether the left factor is stored k by m."""
        return self.left.rows == self.k and self.left.rows != self.m

    @property
    def right_transposed(self) -> bool:
        """Whether the right factor is stored n by k."""
        return self.right.columns == self.k and self.right.columns != self.n



def product(t: Tensor, s: Scheme, fixed: int | None = None) -> Product | None:
    """The matrix product that an equation is, if it is one."""
    if s.reduce != "sum" or s.guards or len(s.leaves) != 2 or fixed not in (None, 0):
        return None
    if s.body != sympy.Mul(*sympy.symbols("a0 a1", real=True)):
        return None
    first, second = s.leaves
    if not isinstance(first, Access) or not isinstance(second, Access):
        return None
    if any(x.dtype != "real" for x in (t, first.tensor, second.tensor)):
        return None
    at = [_positions(x, s, fixed) for x in (first, second)]
    if at[0] is None or at[1] is None:
        return None
    a, b = set(at[0]), set(at[1])
    axes = [k for k in range(s.axes) if k != fixed]
    batch = tuple(k for k in axes if k in a and k in b)
    m = tuple(k for k in axes if k in a and k not in b)
    n = tuple(k for k in axes if k in b and k not in a)
    summed = list(s.bound)
    if any(k not in a or k not in b for k in summed) or not (m or n):
        return None
    if m and n and (max(m) > min(n)):
        if max(n) > min(m):
            return None
        first, second, at, m, n = second, first, at[::-1], n, m
    if [*batch, *m, *n] != axes:
        return None
    k = tuple(x for x in at[0] if x in summed)  # type: ignore[union-attr]
    if k != tuple(x for x in at[1] if x in summed):  # type: ignore[union-attr]
        return None
    left = _factor(first, at[0], batch, m, k)  # type: ignore[arg-type]
    right = _factor(second, at[1], batch, k, n)  # type: ignore[arg-type]
    if left is None or right is None:
        return None
    return Product(t, s, batch, m, n, k, left, right)


def _positions(x: Access, s: Scheme, fixed: int | None) -> list[int] | None:
    """The index at each axis: bare, different, over the whole axis; leading ones may be fixed."""
    found: list[int] = []
    for f, size in zip(x.index, x.tensor.shape, strict=True):
        if not found and (not f.indices or f.indices == {fixed}):
            continue
        if not isinstance(f.atom, Idx) or f.atom.position == fixed:
            return None
        if s.sizes[f.atom.position] != size:
            return None
        found.append(f.atom.position)
    if x.mask or len(set(found)) != len(found):
        return None
    return found


def _factor(x: Access, at: list[int], batch: tuple[int, ...], rows: tuple[int, ...],
            columns: tuple[int, ...]) -> Factor | None:
    order = tuple(at)
    if order == (*batch, *rows, *columns):
        return Factor(x, rows, columns)
    if order == (*batch, *columns, *rows):
        return Factor(x, columns, rows)
    return None


def outer_index(x: Access, count: int) -> tuple[Form, ...]:
    """The fixed leading indices of a factor, given how many axes the product runs over."""
    return x.index[: len(x.index) - count]
