"""Polynomials whose variables are entries: flat sums of products under sums.

A polynomial over a context of indices is a list of terms, a number times a scheme whose first
indices are the context and whose body is a product of powers of entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from itertools import product as combinations
from math import inf, prod
from time import thread_time
from typing import TypeAlias

import sympy

from symdl.algebra.bodies import equation, powers, product
from symdl.algebra.facts import MOST_TURNS, is_symmetric, least_turned
from symdl.algebra.facts import RULES as FACTS
from symdl.algebra.matrices import RULES as MATRICES
from symdl.algebra.rule import Network
from symdl.language.body import slot, slots_of, substitute
from symdl.language.form import Atom, Form, Idx, Operation, Quotient, Remainder
from symdl.language.guard import Guard
from symdl.language.scheme import Access, Leaf, Scheme, Value
from symdl.language.shaping import at
from symdl.language.solve import solved
from symdl.language.tensor import Equation, Tensor

Number: TypeAlias = sympy.Expr
Sizes = tuple[Form, ...]


class TooLarge(Exception):
    """A normal form would have too many terms."""


_left: ContextVar[int] = ContextVar("terms that may still be looked at")
_end: ContextVar[float] = ContextVar("when to stop", default=inf)


@contextmanager
def budget(terms: int) -> Iterator[None]:
    """Let so many terms be looked at; then `TooLarge` is raised. An outer budget goes on."""
    token = _left.set(min(terms, _left.get(terms)))
    try:
        yield
    finally:
        _left.reset(token)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Let `TooLarge` be raised after so much processor time."""
    token = _end.set(min(_end.get(), thread_time() + seconds))
    try:
        yield
    finally:
        _end.reset(token)


_used: ContextVar[dict[str, None] | None] = ContextVar("names of rules", default=None)


@contextmanager
def noting() -> Iterator[dict[str, None]]:
    """The names of the rules that are used, in order."""
    names: dict[str, None] = {}
    token = _used.set(names)
    try:
        yield names
    finally:
        _used.reset(token)


def note(rule: str) -> None:
    """Say that a rule is used."""
    names = _used.get()
    if names is not None:
        names[rule] = None


def _spend(terms: int) -> None:
    left = _left.get(0) - terms
    if left < 0:
        raise TooLarge("it takes too many steps")
    if thread_time() > _end.get():
        raise TooLarge("it takes too long")
    _left.set(left)


MOST_TERMS, MOST_FACTORS = 200, 24


@dataclass(frozen=True)
class Term:
    """A number times a product of powers of entries, summed over the indices after `context`."""

    number: Number
    scheme: Scheme

    @staticmethod
    def of(number: Number, sizes: Sizes, leaf: Leaf | None = None, exponent: Number = sympy.S.One,
           ) -> Term:
        """A number, or a number times a power of an entry."""
        if leaf is None:
            return Term(number, Scheme(sizes, len(sizes), "none", (), sympy.S.One, ()))
        return Term(number, Scheme(sizes, len(sizes), "none", (), slot(0) ** exponent, (leaf,)))


Terms = list[Term]


def times(a: Terms, b: Terms) -> Terms:
    """The product of two polynomials over the same context."""
    if len(a) * len(b) > MOST_TERMS:
        raise TooLarge(f"a product of sums has {len(a) * len(b)} terms")
    return [_product(x, y) for x, y in combinations(a, b)]


def _product(x: Term, y: Term) -> Term:
    s, o = x.scheme, y.scheme
    if len(s.leaves) + len(o.leaves) > MOST_FACTORS:
        raise TooLarge(f"a product has {len(s.leaves) + len(o.leaves)} factors")
    first = len(s.sizes)
    place = [at(k) for k in range(o.axes)] + [at(first + k) for k in range(len(o.bound))]
    moved = o.place((), 0, place)
    sizes = (*s.sizes, *o.sizes[o.axes:])
    shift = {slot(k): slot(len(s.leaves) + k) for k in slots_of(o.body)}
    body = s.body * substitute(o.body, shift)
    return Term(x.number * y.number, Scheme(sizes, s.axes, "sum" if len(sizes) > s.axes else "none",
                                            (*s.guards, *moved.guards), body,
                                            (*s.leaves, *moved.leaves)))


def guarded(terms: Terms, guards: Sequence[Guard]) -> Terms:
    """The polynomial where all guards hold, else 0."""
    return [Term(t.number, replace(t.scheme, guards=(*t.scheme.guards, *guards))) for t in terms]


def placed(terms: Terms, sizes: Sizes, index: Sequence[Form]) -> Terms:
    """A tensor's polynomial read at an entry, over another context."""
    out = []
    for t in terms:
        s = t.scheme
        bound = [at(len(sizes) + k) for k in range(len(s.bound))]
        inner = [f.substitute({at(k).atom: g for k, g in enumerate(index)})  # type: ignore[misc]
                 for f in s.sizes[s.axes:]]
        moved = s.place((*sizes, *inner), len(sizes), [*index, *bound])
        out.append(Term(t.number, moved))
    return out


