"""Products of matrices as words, found inside products of entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from symdl.algebra.bodies import powers, product
from symdl.algebra.facts import is_symmetric
from symdl.algebra.matrices import only_here
from symdl.algebra.terms import Term, Terms, placed, summed, times
from symdl.language.body import rename, slots_of
from symdl.language.form import Form, Idx
from symdl.language.scheme import Access, Scheme
from symdl.language.shaping import at, swapaxes
from symdl.language.tensor import Tensor


@dataclass(frozen=True)
class Letter:
    """A matrix, its transpose, or a vector: the column and the row of u v'."""

    tensor: Tensor
    turned: bool = False

    @property
    def matrix(self) -> Tensor:
        """The matrix that is meant."""
        return swapaxes(self.tensor, 0, 1) if self.turned else self.tensor

    @property
    def transposed(self) -> Letter:
        """The transpose."""
        return self if self.tensor.ndim == 1 else Letter(self.tensor, not self.turned)

    def steps(self, x: Access) -> Iterator[tuple[Form, Form]]:
        """From which index to which an entry of the matrix leads."""
        row, column = x.index
        either = is_symmetric(self.tensor)
        if either or not self.turned:
            yield row, column
        if either or self.turned:
            yield column, row


Word = tuple[Letter, ...]


def transposed(word: Sequence[Letter]) -> Word:
    """The word of the transpose."""
    return tuple(x.transposed for x in reversed(word))


def word_of(s: Scheme) -> Word | None:
    """The matrices of a product over two axes, from the one to the other; None for others."""
    left = factors_of(s)
    if s.axes != 2 or s.guards or s.reduce not in ("none", "sum") or left is None or (
            sum(x.tensor.ndim == 1 for x in left.values()) not in (0, 2)):
        return None
    word: list[Letter] = []
    here = at(0)
    while left:
        k = next((k for k, x in left.items() if here in x.index), None)
        if k is None:
            return None
        x = left.pop(k)
        word.append(Letter(x.tensor, x.tensor.ndim == 2 and x.index[0] != here))
        if x.tensor.ndim == 2:
            here = x.index[0] if word[-1].turned else x.index[1]
        else:
            here = next((z.index[0] for z in left.values() if z.tensor.ndim == 1), here)
    return tuple(word) if here == at(1) else None


def factors_of(s: Scheme) -> dict[int, Access] | None:
    """The factors of a product of entries of matrices and vectors; None for other products."""
    out: dict[int, Access] = {}
    for base, e in powers(s.body)[1].items():
        x = s.leaves[slots_of(base)[0]] if base.is_Symbol else None
        if e != 1 or not isinstance(x, Access) or not is_place(x):
            return None
        out[slots_of(base)[0]] = x
    return out


def is_place(x: Access) -> bool:
    """Whether an entry of a matrix or a vector is read at indices that differ."""
    return x.tensor.ndim in (1, 2) and not x.mask and len(set(x.index)) == len(x.index) and all(
        isinstance(f.atom, Idx) for f in x.index)


def followed(s: Scheme, first: int, start: Form, word: Sequence[Letter],
             ) -> Iterator[tuple[Form, frozenset[int]]]:
    """Where a word ends that goes on from an entry's index, and the factors that it goes through.

    All indices in between are summed over and occur nowhere else.
    """
    factors = {slots_of(b)[0] for b, e in powers(s.body)[1].items() if b.is_Symbol and e == 1}

    def walk(here: Form, back: int, rest: Sequence[Letter], used: frozenset[int],
             ) -> Iterator[tuple[Form, frozenset[int]]]:
        if not rest:
            yield here, used
            return
        letter, *others = rest
        for k in factors - used - {first}:
            x = s.leaves[k]
            if not isinstance(x, Access) or x.tensor is not letter.tensor or not is_place(x) or (
                    not only_here(here, s, back, k)):
                continue
            if x.tensor.ndim == 2:
                for one, other in letter.steps(x):
                    if one == here:
                        yield from walk(other, k, others, used | {k})
            elif x.index[0] == here:
                yield from rows(k, others, used | {k})

    def rows(column: int, rest: Sequence[Letter], used: frozenset[int],
             ) -> Iterator[tuple[Form, frozenset[int]]]:
        row, *others = rest
        for k in factors - used - {first}:
            x = s.leaves[k]
            if isinstance(x, Access) and x.tensor is row.tensor and is_place(x):
                yield from walk(x.index[0], k, others, used | {k})

    yield from walk(start, first, word, frozenset())


def exchanged(t: Term, gone: set[int], by: Terms, place: tuple[Form, Form]) -> Terms:
    """A product with some of its factors replaced by a polynomial at two indices."""
    s = t.scheme
    number, found = powers(s.body)
    left = product({b: e for b, e in found.items() if not (b.is_Symbol and slots_of(b)[0] in gone)})
    used = slots_of(left)
    bare = replace(s, body=number * rename(left, {n: m for m, n in enumerate(used)}),
                   leaves=tuple(s.leaves[n] for n in used))
    read = {k for x in bare.leaves for f in x.forms for k in f.indices}.union(
        *(f.indices for f in place), *(g.form.indices for g in s.guards),
        *(f.indices for f in s.sizes))
    freed = {k for n in gone for f in s.leaves[n].forms for k in f.indices} - read
    kept = [k for k in range(len(s.sizes)) if k < s.axes or k not in freed]
    moves = [at(kept.index(k) if k in kept else 0) for k in range(len(s.sizes))]
    sizes = tuple(s.sizes[k] for k in kept)
    wide = replace(bare, reduce="none").place(sizes, len(sizes), moves)
    ends = tuple(f.substitute({at(k).atom: g for k, g in enumerate(moves)})  # type: ignore[misc]
                 for f in place)
    return summed(times([Term(t.number, wide)], placed(by, sizes, ends)), s.axes)
