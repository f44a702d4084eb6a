"""The iteration space of one equation: its index forms, guards and leaves as NumPy arrays.

Every array here has one axis for each index of the equation, of size 1 where the index isn't
used (or is fixed), so that NumPy's broadcasting does the rest and no more is built than is used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from symdl.language.form import Atom, Form, Idx, Least, Quotient, Read
from symdl.language.guard import Conjunction, Guard
from symdl.language.scheme import Access, Leaf, Scheme
from symdl.language.tensor import Tensor

Array = np.ndarray[Any, Any]
Integers = Any  # an int, or an array of them
Truth = Any  # a bool, or an array of them
Line = tuple[int, dict[int, int]]  # an affine form: its start, and its step along each index


@dataclass
class Space:
    """The indices of a scheme, those in `numbers` fixed, over the tensors computed so far.

    No range is 0: where one is, there is nothing to evaluate.
    """

    scheme: Scheme
    numbers: Mapping[Atom, int]
    values: Mapping[Tensor, Array]
    dtype: np.dtype[Any]
    parts: Mapping[int, range] = field(default_factory=dict)
    _read: dict[int, Array] = field(default_factory=dict)

    @cached_property
    def ranges(self) -> tuple[range, ...]:
        """The values of each index; one for a fixed one."""
        return tuple(range(1) if Idx(k) in self.numbers else
                     self.parts.get(k, range(f.value(self.numbers)))
                     for k, f in enumerate(self.scheme.sizes))

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """How many values each index has."""
        return tuple(map(len, self.ranges))

    @cached_property
    def guard(self) -> Truth:
        """Where the scheme's guards hold."""
        return self.truth(self.scheme.guards)

    def restricted(self, k: int, part: range) -> Space:
        """The space over some values of one index only."""
        return Space(self.scheme, self.numbers, self.values, self.dtype, {**self.parts, k: part})

    def leaf(self, k: int) -> Array:
        """What placeholder k stands for, over the indices it uses."""
        if k not in self._read:
            self._read[k] = self._leaf(self.scheme.leaves[k])
        return self._read[k]

    def _leaf(self, leaf: Leaf) -> Array:
        mask = self.truth(leaf.mask)
        if mask is False:
            return self.number(0)
        if isinstance(leaf, Access):
            array = self.values[leaf.tensor]
            out = self.entries(array, leaf.index, (mask, self.guard))
            out = out.astype(self.dtype) if leaf.tensor.dtype != "real" else out
        else:
            out = self.number(self.integers(leaf.form, (mask, self.guard)))
        return out if mask is True else np.where(mask, out, out.dtype.type(0))

    def number(self, x: Any) -> Array:
        """A number, or numbers, as an array of the space's rank and type."""
        out = np.asarray(x, self.dtype)
        return out if out.ndim else out.reshape((1,) * len(self.shape))

    def _along(self, values: range, k: int) -> Array:
        return np.arange(values.start, values.stop).reshape(
            [len(values) if p == k else 1 for p in range(len(self.shape))])

    def truth(self, guards: Conjunction) -> Truth:
        """Where all guards hold; those that read tensors are asked where the others hold."""
        holds: Truth = True
        for g in sorted(guards, key=_reads):
            value = self.integers(g.form, (holds,))
            one = value >= 0 if g.relation == ">=" else (value == 0) == (g.relation == "==")
            holds = one if holds is True else np.logical_and(holds, one)
        return bool(holds) if np.ndim(holds) == 0 else holds

    def integers(self, form: Form, allowed: Sequence[Truth] = ()) -> Integers:
        """The values of a form, which may read integer tensors where all of `allowed` holds."""
        total: Integers = 0
        for monomial, c in form.terms:
            total = total + c * prod(self._atom(a, allowed) for a in monomial)
        return total

    def _atom(self, a: Atom, allowed: Sequence[Truth]) -> Integers:
        if a in self.numbers:
            return self.numbers[a]
        if isinstance(a, Idx):
            return self._along(self.ranges[a.position], a.position)
        if isinstance(a, Read):
            return self.entries(self.values[a.tensor], a.inner, allowed)
        x, y = (self.integers(f, allowed) for f in a.inner)
        if isinstance(a, Least):
            return np.minimum(x, y)
        return x // y if isinstance(a, Quotient) else x % y

    def entries(self, array: Array, index: Sequence[Form], allowed: Sequence[Truth] = ()) -> Array:
        """Entries of an array: a view where the index is affine and inside, else a copy.

        Raises
        ------
        IndexError
            If an entry outside the array is read where all of `allowed` holds.
        """
        lines = [self._line(f, n) for f, n in zip(index, array.shape, strict=True)]
        used = [self._used(f) for f in index]
        loose = _entangled(lines, used)
        places = [self.place(index[k], array.shape[k], allowed) for k in loose]
        along = set[int]().union(*(u for k, u in enumerate(used) if k not in loose))
        shape = [n if p in along else 1 for p, n in enumerate(self.shape)]
        if array.size == 0:
            ranges = np.broadcast_shapes(shape, *(np.shape(p) for p in places))
            return np.zeros(ranges, array.dtype)
        view = _window(array, [line if k not in loose else None for k, line in enumerate(lines)],
                       shape)
        if not loose:
            return view
        return _interleaved(np.asarray(view[tuple(_ranked(p, len(shape)) for p in places)]))

    def _used(self, form: Form) -> frozenset[int]:
        return frozenset(p for p in form.indices if Idx(p) not in self.numbers)

    def _line(self, form: Form, size: int) -> Line | None:
        """The form as a line, where it is one and stays inside an axis of that size."""
        atom = form.atom
        if isinstance(atom, Idx) and atom not in self.numbers:
            whole = self.ranges[atom.position]
            return (whole.start, {atom.position: 1}) if whole.stop <= size else None
        start, steps = 0, dict[int, int]()
        for monomial, c in form.terms:
            at = [a.position for a in monomial if isinstance(a, Idx) and a not in self.numbers]
            rest = [a for a in monomial if not isinstance(a, Idx) or a in self.numbers]
            if len(at) > 1 or not all(map(self._is_number, rest)):
                return None
            factor = c * prod(self._atom(a, ()) for a in rest)
            if at:
                steps[at[0]] = steps.get(at[0], 0) + factor
            start += factor * self.ranges[at[0]].start if at else factor
        ends = [step * (self.shape[p] - 1) for p, step in steps.items()]
        low, high = start + sum(min(e, 0) for e in ends), start + sum(max(e, 0) for e in ends)
        return (start, steps) if low >= 0 and high < size else None

    def _is_number(self, a: Atom) -> bool:
        if a in self.numbers or isinstance(a, Read):
            return a in self.numbers
        inside = frozenset[Atom]().union(*(f.all_atoms for f in a.inner))
        return all(x in self.numbers or not isinstance(x, (Idx, Read)) for x in inside)

    def place(self, form: Form, size: int, allowed: Sequence[Truth]) -> Integers:
        """The form's values, put inside an axis where they aren't allowed to count."""
        place = self.integers(form, allowed)
        outside = np.logical_or(place < 0, place >= size)
        if not np.any(outside):
            return place
        for holds in allowed:
            outside = np.logical_and(outside, holds)
        if np.any(outside):
            bad = np.broadcast_to(place, outside.shape)[outside]
            raise IndexError(f"{bad.flat[0]} for an axis of size {size}")
        return np.clip(place, 0, max(size - 1, 0))


