"""Rules for what is masked: an indicator becomes a factor, and deltas stand in terms of their own.

A `Value` leaf of 1 under a mask is the indicator [i = j].
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy

from symdl.algebra.bodies import (
    entries,
    indices,
    linear,
    plus_leaves,
    rebuilt,
    resolved,
    scaled,
    zero,
)
from symdl.algebra.facts import holds
from symdl.algebra.rule import Network, Rule
from symdl.language.body import slot, slots_of, substitute
from symdl.language.bounds import nonnegative, within
from symdl.language.form import ONE
from symdl.language.guard import Conjunction
from symdl.language.owners import Application
from symdl.language.primitives.det import Det
from symdl.language.scheme import Leaf, Scheme, Value
from symdl.language.solve import solved
from symdl.language.tensor import Equation, Part, Tensor, Variable


def unmask(y: Equation, network: Network) -> Tensor | None:
    """(u if c else 0) = [c] u, where u is in range and finite outside of c, too.

    A divisor may be 0 where the rest of a sum divides by it, too: then nothing is finite.
    """
    s = y.scheme
    for node in s.body.atoms(sympy.Piecewise):
        k = indicator_of(node, s)
        if k is None:
            continue
        mask = s.leaves[k].mask
        value = substitute(node.args[0][0], {slot(k): sympy.S.One})
        leaves = tuple(_without(x, mask) if m in slots_of(value) else x
                       for m, x in enumerate(s.leaves))
        finite = substitute(value, _divisors_beside(node, s, leaves))
        if _used_elsewhere(node, s, leaves) or not _is_finite(finite, leaves, s):
            continue
        if not all(_in_range(x, s) for x, old in zip(leaves, s.leaves, strict=True) if x != old):
            continue
        body = substitute(s.body, {node: slot(k) * value})
        return rebuilt(y, replace(s, body=body, leaves=leaves))
    return None


def _divisors_beside(node: Any, s: Scheme, leaves: tuple[Leaf, ...]) -> dict[Any, Any]:
    """The powers of a value by which other terms of the sum are divided, each as 1."""
    others = [t for t in sympy.Add.make_args(s.body) if not t.has(node)]
    below = {resolved(f.base, leaves) for t in others for f in sympy.Mul.make_args(t)
             if f.is_Pow and f.exp.is_negative}
    return {p: sympy.S.One for p in node.atoms(sympy.Pow)
            if p.exp.is_negative and resolved(p.base, leaves) in below}


def indicator_of(node: Any, s: Scheme) -> int | None:
    """The indicator m of a choice `u if m > 0 else 0`."""
    if len(node.args) != 2 or node.args[1] != (sympy.S.Zero, sympy.true):
        return None
    condition = node.args[0][1]
    if not (isinstance(condition, sympy.StrictGreaterThan) and condition.rhs == 0
            and condition.lhs.is_Symbol):
        return None
    k = slots_of(condition.lhs)[0]
    return k if is_indicator(s.leaves[k]) else None


def is_indicator(x: Leaf) -> bool:
    """Whether a leaf is 1 where its mask holds, else 0."""
    return isinstance(x, Value) and x.form == ONE and bool(x.mask)


def choice_as_guard(y: Equation, network: Network) -> Tensor | None:
    """sum_r v (u if c else 0) = sum_{r | c} v u, where u isn't finite outside of c."""
    s = y.scheme
    if s.reduce not in ("none", "sum") or unmask(y, network) is not None:
        return None
    for node in sympy.Mul.make_args(s.body):
        k = indicator_of(node, s) if isinstance(node, sympy.Piecewise) else None
        if k is None:
            continue
        mask = s.leaves[k].mask
        body = substitute(s.body, {node: node.args[0][0]})
        leaves = tuple(_without(x, mask) for x in s.leaves)
        if slot(k) in body.free_symbols:
            continue
        new = solved(replace(s, guards=(*s.guards, *mask), body=body, leaves=leaves))
        return rebuilt(y, new or zero(y))
    return None


def _without(x: Leaf, mask: Any) -> Leaf:
    return replace(x, mask=tuple(g for g in x.mask if g not in mask))


def _in_range(x: Leaf, s: Scheme) -> bool:
    """Whether an entry is one of its tensor's at all indices."""
    return isinstance(x, Value) or all(
        within(f, n, s.sizes) for f, n in zip(x.index, x.tensor.shape, strict=True))


def _used_elsewhere(node: Any, s: Scheme, leaves: tuple[Leaf, ...]) -> bool:
    """Whether a leaf that loses its mask occurs outside the choice."""
    outside = substitute(s.body, {node: sympy.S.Zero})
    return any(leaves[k] != s.leaves[k] for k in slots_of(outside))


