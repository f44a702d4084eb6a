"""Products that have a denominator: its terms are taken out of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import sympy

from symdl.algebra.bodies import powers, product
from symdl.algebra.terms import Sizes, Term, Terms, as_term, placed, summed, times
from symdl.language.body import slot, slots_of
from symdl.language.form import Atom, Form, Idx
from symdl.language.scheme import Access, Leaf, Scheme
from symdl.language.shaping import at
from symdl.language.tensor import Equation


def reduced(t: Term) -> Terms:
    """With D = u + v, u / D = 1 - v / D; with S = sum_r u(r), sum_r u(r) / S = 1."""
    s = t.scheme
    found = powers(s.body)[1]
    for base, e in found.items():
        if not base.is_Symbol or e >= 0:
            continue
        x = s.leaves[slots_of(base)[0]]
        if isinstance(x, Access) and isinstance(x.tensor, Equation) and not x.mask:
            if x.tensor.scheme.reduce == "sum":
                out = _whole_sum(t, base, x)
            else:
                out = _leading_term(t, base, x)
            if out is not None:
                return out
    return [t]


def _whole_sum(t: Term, base: sympy.Symbol, x: Access) -> Terms | None:
    """A product that holds, under the sum, all that its divisor sums."""
    s = t.scheme
    assert isinstance(x.tensor, Equation)
    inner = x.tensor.scheme
    for chosen in permutations(s.bound, len(inner.bound)):
        if [s.sizes[k] for k in chosen] != list(inner.sizes[inner.axes:]) or any(
                k in f.indices for f in x.index for k in chosen):
            continue
        whole = inner.place(s.sizes, s.axes, [*x.index, *map(at, chosen)])
        rest = _without(s, whole)
        if rest is None or any(k in f.indices for leaf in _read(rest) for f in leaf.forms
                               for k in chosen):
            continue
        if any(k in g.form.indices for g in rest.guards for k in chosen):
            continue
        kept = [k for k in range(len(s.sizes)) if k not in chosen]
        place = [at(kept.index(k)) if k in kept else at(0) for k in range(len(s.sizes))]
        body = rest.body * base
        small = replace(rest, body=body).place([s.sizes[k] for k in kept], s.axes, place)
        return [Term(t.number, replace(small, reduce="sum" if len(kept) > s.axes else "none"))]
    return None


def _read(s: Scheme) -> list[Leaf]:
    return [s.leaves[k] for k in slots_of(s.body)]


def _without(s: Scheme, part: Scheme) -> Scheme | None:
    """A product divided by some of its factors; None where it hasn't got them."""
    number, mine = powers(s.body)
    count, wanted = powers(part.body)
    if count != 1 or any(g.normal not in {h.normal for h in s.guards} for g in part.guards):
        return None
    for base, e in wanted.items():
        if not base.is_Symbol:
            return None
        leaf = part.leaves[slots_of(base)[0]]
        if leaf not in s.leaves:
            return None
        own = slot(s.leaves.index(leaf))
        if own not in mine or mine[own] * e <= 0 or abs(mine[own]) < abs(e):
            return None
        mine[own] = mine[own] - e
    gone = {g.normal for g in part.guards}
    return replace(s, body=number * product(mine),
                   guards=tuple(g for g in s.guards if g.normal not in gone))


def _leading_term(t: Term, base: sympy.Symbol, x: Access) -> Terms | None:
    """A product that holds the leading term of its divisor, a sum of products."""
    assert isinstance(x.tensor, Equation)
    s, o = t.scheme, x.tensor.scheme
    if not o.body.is_Add or o.guards:
        return None
    pieces = [(number, leaf) for number, entry in (term.as_coeff_Mul() for term in o.body.args)
              if isinstance(leaf := o.leaves[slots_of(entry)[0]], Access)]
    number, lead = max(pieces, key=lambda p: (not _is_one(p[1]), _rank(p[1])))
    one = next((p for p in pieces if _is_one(p[1])), None)
    if one is not None and any(_lifts(leaf, s, x) for _, leaf in pieces):
        number, lead = one
    whole = _monomial(lead, s, x)
    rest = None if whole is None else _without(s, whole)
    if rest is None:
        return None
    front = t.number / number
    out = [Term(front, replace(rest, body=rest.body * base))]
    wide = replace(rest, axes=len(s.sizes), reduce="none")
    for c, leaf in pieces:
        if leaf is not lead:
            inner = placed([as_term(sympy.S.One, leaf.tensor)], s.sizes, _index(leaf, x))
            out += summed(times([Term(-c * front, wide)], inner), s.axes)
    return out


