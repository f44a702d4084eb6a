"""One equation as a matrix expression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from symdl.display.arrays import (
    Array,
    expanded,
    permuted,
    reduced,
    scalar,
    size,
    spread,
    union,
)
from symdl.display.contraction import contracted, product
from symdl.display.entries import Entries, Reader, running, triangle
from symdl.display.errors import NotationError
from symdl.display.functions import folded
from symdl.display.pieces import assembled, pieces_of
from symdl.display.scalars import is_below, spelled
from symdl.display.tree import Node, added, call, is_one, is_zero, negative, number, power
from symdl.language.errors import lettered
from symdl.language.guard import Guard
from symdl.language.scheme import Scheme


def expression(s: Scheme, read: Reader) -> Node:
    """The matrix expression of an equation, of exactly its shape.

    Parameters
    ----------
    s : Scheme
        The equation.
    read : callable
        The expression that stands for a tensor it reads.

    Raises
    ------
    NotationError
        If there is none.
    """
    return folded(_equation(s, read))


def _equation(s: Scheme, read: Reader) -> Node:
    pieces = pieces_of(s)
    if pieces is not None:
        return assembled(pieces, [_equation(p.scheme, read) for p in pieces], s.sizes[:s.axes])
    entries = Entries(s, read)
    leaves = [entries.leaf(x) for x in s.leaves]
    if s.reduce in ("none", "sum"):
        return _finished(_sum(s, entries, leaves), s)
    whole = _body(s.body, leaves)
    several = len(s.bound) > 1 and s.reduce.startswith("arg")
    if s.guards or several or not set(s.bound) <= set(whole.labels):
        raise NotationError(f"this {s.reduce} has no matrix notation")
    return _finished(reduced(s.reduce, whole, s.bound), s)


def _sum(s: Scheme, entries: Entries, leaves: list[Array]) -> Array:
    """A sum of products; without bound indices just the product."""
    bound = tuple(s.bound)
    whole = None if bound else _body(s.body, leaves)
    if whole is not None and not s.guards:
        return whole
    above, below = _factors(s.body, leaves) if whole is None else ([whole], [])
    factors = [*above, *(product([scalar(number(1))], [b]) for b in below if b.labels)]
    divisors = [b for b in below if not b.labels]
    conditional = {k for g in s.guards for k in g.form.indices}
    read = {k for f in factors for k in f.labels}
    for guard in s.guards:
        factors = _masked(guard, factors, entries, bound)
    left = {k for f in factors for k in f.labels}
    if not set(bound) & conditional <= read | left:
        raise NotationError("a sum over an index that only a condition reads")
    factors += [scalar(size(s.sizes[r])) for r in bound if r not in read | conditional]
    out = contracted(factors, tuple(r for r in bound if r in left))
    return product([out], divisors) if divisors else out


def _masked(guard: Guard, factors: list[Array], entries: Entries, bound: tuple[int, ...],
            ) -> list[Array]:
    """The factors with a guard applied: a triangle, a cumulative sum, an indicator."""
    if not guard.form.indices:
        return [*factors, entries.mask(guard)]
    if guard.relation == ">=":
        cut = triangle(guard, factors) or running(guard, factors, bound)
        if cut is None:
            raise NotationError(lettered(f"the condition {guard} has no matrix notation"))
        return cut
    mask = entries.mask(guard)
    diagonal = [f for f in factors if f.ndim == 1 and f.labels[0] in mask.labels]
    if mask.node.text == "eye" and not bound and len(diagonal) == 1 and not any(
            set(f.labels) & set(mask.labels) for f in factors if f is not diagonal[0]):
        (d,) = diagonal
        return [*(f for f in factors if f is not d), Array(call("diag", d.node), mask.labels)]
    return [*factors, mask]


def _factors(body: sympy.Expr, leaves: list[Array]) -> tuple[list[Array], list[Array]]:
    """The factors above and below the line, each an operand."""
    above: list[Array] = []
    below: list[Array] = []
    coefficient, factors = body.as_coeff_mul()
    for f in factors:
        under = is_below(f)
        (below if under else above).append(_body(1 / f if under else f, leaves))
    if coefficient.q != 1 if coefficient.is_Rational else False:
        below.append(scalar(number(coefficient.q)))
        coefficient = sympy.Integer(coefficient.p)
    if coefficient != 1 or not above:
        above.append(scalar(number(coefficient)))
    return above, below


def _body(body: sympy.Expr, leaves: list[Array]) -> Array:
    """An elementwise expression."""
    out: Array = spelled(body, leaves.__getitem__, _make)
    return out


def _make(head: str, args: Sequence[Array], detail: Any) -> Array:
    if head == "number":
        return scalar(number(detail))
    if head == "quotient":
        return product(args[:detail], args[detail:])
    labels = union(args)
    nodes = [spread(a, labels) for a in args]
    if head == "neg":
        return Array(negative(nodes[0]), labels)
    if head == "add":
        return Array(added(nodes), labels)
    if head == "power":
        return Array(power(*nodes), labels)
    if head == "call":
        return Array(call(detail, *nodes), labels)
    if head == "compare":
        return Array(Node("compare", tuple(nodes), detail), labels)
    if head == "cases":
        return Array(_chosen(nodes), labels)
    return Array(_logical(head, nodes), labels)


def _chosen(nodes: list[Node]) -> Node:
    *pairs, out = nodes
    for value, condition in zip(pairs[-2::-2], pairs[::-2], strict=True):
        out = call("where", condition, value, out)
    return out


def _logical(head: str, nodes: list[Node]) -> Node:
    out = nodes[0]
    if head == "not":
        return call("logical_not", out)
    for other in nodes[1:]:
        out = call(f"logical_{head}", out, other)
    return out


def _finished(a: Array, s: Scheme) -> Node:
    """The expression with exactly the equation's axes."""
    axes = tuple(range(s.axes))
    x = permuted(a, tuple(k for k in axes if k in a.labels)).node
    missing = [k for k in axes if k not in a.labels]
    if not missing:
        return x
    if not a.labels:
        shape = Node("tuple", tuple(map(size, s.sizes[:s.axes])))
        if is_zero(x) or is_one(x):
            return call("zeros" if is_zero(x) else "ones", shape)
        return call("full", shape, x)
    narrow = [k for k in missing if s.sizes[k].constant == 1]
    x = spread(a, axes) if len(narrow) < len(missing) else expanded(x, narrow, len(axes))
    if len(narrow) < len(missing):
        return call("broadcast_to", x, Node("tuple", tuple(map(size, s.sizes[:s.axes]))))
    return x
