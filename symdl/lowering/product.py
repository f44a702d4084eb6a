"""Matrix products: sums of two bare factors that a BLAS routine computes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import sympy

from symdl.language.body import slot
from symdl.language.form import Form, Idx
from symdl.language.scheme import Access, Scheme
from symdl.language.tensor import Equation, Tensor


@dataclass(frozen=True)
class Factor:
    """One factor as matrices: leading axes of any order, then rows and columns as stored.

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

    @property
    def lead(self) -> tuple[Form, ...]:
        """The indices before those of the matrix."""
        return self.access.index[: len(self.access.index) - len(self.rows) - len(self.columns)]


@dataclass(frozen=True)
class Product:
    """`result[lead, m, n] = sum_over sum_k left[..., m, k] right[..., k, n]`, maybe transposed.

    Attributes
    ----------
    lead, over : tuple of int
        The axes and the bound indices that loops around the matrix product run over.
    m, n, k : tuple of int
        The indices of its rows, its columns and its terms.
    """

    result: Tensor
    scheme: Scheme
    lead: tuple[int, ...]
    over: tuple[int, ...]
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

    @property
    def symmetric(self) -> bool:
        """Whether the result is seen to be symmetric: one factor is the other one, weighted."""
        if self.lead or len(self.m) != len(self.n):
            return False
        return _weighs(self.right, self.n, self.left, self.m, self.k) or _weighs(
            self.left, self.m, self.right, self.n, self.k)


def product(t: Tensor, s: Scheme, fixed: int | None = None) -> Product | None:
    """The matrix product that an equation is, if it is one.

    As few indices as possible are left to loops around it.
    """
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
    axes = [k for k in range(s.axes) if k != fixed]
    summed = [k for k in at[0] if k >= s.axes]
    if set(summed) != set(s.bound) or not set(s.bound) <= set(at[1]):
        return None
    found = next(_splits(axes, summed, at[0], at[1]), None)
    if found is None:
        return None
    lead, over, (m, n, k), swapped = found
    if swapped:
        first, second, at = second, first, at[::-1]
    left = _factor(first, at[0], m, k)  # type: ignore[arg-type]
    right = _factor(second, at[1], k, n)  # type: ignore[arg-type]
    assert left is not None and right is not None
    return Product(t, s, lead, over, m, n, k, left, right)


def _weighs(f: Factor, free: Sequence[int], plain: Factor, other: Sequence[int],
            terms: Sequence[int]) -> bool:
    """Whether f's entries are the plain factor's at the same terms, times what knows terms only."""
    new = dict(zip(other, free, strict=True)) | {k: k for k in terms}
    if not all(isinstance(x.atom, Idx) and x.atom.position in new for x in plain.access.index):
        return False
    wanted = [new[x.atom.position] for x in plain.access.index]  # type: ignore[union-attr]
    if f.access.tensor is plain.access.tensor:
        return [x.atom.position for x in f.access.index] == wanted  # type: ignore[union-attr]
    t = f.access.tensor
    if not isinstance(t, Equation) or t.scheme.reduce != "none" or t.scheme.guards:
        return False
    at = [x.atom.position for x in f.access.index]  # type: ignore[union-attr]
    inside = {k for k, x in enumerate(at) if x in free}
    held = [x for x in t.scheme.leaves if any(g.indices & inside for g in x.forms)]
    if len(held) != 1 or not isinstance(held[0], Access) or held[0].mask:
        return False
    power = t.scheme.body.as_independent(slot(t.scheme.leaves.index(held[0])))[1]
    return held[0].tensor is plain.access.tensor and power.is_Symbol and (
        [at[x.atom.position] for x in held[0].index if isinstance(x.atom, Idx)] == wanted)


Matrix = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]


def _splits(axes: Sequence[int], summed: Sequence[int], a: Sequence[int], b: Sequence[int],
            ) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], Matrix, bool]]:
    """The ways to leave leading axes and terms to loops, fewest first: lead, over, m n k."""
    for outer in range(len(axes)):
        rest = axes[outer:]
        if any(x in a and x in b for x in rest):
            continue
        sides = [(key, tuple(run)) for key, run in groupby(rest, lambda x: x in a)]
        if len(sides) > 2:
            continue
        swapped = not sides[0][0]
        m = sides[0][1]
        n = sides[1][1] if len(sides) > 1 else ()
        x, y = (b, a) if swapped else (a, b)
        if len(sides) == 1 and swapped:  # a vector's product keeps the order of its factors
            x, y, m, n, swapped = a, b, (), m, False
        for terms in range(len(summed)):
            k = tuple(summed[terms:])
            if _stored(x, m, k) and _stored(y, k, n):
                yield tuple(axes[:outer]), tuple(summed[:terms]), (m, n, k), swapped


def _stored(order: Sequence[int], rows: Sequence[int], columns: Sequence[int]) -> bool:
    """Whether a factor ends with these rows and columns, one way or the other."""
    tail = list(order[len(order) - len(rows) - len(columns):])
    return tail in ([*rows, *columns], [*columns, *rows])


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


def _factor(x: Access, at: Collection[int], rows: tuple[int, ...], columns: tuple[int, ...],
            ) -> Factor | None:
    tail = tuple(at)[len(at) - len(rows) - len(columns):]
    if tail == (*rows, *columns):
        return Factor(x, rows, columns)
    if tail == (*columns, *rows):
        return Factor(x, columns, rows)
    return None
