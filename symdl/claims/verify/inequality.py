"""Proofs of inequalities: sums of what can't be negative, and polynomials in one number.

A difference whose normal form is a sum of products of squares, exponentials and nonnegative inputs
is at least 0. A rational function of one scalar is bounded by the signs between its real roots,
which are isolated exactly (Sturm's theorem). A convex function of one scalar lies above its least
value, where its derivative is 0.
"""

from __future__ import annotations

from typing import Any

import sympy

from symdl.algebra.normal import GaveUp, normal_form
from symdl.algebra.signs import is_nonnegative
from symdl.algebra.terms import time_limit
from symdl.language.body import slot
from symdl.language.scheme import Access
from symdl.language.sizes import variables_of
from symdl.language.tensor import Equation, Tensor

SECONDS = 2.0
SQUARES = "the difference is a sum of products that are never negative"
ROOTS = "the difference is a rational function of one number, of one sign between its real roots"


def bounded(left: Tensor, right: Tensor, relation: str) -> str:
    """Prove an inequality.

    Parameters
    ----------
    left, right : Tensor
    relation : {"<=", ">=", "<", ">"}

    Returns
    -------
    str
        By what it is proved; empty if it isn't.
    """
    difference = left - right if relation.startswith(">") else right - left
    strict = not relation.endswith("=")
    with time_limit(SECONDS):
        found = normal_form(difference)
    ways = (difference, difference.simplify(), *(() if isinstance(found, GaveUp) else (found,)))
    if not strict and any(map(is_nonnegative, ways)):
        return SQUARES
    return ROOTS if _by_roots(difference, strict) else ""


def _by_roots(difference: Tensor, strict: bool) -> bool:
    """Whether a rational function of one input is positive, or never negative."""
    inputs = variables_of([difference])
    if len(inputs) != 1 or difference.ndim or inputs[0].ndim or inputs[0].dtype != "real":
        return False
    positive = bool(inputs[0].facts & {"positive"})
    body = _body(difference, inputs[0])
    x = sympy.Symbol("x", real=True)
    if body is None:
        return False
    above, below = sympy.fraction(sympy.together(body.xreplace({slot(0): x})))
    if not (above.is_polynomial(x) and below.is_polynomial(x)):
        return False
    product = sympy.Poly(sympy.expand(above * below), x, domain="QQ")
    return _is_never_negative(product, strict, positive)


def _is_never_negative(p: sympy.Poly, strict: bool, positive: bool) -> bool:
    """Whether a polynomial with rational coefficients is at least 0, by its real roots."""
    if p.is_zero:
        return not strict
    low = sympy.S.Zero if positive else None
    for factor, multiplicity in p.sqf_list()[1]:
        roots = factor.count_roots(low, None)
        if positive and factor.eval(0) == 0:
            roots -= 1
        if roots and (strict or multiplicity % 2):
            return False
    return bool(p.eval(_beyond(p)) > 0)


def _beyond(p: sympy.Poly) -> Any:
    """A positive number that is greater than every root: Cauchy's bound."""
    lead = abs(p.LC())
    return 1 + max((abs(c) / lead for c in p.all_coeffs()[1:]), default=sympy.S.Zero)


def _body(t: Tensor, x: Tensor) -> Any:
    """A scalar as an expression of one input, its operands read in place."""
    if t is x:
        return slot(0)
    if not isinstance(t, Equation) or t.scheme.reduce != "none" or t.scheme.guards:
        return None
    inner = [_body(leaf.tensor, x) if isinstance(leaf, Access) and not leaf.mask else None
             for leaf in t.scheme.leaves]
    if any(e is None for e in inner):
        return None
    return t.scheme.body.xreplace({slot(k): e for k, e in enumerate(inner)})
