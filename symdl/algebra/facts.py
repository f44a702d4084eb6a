"""Rules that use what was declared of the inputs."""

from __future__ import annotations

from dataclasses import replace

import sympy

from symdl.algebra.bodies import entries, rebuilt, zero
from symdl.algebra.rule import Network, Rule
from symdl.language.body import slot, substitute
from symdl.language.form import ONE, Atom, Form, Idx
from symdl.language.owners import Application
from symdl.language.primitives.inv import Inv
from symdl.language.scheme import Access, Scheme, Value
from symdl.language.shaping import at
from symdl.language.solve import solved
from symdl.language.tensor import Equation, Part, Tensor, Variable


def holds(t: Tensor, *facts: str) -> bool:
    """Whether one of the facts was declared of a tensor."""
    return isinstance(t, Variable) and not t.facts.isdisjoint(facts)


def simplex(y: Equation, network: Network) -> Tensor | None:
    """sum_k c Y[i, k] = c where every row of Y sums to 1."""
    s = y.scheme
    if s.reduce != "sum":
        return None
    for k, x in entries(s):
        if not holds(x.tensor, "simplex", "one_hot") or x.mask:
            continue
        r = x.index[-1].atom
        rest = s.body / slot(k)
        if not isinstance(r, Idx) or r.position not in s.bound or slot(k) in rest.free_symbols:
            continue
        if s.sizes[r.position] != x.tensor.shape[-1] or _occurs_elsewhere(r.position, k, s):
            continue
        others = replace(s, body=rest, leaves=(*s.leaves[:k], Value(ONE), *s.leaves[k + 1:]))
        return without_index(y, others, r)
    return None


def without_index(y: Equation, s: Scheme, gone: Atom | None) -> Tensor:
    """The sum without a bound index that isn't read any more."""
    assert isinstance(gone, Idx)
    kept = [n for n in range(len(s.sizes)) if n != gone.position]
    place: dict[Atom, Form] = {Idx(n): at(m) for m, n in enumerate(kept)}
    sizes = tuple(s.sizes[n] for n in kept)
    return _summed(y, replace(s.substitute(place), sizes=sizes))


def _summed(y: Equation, s: Scheme) -> Tensor:
    if len(s.sizes) == s.axes:
        return rebuilt(y, replace(s, reduce="none"))
    return rebuilt(y, solved(s) or zero(y))


def _occurs_elsewhere(r: int, k: int, s: Scheme) -> bool:
    here = s.leaves[k]
    assert isinstance(here, Access)
    others = [f for n, leaf in enumerate(s.leaves) if n != k for f in leaf.forms]
    others += [*here.index[:-1], *(g.form for g in s.guards), *s.sizes]
    return any(r in f.indices for f in others)


def is_symmetric(t: Tensor) -> bool:
    """Whether a matrix is its own transpose: by declaration, or as the inverse of such a one."""
    if isinstance(t, Part) and isinstance(t.owner, Application) and (
            isinstance(t.owner.primitive, Inv)):
        return is_symmetric(t.owner.operands[0])
    return holds(t, "symmetric", "positive_definite", "diagonal")


def symmetric(y: Equation, network: Network) -> Tensor | None:
    """A[j, i] = A[i, j] for a symmetric A."""
    s = y.scheme
    leaves = tuple(_ordered(x) if isinstance(x, Access) and (
        is_symmetric(x.tensor)) else x for x in s.leaves)
    return None if leaves == s.leaves else rebuilt(y, replace(s, leaves=leaves))


def _ordered(x: Access) -> Access:
    *lead, i, j = x.index
    if repr(j.token) < repr(i.token):
        i, j = j, i
    return Access(x.tensor, (*lead, i, j), x.mask)


def binary(y: Equation, network: Network) -> Tensor | None:
    """y**n = y for y in {0, 1} and n >= 1."""
    s = y.scheme
    new = {}
    for k, x in entries(s):
        if holds(x.tensor, "binary", "one_hot"):
            for node in s.body.atoms(sympy.Pow):
                if node.base == slot(k) and node.exp.is_Integer and node.exp > 1:
                    new[node] = slot(k)
    return rebuilt(y, replace(s, body=substitute(s.body, new))) if new else None


RULES = (
    Rule("simplex", "Y is declared simplex or one_hot and r occurs nowhere else",
         "a bound index less", simplex),
    Rule("symmetric", "A is declared symmetric, positive definite or diagonal", "the indices come into order",
         symmetric),
    Rule("binary", "y is declared binary or one_hot", "a power less", binary),
)
