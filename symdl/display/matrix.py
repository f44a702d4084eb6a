"""Matrix notation in NumPy's spelling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from symdl.display.contraction import comparison, contracted, product
from symdl.display.entries import Entries, running, triangle
from symdl.display.errors import NotationError
from symdl.display.functions import folded
from symdl.display.page import Page, page
from symdl.display.pieces import assembled, pieces_of
from symdl.display.plain import plain
from symdl.display.scalars import is_below, spelled
from symdl.display.tree import (
    Node,
    added,
    application,
    array,
    call,
    is_one,
    is_zero,
    negative,
    number,
    power,
    reference,
)
from symdl.language.guard import Guard
from symdl.language.owners import Application
from symdl.language.scheme import Scheme
from symdl.language.tensor import Constant, Equation, Part, Slot, Tensor, Variable


def matrix(t: Tensor) -> str:
    """Matrix notation in NumPy's spelling.

    Returns
    -------
    str
        The formula; below it a line for each intermediate that has a name or is read often.

    Raises
    ------
    NotationError
        If a part of it is no matrix expression.
    """
    arranged, formulas = formulas_of(t)
    return written([(arranged.names.get(x), plain(f, arranged.names))
                    for x, f in formulas.items()])


def written(lines: Sequence[tuple[str | None, str]]) -> str:
    """The first formula, then `where` and the others by name."""
    (_, main), *others = lines
    below = [f"{'where ' if not n else '      '}{key} = {text}"
             for n, (key, text) in enumerate(others)]
    return "\n".join([main, *below])


def formulas_of(t: Tensor) -> tuple[Page, dict[Tensor, Node]]:
    """The page of a result, and the matrix expression of the result and of each line."""
    arranged = page(t)
    t = arranged.root
    inline: dict[Tensor, Node] = {}

    def read(x: Tensor) -> Node:
        if x in arranged.lines or isinstance(x, (Variable, Slot)):
            return reference(x)
        if x not in inline:
            inline[x] = _expression(arranged.definitions[x], read)
        return inline[x]

    lines = [x for x in arranged.lines_in_order if x is not t]
    formulas = {x: _expression(arranged.definitions[x], read) for x in (t, *lines)}
    return arranged, {x: comparison(f) if x.dtype == "bool" else f for x, f in formulas.items()}


def _expression(d: Tensor, read: Callable[[Tensor], Node]) -> Node:
    if isinstance(d, Equation):
        return folded(_equation(d.scheme, read))
    if isinstance(d, Part) and isinstance(d.owner, Application):
        return application(d, read)
    if isinstance(d, Constant):
        return call("array", array(d.data.tolist()))
    if isinstance(d, Part):
        raise NotationError("a recurrence has no matrix notation")
    return reference(d)


def _equation(s: Scheme, read: Callable[[Tensor], Node]) -> Node:
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
    if guard.relation == ">=":
        cut = triangle(guard, factors) or running(guard, factors, bound)
        if cut is None:
            raise NotationError(f"the condition {guard} has no matrix notation")
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
