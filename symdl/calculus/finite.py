"""What may be infinite at a finite point: bodies, derivatives, entries of a tensor."""

from __future__ import annotations

from functools import lru_cache

import sympy

from symdl.language.body import slot, slots_of, substitute
from symdl.language.owners import Application
from symdl.language.scheme import Access, Leaf, Scheme
from symdl.language.tensor import Constant, Equation, Part, Tensor, Variable

REACH = 8
"""How many definitions are looked into for a sign."""


def singular(body: sympy.Expr) -> bool:
    """Whether the body or its derivative can be infinite at a finite point."""
    return any(
        (node.is_Pow and not (node.exp.is_Integer and node.exp >= 0)
         and not (node.base.is_positive and node.exp.is_Rational))
        or (isinstance(node, _SINGULAR) and not (
            isinstance(node, sympy.log) and node.args[0].is_positive))
        for node in sympy.preorder_traversal(body)
    )


_SINGULAR = (sympy.log, sympy.loggamma, sympy.gamma, sympy.polygamma, sympy.tan, sympy.asin,
             sympy.acos, sympy.acosh, sympy.atanh)


def infinite_somewhere(expr: sympy.Expr, y: Equation) -> bool:
    """Whether a derivative in y's leaves, and in y as a{-1}, may be infinite where it is read.

    Of what is summed over, the entries count as finite: a product of matrices stays one.
    """
    s = y.scheme
    if singular(expr) and singular(_with_signs(expr, y, REACH)):
        return True
    others = s.body if s.reduce == "prod" else sympy.S.One
    if singular(others) and singular(_with_signs(others, y, REACH)):
        return True
    if s.bound and s.reduce != "prod":
        return False
    used = [y if k < 0 else s.leaves[k] for k in _slots_of_values(expr) | _slots_of_values(others)]
    tensors = [x.tensor if isinstance(x, Access) else x for x in used]
    return any(isinstance(t, Tensor) and _is_unbounded(t, REACH) for t in tensors)


@lru_cache(maxsize=1 << 12)
def _slots_of_values(expr: sympy.Expr) -> frozenset[int]:
    """The placeholders that occur elsewhere than in conditions."""
    if not isinstance(expr, sympy.Piecewise) and not expr.has(sympy.Piecewise):
        return frozenset(slots_of(expr))
    parts = [v for v, _ in expr.args] if isinstance(expr, sympy.Piecewise) else expr.args
    return frozenset[int]().union(*map(_slots_of_values, parts))


@lru_cache(maxsize=1 << 12)
def _is_unbounded(t: Tensor, reach: int) -> bool:
    """Whether the entries of a tensor may be infinite where its inputs are finite."""
    if isinstance(t, Part):
        return isinstance(t.owner, Application) and t.owner.primitive.name not in _BOUNDED
    if not isinstance(t, Equation) or not reach:
        return False
    body = t.scheme.body
    return (singular(body) and singular(_with_signs(body, t, REACH))) or any(
        isinstance(x, Access) and _is_unbounded(x.tensor, reach - 1) for x in t.scheme.leaves)


_BOUNDED = frozenset({"argsort", "stop_gradient", "det", "expm"})


def has_infinite_derivative(owner: Application) -> bool:
    """Whether the derivative of a primitive may be infinite at a finite point."""
    return owner.primitive.name == "det" or owner.primitive.name not in _BOUNDED


def _with_signs(expr: sympy.Expr, y: Equation, reach: int) -> sympy.Expr:
    """The expression over placeholders that SymPy knows the signs of."""
    signs = {k: _sign(y, reach) if k < 0 else _leaf_sign(y.scheme, y.scheme.leaves[k], reach)
             for k in slots_of(expr)}
    return substitute(expr, {slot(k): sympy.Symbol(f"a{k}", real=True, **{sign: True})
                             for k, sign in signs.items() if sign})


def _leaf_sign(s: Scheme, leaf: Leaf, reach: int) -> str | None:
    """`positive`, `nonnegative` or unknown; a size that is divided by isn't 0."""
    if isinstance(leaf, Access):
        sign = _sign(leaf.tensor, reach)
        return "nonnegative" if sign and leaf.mask else sign
    return None if leaf.form.indices or leaf.form.free or leaf.mask else "positive"


@lru_cache(maxsize=1 << 12)
def _sign(t: Tensor, reach: int) -> str | None:
    """The sign of all entries that the definitions within reach tell."""
    if isinstance(t, Variable):
        return "positive" if "positive" in t.facts else (
            "nonnegative" if t.facts & _NONNEGATIVE else None)
    if isinstance(t, Constant):
        return "positive" if (t.data > 0).all() else "nonnegative" if (t.data >= 0).all() else None
    if not isinstance(t, Equation) or not reach or t.scheme.reduce.startswith("arg"):
        return None
    body = _with_signs(t.scheme.body, t, reach - 1)
    if body.is_positive and not (t.scheme.reduce == "none" and t.scheme.guards):
        return "positive"
    return "nonnegative" if body.is_nonnegative else None


_NONNEGATIVE = frozenset({"nonnegative", "unit_interval", "binary", "simplex", "one_hot"})
