"""What a program goes through before it becomes loops: rewriting of equations by equations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import sympy

from symdl.language.body import slot
from symdl.language.form import ZERO, Form, Idx
from symdl.language.inline import inline_where, is_view
from symdl.language.owners import Application
from symdl.language.primitives.stop_gradient import StopGradient
from symdl.language.rebuild import replaced
from symdl.language.scheme import Access, Scheme, Value, reads
from symdl.language.tensor import (
    Equation,
    Part,
    Slot,
    Tensor,
    Variable,
    topological,
    transform,
)
from symdl.lowering.contract import contracted
from symdl.lowering.exponents import shifted
from symdl.lowering.members import tightened
from symdl.lowering.sharing import shared

Change = Callable[[Sequence[Tensor]], Mapping[Tensor, Tensor]]


def normalised(roots: Sequence[Tensor]) -> list[Tensor]:
    """Equal tensors made one, views read in place, exponentials shifted, products ordered."""
    return _through(roots, *_ALL)


def called(roots: Sequence[Tensor]) -> dict[Tensor, str]:
    """What tensors of the normalised program are called in the program as it was written."""
    names = {t: t.name for t in topological(roots)
             if t.name is not None and not isinstance(t, (Variable, Slot))}
    for change in _ALL:
        new = change(roots)
        roots = [new[r] for r in roots]
        names = {new[t]: name for t, name in reversed(names.items()) if t in new}
    return names


def _through(roots: Sequence[Tensor], *changes: Change) -> list[Tensor]:
    for change in changes:
        new = change(roots)
        roots = [new[r] for r in roots]
    return list(roots)


def _inside_recurrences(roots: Sequence[Tensor]) -> dict[Tensor, Tensor]:
    """A step of a recurrence goes through the same rewriting."""
    return tightened(roots, lambda members: _through(members, _nameless, *_ELEMENTWISE, _in_parts,
                                                     _in_parts))


def _nameless(roots: Sequence[Tensor]) -> dict[Tensor, Tensor]:
    """Drop the names, by which equal equations differ, and the marks for derivatives."""

    def change(t: Tensor, new: Mapping[Tensor, Tensor]) -> Tensor:
        moved = replaced(t, new)
        if isinstance(moved, Equation):
            return moved.renamed(None)
        if isinstance(moved, Part):
            owner = moved.owner
            if isinstance(owner, Application) and isinstance(owner.primitive, StopGradient):
                return owner.operands[0]
        return moved

    return transform(roots, change)


def _squeezed(roots: Sequence[Tensor]) -> dict[Tensor, Tensor]:
    """Compute axes of size 1 without a loop; who reads them reads a view."""

    def change(t: Tensor, new: Mapping[Tensor, Tensor]) -> Tensor:
        moved = replaced(t, new)
        if not isinstance(moved, Equation) or is_view(moved) or all(
                n.constant != 1 for n in moved.shape):
            return moved
        return expanded(moved)

    return transform(roots, change)


def expanded(t: Equation) -> Tensor:
    """The equation without its axes of size 1, seen with them."""
    s = t.scheme
    kept = [k for k in range(s.axes) if t.shape[k].constant != 1]
    order = [*kept, *s.bound]
    at = [Form.of(Idx(order.index(k))) if k in order else ZERO for k in range(len(s.sizes))]
    core = Equation.make(s.place([s.sizes[k] for k in order], len(kept), at), t.dtype)
    index = tuple(Form.of(Idx(k)) for k in kept)
    return Equation.make(Scheme(t.shape, t.ndim, "none", (), slot(0), (Access(core, index),)),
                         t.dtype)


def _in_place(roots: Sequence[Tensor]) -> dict[Tensor, Tensor]:
    """Read views and constants by their definitions; a number that a label places, in a sum."""
    return inline_where(roots, lambda reader, operand: is_view(operand) or (_constant(operand) and (
        not operand.operands or _added(reader, operand))))


def _added(reader: Tensor, operand: Tensor) -> bool:
    """Whether an operand is a term of each sum that reads it, and multiplies nothing."""
    if not isinstance(reader, Equation):
        return False
    s = reader.scheme
    at = {slot(k) for k, x in enumerate(s.leaves)
          if isinstance(x, Access) and x.tensor is operand}
    others = {slot(k) for k, x in enumerate(s.leaves) if isinstance(x, Access)} - at
    return all(not term.free_symbols & others for term in sympy.Add.make_args(s.body)
               if term.free_symbols & at)


def _in_parts(roots: Sequence[Tensor]) -> dict[Tensor, Tensor]:
    """Read a short sum or product by its definition where each reader reads a part of it."""
    whole = set(roots)
    parts: dict[Tensor, int] = {}
    for t in topological(roots):
        if not isinstance(t, Equation) or t.scheme.reduce != "none":
            whole.update(t.operands)
            continue
        for x in t.scheme.leaves:
            if isinstance(x, Access):
                parts[x.tensor] = parts.get(x.tensor, 0) + 1
                if any(f.atom is Idx(k) and t.shape[k] == n for k, (f, n) in
                       enumerate(zip(x.index[-1:], x.tensor.shape[-1:], strict=True), t.ndim - 1)):
                    whole.add(x.tensor)
    wanted = {t for t, count in parts.items() if _short(t) and (t not in whole or count == 1)}
    return inline_where(roots, lambda reader, operand: operand in wanted and (
        isinstance(reader, Equation) and reader.scheme.reduce == "none"))


def _short(t: Tensor) -> bool:
    """Whether an entry is a sum or a product of two or three entries."""
    if not isinstance(t, Equation) or t.scheme.reduce != "none" or t.scheme.guards:
        return False
    s = t.scheme
    return 2 <= len(s.leaves) <= 3 and s.body.count_ops() < len(s.leaves) and all(
        isinstance(x, Access) and not x.mask and not any(map(reads, x.index)) for x in s.leaves)


def _constant(t: Tensor) -> bool:
    """Whether the definition reads numbers at most in its masks and computes next to nothing."""
    return isinstance(t, Equation) and t.scheme.reduce == "none" and all(
        isinstance(x, Value) and not reads(x.form) for x in t.scheme.leaves) and (
        t.scheme.body.count_ops() <= 2)


_ELEMENTWISE: tuple[Change, ...] = (_in_place, shifted, _in_place)
_ALL: tuple[Change, ...] = (
    _nameless, _squeezed, _inside_recurrences, *_ELEMENTWISE, shared, contracted)
