"""Polynomials cleared of the denominators that all their terms may be multiplied by."""

from __future__ import annotations

from collections.abc import Callable

import sympy

from symdl.algebra.bodies import powers
from symdl.algebra.terms import Number, Sizes, Term, Terms, placed, times
from symdl.language.body import slots_of
from symdl.language.scheme import Access
from symdl.language.tensor import Equation, Tensor


def cleared(terms: Terms, sizes: Sizes, terms_of: Callable[[Tensor], Terms],
            tidy: Callable[[Terms, Sizes], Terms]) -> tuple[Terms, list[tuple[Access, Number]]]:
    """The numerator of a polynomial, and its denominators with their exponents."""
    denominators: list[tuple[Access, Number]] = []
    for _ in range(_MOST_ROUNDS):
        found = [leaf for t in terms for leaf, e in _exponents(t).items() if e < 0]
        if not found:
            break
        leaf = found[0]
        least = min(_exponents(t).get(leaf, sympy.S.Zero) for t in terms)
        divisor = placed(terms_of(leaf.tensor), sizes, leaf.index) if isinstance(
            leaf.tensor, Equation) else [Term.of(sympy.S.One, sizes, leaf)]
        terms = tidy([new for t in terms for new in _multiplied(t, leaf, -least, divisor)], sizes)
        denominators.append((leaf, -least))
    return terms, denominators


_MOST_ROUNDS = 12


def _exponents(t: Term) -> dict[Access, Number]:
    """The powers of the entries in a product that don't depend on what it is summed over."""
    s = t.scheme
    out: dict[Access, Number] = {}
    for base, e in powers(s.body)[1].items():
        leaf = s.leaves[slots_of(base)[0]] if base.is_Symbol else None
        if isinstance(leaf, Access) and e.is_Rational and all(
                k < s.axes for form in leaf.forms for k in form.indices):
            out[leaf] = e
    return out


def _multiplied(t: Term, leaf: Access, exponent: sympy.Rational, divisor: Terms) -> Terms:
    """A product times a power of an entry; whole powers that are left over are written out."""
    sizes = t.scheme.sizes[:t.scheme.axes]
    own = _exponents(t).get(leaf, sympy.S.Zero)
    whole = max(sympy.floor(own + exponent), 0) if own <= 0 else sympy.floor(exponent)
    out = times([t], [Term.of(sympy.S.One, sizes, leaf, exponent - whole)])
    for _ in range(int(whole)):
        out = times(out, divisor)
    return out
