"""Expressions at a user's indices, as entries of tensors over these indices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symdl.algebra.bodies import entries, equation, length
from symdl.algebra.reading import MOST, in_place
from symdl.algebra.together import together
from symdl.language.bind import lifted
from symdl.language.body import slot, slots_of
from symdl.language.form import Form, Free
from symdl.language.inline import inlinable
from symdl.language.ranged import ranged
from symdl.language.scheme import Access, Scheme
from symdl.language.shaping import at
from symdl.language.tensor import Equation, Tensor, topological


@dataclass(frozen=True)
class Whole:
    """A tensor over some indices, whose entry at them is meant.

    Attributes
    ----------
    tensor : Tensor
        Its first axes are the indices'.
    known : tuple of Tensor
        Other tensors of the program, over the same indices.
    indices : tuple of Free
        The indices.
    """

    tensor: Tensor
    known: tuple[Tensor, ...]
    indices: tuple[Free, ...]

    def entry(self, simple: Tensor) -> Tensor:
        """The entry of another form of the tensor."""
        first = len(self.indices)
        shape = simple.shape[first:]
        index = [*map(Form.of, self.indices), *map(at, range(len(shape)))]
        if isinstance(simple, Equation) and simple.name is None and (
                simple.scheme.reduce == "none"):
            placed = simple.scheme.place(shape, len(shape), index)
            return equation(together(_in_place(placed)), simple.dtype)
        view = Scheme(shape, len(shape), "none", (), slot(0), (Access(simple, tuple(index)),))
        return equation(view, simple.dtype)


def _in_place(s: Scheme) -> Scheme:
    """The entry with the definitions that it reads at the indices written in place."""
    for _ in s.leaves:
        used = slots_of(s.body)
        k = next((k for k, x in entries(s) if k in used and _is_written(x, s)), None)
        if k is None:
            break
        s = in_place(s, k)
    return s


def _is_written(x: Access, s: Scheme) -> bool:
    t = x.tensor
    return isinstance(t, Equation) and t.name is None and inlinable(t) and not x.mask and (
        not t.scheme.guards and any(f.free for f in x.index)) and (
        length(t.scheme.body) + length(s.body) <= MOST)


def over_indices(t: Tensor, known: Sequence[Tensor]) -> Whole | None:
    """The tensor that an expression at a user's indices is an entry of; None without indices."""
    if not t.free:
        return None
    t, *beside = ranged([t, *known])
    program = topological([t, *beside])
    fixed = {f for x in program for size in x.shape for f in size.free}
    ranges = {f: f.size for f in sorted(t.free, key=lambda f: f.serial)
              if f.size is not None and f not in fixed}
    if not ranges:
        return None
    new = lifted([t, *beside], ranges)
    return Whole(new[t], tuple(new[x] for x in beside), tuple(ranges))
