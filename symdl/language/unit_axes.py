"""Axes of size 1: an equation without them, and the view that puts them back."""

from __future__ import annotations

from symdl.language.form import ONE, ZERO
from symdl.language.shaping import at, view
from symdl.language.tensor import Equation, Tensor


def narrow_axes(t: Tensor) -> tuple[int, ...]:
    """The axes whose size is written as 1."""
    return tuple(k for k, size in enumerate(t.shape) if size == ONE)


def narrowed(t: Equation) -> Tensor:
    """The equation as a view of one that has no axes of size 1."""
    gone = narrow_axes(t)
    if not gone:
        return t
    s = t.scheme
    kept = [k for k in range(s.axes) if k not in gone]
    place = {k: at(n) for n, k in enumerate([*kept, *s.bound])}
    index = [place.get(k, ZERO) for k in range(len(s.sizes))]
    sizes = [s.sizes[k] for k in [*kept, *s.bound]]
    inner = Equation.make(s.place(sizes, len(kept), index), t.dtype)
    return view(inner, t.shape, [at(k) for k in kept])
