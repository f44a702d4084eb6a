"""What a rewriting rule is, and what it may know of the program around an equation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count

from symdl.algebra.names import names_of
from symdl.language.owners import Recurrence
from symdl.language.scheme import Access, reads
from symdl.language.tensor import Equation, Part, Tensor, topological


@dataclass(frozen=True)
class Network:
    """A program that is being rewritten.

    Attributes
    ----------
    roots : tuple of Tensor
        Its results, before this pass.
    known : tuple of Tensor
        Named tensors beside it.
    readers : Counter
        How many reads each tensor has, counted before this pass; kept for what replaces it.
    """

    roots: tuple[Tensor, ...]
    readers: Counter[Tensor] = field(default_factory=Counter)
    known: tuple[Tensor, ...] = ()

    @staticmethod
    def of(roots: Iterable[Tensor], known: Iterable[Tensor] = ()) -> Network:
        """Count the reads of a program; named tensors that are known may be read, too."""
        found = tuple(roots)
        return Network(found, Counter(x for t in topological(found) for x in _reads(t)),
                       tuple(known))

    def single(self, t: Tensor) -> bool:
        """Whether an unnamed tensor is read once."""
        return t.name is None and self.readers.get(t, 1) <= 1

    def follow(self, old: Tensor, new: Tensor) -> None:
        """Count the reads of a tensor for the one in its place."""
        if new is not old:
            self.readers[new] += self.readers[old]
            if isinstance(new, Equation) and new.name is not None:
                self.named[new.renamed(None)] = new

    @cached_property
    def named(self) -> dict[Tensor, Tensor]:
        """The named equations, by what they would be without their names."""
        return {t.renamed(None): t for t in topological((*self.roots, *self.known))
                if isinstance(t, Equation) and t.name is not None}

    def shared(self, plain: Equation, letter: str) -> Tensor:
        """The equation under a name: the one it has in the program, else a letter."""
        known = self.named.get(plain)
        if known is None:
            used = self.names | {t.name for t in self.named.values()}
            name = next(n for n in (f"{letter}{k or ''}" for k in count()) if n not in used)
            known = self.named[plain] = plain.renamed(name)
        return known

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that are in use."""
        return names_of(*self.roots, *self.known)


def _reads(t: Tensor) -> list[Tensor]:
    if isinstance(t, Equation):
        found = [x.tensor for x in t.scheme.leaves if isinstance(x, Access)]
        return found + [r for form in t.scheme.forms for r in reads(form)]
    if isinstance(t, Part) and isinstance(t.owner, Recurrence):
        return [x for m in t.owner.members for x in _reads(m.tensor)]
    return list(t.operands)


@dataclass(frozen=True)
class Rule:
    """A rewriting step that keeps every value.

    Attributes
    ----------
    name : str
        What the step is called in a derivation.
    condition : str
        When it applies.
    ends : str
        Why it can't go on for ever.
    rewrite : callable
        Maps an equation to what may stand in its place, or None; its docstring is the identity.
    """

    name: str
    condition: str
    ends: str
    rewrite: Callable[[Equation, Network], Tensor | None] = field(repr=False)

    @property
    def identity(self) -> str:
        """The identity that the rule uses."""
        return (self.rewrite.__doc__ or "").strip()
