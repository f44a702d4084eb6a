"""Products, powers, exponentials and logarithms taken apart for the normal form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import sympy

from symdl.algebra.arguments import exponent_of
from symdl.algebra.bodies import equation
from symdl.algebra.inverses import without_leading_word
from symdl.algebra.quotients import reduced
from symdl.algebra.relations import without_known_word
from symdl.algebra.signed import without_signs
from symdl.algebra.signs import is_positive_factor
from symdl.algebra.terms import (
    MOST_TERMS,
    Sizes,
    Term,
    Terms,
    TooLarge,
    as_term,
    collected,
    note,
    times,
)
from symdl.language.body import piecewise, rename, slot, slots_of
from symdl.language.form import Atom, Form, Idx
from symdl.language.scheme import Access, Leaf, Scheme
from symdl.language.shaping import at


def tidy(terms: Terms, shape: Sizes) -> Terms:
    """Quotients reduced and equal terms added, until nothing changes."""
    for _ in range(_MOST_ROUNDS):
        found = collected(terms)
        if len(found) > MOST_TERMS:
            raise TooLarge(f"a sum has {len(found)} terms")
        terms = [as_term(number, key) for key, number in sorted(
            found.items(), key=lambda item: item[0].digest)]
        new = [r for t in terms for r in _exchanged(t)]
        if new == terms:
            return terms
        terms = new
    raise TooLarge("its quotients don't come to an end")


def _exchanged(t: Term) -> Terms:
    """A product by one of the rules that look at several of its factors."""
    for name, rule in _RULES:
        found = rule(t)
        if found is not None and found != [t]:
            note(name)
            return found
    return [t]


_RULES: tuple[tuple[str, Callable[[Term], Terms | None]], ...] = (
    ("inverse of a sum", without_leading_word),
    ("known product of matrices", without_known_word),
    ("sign and absolute value", without_signs),
    ("terms taken out of a quotient", reduced),
)


_MOST_ROUNDS = 24


def independent(s: Scheme) -> list[tuple[sympy.Expr, frozenset[int]]]:
    """The factors of a sum of products, put together where they share bound indices."""
    connected = [frozenset({k}) | (f.indices & set(s.bound)) for k, f in enumerate(s.sizes)
                 if k in s.bound]
    groups: list[tuple[sympy.Expr, frozenset[int]]] = [(sympy.S.One, c) for c in connected]
    for factor in sympy.Mul.make_args(s.body):
        groups.append((factor, frozenset(
            k for n in slots_of(factor) for form in s.leaves[n].forms for k in form.indices
            if k in s.bound)))
    out: list[tuple[sympy.Expr, frozenset[int]]] = []
    for body, bound in groups:
        mine = [g for g in out if g[1] & bound]
        out = [g for g in out if not g[1] & bound]
        out.append((sympy.Mul(body, *(g[0] for g in mine)), bound.union(*(g[1] for g in mine))))
    return out


def partial_sum(s: Scheme, body: sympy.Expr, bound: frozenset[int]) -> Scheme:
    """The sum of a product over some of the bound indices."""
    kept = [k for k in range(len(s.sizes)) if k < s.axes or k in bound]
    place = [at(kept.index(k)) if k in kept else at(0) for k in range(len(s.sizes))]
    used = slots_of(body)
    bare = replace(s, body=rename(body, {n: p for p, n in enumerate(used)}),
                   leaves=tuple(s.leaves[n] for n in used))
    moves: dict[Atom, Form] = {Idx(k): f for k, f in enumerate(place)}
    moved = bare.place([s.sizes[k].substitute(moves) for k in kept], s.axes, place)
    return replace(moved, reduce="sum")


def content(base: Terms, exponent: sympy.Rational) -> tuple[Terms, Terms]:
    """A power of a polynomial as the power of one product and a polynomial left over.

    A number, and what all terms have as a factor, comes out where it may: whole powers always,
    roots of positive factors only.
    """
    sizes = base[0].scheme.sizes[:base[0].scheme.axes] if base else ()
    if not base:
        return [], base
    if len(base) == 1 and base[0].scheme.reduce == "none" and not base[0].scheme.guards:
        (t,) = base
        factors = [f.as_base_exp() for f in sympy.Mul.make_args(t.scheme.body)]
        if exponent.is_Integer or (t.number.is_positive and all(
                e.is_even or is_positive_factor(b, t.scheme) for b, e in factors)):
            leaves = list(t.scheme.leaves)
            body = sympy.Mul(*(_root(b, e, exponent, t.scheme, leaves) for b, e in factors))
            return [Term(t.number**exponent, replace(
                t.scheme, body=body, leaves=tuple(leaves)))], []
    number = min((t.number for t in base), key=lambda c: (abs(c), c)) if all(
        t.number.is_Rational for t in base) else sympy.S.One
    if not exponent.is_Integer:
        number = abs(number)
    shared = shared_exponentials(base)
    inverse = [Term(sympy.S.One / number, replace(shared.scheme, body=1 / shared.scheme.body))]
    rest = tidy(times(base, inverse), sizes)
    front = Term(number**exponent, replace(shared.scheme, body=sympy.Mul(*(
        b**(e * exponent) for b, e in (f.as_base_exp() for f in sympy.Mul.make_args(
            shared.scheme.body))))))
    return [front], rest


def _root(b: sympy.Expr, e: sympy.Expr, exponent: sympy.Rational, s: Scheme,
          leaves: list[Leaf]) -> sympy.Expr:
    """(b**e)**exponent, which is |b|**(e exponent) for an even e and a b of any sign."""
    power = e * exponent
    if exponent.is_Integer or power.is_even or is_positive_factor(b, s):
        return b**power
    x = s.leaves[slots_of(b)[0]]
    assert isinstance(x, Access)
    here = tuple(at(k) for k in range(x.tensor.ndim))
    size = equation(Scheme(x.tensor.shape, len(here), "none", (), sympy.Abs(slot(0)), (
        Access(x.tensor, here),)))
    leaves.append(Access(size, x.index))
    return slot(len(leaves) - 1) ** power


def shared_exponentials(base: Terms) -> Term:
    """The exponentials with their least powers among all terms."""
    sizes = base[0].scheme.sizes[:base[0].scheme.axes]
    found: list[dict[Access, sympy.Expr]] = []
    for t in base:
        own: dict[Access, sympy.Expr] = {}
        for f in sympy.Mul.make_args(t.scheme.body):
            b, e = f.as_base_exp()
            leaf = t.scheme.leaves[slots_of(b)[0]] if b.is_Symbol else None
            inside = isinstance(leaf, Access) and all(
                k < t.scheme.axes for form in leaf.forms for k in form.indices)
            if isinstance(leaf, Access) and inside and exponent_of(b, t.scheme):
                own[leaf] = e
        found.append(own)
    names = {leaf for own in found for leaf in own}
    least = {leaf: min(own.get(leaf, sympy.S.Zero) for own in found) for leaf in names}
    out = Term.of(sympy.S.One, sizes)
    for leaf, e in least.items():
        if e != 0:
            (out,) = times([out], [Term.of(sympy.S.One, sizes, leaf, e)])
    return out


def with_prime_logs(e: sympy.Expr) -> sympy.Expr:
    """log(4) as 2 log(2), for numbers that are soon factored."""
    n = e.args[0] if isinstance(e, sympy.log) else None
    if not isinstance(n, sympy.Rational) or n <= 0 or max(n.p, n.q) > _FACTORED:
        return e
    return sympy.expand_log(sympy.log(n.p)) - sympy.expand_log(sympy.log(n.q))


_FACTORED = 10**9


def turned_choice(e: sympy.Piecewise) -> sympy.Expr:
    """A choice between two values with >, >= or ==; of numbers by that between 1 and 0."""
    if len(e.args) != 2 or e.args[1][1] != sympy.true:
        return e
    (one, condition), (other, _) = e.args
    if isinstance(condition, _TURNED):
        condition, one, other = sympy.Not(condition), other, one
    if one.is_number and other.is_number and (one, other) != (1, 0):
        return other + (one - other) * piecewise((sympy.S.One, condition), (sympy.S.Zero, True))
    return piecewise((one, condition), (other, True))


_TURNED = (sympy.LessThan, sympy.StrictLessThan, sympy.Ne)


def with_decay(e: Any) -> sympy.Expr:
    """A hyperbolic function by exponentials."""
    u = e.args[0]
    x = sympy.exp(-2 * u)
    if isinstance(e, sympy.tanh):
        return (1 - x) / (1 + x)
    sign = -1 if isinstance(e, sympy.sinh) else 1
    return (sympy.exp(u) + sign * sympy.exp(-u)) / 2
