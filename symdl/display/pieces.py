"""Equations that are made of pieces: parts of the axes with formulas of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from symdl.display.arrays import NEW, WHOLE, size
from symdl.display.errors import NotationError
from symdl.display.tree import Node, added, call, number
from symdl.language.bounds import nonnegative
from symdl.language.form import ZERO, Form, Idx
from symdl.language.guard import Guard
from symdl.language.scheme import Access, Scheme, tidied

Interval = tuple[Form, Form]


@dataclass(frozen=True)
class Piece:
    """A formula on a part of the axes, and 0 elsewhere.

    Attributes
    ----------
    scheme : Scheme
        The formula, over the part alone.
    place : mapping
        Where the part begins and ends on the axes of which it is a part.
    """

    scheme: Scheme
    place: Mapping[int, Interval]


def pieces_of(s: Scheme) -> list[Piece] | None:
    """The pieces whose sum an equation is; None where it is one formula on all its axes."""
    if s.reduce not in ("none", "sum"):
        return None
    parts = [s]
    if s.reduce == "none" and s.body.is_Add and any(x.mask for x in s.leaves):
        terms = (tidied(replace(s, body=t)) for t in s.body.args)
        parts = [t for t in terms if t is not None]
    found = [_piece(part) for part in parts]
    return found if any(p.place for p in found) else None


def _piece(s: Scheme) -> Piece:
    place: dict[int, Interval] = {}
    others: list[Guard] = []
    for guard in s.guards:
        bounds = _bounds(guard, s)
        if bounds is None:
            others.append(guard)
            continue
        axis, low, high = bounds
        begin, end = place.get(axis, (ZERO, s.sizes[axis]))
        place[axis] = (_tighter(begin, low, ZERO), _tighter(end, high, s.sizes[axis]))
    at = [Form.of(Idx(k)) + place[k][0] if k in place else Form.of(Idx(k))
          for k in range(len(s.sizes))]
    sizes = tuple(place[k][1] - place[k][0] if k in place else n for k, n in enumerate(s.sizes))
    if not all(_inside(k, *place[k], s) for k in place):
        raise NotationError("a part of an axis that may reach beyond it")
    inner = replace(s, guards=tuple(others)).place(sizes, s.axes, at)
    return Piece(inner, place)


def _inside(axis: int, begin: Form, end: Form, s: Scheme) -> bool:
    """Whether a part lies within its axis: proved, or at its end since something is read there."""
    read = any(axis in f.indices for x in s.leaves if isinstance(x, Access) for f in x.index)
    return nonnegative(begin, []) and (read or nonnegative(s.sizes[axis] - end, []))


def _tighter(old: Form, new: Form | None, open_end: Form) -> Form:
    if new is None or new == old:
        return old
    if old != open_end:
        raise NotationError("a part of an axis with two bounds on one side")
    return new


def _bounds(guard: Guard, s: Scheme) -> tuple[int, Form | None, Form | None] | None:
    """An axis with the begin or the end, or both, that a guard sets it."""
    if len(guard.form.indices) != 1 or guard.relation == "!=":
        return None
    (axis,) = guard.form.indices
    parts = guard.form.split(Idx(axis))
    if axis >= s.axes or parts is None or parts[0].constant not in (1, -1) or parts[1].indices:
        return None
    if any(hasattr(a, "tensor") for a in parts[1].all_atoms):
        return None
    up = parts[0].constant == 1
    edge = -parts[1] if up else parts[1]
    if guard.relation == "==":
        return axis, edge, edge + 1
    return (axis, edge, None) if up else (axis, None, edge + 1)


def assembled(pieces: Sequence[Piece], nodes: Sequence[Node], shape: Sequence[Form]) -> Node:
    """The whole: pieces that follow each other joined, others filled up with zeros."""
    joined = _in_a_row(pieces, nodes, shape)
    if joined is not None:
        return joined
    return added(_padded(p, x, shape) for p, x in zip(pieces, nodes, strict=True))


def _in_a_row(pieces: Sequence[Piece], nodes: Sequence[Node], shape: Sequence[Form],
              ) -> Node | None:
    axes = {k for p in pieces for k in p.place}
    if len(axes) != 1 or len(pieces) < 2 or not all(p.place for p in pieces):
        return None
    (axis,) = axes
    row, at = list[int](), ZERO
    while len(row) < len(pieces):
        n = next((n for n, p in enumerate(pieces) if n not in row and p.place[axis][0] == at), None)
        if n is None:
            return None
        row.append(n)
        at = pieces[n].place[axis][1]
    if at != shape[axis]:
        return None
    parts = [nodes[n] for n in row]
    layer = (*[WHOLE] * axis, NEW)
    if all(x.head == "item" and x.args[1:] == layer for x in parts):
        return call("stack", Node("list", tuple(x.args[0] for x in parts)), axis=number(axis))
    return call("concatenate", Node("list", tuple(parts)), axis=number(axis))


def _padded(p: Piece, x: Node, shape: Sequence[Form]) -> Node:
    if not p.place:
        return x
    ends = (p.place.get(k, (ZERO, n)) for k, n in enumerate(shape))
    widths = (Node("tuple", (size(low), size(n - high)))
              for (low, high), n in zip(ends, shape, strict=True))
    return call("pad", x, Node("list", tuple(widths)))

