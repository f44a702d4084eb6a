"""How a result is laid out: which tensors are written in place and which get a line, by name.

A line of its own is due to a tensor that has a name, to a state of a recurrence, to what is
read several times unless it is short, and to what would make a line too long.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import sympy

from symdl.language.inline import inline_where, is_view
from symdl.language.owners import Application, Recurrence, member_slot
from symdl.language.rebuild import replaced
from symdl.language.scheme import Access, reads
from symdl.language.sizes import dims_of
from symdl.language.tensor import Constant, Equation, Part, Tensor, Variable, transform
from symdl.language.unit_axes import narrowed

SHORT, LONG = 6, 20
"""Weights up to which a tensor is repeated in place, and from which it is cut out."""
FEW = 16
"""How many numbers an array may have to be written in place."""


@dataclass(frozen=True)
class Page:
    """A result and what it is made of, arranged for printing.

    Attributes
    ----------
    root : Tensor
        The result.
    definitions : mapping
        What each tensor is computed from, a state of a recurrence by the states' own tensors;
        readers first.
    lines : frozenset of Tensor
        The tensors that are written as lines.
    """

    root: Tensor
    definitions: Mapping[Tensor, Tensor]
    lines: frozenset[Tensor]

    @cached_property
    def names(self) -> dict[Tensor, str]:
        """A name of its own for each input and each line; unnamed lines are v1, v2, ..."""
        inputs = [t for t in self.definitions if isinstance(t, Variable)]
        names: dict[Tensor, str] = {t: str(t.name) for t in inputs}
        used = set(names.values()) | {str(d) for d in dims_of([self.root])}
        for t in self.lines_in_order:
            if t.name is not None:
                names[t] = _unused(_with_numbers(t.name), used)
                used.add(names[t])
        numbered = (f"v{k}" for k in range(1, len(self.lines) + len(used) + 2))
        for t in self.lines_in_order:
            if t not in names:
                names[t] = _unused(numbered, used)
                used.add(names[t])
        return names

    @cached_property
    def lines_in_order(self) -> tuple[Tensor, ...]:
        """The lines, each below its readers."""
        return tuple(t for t in self.definitions if t in self.lines)


def _with_numbers(name: str) -> Iterator[str]:
    yield name
    k = 2
    while True:
        yield f"{name}_{k}"
        k += 1


def _unused(candidates: Iterable[str], used: set[str]) -> str:
    return next(c for c in candidates if c not in used)


def page(root: Tensor, apart: Callable[[Tensor], Iterable[Tensor]] = lambda t: ()) -> Page:
    """Arrange a result.

    Parameters
    ----------
    root : Tensor
        The result.
    apart : callable
        The operands of a definition that the notation can't write in place.
    """
    root = _tidy(root)
    definitions: dict[Tensor, Tensor] = {}
    parts: list[list[Tensor]] = []
    lines: set[Tensor] = set()
    starts = [root]
    for start in starts:
        found, looped = _explored(start, definitions, starts)
        parts.append(found)
        lines |= looped
    lines.update(starts[1:])
    readers = Counter(x for d in definitions.values() for x in _reads(d))
    lines.update(x for d in definitions.values() for x in apart(d) if not _is_given(x))
    _choose(root, [t for found in parts for t in found], definitions, readers, lines)
    reading = [t for found in parts for t in reversed(found)]
    return Page(root, {t: definitions[t] for t in reading}, frozenset(lines))


def _tidy(root: Tensor) -> Tensor:
    """The result with plain views read in place and without axes of size 1 inside."""

    def narrow(t: Tensor, so_far: Mapping[Tensor, Tensor]) -> Tensor:
        moved = replaced(t, so_far)
        return narrowed(moved) if isinstance(moved, Equation) and moved.name is None else moved

    slim = transform([root], narrow)[root]
    return inline_where([slim], _is_plain_view)[slim]


def _is_plain_view(reader: Tensor, operand: Tensor) -> bool:
    """Whether the operand only re-addresses another tensor, everywhere."""
    return operand.name is None and is_view(operand) and not (
        operand.scheme.guards or operand.scheme.leaves[0].mask)  # type: ignore[attr-defined]


def _explored(start: Tensor, definitions: dict[Tensor, Tensor], starts: list[Tensor],
              ) -> tuple[list[Tensor], set[Tensor]]:
    """The tensors that one is made of, operands first, and those that need themselves.

    A named state isn't entered: it is a start of its own.
    """
    order: list[Tensor] = []
    entered: set[Tensor] = set()
    done: set[Tensor] = set()
    looped: set[Tensor] = set()
    stack: list[tuple[Tensor, bool]] = [(start, False)]
    while stack:
        t, leaving = stack.pop()
        if leaving:
            done.add(t)
            order.append(t)
        elif t is not start and _is_state(t):
            if t not in starts:
                starts.append(t)
        elif t not in definitions:
            definitions[t] = d = definition(t)
            entered.add(t)
            stack.append((t, True))
            stack.extend((x, False) for x in reversed(operands(d)))
        elif t in entered and t not in done:
            looped.add(t)  # read on the way to its own definition
    return order, looped


def _is_state(t: Tensor) -> bool:
    """Whether the tensor is a named state of a recurrence."""
    return isinstance(t, Part) and isinstance(t.owner, Recurrence) and t.name is not None


def _choose(root: Tensor, order: list[Tensor], definitions: Mapping[Tensor, Tensor],
            readers: Mapping[Tensor, int], lines: set[Tensor]) -> None:
    """Add the lines that weights call for, operands first."""
    weights: dict[Tensor, int] = {}
    for t in order:
        if _is_given(t) or isinstance(t, Constant):
            weights[t] = 1
            if t is not root and not _is_given(t):
                lines.add(t)
            continue
        d = definitions[t]
        weights[t] = _own_weight(d) + sum(1 if x in lines else weights[x] for x in _reads(d))
        if t is root and not isinstance(t, Part):
            continue
        named = t.name is not None and isinstance(t, Equation)
        short = SHORT + _is_exponential(d)
        if named or weights[t] > LONG or (readers[t] > 1 and weights[t] > short):
            lines.add(t)
    if not (isinstance(root, Part) and isinstance(root.owner, Recurrence)):
        lines.discard(root)


def definition(t: Tensor) -> Tensor:
    """What a tensor is computed from: itself, or a state's equation over the states' tensors."""
    if not (isinstance(t, Part) and isinstance(t.owner, Recurrence)):
        return t
    block = t.owner
    states: dict[Tensor, Tensor] = {
        member_slot(k, *signature): part
        for k, (signature, part) in enumerate(zip(block.signature, block.outputs(), strict=True))}
    return replaced(block.members[t.number].tensor, states)


def operands(d: Tensor) -> tuple[Tensor, ...]:
    """The tensors that a definition reads."""
    return tuple(dict.fromkeys(_reads(d)))


def _reads(d: Tensor) -> list[Tensor]:
    """The tensors that a definition reads, as often as it reads them."""
    if isinstance(d, Equation):
        found = [x.tensor for x in d.scheme.leaves if isinstance(x, Access)]
        return found + [r for form in d.scheme.forms for r in reads(form)]
    if isinstance(d, Part):
        return list(d.owner.operands) if isinstance(d.owner, Application) else [d]
    return []


def _own_weight(d: Tensor) -> int:
    if not isinstance(d, Equation):
        return 1
    s = d.scheme
    masks = sum(len(x.mask) for x in s.leaves)
    return int(s.body.count_ops()) + len(s.guards) + masks + (s.reduce != "none")


def _is_exponential(d: Tensor) -> bool:
    """Whether a definition is repeated in place, so that a softmax is seen."""
    return isinstance(d, Equation) and isinstance(d.scheme.body, sympy.exp)


def _is_given(t: Tensor) -> bool:
    return isinstance(t, Variable) or (isinstance(t, Constant) and t.data.size <= FEW)
