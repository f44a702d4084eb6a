"""A program cut into the intermediate results by which one would derive it by hand.

A cut lies below a product of tensors and below a function of entries: `Z = X W + b`,
`H = tanh(Z)`. Whatever has a name of its own is an intermediate result too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sympy

from symdl.language.body import slot
from symdl.language.owners import Application, Recurrence
from symdl.language.scheme import Access, Scheme
from symdl.language.tensor import Equation, Part, Tensor, topological

LINEAR, CURVED, WHOLE = "linear", "curved", "whole"


@dataclass(frozen=True)
class Group:
    """What is differentiated at once.

    Attributes
    ----------
    outputs : tuple of Tensor
        The intermediate results: one, or all that a recurrence or a matrix function has.
    kind : {"linear", "curved", "whole"}
        How it depends on earlier groups; whole: by a recurrence or a matrix function.
    reads : int
        How often it reads them.
    """

    outputs: tuple[Tensor, ...]
    kind: str
    reads: int


def groups(result: Tensor, wrt: Collection[Tensor]) -> list[Group]:
    """The groups that lie between a result and some tensors, in order of computation.

    Parameters
    ----------
    result : Tensor
        What is differentiated.
    wrt : collection of Tensor
        Inputs or intermediates; what these don't depend on isn't entered.
    """
    order = _active(result, wrt)
    readers: dict[Tensor, list[Tensor]] = {}
    for t in order:
        for x in dict.fromkeys(t.operands):
            readers.setdefault(x, []).append(t)
    active = {*order, *wrt}
    kinds = {t: _kind(t, active) for t in order}
    root: dict[Tensor, Tensor] = {}
    for t in reversed(order):
        roots = {root[r] for r in readers.get(t, ())}
        own = t is result or t.name is not None or t in wrt
        joins = not own and len(roots) == 1 and all(
            _joins(t, r, kinds, kinds[root[r]]) for r in readers[t]) and (
            kinds[t] == CURVED or len(readers[t]) == 1 or CURVED in map(kinds.get, readers[t]))
        root[t] = roots.pop() if joins else t
    whole = {r: CURVED for t, r in root.items() if kinds[t] == CURVED}
    reads: Counter[Tensor] = Counter()
    for t in order:
        reads[root[t]] += sum(x in active and root.get(x) is not root[t] for x in t.operands)
    return _with_owners([t for t in order if root[t] is t], {**kinds, **whole}, reads)


def _active(result: Tensor, wrt: Collection[Tensor]) -> list[Tensor]:
    """The tensors between, computed from some of `wrt`, in order of computation."""
    found: dict[Tensor, None] = {}
    for t in topological([result]):
        if any(x in wrt or x in found for x in t.operands):
            found[t] = None
    needed = {result}
    for t in reversed(found):
        if t in needed:
            needed.update(t.operands)
    return [t for t in found if t in needed]


def _kind(t: Tensor, active: Collection[Tensor]) -> str:
    if not isinstance(t, Equation):
        return WHOLE
    if t.scheme.reduce not in ("none", "sum"):
        return CURVED
    return LINEAR if _is_multilinear(t.scheme, active) else CURVED


def _is_multilinear(s: Scheme, active: Collection[Tensor]) -> bool:
    """Whether the body is of degree 1 at most in the entries of each active tensor."""
    moving = [(slot(k), x.tensor) for k, x in enumerate(s.leaves)
              if isinstance(x, Access) and x.tensor in active]
    if not moving:
        return True
    symbols, tensors = zip(*moving, strict=True)
    if not s.body.is_polynomial(*symbols):
        return False
    return all(sum(d for d, x in zip(degrees, tensors, strict=True) if x is t) <= 1
               for degrees in sympy.Poly(s.body, *symbols).monoms() for t in tensors)


def _joins(t: Tensor, reader: Tensor, kinds: Mapping[Tensor, str], group: str) -> bool:
    """Whether a tensor is differentiated together with its reader.

    A product of tensors isn't where a function of its entries reads it, nor a function where a
    product reads it.
    """
    if not isinstance(t, Equation) or not isinstance(reader, Equation):
        return False
    if _is_plain(reader.scheme, t):
        return True
    if kinds[t] == LINEAR and kinds[reader] == CURVED:
        return not _contracts(t, kinds)
    return kinds[t] == kinds[reader] == group and (group == CURVED or _reads_once(reader, t))


def _reads_once(reader: Equation, t: Tensor) -> bool:
    return sum(isinstance(x, Access) and x.tensor is t for x in reader.scheme.leaves) == 1


def _contracts(x: Tensor, kinds: Mapping[Tensor, str]) -> bool:
    """Whether a tensor is a sum of products of tensors, or some entries added to one."""
    if not isinstance(x, Equation):
        return False
    s = x.scheme
    if s.bound and len({leaf.tensor for leaf in s.leaves if isinstance(leaf, Access)}) > 1:
        return True
    return s.reduce == "none" and any(
        o.name is None and _contracts(o, kinds) for o in x.operands if kinds.get(o) == LINEAR)


def _is_plain(s: Scheme, t: Tensor) -> bool:
    """Whether a reader only adds up the tensor's entries, or adds to them, times a number."""
    if s.reduce not in ("none", "sum"):
        return False
    own = [slot(k) for k, x in enumerate(s.leaves) if isinstance(x, Access) and x.tensor is t]
    entries = [slot(k) for k, x in enumerate(s.leaves) if isinstance(x, Access)]
    return not any(sympy.diff(s.body, x).has(*entries) for x in own)


def _with_owners(tops: Sequence[Tensor], kinds: Mapping[Tensor, str],
                 reads: Mapping[Tensor, int]) -> list[Group]:
    """Groups in order; the outputs of one recurrence or matrix function are one group."""
    together: dict[object, list[Tensor]] = {}
    for t in tops:
        together.setdefault(t.owner.digest if isinstance(t, Part) else t, []).append(t)
    return [Group(tuple(found), kinds[found[0]], reads[found[0]]) for found in together.values()]


def rule_of(group: Group) -> str:
    """What differentiating a group is called."""
    first = group.outputs[0]
    if isinstance(first, Part):
        owner: Application | Recurrence = first.owner
        if isinstance(owner, Recurrence):
            return "backpropagation through time"
        return f"derivative of {owner.primitive.name}"
    if group.kind == CURVED:
        return "chain rule"
    return "product rule" if group.reads > 1 else "linear map"
