"""A term taken apart: which places it ties, and the tensors of its factors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce as fold
from operator import add, mul
from typing import Any

import sympy

from symdl.algebra.bodies import indices
from symdl.algebra.structure.frames import Frame, Place
from symdl.algebra.structure.terms import delta, factors
from symdl.language.body import slots_of
from symdl.language.bounds import guard_range, nonnegative
from symdl.language.form import ONE, ZERO, Atom, Form, Idx
from symdl.language.guard import Guard
from symdl.language.scheme import Access, Leaf, Scheme
from symdl.language.shaping import at, expand_dims, reshape
from symdl.language.solve import solved
from symdl.language.tensor import Equation, Tensor

Piece = Any  # a factor, which is a SymPy expression, or a guard


@dataclass(frozen=True)
class Term:
    """A product: factors and guards over rows, columns and bound indices of one scheme.

    `shared` are the places whose row and column index are equal, each with the guard that
    says so; the factors hold the row index.
    """

    scheme: Scheme
    rows: int
    shared: Mapping[Place, Guard]
    pieces: tuple[Piece, ...]

    @staticmethod
    def of(s: Scheme, rows: int, places: Sequence[Place]) -> Term:
        """The term of a scheme, seen in these places."""
        by_axes = {(p.row, p.column): p for p in places}
        shared: dict[Place, Guard] = {}
        pieces: list[Piece] = [*factors(s)]
        for g in s.guards:
            pair = delta(g, s, rows)
            if pair in by_axes:
                shared[by_axes[pair]] = g
            else:
                pieces.append(g)
        return Term(s, rows, shared, tuple(pieces))

    def held(self, piece: Piece) -> frozenset[int]:
        """The indices that a factor or a guard depends on."""
        return piece.form.indices if isinstance(piece, Guard) else indices(piece, self.scheme)

    def only(self, pieces: Iterable[Piece]) -> Term:
        """The product of some of the pieces."""
        return replace(self, pieces=tuple(pieces))

    def without(self, guard: Guard) -> Term:
        """The term where a guard needn't hold; what is then read outside of a tensor is 0."""
        kept = tuple(g for g in self.scheme.guards if g != guard)
        free = replace(self.scheme, guards=kept, leaves=_masked(self.scheme))
        return replace(self, scheme=free, pieces=tuple(p for p in self.pieces if p != guard))

    def moved(self, index: int, first: Form, count: Form) -> Term:
        """The term with an index that begins at `first` and takes `count` values."""
        change: dict[Atom, Form] = {Idx(index): at(index) + first}
        s = self.scheme
        sizes = tuple(count if k == index else n for k, n in enumerate(s.sizes))
        pieces = (p.substitute(change) if isinstance(p, Guard) else p for p in self.pieces)
        inside = guard_range(at(index) + first, s.sizes[index], sizes)
        guards = (*s.substitute(change).guards, *inside)
        return replace(self, scheme=replace(s.substitute(change), sizes=sizes, guards=guards),
                       pieces=(*pieces, *inside))

    def spelt(self, frame: Frame) -> Term:
        """The term with the equality of the indices of its open places written out."""
        return self.only((*self.pieces, *(g for p, g in self.shared.items() if p in frame.open)))

    @property
    def indices(self) -> frozenset[int]:
        """The indices that it depends on."""
        return frozenset[int]().union(*map(self.held, self.pieces))

    @property
    def bound(self) -> frozenset[int]:
        """The bound indices that it depends on."""
        return self.indices.intersection(self.scheme.bound)

    def tensor(self, axes: Sequence[int]) -> Tensor:
        """Its tensor over these indices; the others are summed."""
        s, order = self.scheme, [*axes, *sorted(self.bound - set(axes))]
        body = sympy.Mul(*(p for p in self.pieces if not isinstance(p, Guard)))
        own = [p for p in self.pieces if isinstance(p, Guard)]
        guards = (*own, *(g for g in s.guards if g not in own and (
            g not in self.shared.values() and g.form.indices <= set(order))))
        place = [at(order.index(k)) if k in order else ZERO for k in range(len(s.sizes))]
        whole = Scheme(s.sizes, s.axes, "none", guards, body, self._leaves(guards))
        placed = replace(whole.place([s.sizes[k] for k in order], len(axes), place),
                         reduce="sum" if len(order) > len(axes) else "none")
        return Equation.make(solved(placed) or zero(placed.sizes[:len(axes)]))

    def _leaves(self, guards: Sequence[Guard]) -> tuple[Leaf, ...]:
        """The leaves; where a guard is left to another factor, a read is masked by its range."""
        s = self.scheme
        if all(g in guards or g in self.shared.values() for g in s.guards):
            return s.leaves
        return _masked(s)


def _masked(s: Scheme) -> tuple[Leaf, ...]:
    """The leaves, each read masked by its range."""
    return tuple(replace(x, mask=(*x.mask, *(
        g for f, n in zip(x.index, x.tensor.shape, strict=True)
        for g in guard_range(f, n, s.sizes)))) if isinstance(x, Access) else x for x in s.leaves)


def zero(sizes: Sequence[Form]) -> Scheme:
    """The scheme of zeros."""
    return Scheme(tuple(sizes), len(sizes), "none", (), sympy.S.Zero, ())


