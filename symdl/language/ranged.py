"""Ranges of indices that were made without one: those of the axes that they address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from symdl.language.errors import RangeError
from symdl.language.form import Atom, Form, Free
from symdl.language.owners import Application, Member, Recurrence
from symdl.language.rebuild import replaced
from symdl.language.scheme import Access
from symdl.language.tensor import Equation, Part, Tensor, transform


def ranged(roots: Sequence[Tensor]) -> list[Tensor]:
    """The program with its indices over the axes that they address.

    An entry x[i] is one of x: a formula that reads it speaks of the places of x alone. Reads
    under a condition say nothing, and an index at axes of several sizes keeps no range.
    """
    loose = frozenset[Free]().union(*(t.free for t in roots))
    stated = {f for f in loose if f.size is not None}
    loose = loose - stated
    if not loose:
        return list(roots)
    sizes: dict[Free, set[Form]] = {f: set() for f in loose}
    for f, size in _addressed(roots):
        if f in loose:
            sizes[f].add(size)
    found: dict[Atom, Form] = {}
    for f, over in sizes.items():
        known = over | {g.size for g in stated if g.key == f.key}
        if len(known) == 1:
            found[f] = Form.of(Free(*f.key, *known))
    return restated(roots, found)


def _addressed(roots: Sequence[Tensor]) -> Iterator[tuple[Free, Form]]:
    """The indices that stand alone at an axis which is read whatever the inputs, and its size."""
    seen: set[Tensor] = set()
    stack = list(roots)
    while stack:
        t = stack.pop()
        if t in seen or not t.free:
            continue
        seen.add(t)
        if isinstance(t, Part):
            stack.extend(t.owner.operands if isinstance(t.owner, Application) else ())
        if not isinstance(t, Equation) or t.scheme.guards:
            continue
        for x in t.scheme.leaves:
            if isinstance(x, Access) and not x.mask:
                stack.append(x.tensor)
                for form, size in zip(x.index, x.tensor.shape, strict=True):
                    if isinstance(form.atom, Free):
                        yield form.atom, size


def restated(roots: Sequence[Tensor], values: Mapping[Atom, Form]) -> list[Tensor]:
    """The program with other indices in the place of some of a user's."""
    if not values:
        return list(roots)

    def change(t: Tensor, so_far: Mapping[Tensor, Tensor]) -> Tensor:
        return _restated(replaced(t, so_far), values)

    new = transform(roots, change)
    return [new[t] for t in roots]


def _restated(t: Tensor, values: Mapping[Atom, Form]) -> Tensor:
    if not (t.owner.free if isinstance(t, Part) else t.free):
        return t
    if isinstance(t, Equation):
        s = t.scheme.substitute(values)
        sizes = tuple(f.substitute(values) for f in s.sizes)
        return Equation.make(replace(s, sizes=sizes), t.dtype, t.name)
    if isinstance(t, Part) and isinstance(t.owner, Recurrence):
        members = tuple(Member(_restated(m.tensor, values), m.time) for m in t.owner.members)
        return Part.make(replace(t.owner, members=members), t.number)
    return t


def joined(roots: Sequence[Tensor], wanted: Sequence[Free]) -> tuple[list[Tensor], list[Free]]:
    """The program and some indices, an index and its namesakes with a range made one.

    Raises
    ------
    RangeError
        If an index has two ranges.
    """
    stated: dict[object, Free] = {}
    for f in sorted({f for t in roots for f in t.free if f.size is not None},
                    key=lambda f: (f.serial, str(f.size))):
        other = stated.setdefault(f.key, f)
        if other is not f:
            raise RangeError(f"index {f} runs over {other.size} in one part of the formula but "
                             f"over {f.size} in another")
    loose = {f for t in roots for f in t.free if f.size is None and f.key in stated}
    roots = restated(roots, {f: Form.of(stated[f.key]) for f in loose})
    return roots, [stated.get(f.key, f) if f.size is None else f for f in wanted]