def summed(terms: Terms, axes: int) -> Terms:
    """The sum over the context's indices after the first `axes`."""
    return [Term(t.number, replace(t.scheme, axes=axes, reduce=(
        "sum" if len(t.scheme.sizes) > axes else "none"))) for t in terms]


def collected(terms: Iterable[Term]) -> dict[Tensor, Number]:
    """Equal terms added: how often each product of entries occurs."""
    out: dict[Tensor, Number] = {}
    for t in terms:
        _spend(1)
        for key, number in _canonical(t):
            out[key] = out.get(key, sympy.S.Zero) + number
    return {key: number for key, number in out.items() if number != 0}


def _canonical(t: Term) -> list[tuple[Tensor, Number]]:
    """A term's number and the one equation of its product; none where it is 0."""
    joined = _with_equal_places(t.scheme)
    s = solved(joined) if joined.reduce == "sum" else joined
    if s is None:
        return []
    y = _by_facts(_turned(_with_equal_axes(s)))
    if not isinstance(y, Equation):
        return [(y, t.number)]
    number, found = powers(y.scheme.body)
    if number == 0:
        return []
    if number != 1:
        y2 = equation(replace(y.scheme, body=product(found)), y.dtype)
        return [(y2, t.number * number)]
    return [(y, t.number)]


def _with_equal_places(s: Scheme) -> Scheme:
    """A // q = b // q and a % q = b % q together say a = b."""
    quotients = {_equal_parts(g, Quotient): g for g in s.guards}
    for g in s.guards:
        parts = _equal_parts(g, Remainder)
        if parts is not None and parts in quotients:
            (a, _), (b, _) = parts
            kept = (h for h in s.guards if h not in (g, quotients[parts]))
            return replace(s, guards=(*kept, Guard(a - b, "==")))
    return s


def _equal_parts(g: Guard, kind: type[Operation]) -> tuple[tuple[Form, ...], ...] | None:
    """The (a, q) and (b, q) of the equality of two quotients, or of two remainders."""
    found = sorted((x.inner for x in g.form.atoms if isinstance(x, kind)), key=repr)
    same = g.relation == "==" and len(found) == len(g.form.terms) == 2 and (
        found[0][1] == found[1][1])
    return tuple(found) if same else None


def _with_equal_axes(s: Scheme) -> Scheme:
    """The scheme with one of two indices that are equal read everywhere."""
    for g in s.guards:
        pair = sorted(g.form.indices)
        if g.relation == "==" and len(pair) == 2 and g.normal == Guard(
                at(pair[0]) - at(pair[1]), "==").normal:
            same: dict[Atom, Form] = {Idx(pair[1]): at(pair[0])}
            s = replace(s, leaves=s.substitute(same).leaves)
    return s




MOST_BOUND = 9
"""Over how many indices a product may be summed: the symmetric ones are told apart one by one."""


def _by_facts(y: Tensor) -> Tensor:
    """The product with the facts of its entries used."""
    network, seen = Network(()), set[Tensor]()
    while isinstance(y, Equation) and y not in seen:
        seen.add(y)
        found = ((r.name, r.rewrite(y, network)) for r in (*FACTS, *MATRICES)
                 if r.name != "symmetric")
        name, new = next(((name, x) for name, x in found if x is not None), ("", y))
        if name:
            note(name)
        y = _turned(new.scheme) if isinstance(new, Equation) else new
    return y


def _turned(s: Scheme) -> Tensor:
    """The equation; entries of symmetric matrices are turned so that it is the least one."""
    if len(s.bound) > MOST_BOUND:
        raise TooLarge(f"a product is summed over {len(s.bound)} indices")
    turnable = [k for k, x in enumerate(s.leaves) if isinstance(x, Access)
                and is_symmetric(x.tensor) and x.index[-1] != x.index[-2]]
    if not turnable:
        return equation(s)
    if len(turnable) > MOST_TURNS:
        raise TooLarge(f"a product has {len(turnable)} entries of symmetric matrices")
    return least_turned(s, turnable)


def size_factor(sizes: Sizes, n: Form) -> Terms:
    """A size as a polynomial."""
    return [Term.of(sympy.Integer(n.constant), sizes)] if n.constant is not None else [
        Term.of(sympy.Integer(c), sizes, Value(prod((Form.of(a) for a in m), start=Form.of(1))))
        for m, c in n.terms]


def itself(t: Tensor) -> Terms:
    """A tensor as the entry of itself."""
    return [Term.of(sympy.S.One, t.shape, Access(t, tuple(at(k) for k in range(t.ndim))))]


def as_term(number: Number, t: Tensor) -> Term:
    """A number times a product of entries, or an entry, over its axes."""
    if isinstance(t, Equation) and t.scheme.reduce in ("none", "sum") and t.name is None and (
            _is_monomial(t.scheme.body)):
        return Term(number, t.scheme)
    (own,) = itself(t)
    return Term(number, own.scheme)


def _is_monomial(body: sympy.Expr) -> bool:
    return all(f.is_Symbol or f == 1 or (f.is_Pow and f.base.is_Symbol and f.exp.is_Rational)
               for f in sympy.Mul.make_args(body))
