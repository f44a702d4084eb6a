"""Equations in pieces: an axis cut where the masks on what is read begin and end.

A concatenation, or a gradient that several slices of an axis gather, is a sum of leaves that
are masked along the axis. Each piece reads what isn't masked in it, and masks nothing.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cmp_to_key
from itertools import pairwise

import sympy

from symdl.language.bounds import nonnegative
from symdl.language.form import ZERO, Form, Idx
from symdl.language.guard import Conjunction
from symdl.language.scheme import Scheme, tidied

MOST = 8
"""Pieces of one equation; with more it stays whole."""

Piece = tuple[int, Form, Scheme]
"""An axis, the place on it where the piece begins, and the piece, counted from there."""


def pieces(s: Scheme, fixed: int | None = None) -> list[Piece]:
    """The pieces of an equation along one of its axes; none where it isn't cut."""
    if s.reduce != "none" or s.guards:
        return []
    for k in range(s.axes):
        cuts = _cuts(s, k) if k != fixed else None
        if cuts:
            return [(k, start, _piece(s, k, start, end))
                    for start, end in pairwise(cuts)]
    return []


def _cuts(s: Scheme, k: int) -> list[Form] | None:
    """The ends of an axis and the places between at which masks change, in their order."""
    places = [x for leaf in s.leaves for x in _ends(leaf.mask, k)]
    found = list(dict.fromkeys((ZERO, *places, s.sizes[k])))
    if not 2 < len(found) <= MOST + 1:
        return None
    sizes = {x: n for x, n in enumerate(s.sizes) if x != k}  # the axis itself may be empty

    def order(a: Form, b: Form) -> int:
        return -1 if nonnegative(b - a, sizes) else 1

    found.sort(key=cmp_to_key(order))
    known = all(nonnegative(b - a, sizes) for a, b in pairwise(found))
    return found if known and found[0] == ZERO and found[-1] == s.sizes[k] else None


def _ends(mask: Conjunction, k: int) -> list[Form]:
    """Where along an axis, and nowhere else, a mask begins and ends."""
    found = []
    for g in mask:
        parts = g.form.split(Idx(k)) if g.relation == ">=" else None
        if parts and parts[0].constant in (1, -1) and _size(parts[1]):
            found.append(-parts[1] if parts[0].constant == 1 else parts[1] + 1)
    return found


def _size(form: Form) -> bool:
    return not form.indices and not any(hasattr(a, "tensor") for a in form.all_atoms)


def _piece(s: Scheme, k: int, start: Form, end: Form) -> Scheme:
    """The equation from one place on an axis to another."""
    at = [Form.of(Idx(x)) + (start if x == k else ZERO) for x in range(len(s.sizes))]
    moved = s.place([end - start if x == k else n for x, n in enumerate(s.sizes)], s.axes, at)
    found = tidied(moved)
    return replace(moved, body=sympy.S.Zero, leaves=()) if found is None else found


def shifted_target(axes: int, k: int, start: Form) -> tuple[Form, ...]:
    """Where the entries of a piece stand in the whole."""
    return tuple(Form.of(Idx(x)) + (start if x == k else ZERO) for x in range(axes))
