"""A rule for sums of deviations from a mean."""

from __future__ import annotations

from functools import lru_cache

import sympy

from symdl.algebra.bodies import (
    entries,
    equation,
    indices,
    plus_leaves,
    powers,
    product,
    rebuilt,
    zero,
)
from symdl.algebra.normal import normal_form
from symdl.algebra.reading import in_place
from symdl.algebra.rule import Network, Rule
from symdl.language.body import slot
from symdl.language.rebuild import rewired
from symdl.language.scheme import Scheme
from symdl.language.tensor import Equation, Slot, Tensor, Variable


def deviations(y: Equation, network: Network) -> Tensor | None:
    """sum_r (a(r) + c (x[r] - m)) = sum_r a(r) where m is the mean of x."""
    s = y.scheme
    if s.reduce != "sum" or s.guards:
        return None
    if _vanishes(s.body, s):
        return rebuilt(y, zero(y))
    for k, x in entries(s):
        o = x.tensor
        if s.body != slot(k) or not isinstance(o, Equation) or o.scheme.reduce != "none" or (
                o.name is not None or o.scheme.guards):
            continue
        s = in_place(s, k)
    terms = sympy.Add.make_args(sympy.expand_mul(s.body))
    kept = [t for t in terms if not _vanishes(t, s)]
    return rebuilt(y, plus_leaves(s, sympy.Add(*kept), ())) if len(kept) < len(terms) else None


def _vanishes(term: sympy.Expr, s: Scheme) -> bool:
    """Whether the sum of a term is 0, whatever its factors that aren't summed."""
    _, found = powers(term)
    own = {b: e for b, e in found.items() if indices(b, s) & set(s.bound)}
    if len(own) != 1 or not _is_deviation(own, s):
        return False
    return _is_zero(equation(plus_leaves(s, product(own), ())))


def _is_deviation(own: dict[sympy.Expr, sympy.Expr], s: Scheme) -> bool:
    """Whether the one factor is a difference, or an entry that is defined by one."""
    ((base, e),) = own.items()
    if e != 1:
        return False
    if base.is_Add:
        return True
    tensors = [x.tensor for k, x in entries(s) if base == slot(k)]
    return any(isinstance(t, Equation) and t.scheme.reduce == "none" and (
        t.scheme.body.is_Add or any(f.is_Add for f in t.scheme.body.args) or any(
            isinstance(z.tensor, Equation) and z.tensor.scheme.body.is_Add
            for _, z in entries(t.scheme))) for t in tensors)


@lru_cache(maxsize=1 << 10)
def _is_zero(t: Tensor) -> bool:
    form = normal_form(shallow(t, _DEPTH), _STEPS)
    return isinstance(form, Equation) and form.scheme.body == 0


_DEPTH, _STEPS = 4, 120


def shallow(t: Tensor, depth: int) -> Tensor:
    """The program with inputs in place of what is more than so many definitions away."""
    level, near = [t], {t}
    for _ in range(depth):
        level = [x for y in level for x in y.operands if x not in near]
        near.update(level)
    edge = dict.fromkeys(x for y in level for x in y.operands if x not in near)
    stand_ins: dict[Tensor, Tensor] = {
        x: Slot.make(k, x.shape, x.dtype) for k, x in enumerate(edge)
        if not isinstance(x, Variable)}
    return rewired([t], stand_ins)[0]


RULES = (
    Rule("deviations", "what is left out sums to 0 by its normal form", "a term less",
         deviations),
)