def _index(leaf: Access, x: Access) -> tuple[Form, ...]:
    """Where a divisor's leaf is read when the divisor is read at an entry."""
    place: dict[Atom, Form] = {Idx(k): g for k, g in enumerate(x.index)}
    return tuple(f.substitute(place) for f in leaf.index)


def _is_one(x: Access) -> bool:
    t = x.tensor
    return isinstance(t, Equation) and t.scheme.body == 1 and not t.scheme.guards and (
        t.scheme.reduce == "none")


def _monomial(lead: Access, s: Scheme, x: Access) -> Scheme | None:
    """The leading product of a divisor, read where the divisor is."""
    term = as_term(sympy.S.One, lead.tensor).scheme
    return None if term.reduce == "sum" else term.place(s.sizes, s.axes, _index(lead, x))


def _lifts(leaf: Access, s: Scheme, x: Access) -> bool:
    """Whether a product divides by a power of what is a factor of a term of its divisor."""
    whole = _monomial(leaf, s, x)
    if whole is None:
        return False
    mine = powers(s.body)[1]
    for base, e in powers(whole.body)[1].items():
        factor = whole.leaves[slots_of(base)[0]] if base.is_Symbol else None
        if factor in s.leaves and mine.get(slot(s.leaves.index(factor)), 0) * e < 0:
            return True
    return False


def factors_of(terms: Terms) -> list[tuple[Terms, int]]:
    """A polynomial as a product of powers of polynomials."""
    if not 1 < len(terms) <= _FACTORED or not all(t.number.is_Rational for t in terms):
        return [(terms, 1)]
    sizes = terms[0].scheme.sizes[:terms[0].scheme.axes]
    atoms: dict[object, tuple[sympy.Symbol, Term]] = {}

    def symbol(key: object, term: Term) -> sympy.Symbol:
        return atoms.setdefault(key, (sympy.Symbol(f"x{len(atoms)}"), term))[0]

    whole = sympy.S.Zero
    for t in terms:
        s = t.scheme
        if s.reduce != "none" or s.guards:
            whole += t.number * symbol(s, Term(sympy.S.One, s))
            continue
        number, found = powers(s.body)
        if any(not e.is_Integer or e < 0 for e in found.values()):
            return [(terms, 1)]
        whole += t.number * number * sympy.Mul(*(
            symbol(leaf, Term.of(sympy.S.One, sizes, leaf)) ** e for base, e in found.items()
            for leaf in (s.leaves[slots_of(base)[0]],)))
    content, factors = sympy.factor_list(whole)
    if len(factors) == 1 and factors[0][1] == 1:
        return [(terms, 1)]
    back = dict(atoms.values())
    out = [(_read_back(f, back, sizes), int(k)) for f, k in factors]
    return out if content == 1 else [*out, ([Term.of(content, sizes)], 1)]


_FACTORED = 8


def _read_back(f: sympy.Expr, atoms: dict[sympy.Symbol, Term], sizes: Sizes) -> Terms:
    out: Terms = []
    for term in sympy.Add.make_args(sympy.expand(f)):
        number, powers_ = term.as_coeff_mul()
        product_ = [Term.of(number, sizes)]
        for base, e in (p.as_base_exp() for p in powers_):
            for _ in range(int(e)):
                product_ = times(product_, [atoms[base]])
        out += product_
    return out


def _rank(x: Access) -> tuple[object, ...]:
    """Products without sums lead, long ones before short ones."""
    t = x.tensor
    own = t.scheme if isinstance(t, Equation) else None
    plain = own is None or own.reduce == "none"
    degree = sum(abs(e) for e in powers(own.body)[1].values()) if own is not None else 1
    return (plain, degree, t.digest, [f.token for f in x.index])
