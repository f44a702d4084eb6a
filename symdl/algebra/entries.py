"""Expressions at a user's indices, as entries of tensors over these indices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symdl.algebra.bodies import equation
from symdl.language.bind import lifted
from symdl.language.body import slot
from symdl.language.form import Form, Free
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
            return equation(simple.scheme.place(shape, len(shape), index), simple.dtype)
        view = Scheme(shape, len(shape), "none", (), slot(0), (Access(simple, tuple(index)),))
        return equation(view, simple.dtype)


def over_indices(t: Tensor, known: Sequence[Tensor]) -> Whole | None:
    """The tensor that an expression at a user's indices is an entry of; None without indices."""
    if not t.free:
        return None
    t, *beside = ranged([t, *known])
    program = topological([t, *beside])
    fixed = {f for x in program for size in x.shape for f in size.free}
    free = sorted((f for f in t.free if f.size is not None and f not in fixed),
                  key=lambda f: f.key[1])
    if not free:
        return None
    ranges = {f: f.size for f in free if f.size is not None}
    new = lifted([t, *beside], ranges)
    return Whole(new[t], tuple(new[x] for x in beside), tuple(free))