def _is_finite(expr: Any, leaves: tuple[Leaf, ...], s: Scheme) -> bool:
    """Whether an expression of finite entries is finite: it divides by positive entries only."""
    if expr.is_Symbol or expr.is_Rational:
        return True
    if expr.is_Pow and expr.exp.is_Rational:
        return _is_finite(expr.base, leaves, s) and (
            (expr.exp > 0 and expr.exp.is_Integer) or _is_positive(expr.base, leaves, s))
    return isinstance(expr, (sympy.Add, sympy.Mul, sympy.exp)) and all(
        _is_finite(a, leaves, s) for a in expr.args)


def _is_positive(expr: Any, leaves: tuple[Leaf, ...], s: Scheme) -> bool:
    if expr.is_Symbol:
        x = leaves[slots_of(expr)[0]]
        if isinstance(x, Value):
            return not x.mask and nonnegative(x.form - 1, s.sizes)
        return not x.mask and is_positive(x.tensor, s)
    if expr.is_Pow:
        return _is_positive(expr.base, leaves, s)
    return bool(expr.is_number and expr.is_positive) or isinstance(expr, sympy.exp) or (
        isinstance(expr, (sympy.Mul, sympy.Add)) and all(
            _is_positive(a, leaves, s) for a in expr.args))


def is_positive(t: Tensor, reader: Scheme) -> bool:
    """Whether all entries are surely positive while the reader's indices have values."""
    if isinstance(t, Variable):
        return "positive" in t.facts
    if isinstance(t, Part) and isinstance(t.owner, Application) and isinstance(
            t.owner.primitive, Det):
        return holds(t.owner.operands[0], "positive_definite")
    if not isinstance(t, Equation) or t.scheme.guards or t.scheme.reduce not in ("none", "sum"):
        return False
    inner = t.scheme
    scope = (*reader.sizes, *inner.sizes[:inner.axes])
    filled = all(nonnegative(n - 1, scope) for n in inner.sizes[inner.axes:])
    return filled and _is_positive(inner.body, inner.leaves, inner)


def delta_factor(y: Equation, network: Network) -> Tensor | None:
    """(X[j] if i = j else 0) = [i = j] X[j]."""
    s = y.scheme
    for k, x in entries(s):
        if not _is_equality(x.mask) or not linear(s.body, k):
            continue
        bare = replace(x, mask=())
        if not _in_range(bare, s):
            continue
        leaves: list[Leaf] = [*s.leaves, Value(ONE, x.mask)]
        leaves[k] = bare
        body = scaled(s.body, k, slot(len(s.leaves)))
        return rebuilt(y, replace(s, body=body, leaves=tuple(leaves)))
    return None


def indicator_power(y: Equation, network: Network) -> Tensor | None:
    """[c]^m = [c] for m >= 1."""
    s = y.scheme
    powers = {e: e.base for e in s.body.atoms(sympy.Pow)
              if e.exp.is_Integer and e.exp > 1 and e.base.is_Symbol
              and is_indicator(s.leaves[slots_of(e.base)[0]])}
    return rebuilt(y, plus_leaves(s, substitute(s.body, powers), ())) if powers else None


def spread(y: Equation, network: Network) -> Tensor | None:
    """U ([i = j] - v) = [i = j] u - u v."""
    s = y.scheme
    if s.reduce != "none" or not s.body.is_Mul:
        return None
    sums = [f for f in s.body.args if f.is_Add and has_delta(f, s)]
    if len(sums) != 1:
        return None
    rest = sympy.Mul(*(f for f in s.body.args if f != sums[0]))
    if not indices(rest, s):
        return None
    return rebuilt(y, plus_leaves(s, sympy.Add(*(rest * t for t in sums[0].args)), ()))


def has_delta(total: sympy.Expr, s: Scheme) -> bool:
    """Whether a term of a sum has the equality of two indices as a factor."""
    return any(f.is_Symbol and _is_delta(s.leaves[slots_of(f)[0]])
               for t in total.args for f in sympy.Mul.make_args(t))


def _is_delta(x: Leaf) -> bool:
    return is_indicator(x) and _is_equality(x.mask)


def _is_equality(mask: Conjunction) -> bool:
    """Whether a mask says that pairs of indices are equal."""
    return bool(mask) and all(
        g.relation == "==" and len(g.form.indices) == 2 and not g.reads for g in mask)


RULES = (
    Rule("choice as a guard", "the choice is a factor of what is summed, and 0 where the "
         "condition doesn't hold", "a choice less", choice_as_guard),
    Rule("indicator", "the value is in range and finite where the condition doesn't hold",
         "a choice less", unmask),
    Rule("delta as a factor", "the entry is in range where the indices differ, too",
         "a mask less", delta_factor),
    Rule("indicator power", "a condition's indicator has a power", "a power less",
         indicator_power),
    Rule("delta apart", "a factor is a sum in which a delta stands", "a sum of products "
         "has fewer sums as factors", spread),
)
