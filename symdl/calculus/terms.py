"""An adjoint of an entry at free indices: terms apart by the deltas that tie those to its axes.

A term is a frame times a coefficient. The frame holds what ties the free indices o to the axes
j, deltas such as [j = o] and factors such as W[j, o]; the coefficient has what is left, with
o = j put in. Elementwise steps then multiply coefficients of n entries, where a sum of the
terms would fill n × n.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sympy

from symdl.language.body import slot, slots_of
from symdl.language.bounds import prune, within
from symdl.language.elementwise import mapped
from symdl.language.form import Atom, Form, Free, Idx
from symdl.language.guard import Guard, tidy
from symdl.language.inline import inlinable, inlined
from symdl.language.rebuild import replaced
from symdl.language.scheme import Access, Leaf, Scheme
from symdl.language.solve import solved
from symdl.language.tensor import Equation, Tensor

MOST_FRAMES = 6
"""Beyond so many deltas a sum costs less than its terms one by one."""


@dataclass(frozen=True)
class Term:
    """`frame * coefficient`, entry by entry; no frame is a frame of ones."""

    frame: Tensor | None
    coefficient: Tensor

    @property
    def has_delta(self) -> bool:
        """Whether the frame is 0 but where an equality holds."""
        return isinstance(self.frame, Equation) and any(
            g.relation == "==" for g in self.frame.scheme.guards)

    @property
    def tensor(self) -> Tensor:
        """The product, its frame read in place."""
        if self.frame is None:
            return self.coefficient
        product = mapped(slot(0) * slot(1), [self.frame, self.coefficient])
        return with_light_read(product, (self.frame, self.coefficient))


def summands(terms: Sequence[Tensor]) -> list[Tensor]:
    """The same sum, in as few terms as the deltas allow; the terms without one are added."""
    if not any(t.free for t in terms):
        return [added(terms)]
    frames: dict[Tensor | None, list[Tensor]] = {}
    for t in terms:
        term = separated(t)
        frames.setdefault(term.frame, []).append(term.coefficient)
    gathered = [Term(frame, added(coefficients)) for frame, coefficients in frames.items()]
    sparse = [term.tensor for term in gathered if term.has_delta]
    plain = [term.tensor for term in gathered if not term.has_delta]
    if len(sparse) > MOST_FRAMES:
        return [added([*sparse, *plain])]
    return [*sparse, added(plain)] if plain else sparse


def added(terms: Sequence[Tensor]) -> Tensor:
    """The sum of some tensors of one shape."""
    if len(terms) == 1:
        return terms[0]
    return mapped(sympy.Add(*(slot(k) for k in range(len(terms)))), terms)


def separated(t: Tensor) -> Term:
    """The tensor as a frame and a coefficient."""
    if not t.free or not isinstance(t, Equation) or t.scheme.reduce not in ("none", "sum"):
        return Term(None, t)
    deltas, s = _solved_for_free(in_range(t.scheme))
    factors: list[sympy.Expr] = []
    if not any(g.form.free for g in s.guards):
        factors = [f for f in sympy.Mul.make_args(s.body) if f.is_Symbol and _is_free(s, f)]
    if not deltas and not factors:
        return Term(None, t)
    rest = s.body / sympy.Mul(*factors)
    frame = Scheme(t.shape, t.ndim, "none", tidy(deltas) or (), sympy.Mul(*factors), s.leaves)
    return Term(Equation.make(frame), _compact(replace(s, body=rest)))


def in_range(s: Scheme) -> Scheme:
    """The scheme without the guards that hold wherever its free indices are in range."""
    ranges = {f: f.size for g in s.guards for f in g.form.free if f.size is not None}
    places: dict[Atom, Form] = {
        f: Form.of(Idx(len(s.sizes) + k)) for k, f in enumerate(ranges)}
    sizes = [*s.sizes, *ranges.values()]
    return replace(s, guards=tuple(
        g for g in s.guards if prune((g.substitute(places),), sizes) != ()))


def _is_free(s: Scheme, leaf: sympy.Symbol) -> bool:
    """Whether a leaf holds a free index and none that is summed over."""
    x = s.leaves[slots_of(leaf)[0]]
    if any(f.indices.intersection(s.bound) for f in x.forms):
        return False
    return any(f.free for f in x.forms) or (isinstance(x, Access) and bool(x.tensor.free))


def _solved_for_free(s: Scheme) -> tuple[tuple[Guard, ...], Scheme]:
    """The equalities that give a free index by the axes, and the scheme with it put in."""
    deltas: list[Guard] = []
    while (found := _solution(s)) is not None:
        guard, index, value = found
        deltas.append(guard)
        assert index.size is not None
        axes = dict(enumerate(s.sizes[:s.axes]))
        inside = () if within(value, index.size, axes) else (
            Guard(value, ">="), Guard(index.size - 1 - value, ">="))
        rest = tuple(g for g in s.guards if g != guard)
        moved = replace(s, guards=rest).substitute({index: value})
        kept = tidy((*moved.guards, *inside))
        s = replace(moved, guards=(Guard(Form.of(-1), ">="),) if kept is None else kept)
    return tuple(deltas), s


def _solution(s: Scheme) -> tuple[Guard, Free, Form] | None:
    """An equality `± o + f(axes) = 0` of a free index o that nothing but addresses hold."""
    for guard in s.guards:
        if guard.relation != "==" or not guard.form.indices or (
                guard.form.indices.intersection(s.bound)):
            continue
        for index in sorted(guard.form.free, key=lambda f: f.uid):
            parts = guard.form.split(index)
            if index.size is None or parts is None or parts[0].constant not in (1, -1):
                continue
            if not any(isinstance(x, Access) and index in x.tensor.free for x in s.leaves):
                return guard, index, -parts[1] if parts[0].constant == 1 else parts[1]
    return None


def _compact(s: Scheme) -> Tensor:
    """The tensor over the axes it depends on, seen over all of them."""
    whole = Equation.make(s)
    if is_light(whole) and not _divides(s):
        return whole
    used = frozenset[int]().union(
        *(g.form.indices for g in s.guards),
        *(f.indices for k in slots_of(s.body) for f in s.leaves[k].forms))
    kept = [k for k in range(s.axes) if k in used]
    if len(kept) == s.axes:
        return whole
    order = [*kept, *s.bound]
    at = [Form.of(Idx(order.index(k) if k in order else 0)) for k in range(len(s.sizes))]
    small = Equation.make(s.place([s.sizes[k] for k in order], len(kept), at))
    index = tuple(Form.of(Idx(k)) for k in kept)
    return Equation.make(Scheme(s.sizes[:s.axes], s.axes, "none", (), slot(0),
                                (Access(small, index),)))


def _divides(s: Scheme) -> bool:
    """Whether the body is divided by an entry: under a guard it would be divided case by case."""
    return any(f.is_Pow and f.exp.is_negative and isinstance(s.leaves[k], Access)
               for f in sympy.Mul.make_args(s.body) for k in slots_of(f))


def is_light(t: Tensor) -> bool:
    """Whether reading the tensor's definition costs no more than reading the tensor."""
    if not inlinable(t) or not isinstance(t, Equation) or t.name is not None:
        return False
    reads = sum(isinstance(x, Access) and not _holds_free(x) for x in t.scheme.leaves)
    factors = sympy.Mul.make_args(t.scheme.body)
    plain = all(f.is_Symbol or f.is_Number or (f.is_Pow and f.exp.is_Integer) for f in factors)
    return reads <= 1 and plain


