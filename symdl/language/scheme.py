"""The inside of an equation: ranges, one outer reduction, guards, a scalar body, its leaves.

A scheme over `axes` axes and some bound indices defines, for each value of its axes,

    reduce over bound indices where all guards hold of  body(leaf_0, leaf_1, ...)

Positions number the axes first, then the bound indices. A term whose guard is false is
the reduction's neutral element (0 where nothing is reduced). Leaf k is what the
placeholder `a{k}` of the body stands for; a leaf whose mask is false reads 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import sympy

from symdl.language.body import literal, rename, slot, slots_of, strong_factor, substitute
from symdl.language.bounds import prune, reduce_divisions
from symdl.language.form import ZERO, Atom, Form, Idx, Read
from symdl.language.guard import Conjunction, tidy

if TYPE_CHECKING:
    from symdl.language.tensor import Tensor

REDUCTIONS = ("none", "sum", "prod", "max", "min", "argmax", "argmin")


@dataclass(frozen=True)
class Access:
    """An entry of a tensor, or 0 where the mask is false."""

    tensor: Tensor
    index: tuple[Form, ...]
    mask: Conjunction = ()

    def map(self, change: Callable[[Form], Form]) -> Access:
        """The access with every form changed."""
        return Access(self.tensor, tuple(map(change, self.index)),
                      tuple(g.map(change) for g in self.mask))

    @property
    def token(self) -> tuple[object, ...]:
        """A description that is the same in every process."""
        return ("Access", self.tensor.digest, tuple(f.token for f in self.index),
                tuple(sorted((g.token for g in self.mask), key=repr)))

    @property
    def forms(self) -> tuple[Form, ...]:
        """All forms of the leaf."""
        return (*self.index, *(g.form for g in self.mask))

    def __str__(self) -> str:
        text = f"{self.tensor.said}[{', '.join(map(str, self.index))}]"
        return text if not self.mask else f"({text} if {' and '.join(map(str, self.mask))})"


@dataclass(frozen=True)
class Value:
    """The value of an integer form as a number, or 0 where the mask is false."""

    form: Form
    mask: Conjunction = ()

    def map(self, change: Callable[[Form], Form]) -> Value:
        """The value with every form changed."""
        return Value(change(self.form), tuple(g.map(change) for g in self.mask))

    @property
    def token(self) -> tuple[object, ...]:
        """A description that is the same in every process."""
        return ("Value", self.form.token,
                tuple(sorted((g.token for g in self.mask), key=repr)))

    @property
    def forms(self) -> tuple[Form, ...]:
        """All forms of the leaf."""
        return (self.form, *(g.form for g in self.mask))

    def __str__(self) -> str:
        return str(self.form) if not self.mask else f"[{' and '.join(map(str, self.mask))}]"


Leaf = Access | Value


@dataclass(frozen=True)
class Scheme:
    """Ranges, reduction, guards, body and leaves of an equation."""

    sizes: tuple[Form, ...]
    axes: int
    reduce: str
    guards: Conjunction
    body: sympy.Expr
    leaves: tuple[Leaf, ...]
    component: int = 0  # which bound index argmax or argmin reports

    @property
    def bound(self) -> range:
        """Positions of the bound indices."""
        return range(self.axes, len(self.sizes))

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """All forms of guards and leaves."""
        return (*(g.form for g in self.guards), *(f for x in self.leaves for f in x.forms))

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """The tensors read, as leaves or inside indices, in order of appearance."""
        found: dict[Tensor, None] = {}
        for leaf in self.leaves:
            if isinstance(leaf, Access):
                found[leaf.tensor] = None
        for form in self.forms:
            for read in reads(form):
                found[read] = None
        return tuple(found)

    def map(self, change: Callable[[Form], Form]) -> Scheme:
        """The scheme with every form of its guards and leaves changed."""
        return replace(self, guards=tuple(g.map(change) for g in self.guards),
                       leaves=tuple(x.map(change) for x in self.leaves))

    def substitute(self, values: Mapping[Atom, Form]) -> Scheme:
        """Replace atoms in guards and leaves."""
        return self.map(lambda f: f.substitute(values))

    def place(self, sizes: Sequence[Form], axes: int, at: Sequence[Form]) -> Scheme:
        """Move to other ranges: index k becomes the form `at[k]`."""
        moved = self.substitute({Idx(k): f for k, f in enumerate(at)})
        return replace(moved, sizes=tuple(sizes), axes=axes)

    def retensor(self, change: Callable[[Tensor], Tensor]) -> Scheme:
        """Read other tensors at the same places."""
        def read(a: Read) -> Form:
            inner = tuple(f.rebuild(read) for f in a.inner)
            return Form.of(Read(change(a.tensor), inner))

        moved = self.map(lambda f: f.rebuild(read))
        leaves = tuple(replace(x, tensor=change(x.tensor)) if isinstance(x, Access) else x
                       for x in moved.leaves)
        return replace(moved, leaves=leaves)


def reads(form: Form) -> tuple[Tensor, ...]:
    """The integer tensors read inside a form."""
    return tuple(a.tensor for a in form.all_atoms if hasattr(a, "tensor"))


def tidied(s: Scheme) -> Scheme | None:
    """The scheme without proved guards, unread leaves or masked factors; None if it is 0.

    A product is 0 where a masked factor is, so such a mask becomes a guard.
    """
    single: dict[Atom, Form] = {Idx(k): ZERO for k, n in enumerate(s.sizes) if n.constant == 1}
    s = read_only(s).map(lambda f: reduce_divisions(f.substitute(single), s.sizes))
    s = _masked_factors_to_guards(s)
    guards = prune(s.guards, s.sizes)
    if guards is None:
        return None
    leaves: dict[Leaf, int] = {}
    new: dict[sympy.Symbol, sympy.Expr] = {}
    for k in slots_of(s.body):
        leaf = s.leaves[k]
        mask = prune(leaf.mask, s.sizes)
        if mask is None:
            new[slot(k)] = sympy.Integer(0)
            continue
        leaf = replace(leaf, mask=tuple(g for g in mask if g not in guards))
        if isinstance(leaf, Value) and not leaf.mask and leaf.form.constant is not None:
            new[slot(k)] = literal(leaf.form.constant)
            continue
        new[slot(k)] = slot(leaves.setdefault(leaf, len(leaves)))
    if all(a is b for a, b in new.items()) and len(leaves) == len(s.leaves):
        return replace(s, guards=guards, leaves=tuple(leaves))
    return replace(s, guards=guards, leaves=tuple(leaves), body=substitute(s.body, new))


def read_only(s: Scheme) -> Scheme:
    """The scheme without the leaves that its body doesn't read."""
    used = slots_of(s.body)
    if len(used) == len(s.leaves):
        return s
    return replace(s, leaves=tuple(s.leaves[k] for k in used),
                   body=rename(s.body, {k: n for n, k in enumerate(used)}))


