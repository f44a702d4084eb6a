"""A rule for sums of outer products whose columns have one matrix in front."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import sympy

from symdl.algebra.bodies import entries, equation, indices, moved, plus_leaves, powers, rebuilt
from symdl.algebra.like_chains import Link
from symdl.algebra.rule import Network, Rule
from symdl.language.body import slot, slots_of, substitute
from symdl.language.form import Idx
from symdl.language.reductions import matmul
from symdl.language.scheme import Access, Leaf, Scheme
from symdl.language.shaping import at
from symdl.language.tensor import Equation, Tensor


@dataclass(frozen=True)
class _Outer:
    """`coefficient * (matrix @ column)[i] * row[j]`, a term of a sum."""

    term: sympy.Expr
    coefficient: sympy.Expr
    matrix: Link
    column: Tensor
    row: Tensor
    place: tuple[int, int]


def common_matrix(y: Equation, network: Network) -> Tensor | None:
    """A u v' + A w z' = A (u v' + w z')."""
    s = y.scheme
    if s.reduce != "none":
        return None
    for total in (e for e in sympy.preorder_traversal(s.body) if e.is_Add):
        found = [o for t in total.args for o in _outers(t, s)]
        for p, q in combinations(found, 2):
            if p.term != q.term and (p.matrix, p.place) == (q.matrix, q.place):
                product = matmul(p.matrix.tensor, _added(p, q, s))
                entry = Access(product, tuple(map(at, p.place)))
                body = total - p.term - q.term + slot(len(s.leaves))
                return rebuilt(y, plus_leaves(s, substitute(s.body, {total: body}), [entry]))
    return None


def _outers(term: sympy.Expr, s: Scheme) -> Iterator[_Outer]:
    """The ways to read a term as an outer product with a matrix in front of its column."""
    _, found = powers(term)
    vectors = {base: x for base, e in found.items() if base.is_Symbol and e == 1
               for x in [s.leaves[slots_of(base)[0]]]
               if isinstance(x, Access) and x.tensor.ndim == 1 and not x.mask
               and isinstance(x.index[0].atom, Idx)}
    coefficient = term / sympy.Mul(*vectors)
    if len(vectors) != 2 or indices(coefficient, s):
        return
    for column, row in (tuple(vectors.values()), tuple(vectors.values())[::-1]):
        i, j = (next(iter(x.index[0].indices)) for x in (column, row))
        inner = _product(column.tensor)
        if inner is not None and i != j:
            yield _Outer(term, coefficient, *inner, row.tensor, (i, j))


def _product(t: Tensor) -> tuple[Link, Tensor] | None:
    """A and u of A u."""
    if not isinstance(t, Equation) or t.name is not None or t.scheme.guards:
        return None
    s = t.scheme
    if s.reduce != "sum" or len(s.bound) != 1 or s.body != slot(0) * slot(1):
        return None
    for k, x in entries(s):
        z = s.leaves[1 - k]
        if isinstance(z, Access) and not (x.mask or z.mask) and z.index == (at(1),) and (
                x.index in ((at(0), at(1)), (at(1), at(0)))):
            return Link(x.tensor, x.index[0] == at(1)), z.tensor
    return None


def _added(p: _Outer, q: _Outer, s: Scheme) -> Tensor:
    """The sum of the outer products without the matrix."""
    leaves: list[Leaf] = []
    body = sympy.S.Zero
    for o in (p, q):
        pair = [Access(o.column, (at(0),)), Access(o.row, (at(1),))]
        leaves.extend(x for x in pair if x not in leaves)
        body += moved(o.coefficient, s.leaves, leaves) * sympy.Mul(
            *(slot(leaves.index(x)) for x in pair))
    shape = (*p.column.shape, *p.row.shape)
    return equation(Scheme(shape, 2, "none", (), body, tuple(leaves)))


RULES = (
    Rule("common matrix", "outer products with the same matrix before their columns",
         "a product less", common_matrix),
)
