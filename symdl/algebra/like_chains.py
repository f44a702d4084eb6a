"""A rule for sums of products of matrices that differ in one factor, or in none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import combinations

import sympy

from symdl.algebra.bodies import entries, equation, indices, moved, plus_leaves, rebuilt
from symdl.algebra.facts import is_symmetric
from symdl.algebra.rule import Network, Rule
from symdl.algebra.symmetry import is_symmetric_inverse
from symdl.language.body import slot, substitute
from symdl.language.form import Idx
from symdl.language.inline import is_view
from symdl.language.reductions import matmul
from symdl.language.scheme import Access, Leaf, Scheme
from symdl.language.shaping import at, swapaxes
from symdl.language.tensor import Equation, Tensor


@dataclass(frozen=True)
class Link:
    """A factor of a product of matrices, or its transpose."""

    matrix: Tensor
    turned: bool = False

    @property
    def tensor(self) -> Tensor:
        """The factor."""
        return swapaxes(self.matrix, 0, 1) if self.turned else self.matrix

    @property
    def transposed(self) -> Link:
        """The factor's transpose."""
        return Link(self.matrix, not self.turned and not _is_symmetric(self.matrix))


@dataclass(frozen=True)
class _Term:
    """`coefficient * chain`, a term of a sum, read at the axes in ascending order."""

    term: sympy.Expr
    coefficient: sympy.Expr
    entry: int
    chain: tuple[Link, ...]


def like_chains(y: Equation, network: Network) -> Tensor | None:
    """A L A R + b L B R = L (a A + b B) R, and a L R + b L R = (a + b) L R."""
    s = y.scheme
    if s.reduce != "none":
        return None
    for total in (e for e in sympy.preorder_traversal(s.body) if e.is_Add):
        terms = list(_terms(total, s))
        for p, q in combinations(terms, 2):
            apart = [k for k, (a, b) in enumerate(zip(p.chain, q.chain, strict=False)) if a != b]
            if len(p.chain) != len(q.chain) or len(apart) > 1 or len(p.chain) == len(apart):
                continue
            joined, leaves = _joined(p, q, apart, s)
            body = substitute(s.body, {total: total - p.term - q.term + joined})
            return rebuilt(y, plus_leaves(s, body, leaves))
    return None


def _terms(total: sympy.Expr, s: Scheme) -> Iterator[_Term]:
    """The terms that are products of matrices, with a number as coefficient."""
    for k, x in entries(s):
        order = [f.atom.position for f in x.index if isinstance(f.atom, Idx)]
        if x.mask or x.tensor.ndim != 2 or len(set(order)) != 2 or len(x.index) != 2:
            continue
        found = [t for t in total.args if slot(k) in sympy.Mul.make_args(t)]
        if len(found) != 1 or s.body.count(slot(k)) > 1 or indices(found[0] / slot(k), s):
            continue
        chain = links(x.tensor)
        if order[0] > order[1]:
            chain = _turned(chain)
        yield _Term(found[0], found[0] / slot(k), k, chain)


def links(t: Tensor) -> tuple[Link, ...]:
    """The factors of a product of matrices, in order."""
    if not isinstance(t, Equation) or t.name is not None or t.ndim != 2 or t.scheme.guards:
        return (Link(t),)
    s = t.scheme
    leaves = [x for x in s.leaves if isinstance(x, Access) and x.tensor.ndim == 2 and not x.mask]
    if is_view(t) and leaves and leaves[0].index == (at(1), at(0)):
        return _turned(links(leaves[0].tensor))
    if s.reduce != "sum" or s.body != slot(0) * slot(1) or len(leaves) != 2 or len(s.bound) != 1:
        return (Link(t),)
    for left, right in (leaves, leaves[::-1]):
        if set(left.index) == {at(0), at(2)} and set(right.index) == {at(1), at(2)}:
            first, last = links(left.tensor), links(right.tensor)
            return ((first if left.index[0] == at(0) else _turned(first))
                    + (last if right.index[1] == at(1) else _turned(last)))
    return (Link(t),)


def _turned(chain: Sequence[Link]) -> tuple[Link, ...]:
    return tuple(x.transposed for x in reversed(chain))


def _is_symmetric(t: Tensor) -> bool:
    return is_symmetric(t) or is_symmetric_inverse(t)


def _joined(p: _Term, q: _Term, apart: Sequence[int], s: Scheme,
            ) -> tuple[sympy.Expr, list[Leaf]]:
    """The sum of two terms, and the leaf that it reads besides."""
    if not apart:
        return (p.coefficient + q.coefficient) * slot(p.entry), []
    (k,) = apart
    ratio = q.coefficient / p.coefficient
    front = p.coefficient if ratio.is_number else sympy.S.One
    middle = _added(p.coefficient / front, p.chain[k], q.coefficient / front, q.chain[k], s)
    factors = [x.tensor for x in p.chain]
    product = reduce(matmul, [*factors[:k], middle, *factors[k + 1:]])
    here = sorted({i for f in s.leaves[p.entry].forms for i in f.indices})
    return front * slot(len(s.leaves)), [Access(product, tuple(map(at, here)))]


def _added(a: sympy.Expr, x: Link, b: sympy.Expr, z: Link, s: Scheme) -> Tensor:
    """A X + b Z."""
    leaves: list[Leaf] = [Access(f.matrix, (at(1), at(0)) if f.turned else (at(0), at(1)))
                          for f in (x, z)]
    body = moved(a, s.leaves, leaves) * slot(0) + moved(b, s.leaves, leaves) * slot(1)
    shape = x.tensor.shape
    return equation(replace(Scheme(shape, 2, "none", (), body, ()), leaves=tuple(leaves)))


RULES = (
    Rule("like products", "products of as many matrices, the same but for one of them at most",
         "a product less", like_chains),
)
