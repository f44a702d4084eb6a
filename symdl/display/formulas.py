"""Building formulas of index notation: entries, their definitions read in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdl.display.forms import condition, spelled_form
from symdl.display.page import Page
from symdl.display.scalars import spelled
from symdl.display.tree import (
    Node,
    added,
    application,
    array,
    call,
    is_one,
    is_zero,
    name,
    negative,
    number,
    power,
    quotient,
    reference,
)
from symdl.language.form import ZERO, Atom, Form, Idx, Read
from symdl.language.guard import Conjunction
from symdl.language.owners import Application, Recurrence
from symdl.language.scheme import Access, Leaf, Scheme
from symdl.language.tensor import Constant, Equation, Part, Tensor


class Formulas:
    """The formula of one line: its indices are numbered here and named afterwards.

    Attributes
    ----------
    sizes : list of Form
        The range of each index.
    """

    def __init__(self, arranged: Page):
        self.page = arranged
        self.sizes: list[Form] = []

    def axes(self, sizes: Sequence[Form]) -> list[Form]:
        """New indices over the given ranges; over a single value it is 0."""
        first = len(self.sizes)
        self.sizes.extend(sizes)
        return [ZERO if size == 1 else Form.of(Idx(first + k)) for k, size in enumerate(sizes)]

    def entry(self, t: Tensor, at: Sequence[Form]) -> Node:
        """An entry: by name, or its definition."""
        return self.named(t, at) if t in self.page.lines else self.definition(t, at)

    def named(self, t: Tensor, at: Sequence[Form]) -> Node:
        """An entry by the tensor's name."""
        return Node("entry", (reference(t), *map(self.form, at)), scalar=not at)

    def definition(self, t: Tensor, at: Sequence[Form]) -> Node:
        """What an entry is computed from."""
        d = self.page.definitions[t]
        if isinstance(d, Equation):
            return self.equation(d.scheme, at)
        if d is not t:
            return self.entry(d, at)
        base = array(t.data.tolist()) if isinstance(t, Constant) else self.whole(t)
        return Node("entry", (base, *map(self.form, at)), scalar=not at)

    def whole(self, t: Tensor) -> Node:
        """A tensor that isn't read entry by entry: an input, a primitive's output, numbers."""
        if isinstance(t, Part) and isinstance(t.owner, Application) and t not in self.page.lines:
            return application(t, self.whole)
        if isinstance(t, Constant) and t not in self.page.lines:
            return array(t.data.tolist())
        return reference(t)

    def equation(self, s: Scheme, at: Sequence[Form]) -> Node:
        """An equation's value at some place."""
        bound = self.axes([f.substitute({Idx(k): x for k, x in enumerate(at)})
                           for f in s.sizes[s.axes:]])
        placed = s.substitute({Idx(k): x for k, x in enumerate([*at, *bound])})
        leaves = [self.leaf(x) for x in placed.leaves]
        body: Node = spelled(s.body, leaves.__getitem__, _make)
        conditions = self.conditions(placed.guards)
        if s.reduce == "none":
            return _masked(conditions, body)
        if s.reduce == "sum" and body.head == "neg":
            return negative(self.reduction(s, body.args[0], conditions, bound))
        return self.reduction(s, body, conditions, bound)

    def reduction(self, s: Scheme, body: Node, conditions: tuple[Node, ...],
                  bound: Sequence[Form]) -> Node:
        """A sum, product, maximum, or the place of a maximum."""
        over = tuple(self.form(r).text for r in bound if r != 0)
        if s.reduce == "sum":
            return _sum(over, conditions, body)
        out = Node("reduce", (body, *conditions), s.reduce, over=over)
        several = s.reduce.startswith("arg") and len(bound) > 1
        return Node("entry", (out, number(s.component))) if several else out

    def leaf(self, leaf: Leaf) -> Node:
        """What a leaf stands for; 0 where its mask is false."""
        value = self.entry(leaf.tensor, leaf.index) if isinstance(leaf, Access) else (
            self.form(leaf.form))
        return _masked(self.conditions(leaf.mask), value)

    def conditions(self, guards: Conjunction) -> tuple[Node, ...]:
        """Guards as comparisons."""
        return tuple(condition(g, self.atom) for g in guards)

    def form(self, form: Form) -> Node:
        """A size or a place."""
        return spelled_form(form, self.atom)

    def atom(self, a: Atom) -> Node:
        """A size, an index by number, or an entry of an integer tensor."""
        if isinstance(a, Idx):
            return Node("index", text=str(a.position))
        if isinstance(a, Read):
            return self.entry(a.tensor, a.inner)
        return name(str(a), scalar=True)

    def steps(self, block: Recurrence, time: Form) -> tuple[Node, ...]:
        """The time index, where it begins and where it ends."""
        ends = [number(0), self.form(block.length - 1)]
        return (self.form(time), *(reversed(ends) if block.reverse else ends))


def _sum(over: tuple[str, ...], conditions: tuple[Node, ...], body: Node) -> Node:
    """A sum; conditions on indices go below it, a sum in a sum joins it."""
    above, below = (body.args[0], body.args[1:]) if body.head == "div" else (body, ())
    brackets = [f for f in above.args if f.head == "bracket" and not f.text]
    if brackets and above.head == "mul":
        body = quotient([f for f in above.args if f not in brackets], below)
        conditions = (*conditions, *(c for b in brackets for c in b.args))
    if body.head == "reduce" and body.text == "sum":
        inner, *within = body.args
        return _sum((*over, *body.over), (*conditions, *within), inner)
    return Node("reduce", (body, *conditions), "sum", over=over)


def _masked(conditions: tuple[Node, ...], value: Node) -> Node:
    """The value where all conditions hold, else 0: an Iverson bracket in front."""
    if not conditions:
        return value
    bracket = Node("bracket", conditions)
    return bracket if is_one(value) else quotient([bracket, value])


def _make(head: str, args: Sequence[Node], detail: Any) -> Node:
    if head == "number":
        return number(detail)
    if head == "quotient":
        return quotient(args[:detail], args[detail:])
    if head == "add":
        return added(args)
    if head == "neg":
        return negative(args[0])
    if head == "power":
        return power(*args)
    if head == "call":
        return call(detail, *args)
    if head == "cases" and len(args) == 3 and is_one(args[0]) and is_zero(args[2]):
        return Node("bracket", (args[1],), "data")
    return Node(head, tuple(args), detail or "")
