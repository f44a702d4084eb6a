"""The arguments of entries that are values of elementwise functions."""

from __future__ import annotations

from typing import Any

import sympy

from symdl.language.body import slots_of
from symdl.language.scheme import Access, Scheme
from symdl.language.tensor import Equation


def argument_of(function: Any, s: Scheme) -> Access | None:
    """The argument of the function that a product is a value of, if it is one."""
    plain = s.reduce == "none" and not s.guards and s.body.is_Symbol
    return argument_of_factor(function, s.body, s) if plain else None


def exponent_of(b: sympy.Expr, s: Scheme) -> Access | None:
    """The exponent of an entry that is an exponential."""
    return argument_of_factor(sympy.exp, b, s)


def argument_of_factor(function: Any, b: sympy.Expr, s: Scheme) -> Access | None:
    """The argument of the function that a factor is a value of, if it is one."""
    leaf = s.leaves[slots_of(b)[0]]
    if not isinstance(leaf, Access) or not isinstance(leaf.tensor, Equation) or leaf.mask:
        return None
    inner = leaf.tensor.scheme
    if inner.reduce != "none" or not isinstance(inner.body, function) or inner.guards:
        return None
    (u,) = inner.body.args
    if not u.is_Symbol or not isinstance(inner.leaves[0], Access):
        return None
    moved = inner.place(s.sizes, s.axes, leaf.index)
    out = moved.leaves[0]
    assert isinstance(out, Access)
    return out
