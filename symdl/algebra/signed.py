"""Products of signs and absolute values of one argument."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import NamedTuple

import sympy

from symdl.algebra.arguments import argument_of_factor
from symdl.algebra.bodies import powers, product
from symdl.algebra.inverses import polynomial
from symdl.algebra.terms import Sizes, Term, Terms, placed, summed, times
from symdl.language.scheme import Access


class _Exponents(NamedTuple):
    """The exponents of u, |u| and sign(u)."""

    plain: sympy.Integer
    size: sympy.Integer
    sign: sympy.Integer

    @property
    def simplified(self) -> _Exponents:
        """By |u|**2 = u**2, sign(u)**3 = sign(u), sign(u)**2 |u| = |u| and sign(u) |u| = u."""
        plain, size, sign = self
        odd = sympy.sign(size) if size % 2 else sympy.S.Zero
        if sign > 1:
            sign = 2 - sign % 2 if size == 0 else sign % 2
        if sign == 1 and odd != 0:
            return _Exponents(plain + size, sympy.S.Zero, sympy.S.Zero)
        return _Exponents(plain + size - odd, odd, sign)


def without_signs(t: Term) -> Terms | None:
    """A product with the absolute value and the sign of one argument as powers of it."""
    s = t.scheme
    number, found = powers(s.body)
    values: dict[Access, dict[type, sympy.Symbol]] = {}
    for b, e in found.items():
        for function in (sympy.Abs, sympy.sign) if b.is_Symbol and e.is_Integer else ():
            u = argument_of_factor(function, b, s)
            if u is not None:
                values.setdefault(u, {})[function] = b
    for u, own in values.items():
        old = _Exponents(sympy.S.Zero, *(
            found.get(own.get(f), sympy.S.Zero) for f in (sympy.Abs, sympy.sign)))
        new = old.simplified
        if new != old and old.sign >= 0:
            changed = dict(zip((own.get(sympy.Abs), own.get(sympy.sign)), new[1:], strict=True))
            body = number * product({b: changed.get(b, e) for b, e in found.items()})
            wide = replace(s, axes=len(s.sizes), reduce="none", body=body)
            return summed(times([Term(t.number, wide)], _power(u, new.plain, s.sizes)), s.axes)
    return None


def _power(u: Access, e: sympy.Integer, sizes: Sizes) -> Terms:
    """A whole power of an entry in normal form, written out where it is positive."""
    whole = placed(polynomial(u.tensor), sizes, u.index)
    if e >= 0:
        return reduce(times, [whole] * int(e), [Term.of(sympy.S.One, sizes)])
    if len(whole) == 1 and whole[0].scheme.reduce == "none" and not whole[0].scheme.guards:
        (t,) = whole
        body = product({b: p * e for b, p in powers(t.scheme.body)[1].items()})
        return [Term(t.number**e, replace(t.scheme, body=body))]
    return [Term.of(sympy.S.One, sizes, u, e)]
