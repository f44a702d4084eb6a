"""Where a program isn't differentiable: conditions, absolute values, ties of a maximum, jumps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import sympy

from symdl.language import body as scalar
from symdl.language.body import piecewise, slot, slots_of
from symdl.language.elementwise import as_tensor
from symdl.language.errors import lettered
from symdl.language.form import ONE, Form, Idx, Read
from symdl.language.guard import Guard
from symdl.language.owners import Application, Recurrence, member_slot
from symdl.language.primitives.stop_gradient import StopGradient
from symdl.language.rebuild import replaced
from symdl.language.scheme import Access, Leaf, Scheme, Value
from symdl.language.shaping import at
from symdl.language.tensor import Equation, Part, Tensor, Variable, topological

EXTREMA = {"max": "max", "min": "min", "argmax": "max", "argmin": "min"}


@dataclass(frozen=True)
class Kink:
    """A place where a program or one of its derivatives may jump.

    Attributes
    ----------
    where : Tensor
        The tensor in whose definition it stands.
    condition : str
        What holds there, such as "Z[i, j] = 0".
    distance : Tensor
        The quantity that vanishes there, for every entry and every term of a reduction; 1 where
        it depends on no input.
    """

    where: Tensor
    condition: str
    distance: Tensor

    def __str__(self) -> str:
        return f"{self.condition} in {self.where.said}"


def kinks(expr: Any) -> tuple[Kink, ...]:
    """List the places where an expression isn't differentiable.

    Parameters
    ----------
    expr : Tensor
        The expression; the definitions of all tensors it is made of are looked at.

    Returns
    -------
    tuple of Kink
        One for each quantity that is compared with 0 (by relu, |x|, a maximum of two, a
        condition), one for each maximum or minimum over an axis and each sort, whose entries
        may tie, and those of matrix functions: equal eigenvalues, a change of rank. An
        expression that is smooth everywhere has none.
    """
    root = as_tensor(expr)
    moves = varying([root])
    found: dict[Tensor, Kink] = {}
    for tensor, definition in definitions([root]):
        for kink in _kinks_of(tensor, definition, moves):
            found.setdefault(kink.distance, kink)
    return tuple(found.values())


def definitions(roots: list[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield every tensor of a program with what defines it.

    Parameters
    ----------
    roots : list of Tensor
        The program.

    Yields
    ------
    tuple of Tensor
        A tensor and its definition: itself, or for a state of a recurrence the equation of its
        steps, read over whole trajectories.
    """
    seen: set[bytes] = set()
    for tensor in topological(roots):
        owner = tensor.owner if isinstance(tensor, Part) else None
        if not isinstance(owner, Recurrence):
            yield tensor, tensor
        elif owner.digest not in seen:
            seen.add(owner.digest)
            members = owner.outputs()
            whole: dict[Tensor, Tensor] = {
                member_slot(k, *owner.signature[k]): p for k, p in enumerate(members)
            }
            for part, member in zip(members, owner.members, strict=True):
                yield part, replaced(member.tensor, whole)


def varying(roots: list[Tensor]) -> set[Tensor]:
    """Return the tensors whose real entries move when an input does.

    Parameters
    ----------
    roots : list of Tensor
        The program.

    Returns
    -------
    set of Tensor
        Integers and truth values jump and never move; `stop_gradient` holds its value still.
    """
    found: set[Tensor] = set()
    for tensor in topological(roots):
        owner = tensor.owner if isinstance(tensor, Part) else None
        if isinstance(owner, Application) and isinstance(owner.primitive, StopGradient):
            continue
        moves = isinstance(tensor, Variable) or any(t in found for t in tensor.operands)
        if moves and isinstance(owner, Recurrence):
            found.update(owner.outputs())
        elif moves and tensor.dtype == "real":
            found.add(tensor)
    return found


def at_each_term(s: Scheme, expr: sympy.Expr, moves: set[Tensor]) -> Tensor | None:
    """Return a scalar expression's value for every axis and bound index of an equation.

    Parameters
    ----------
    s : Scheme
        The equation.
    expr : Expr
        An expression in its placeholders.
    moves : set of Tensor
        The tensors whose entries count as moving.

    Returns
    -------
    Tensor or None
        1 where the term is left out or reads nothing that moves; None where that is everywhere.
    """
    used = slots_of(expr)
    moving = [k for k in used if isinstance(x := s.leaves[k], Access) and x.tensor in moves]
    if not moving:
        return None
    leaves: list[Leaf] = [replace(x, mask=(*x.mask, *s.guards)) for x in s.leaves]
    inside = []
    for k in moving:
        inside.append(slot(len(leaves)) > 0)
        leaves.append(Value(ONE, leaves[k].mask))
    guarded = piecewise((expr, sympy.Or(*inside)), (sympy.S.One, True))
    return _over_all(s, guarded, leaves)


def _over_all(s: Scheme, body: sympy.Expr, leaves: list[Leaf]) -> Tensor:
    return Equation.make(Scheme(s.sizes, len(s.sizes), "none", (), body, tuple(leaves)))


def _kinks_of(tensor: Tensor, definition: Tensor, moves: set[Tensor]) -> Iterator[Kink]:
    if isinstance(definition, Part):
        yield from _of_primitive(definition, moves)
    if not isinstance(definition, Equation):
        return
    s = definition.scheme
    for expr in scalar.kinks(s.body):
        distance = at_each_term(s, expr, moves)
        if distance is not None:
            sign = -1 if expr.could_extract_minus_sign() else 1
            yield Kink(tensor, lettered(f"{_said(sign * expr, s)} = 0"), distance)
    if s.reduce in EXTREMA:
        distance = _ties(s, moves)
        if distance is not None:
            over = ", ".join(f"i{k}" for k in s.bound)
            kind = EXTREMA[s.reduce]
            condition = lettered(f"two {kind}ima of {_said(s.body, s)} over {over}")
            yield Kink(tensor, condition, distance)


def _said(expr: sympy.Expr, s: Scheme) -> str:
    """The expression with each placeholder written as what it stands for."""
    names = {slot(k): sympy.Symbol(str(s.leaves[k])) for k in slots_of(expr)}
    return str(scalar.substitute(expr, names))


def _ties(s: Scheme, moves: set[Tensor]) -> Tensor | None:
    """The extremum minus each other term, 1 at the extremum itself."""
    kind = EXTREMA[s.reduce]
    axes = tuple(at(k) for k in range(s.axes))
    best = Equation.make(replace(s, reduce=kind, component=0))
    places = [
        Equation.make(replace(s, reduce=f"arg{kind}", component=c), "int")
        for c in range(len(s.bound))
    ]
    first = tuple(
        Guard(Form.of(Idx(s.axes + c)) - Form.of(Read(p, axes)), "==")
        for c, p in enumerate(places)
    )
    n = len(s.leaves)
    leaves = (*s.leaves, Access(best, axes), Value(ONE, first))
    gap = piecewise((sympy.S.One, slot(n + 1) > 0), (slot(n) - s.body, True))
    return at_each_term(replace(s, leaves=leaves, body=gap), gap, moves)


def _of_primitive(part: Part, moves: set[Tensor]) -> Iterator[Kink]:
    """What a primitive says of itself."""
    owner = part.owner
    if isinstance(owner, Application) and any(x in moves for x in owner.operands):
        for condition, distance in owner.primitive.kinks(owner.operands, owner.outputs()):
            yield Kink(part, condition, distance)
