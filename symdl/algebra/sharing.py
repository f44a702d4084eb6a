"""Rules that call repeated factors by a name: a sigmoid s, and what the user has named."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import sympy

from symdl.algebra.bodies import (
    elementwise_entry,
    entries,
    moved,
    plus_leaves,
    powers,
    product,
    rebuilt,
)
from symdl.algebra.rule import Network, Rule
from symdl.language.body import slot, slots_of, substitute
from symdl.language.scheme import Access, Scheme
from symdl.language.shaping import at
from symdl.language.tensor import Equation, Tensor, Variable


def sigmoids(y: Equation, network: Network) -> Tensor | None:
    """f(1 / (1 + exp(-u)), ...) = f(s, ...) with s = 1 / (1 + exp(-u))."""
    s = y.scheme
    for e in sorted(s.body.atoms(sympy.Pow), key=sympy.default_sort_key):
        if not _is_sigmoid(e) or s.body.count(e) < 2 or _is_input(e, s):
            continue
        entry = elementwise_entry(e, s)
        if entry is None or not isinstance(entry.tensor, Equation):
            continue
        if y.name is not None and entry.tensor is y.renamed(None):
            continue
        named = Access(network.shared(entry.tensor, "s"), entry.index)
        body = substitute(s.body, {e: slot(len(s.leaves))})
        return rebuilt(y, plus_leaves(s, body, [named]))
    return None


def _is_sigmoid(e: Any) -> bool:
    return bool(e.exp == -1 and e.base.is_Add and len(e.base.args) == 2 and e.base.args[0] == 1
                and isinstance(e.base.args[1], sympy.exp))


def _is_input(e: sympy.Expr, s: Scheme) -> bool:
    """Whether it is the sigmoid of an input or of what has a name."""
    (u,) = (f.args[0] for f in e.atoms(sympy.exp))
    if not (-u).is_Symbol:
        return False
    x = s.leaves[slots_of(u)[0]]
    return not isinstance(x, Access) or isinstance(x.tensor, Variable) or x.tensor.name is not None


def named_products(y: Equation, network: Network) -> Tensor | None:
    """f g h = N h where N = f g has a name."""
    s = y.scheme
    mine = {x.tensor for _, x in entries(s)}
    for plain, named in network.named.items():
        if not isinstance(plain, Equation) or named is y or not mine & set(plain.operands):
            continue
        number, factors = powers(plain.scheme.body)
        if number != 1 or len(factors) < 2 or plain.scheme.reduce != "none" or plain.scheme.guards:
            continue
        for term in _terms(s.body):
            for index in permutations(range(len(s.sizes)), plain.ndim):
                out = _named(term, plain, named, index, s)
                if out is not None:
                    rest, entry = out
                    body = substitute(s.body, {term: rest * slot(len(s.leaves))})
                    return rebuilt(y, plus_leaves(s, body, [entry]))
    return None


def _terms(body: sympy.Expr) -> Iterator[sympy.Expr]:
    return (e for e in sympy.preorder_traversal(body) if e.is_Mul)


def _named(term: sympy.Expr, plain: Equation, named: Tensor, index: tuple[int, ...], s: Scheme,
           ) -> tuple[sympy.Expr, Access] | None:
    """What is left of a product beside a named one at some place, and the named entry."""
    if tuple(s.sizes[i] for i in index) != plain.shape:
        return None
    placed = plain.scheme.place(s.sizes, s.axes, [at(i) for i in index])
    leaves = list(s.leaves)
    wanted = powers(moved(placed.body, placed.leaves, leaves))[1]
    if len(leaves) > len(s.leaves):
        return None
    number, found = powers(term)
    if any(found.get(b, 0) * e <= 0 or abs(found[b]) < abs(e) for b, e in wanted.items()):
        return None
    rest = number * product({b: e - wanted.get(b, 0) for b, e in found.items()})
    return rest, Access(named, tuple(at(i) for i in index))


RULES = (
    Rule("named product", "factors of a product are the definition of a named tensor",
         "factors less", named_products),
    Rule("named sigmoid", "a sigmoid of what isn't an input occurs twice",
         "an exponential less", sigmoids),
)