def _holds_free(x: Leaf) -> bool:
    return any(f.free for f in x.forms)


def with_deltas_read(root: Tensor) -> Tensor:
    """The tensor with light operands that hold a free index read in place, at every level."""
    new: dict[Tensor, Tensor] = {}
    stack = [root]
    while stack:
        t = stack[-1]
        inner = [x for x in t.operands if x.free and x not in new]
        stack.extend(inner)
        if not inner:
            stack.pop()
            light = [new[x] for x in t.operands if x in new]
            new[t] = separated(with_light_read(replaced(t, new), light)).tensor
    return new[root]


def with_light_read(t: Tensor, operands: Sequence[Tensor]) -> Tensor:
    """The equation with those of the operands read in place that are light."""
    if not isinstance(t, Equation):
        return t
    s = t.scheme
    for operand in operands:
        s = read_in_place(s, operand)
    return t if s is t.scheme else Equation.make(solved(s) or empty(s), t.dtype, t.name)


def read_in_place(s: Scheme, operand: Tensor) -> Scheme:
    """The scheme with an operand read by its definition, if that is light."""
    if is_light(operand):
        for k, leaf in enumerate(s.leaves):
            if isinstance(leaf, Access) and leaf.tensor is operand:
                s = inlined(s, k)
    return s


def empty(s: Scheme) -> Scheme:
    """A scheme without terms."""
    return replace(s, guards=(Guard(Form.of(-1), ">="),))