def _masked_factors_to_guards(s: Scheme) -> Scheme:
    if s.reduce not in ("none", "sum"):
        return s
    guards, leaves, ones = list(s.guards), list(s.leaves), {}
    zero = strong_factor(s.body)
    for factor in sympy.Mul.make_args(s.body if zero is None else zero):
        if factor.is_Symbol and (leaf := s.leaves[slots_of(factor)[0]]).mask:
            k = slots_of(factor)[0]
            guards.extend(leaf.mask)
            leaves[k] = replace(leaf, mask=())
            if isinstance(leaf, Value) and leaf.form.constant is not None:
                ones[k] = literal(leaf.form.constant)
    if len(guards) == len(s.guards):
        return s
    body = substitute(s.body, {slot(k): v for k, v in ones.items()})
    kept = tidy(guards)
    if kept is None:
        return replace(s, body=sympy.Integer(0), guards=(), leaves=())
    return replace(s, guards=kept, leaves=tuple(leaves), body=body)


def renumber(s: Scheme, bound: Sequence[int], leaves: Sequence[int]) -> Scheme:
    """Put bound indices (by old position) and leaves (by old number) in another order."""
    order = [*range(s.axes), *bound]
    at = {old: new for new, old in enumerate(order)}
    moved = s
    if order != list(range(len(s.sizes))):
        moved = s.substitute({Idx(o): Form.of(Idx(n)) for o, n in at.items() if o != n})
        moved = replace(moved, guards=_normal(moved.guards), leaves=tuple(
            replace(x, mask=_normal(x.mask)) if x.mask else x for x in moved.leaves))
    body = s.body
    if list(leaves) != list(range(len(s.leaves))):
        body = rename(s.body, {old: new for new, old in enumerate(leaves)})
    guards = tuple(sorted(moved.guards, key=lambda g: (g.reads, repr(g.token))))
    return replace(moved, sizes=tuple(s.sizes[o] for o in order), body=body, guards=guards,
                   leaves=tuple(moved.leaves[k] for k in leaves))


def _normal(guards: Conjunction) -> Conjunction:
    """The guards with their signs as the numbering wants them."""
    return tuple(g.normal for g in guards)
