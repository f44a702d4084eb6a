"""From and to SymPy: sizes and places as integer expressions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from types import MappingProxyType
from typing import Any

import sympy

from symdl.language.errors import SymdlError
from symdl.language.form import Atom, Dim, Form, Least, Quotient, Read, least

_NONE: Mapping[Any, Form] = MappingProxyType({})


def form_from_sympy(x: Any, known: Mapping[Any, Form] = _NONE) -> Form:
    """A size from a SymPy expression: integer symbols, +, *, floor(a/b), Mod(a, b), Min(a, b).

    Symbols and other expressions in `known` have a meaning already, such as an index.

    Raises
    ------
    SymdlError
        If it is no such expression.
    """
    if x in known:
        return known[x]
    if isinstance(x, sympy.Integer):
        return Form.of(int(x))
    if isinstance(x, sympy.Symbol):
        return Form.of(Dim(x.name))
    if isinstance(x, sympy.Add):
        total = Form.of(0)
        for a in x.args:
            total = total + form_from_sympy(a, known)
        return total
    if isinstance(x, sympy.Mul):
        product = Form.of(1)
        for a in x.args:
            product = product * form_from_sympy(a, known)
        return product
    if isinstance(x, sympy.Pow) and x.exp.is_Integer and x.exp >= 0:
        base: Form = form_from_sympy(x.base, known)
        return base ** int(x.exp)
    if isinstance(x, sympy.floor):
        over, under = x.args[0].as_numer_denom()
        return form_from_sympy(over, known) // form_from_sympy(under, known)
    if isinstance(x, sympy.Mod):
        return form_from_sympy(x.args[0], known) % form_from_sympy(x.args[1], known)
    if isinstance(x, sympy.Min):
        return reduce(least, (form_from_sympy(a, known) for a in x.args))
    raise SymdlError(f"{x!r} is no size; sizes are integers, sd.dims, or sums, products and floor "
                     "divisions of them")


def form_to_sympy(form: Form) -> sympy.Expr:
    """A size as a SymPy expression; sizes are nonnegative integer symbols."""
    return sympy.Add(*(sympy.Mul(c, *(_atom(a) for a in m)) for m, c in form.terms))


def _atom(a: Atom) -> sympy.Expr:
    if isinstance(a, Read):
        return sympy.Symbol(str(a), integer=True)
    if a.inner:
        left, right = map(form_to_sympy, a.inner)
        if isinstance(a, Least):
            return sympy.Min(left, right)
        return sympy.floor(left / right) if isinstance(a, Quotient) else sympy.Mod(left, right)
    return sympy.Symbol(str(a), integer=True, nonnegative=True)
