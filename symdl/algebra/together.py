"""An entry's sum of products with the factors in front that its terms share by their deltas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product as combinations
from math import prod

import sympy

from symdl.algebra.bodies import powers, product
from symdl.algebra.masks import is_indicator
from symdl.language.body import slot, slots_of, substitute
from symdl.language.form import Atom, Form, Free
from symdl.language.guard import Guard
from symdl.language.scheme import Leaf, Scheme, Value


@dataclass(frozen=True)
class _Product:
    """A number times powers of leaves and of the sums that are no leaves."""

    number: sympy.Expr
    leaves: dict[Leaf, sympy.Expr]
    others: dict[sympy.Expr, sympy.Expr]


def together(s: Scheme) -> Scheme:
    """[i = j] u[j] - u[i] v[j] = u[i] ([i = j] - v[j]), and u - u**2 = u (1 - u)."""
    if s.reduce != "none":
        return s
    for total in (f for f in sympy.Mul.make_args(s.body) if f.is_Add):
        body, leaves = _together(total, s)
        s = replace(s, body=substitute(s.body, {total: body}), leaves=leaves)
    return s


def _together(total: sympy.Expr, s: Scheme) -> tuple[sympy.Expr, tuple[Leaf, ...]]:
    """A sum as a product, and the leaves that it reads then."""
    terms = [_product_of(t, s) for t in total.args[:_MOST + 1]]
    ways = [list(_spelled(t)) for t in terms]
    if len(terms) > _MOST or prod(map(len, ways)) > _WAYS:
        return total, s.leaves
    found = max(combinations(*ways), key=lambda way: len(_shared(way)))
    return _factored(s, found) if _shared(found) else (total, s.leaves)


_MOST, _WAYS = 6, 64


def _product_of(term: sympy.Expr, s: Scheme) -> _Product:
    number, factors = powers(term)
    leaves, others = dict[Leaf, sympy.Expr](), dict[sympy.Expr, sympy.Expr]()
    for base, e in factors.items():
        leaf = s.leaves[slots_of(base)[0]] if base.is_Symbol else None
        if leaf is None:
            others[base] = e
        elif isinstance(leaf, Value) and is_indicator(leaf):
            leaves.update((replace(leaf, mask=(g,)), sympy.S.One) for g in leaf.mask)
        else:
            leaves[leaf] = e
    return _Product(number, leaves, others)


def _spelled(t: _Product) -> Iterator[_Product]:
    """The product with one of two indices read for the other where they are equal."""
    pairs = [pair for leaf in t.leaves if is_indicator(leaf) for g in leaf.mask
             if (pair := _equal_indices(g)) is not None]
    for choice in combinations((False, True), repeat=len(pairs)):
        same: dict[Atom, Form] = {}
        for (first, second), turned in zip(pairs, choice, strict=True):
            same |= {first: Form.of(second)} if turned else {second: Form.of(first)}
        yield replace(t, leaves={x if is_indicator(x) else _read_at(x, same): e
                                 for x, e in t.leaves.items()})


def _read_at(x: Leaf, same: dict[Atom, Form]) -> Leaf:
    return x.map(lambda f: f.substitute(same))


def _equal_indices(g: Guard) -> tuple[Free, Free] | None:
    """The indices i and j of the equality i = j, the older one first."""
    pair = sorted(g.form.free, key=lambda f: f.serial)
    if g.relation != "==" or len(pair) != 2 or g.normal != Guard(
            Form.of(pair[0]) - Form.of(pair[1]), "==").normal:
        return None
    return pair[0], pair[1]


def _shared(terms: tuple[_Product, ...]) -> dict[Leaf, sympy.Expr]:
    """The powers that all terms have."""
    first, *rest = terms
    return {x: min((t.leaves[x] for t in terms), key=abs) for x, e in first.leaves.items()
            if all(x in t.leaves and t.leaves[x] * e > 0 for t in rest)}


def _factored(s: Scheme, terms: tuple[_Product, ...]) -> tuple[sympy.Expr, tuple[Leaf, ...]]:
    common, leaves = _shared(terms), list(s.leaves)

    def written(found: dict[Leaf, sympy.Expr]) -> sympy.Expr:
        leaves.extend(x for x in found if x not in leaves)
        return product({slot(leaves.index(x)): e for x, e in found.items()})

    rest = [t.number * product(t.others) * written(
        {x: e - common.get(x, 0) for x, e in t.leaves.items()}) for t in terms]
    number, total = sympy.Add(*rest).primitive()
    return sympy.Mul(number, written(common), total), tuple(leaves)
