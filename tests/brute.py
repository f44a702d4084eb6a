"""Brute force: forms, guards and schemes evaluated at every index point with NumPy's integers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
import sympy

from symdl.language.body import slot
from symdl.language.form import Atom, Form, Idx, Least, Quotient, Read, Remainder
from symdl.language.guard import Guard
from symdl.language.scheme import Access, Scheme
from symdl.language.tensor import Equation, Tensor, topological

Array = np.ndarray[Any, Any]


class OutOfRangeError(Exception):
    """An entry outside of its tensor is read."""


@dataclass(frozen=True)
class Points:
    """All index points of some ranges, at given sizes, and the tensors that may be read."""

    sizes: Mapping[Atom, int]
    shape: tuple[int, ...]
    tensors: Mapping[Tensor, Array]

    def index(self, k: int) -> Array:
        n = self.shape[k]
        return np.arange(n).reshape([n if q == k else 1 for q in range(len(self.shape))])

    def form(self, form: Form, alive: Array | None = None) -> Array:
        """The form's value at each point; reads are in range where the points are alive."""
        total = np.zeros((1,) * len(self.shape), np.int64)
        for monomial, c in form.terms:
            term = np.int64(c)
            for a in monomial:
                term = term * self.atom(a, alive)
            total = total + term
        return total

    def atom(self, a: Atom, alive: Array | None) -> Any:
        if isinstance(a, Idx):
            return self.index(a.position)
        if isinstance(a, Read):
            return self.entry(a.tensor, a.inner, alive)
        if isinstance(a, Least):
            return np.minimum(*(self.form(f, alive) for f in a.inner))
        if isinstance(a, (Quotient, Remainder)):
            x, y = (self.form(f, alive) for f in a.inner)
            if not np.all(y):
                y = self.without_zeros(y, a)
            return x // y if isinstance(a, Quotient) else x % y
        return self.sizes[a]

    def without_zeros(self, y: Array, a: Atom) -> Array:
        """A divisor that is 0 is an error, unless there is no point that asks."""
        if 0 not in self.shape:
            raise ZeroDivisionError(str(a))
        return np.ones_like(y)

    def entry(self, tensor: Tensor, index: Sequence[Form], alive: Array | None) -> Array:
        """The tensor's entries at the points; those that aren't alive read anything."""
        array = self.tensors[tensor]
        alive = self.everywhere() if alive is None else alive
        at = [np.broadcast_to(self.form(f, alive), self.shape) for f in index]
        for x, n in zip(at, array.shape, strict=True):
            if np.any(alive & ((x < 0) | (x >= n))):
                raise OutOfRangeError(f"{tensor.label}[{', '.join(map(str, index))}]")
        if not array.size:
            return np.zeros(self.shape, array.dtype)
        return array[tuple(np.clip(x, 0, n - 1) for x, n in zip(at, array.shape, strict=True))]

    def everywhere(self) -> Array:
        return np.ones(self.shape, bool)

    def where(self, guards: Sequence[Guard], alive: Array | None = None) -> Array:
        """The points at which all guards hold; each is looked at where those before it hold."""
        alive = self.everywhere() if alive is None else alive
        for g in guards:
            x = self.form(g.form, alive)
            alive = alive & {">=": x >= 0, "==": x == 0, "!=": x != 0}[g.relation]
        return alive


def points(sizes: Sequence[Form], dims: Mapping[Atom, int],
           tensors: Mapping[Tensor, Array] | None = None) -> Points:
    """The index points of ranges over symbolic sizes; a negative size is an empty range."""
    bare = Points(dims, (), {})
    return Points(dims, tuple(max(int(bare.form(s)), 0) for s in sizes), tensors or {})


