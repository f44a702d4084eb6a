"""Sums of Kronecker products: terms as products over groups of places, like ones gathered."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from symdl.algebra.structure.frames import Frame, Place
from symdl.algebra.structure.parts import Term, components, dense
from symdl.algebra.structure.terms import symmetric as is_symmetric
from symdl.algebra.structure.terms import whole
from symdl.language.tensor import Tensor

Factor = tuple[Term, ...]
"""A sum of terms over the places of one group."""


def groups(found: Sequence[Term], frame: Frame) -> list[tuple[Place, ...]]:
    """The finest groups of places such that no piece of any term ties two of them."""
    parts = [components(t, frame.open) for t in found]
    ties = [set(where) for p in parts for where, _ in p]
    joined: list[set[Place]] = []
    for tie in ties:
        touched = [g for g in joined if g & tie]
        joined = [g for g in joined if g not in touched] + [reduce(set.union, touched, tie)]
    ordered = [tuple(p for p in frame.open if p in g) for g in joined]
    return sorted(ordered, key=lambda g: frame.open.index(g[0]))


def products(found: Sequence[Term], frame: Frame, over: Sequence[tuple[Place, ...]],
             ) -> list[tuple[Factor, ...]]:
    """The sum as few products: A ⊗ C + B ⊗ C is (A + B) ⊗ C."""
    rest = [_factors(t, frame, over) for t in found]
    done: list[tuple[Factor, ...]] = []
    while rest:
        first = rest.pop(0)
        for k, other in enumerate(rest):
            apart = [n for n, where in enumerate(over)
                     if key(first[n], where, frame) != key(other[n], where, frame)]
            if len(apart) == 1:
                n = apart[0]
                rest[k] = (*other[:n], (*first[n], *other[n]), *other[n + 1:])
                break
        else:
            done.append(first)
    return done


def _factors(term: Term, frame: Frame, over: Sequence[tuple[Place, ...]]) -> tuple[Factor, ...]:
    parts = components(term, frame.open)
    return tuple((term.only(p for where, t in parts if set(where) <= set(group)
                            for p in t.pieces),) for group in over)


def key(factor: Factor, where: tuple[Place, ...], frame: Frame) -> tuple[bytes, ...]:
    """What two factors with the same terms have in common."""
    return tuple(sorted(matrix(t, where, frame).digest for t in factor))


def matrix(term: Term, where: tuple[Place, ...], frame: Frame) -> Tensor:
    """All entries of a term over some of a frame's places."""
    return dense(term, Frame(where, frame.batch))


def symmetric(factor: Factor, where: tuple[Place, ...], frame: Frame) -> bool:
    """Whether a sum of terms is the same with rows and columns exchanged."""
    here = Frame(where, frame.batch)
    lead, rows, columns = here.axes
    found = [whole(t.spelt(here).tensor([*lead, *rows, *columns])) for t in factor]
    return is_symmetric(found, len(lead), len(rows))