def _reads(g: Guard) -> bool:
    return any(isinstance(a, Read) for a in g.form.all_atoms)


def _entangled(lines: Sequence[Line | None], used: Sequence[frozenset[int]]) -> list[int]:
    """The axes that need a copy: those without a line, and those that share an index with them."""
    loose = [k for k, line in enumerate(lines) if line is None]
    while more := [k for k in range(len(lines))
                   if k not in loose and any(used[k] & used[m] for m in loose)]:
        loose += more
    return sorted(loose)


def _window(array: Array, lines: Sequence[Line | None], shape: Sequence[int]) -> Array:
    """A view: the axes without a line as they are, then one axis for each index."""
    starts = (slice(None) if line is None else slice(line[0], None) for line in lines)
    first = array[(..., *starts)]
    kept = [k for k, line in enumerate(lines) if line is None]
    strides = [0] * len(shape)
    for stride, line in zip(array.strides, lines, strict=True):
        for p, step in (line[1] if line else {}).items():
            strides[p] += step * stride
    return as_strided(first, [*(array.shape[k] for k in kept), *shape],
                      [*(array.strides[k] for k in kept), *strides], writeable=False)


def _ranked(place: Integers, rank: int) -> Array:
    return np.asarray(place) if np.ndim(place) == rank else np.full((1,) * rank, place)


def _interleaved(found: Array) -> Array:
    """Join axis p of the first half with axis p of the second, one of which has size 1."""
    rank = found.ndim // 2
    order = [k for p in range(rank) for k in (p, rank + p)]
    sizes = [a * b for a, b in zip(found.shape[:rank], found.shape[rank:], strict=True)]
    return found.transpose(order).reshape(sizes)
