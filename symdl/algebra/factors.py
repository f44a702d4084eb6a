"""Rules for factors: scalars to the front, common factors collected, signs turned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy

from symdl.algebra.bodies import (
    Powers,
    entries,
    equation,
    indices,
    linear,
    moved,
    plus_leaves,
    powers,
    product,
    rebuilt,
    safe,
    scaled,
    without,
)
from symdl.algebra.masks import has_delta
from symdl.algebra.rule import Network, Rule
from symdl.language.body import slot
from symdl.language.functions.recognised import factor_of, function_of
from symdl.language.scheme import Leaf, Scheme
from symdl.language.tensor import Equation, Tensor


def scale(y: Equation, network: Network) -> Tensor | None:
    """F = c G makes a F + b = c (a G) + b, and sum_r c f = c sum_r f."""
    s = y.scheme
    if s.reduce not in ("none", "sum"):
        return None
    for k, x in entries(s):
        o = x.tensor
        if x.mask or not isinstance(o, Equation) or o.name is not None or not linear(s.body, k):
            continue
        found = _content(o.scheme)
        if found is None or not (network.single(o) or found[0].is_number):
            continue
        factor, rest = found
        inner = equation(plus_leaves(o.scheme, rest, ()), o.dtype)
        leaves: list[Leaf] = list(s.leaves)
        leaves[k] = type(x)(inner, x.index)
        front = moved(factor, o.scheme.leaves, leaves)
        return rebuilt(y, Scheme(s.sizes, s.axes, s.reduce, s.guards,
                                 scaled(s.body, k, front), tuple(leaves)))
    return None


def _content(s: Scheme) -> tuple[sympy.Expr, sympy.Expr] | None:
    """The factor of a definition that is one number for all entries, and the rest."""
    if s.reduce not in ("none", "sum") or s.body.is_Symbol or not s.body.free_symbols:
        return None
    if s.body.is_Add:
        number, rest = s.body.primitive()
        if all(t.as_coeff_Mul()[0].is_negative for t in rest.args):
            number, rest = -number, -rest
        return (number, rest) if number != 1 else None
    number, found = powers(s.body)
    inside = sympy.S.One
    if number != 1 and s.body.has(sympy.Function) and (
            function_of(s.body) or factor_of(s.body)):
        number, inside = inside, number  # the number belongs to the function, as in gelu
    front = Powers()
    for base, e in found.items():
        if not indices(base, s) and (s.reduce == "none" or safe(base, e, s, s.sizes[:s.axes])):
            front[base] = e
    if (number == 1 and not front) or len(front) == len(found):
        return None
    rest = product({base: e for base, e in found.items() if base not in front})
    return number * product(front), inside * rest


def collect(y: Equation, network: Network) -> Tensor | None:
    """X Y + X Z = X (Y + Z)."""
    s = y.scheme
    body = _everywhere(s.body, lambda e: _collected(e, s))
    return None if body == s.body else rebuilt(y, plus_leaves(s, body, ()))


def _collected(total: sympy.Expr, s: Scheme) -> sympy.Expr:
    """A sum with its common factors in front; beside a delta only those without indices."""
    if not total.is_Add:
        return total
    apart = has_delta(total, s)
    terms = [powers(t) for t in total.args]
    common = Powers()
    for base, e in terms[0][1].items():
        if all(base in t and t[base] * e > 0 for _, t in terms) and not (
                apart and indices(base, s)):
            common[base] = min((t[base] for _, t in terms), key=abs)
    if not common:
        return total
    rest = (number * product({base: e - common.get(base, 0) for base, e in t.items()})
            for number, t in terms)
    short = product(common) * sympy.Add(*rest)
    shorter = short.count_ops() < total.count_ops() or len(common) > 1
    return short if shorter else total


def _everywhere(expr: Any, change: Callable[[Any], Any]) -> Any:
    """Change the sums and products of a body, from the leaves up."""
    if not (expr.is_Add or expr.is_Mul):
        return expr
    return change(expr.func(*(_everywhere(a, change) for a in expr.args)))


def numbers(y: Equation, network: Network) -> Tensor | None:
    """X (2 Y + 2 Z) = 2 X (Y + Z)."""
    s = y.scheme
    body = _everywhere(s.body, _number_in_front)
    return None if body == s.body else rebuilt(y, plus_leaves(s, body, ()))


def _number_in_front(term: sympy.Expr) -> sympy.Expr:
    if len([f for f in sympy.Mul.make_args(term) if not f.is_number]) < 2:
        return term
    parts = [f.primitive() if f.is_Add else (sympy.S.One, f) for f in term.args]
    front = sympy.Mul(*(c for c, _ in parts if c.is_Integer))
    return sympy.Mul(front, *(f if c.is_Integer else c * f for c, f in parts))


def sign(y: Equation, network: Network) -> Tensor | None:
    """-a (b - c) = a (c - b)."""
    s = y.scheme
    body = _everywhere(s.body, _turned)
    if body != s.body:
        return rebuilt(y, plus_leaves(s, body, ()))
    if s.reduce not in ("none", "sum"):
        return None
    for k, x in entries(s):
        o = x.tensor
        if not isinstance(o, Equation) or not network.single(o) or not _is_difference(o):
            continue
        terms = [t for t in sympy.Add.make_args(s.body) if slot(k) in t.free_symbols]
        if x.mask or not linear(s.body, k) or not all(
                t.as_coeff_Mul()[0].is_negative for t in terms):
            continue
        inner = equation(plus_leaves(o.scheme, sympy.Add(
            *(-t for t in o.scheme.body.args)), ()), o.dtype)
        leaves: list[Leaf] = list(s.leaves)
        leaves[k] = type(x)(inner, x.index)
        return rebuilt(y, Scheme(s.sizes, s.axes, s.reduce, s.guards,
                                 scaled(s.body, k, sympy.S.NegativeOne), tuple(leaves)))
    return None


def _is_difference(o: Equation) -> bool:
    s = o.scheme
    return bool(s.reduce == "none" and s.body.is_Add and not s.guards and any(
        t.as_coeff_Mul()[0].is_negative for t in s.body.args))


def _turned(term: sympy.Expr) -> sympy.Expr:
    """The product with its minus put into a difference."""
    if not term.is_Mul or not term.as_coeff_Mul()[0].is_negative:
        return term
    for f in term.args:
        if f.is_Add and any(t.as_coeff_Mul()[0].is_negative for t in f.args):
            return sympy.Mul(-1, sympy.Add(*(-t for t in f.args)), without(term, f))
    return term


def logistic(y: Equation, network: Network) -> Tensor | None:
    """exp(k v) / (1 + exp(v))^m = s^k (1/(1 + exp(v)))^(m - k) with s = 1/(1 + exp(-v))."""
    s = y.scheme
    body = _everywhere(s.body, _sigmoids)
    return None if body == s.body else rebuilt(y, plus_leaves(s, body, ()))


def _sigmoids(term: sympy.Expr) -> sympy.Expr:
    """A product whose exponentials are parts of sigmoids, also term by term of a factor."""
    new = _one_sigmoid(term)
    if new != term:
        return new
    for e in (f for f in sympy.Mul.make_args(term) if isinstance(f, sympy.exp)):
        for total in (f for f in term.args if f.is_Add):
            parts = [_one_sigmoid(_one_exponential(e * t)) for t in total.args]
            if not any(isinstance(f, sympy.exp) for t in parts for f in sympy.Mul.make_args(t)):
                return sympy.Mul(without(without(term, e), total), sympy.Add(*parts))
    return term


def _one_sigmoid(term: sympy.Expr) -> sympy.Expr:
    factors = sympy.Mul.make_args(term)
    for e in (f for f in factors if isinstance(f, sympy.exp)):
        for f in (f for f in factors if f.is_Pow and f.exp.is_Integer and f.exp < 0):
            v = _log_of_odds(f.base)
            if v is None:
                continue
            k = sympy.cancel(e.args[0] / v)
            if k.is_Integer and 0 < k <= -f.exp:
                rest = without(without(term, e), f)
                return sympy.Mul(rest, (1 + sympy.exp(-v)) ** -k, f.base ** (f.exp + k))
    return term


def _log_of_odds(base: sympy.Expr) -> sympy.Expr | None:
    """V of 1 + exp(v)."""
    if base.is_Add and len(base.args) == 2 and base.args[0] == 1 and (
            isinstance(base.args[1], sympy.exp)):
        return base.args[1].args[0]
    return None


def exponentials(y: Equation, network: Network) -> Tensor | None:
    """exp(a) exp(b) = exp(a + b)."""
    s = y.scheme
    body = _everywhere(s.body, _one_exponential)
    return None if body == s.body else rebuilt(y, plus_leaves(s, body, ()))


def _one_exponential(term: sympy.Expr) -> sympy.Expr:
    found = [f for f in sympy.Mul.make_args(term) if isinstance(f, sympy.exp)]
    if len(found) < 2:
        return term
    others = [f for f in term.args if f not in found]
    return sympy.Mul(sympy.exp(sympy.Add(*(f.args[0] for f in found))), *others)


RULES = (
    Rule("sigmoid", "an exponential is divided by one more than itself",
         "an exponential less", logistic),
    Rule("exponentials", "a product has two exponentials", "an exponential less", exponentials),
    Rule("scale", "the reader is linear in the operand, which is read once and has no name; "
         "the factor is finite wherever it is moved to",
         "a factor moves one equation nearer to the result", scale),
    Rule("collect", "all terms share two factors, or one and the result is shorter",
         "fewer operations", collect),
    Rule("number", "all terms of a factor have a whole number in common",
         "smaller numbers in sums", numbers),
    Rule("sign", "a difference stands after a minus", "a minus less", sign),
)