def added(found: Sequence[Tensor]) -> Tensor:
    """The sum of one or more tensors."""
    return fold(add, found)


def dense(term: Term, frame: Frame) -> Tensor:
    """The entries of a term, the rows made one axis, the columns another."""
    lead, rows, columns = frame.axes
    t = term.spelt(frame).tensor([*lead, *rows, *columns])
    if len(rows) == len(columns) == 1:
        return t
    return reshape(t, (*frame.lead, frame.rows, frame.columns))


def diagonal(term: Term, frame: Frame) -> Tensor:
    """The diagonal of a term all of whose places are shared; of length 1 where it is constant."""
    lead, rows, _ = frame.axes
    if not term.indices & set(rows):
        return expand_dims(term.tensor(lead), len(lead))
    return merged(term.tensor([*lead, *rows]), len(lead))


def merged(t: Tensor, lead: int) -> Tensor:
    """The tensor with its axes after the first `lead` made one."""
    return t if t.ndim == lead + 1 else reshape(t, (*t.shape[:lead], _count(t.shape[lead:])))


def _count(sizes: Iterable[Form]) -> Form:
    return fold(mul, sizes, ONE)


@dataclass(frozen=True)
class Product:
    """A term as f(rows, r) g(columns, r), for each index over the batch."""

    left: Tensor
    right: Tensor


def separated(term: Term, frame: Frame) -> Product | None:
    """The two sides of a term no piece of which ties rows to columns; None for another term."""
    lead, rows, columns = frame.axes
    sides: dict[str, list[Piece]] = {"left": [], "right": [], "neither": []}
    for piece in term.spelt(frame).pieces:
        held = term.held(piece)
        if held.intersection(rows) and held.intersection(columns):
            return None
        name = "left" if held.intersection(rows) else (
            "right" if held.intersection(columns) else "neither")
        sides[name].append(piece)
    left, right = _balanced(term, sides)
    middle = sorted(left.bound & right.bound)
    return Product(_factor(left, (lead, rows, middle)), _factor(right, (lead, columns, middle)))


def _factor(side: Term, groups: tuple[Sequence[int], ...]) -> Tensor:
    """One side as a matrix for each index over the batch."""
    lead, outer, middle = groups
    t = side.tensor([*lead, *outer, *middle])
    if len(outer) == len(middle) == 1:
        return t
    sizes = side.scheme.sizes
    return reshape(t, (*(sizes[k] for k in lead), _count(sizes[k] for k in outer),
                       _count(sizes[k] for k in middle)))


def _balanced(term: Term, sides: dict[str, list[Piece]]) -> tuple[Term, Term]:
    """Divide what belongs to neither side: a sum of exponentials goes where they are.

    So exp(x) / sum exp(x) stays together, and can be shifted.
    """
    left, right = sides["left"], sides["right"]
    has = [any(not isinstance(p, Guard) and p.has(sympy.exp) for p in side)
           for side in (left, right)]
    for piece in sides["neither"]:
        halves = isinstance(piece, sympy.Pow) and piece.exp == -2 and all(has)
        if halves:
            left, right = [*left, 1 / piece.base], [*right, 1 / piece.base]
        elif _belongs_right(piece, term.only(left), term.only(right), has):
            right = [*right, piece]
        else:
            left = [*left, piece]
    return term.only(left), term.only(right)


def _belongs_right(piece: Piece, left: Term, right: Term, has: list[bool]) -> bool:
    held = left.held(piece).intersection(left.scheme.bound)
    if held:
        return bool(held & right.bound) and not held & left.bound
    return has == [False, True] and not isinstance(piece, Guard) and any(
        isinstance(left.scheme.leaves[k], Access) for k in slots_of(piece))


def rank(products: Sequence[Product]) -> Form:
    """The rank that a sum of products has at most."""
    total = ZERO
    for p in products:
        total = total + p.left.shape[-1]
    return total


def is_low(rank: Form, size: Form) -> bool:
    """Whether a rank isn't known to say nothing of a map with so many rows or columns."""
    return not nonnegative(rank - size, ())


def components(term: Term, places: Sequence[Place]) -> list[tuple[tuple[Place, ...], Term]]:
    """The factors of a Kronecker product: groups of places that no piece ties together."""
    groups: list[tuple[set[int], list[Place], list[Piece]]] = []

    def join(held: set[int], place: list[Place], piece: list[Piece]) -> None:
        touched = [g for g in groups if g[0] & held]
        for g in touched:
            groups.remove(g)
            held, place, piece = held | g[0], g[1] + place, g[2] + piece
        groups.append((held, place, piece))

    for p in places:
        join({k for k in (p.row, p.column) if k is not None}, [p], [])
    loose: list[Piece] = []
    for piece in term.pieces:
        held = set(term.held(piece))
        if held:
            join(held, [], [piece])
        else:
            loose.append(piece)
    free = [g for g in groups if not g[1]]
    found = sorted((g for g in groups if g[1]), key=lambda g: places.index(min(
        g[1], key=places.index)))
    loose += [piece for g in free for piece in g[2]]
    out = [(tuple(sorted(g[1], key=places.index)), g[2]) for g in found]
    heavy = next((n for n, (_, pieces) in enumerate(out) if pieces), 0)
    return [(where, term.only([*pieces, *(loose if n == heavy else [])]))
            for n, (where, pieces) in enumerate(out)]