class Cloud(Points):
    """The index points of some ranges at many sizes, one after the other in one long array."""

    def index(self, k: int) -> Array:
        return self.sizes[Idx(k)]

    def without_zeros(self, y: Array, a: Atom) -> Array:
        return np.where(y == 0, 1, y)

    def defined(self, *forms: Form) -> Array:
        """Where no divisor is 0."""
        divisors = [a.inner[1] for f in forms for a in f.all_atoms
                    if isinstance(a, (Quotient, Remainder))]
        return np.all([np.broadcast_to(self.form(d) != 0, self.shape) for d in divisors], axis=0) \
            if divisors else self.everywhere()


def cloud(ranges: Sequence[Form], dims: Sequence[Atom], most: int) -> Cloud:
    """All index points at all sizes from 0 to `most` at which no range is negative or undefined."""
    rows: list[Array] = []
    for numbers in each_size(dims, most):
        at = Cloud(numbers, (1,), {})
        shape = [int(at.form(f)[0]) for f in ranges]
        if at.defined(*ranges).all() and min(shape, default=0) >= 0:
            inner = np.indices(shape).reshape(len(shape), np.prod(shape, dtype=int))
            outer = np.tile(np.array(list(numbers.values()), int)[:, None], inner.shape[1:])
            rows.append(np.concatenate([outer, inner]))
    columns = np.concatenate(rows, axis=1)
    atoms = [*dims, *(Idx(k) for k in range(len(ranges)))]
    return Cloud(dict(zip(atoms, columns, strict=True)), columns.shape[1:], {})


def each_size(dims: Sequence[Atom], most: int) -> Iterator[dict[Atom, int]]:
    """All assignments of 0 ... most to some sizes."""
    for numbers in product(range(most + 1), repeat=len(dims)):
        yield dict(zip(dims, numbers, strict=True))


@lru_cache(maxsize=4096)
def _function(body: sympy.Expr, count: int) -> Any:
    return sympy.lambdify([slot(k) for k in range(count)], body, "numpy")


REDUCTIONS = {"none": (0, np.sum), "sum": (0, np.sum), "prod": (1, np.prod),
              "max": (-np.inf, np.max), "min": (np.inf, np.min)}


def scheme_value(s: Scheme, dims: Mapping[Atom, int], tensors: Mapping[Tensor, Array]) -> Array:
    """The array that a scheme defines."""
    at = points(s.sizes, dims, tensors)
    alive = at.where(s.guards)
    leaves = []
    for leaf in s.leaves:
        inside = at.where(leaf.mask, alive)
        x = (at.entry(leaf.tensor, leaf.index, inside) if isinstance(leaf, Access)
             else at.form(leaf.form, inside))
        leaves.append(np.where(inside, x, 0))
    with np.errstate(all="ignore"):
        terms = np.broadcast_to(_function(s.body, len(leaves))(*leaves), at.shape)
    axes = tuple(range(s.axes, len(s.sizes)))
    if s.reduce.startswith("arg"):
        return _place(np.where(alive, terms, np.nan), s)
    neutral, reduce = REDUCTIONS[s.reduce]
    return reduce(np.where(alive, terms, neutral), axis=axes, initial=neutral)


def _place(terms: Array, s: Scheme) -> Array:
    """The place of the first extremum, one point after the other; NaN marks what is left out."""
    shape = terms.shape
    out = np.zeros(shape[: s.axes], np.int64)
    for i in np.ndindex(shape[: s.axes]):
        best = None
        for r in np.ndindex(shape[s.axes:]):
            x = terms[i + r]
            better = best is None or (x > best[0] if s.reduce == "argmax" else x < best[0])
            if x == x and better:
                best = (x, r)
        out[i] = best[1][s.component] if best else 0
    return out


def program_value(root: Tensor, dims: Mapping[Atom, int], tensors: Mapping[Tensor, Array]) -> Array:
    """The value of a program of equations."""
    known = dict(tensors)
    for t in topological([root]):
        if t not in known:
            assert isinstance(t, Equation)
            known[t] = scheme_value(t.scheme, dims, known)
    return known[root]
