"""What a program goes through before it is differentiated.

A branch that isn't taken can't spoil a gradient: an elementwise definition whose derivative
may be singular is read in place under the Piecewise that guards it, and with it what lies between.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import sympy

from symdl.language.body import slots_of
from symdl.language.inline import inlinable, inline_where
from symdl.language.scheme import Access
from symdl.language.tensor import Equation, Tensor

REACH = 12
"""How many elementwise definitions may lie between a Piecewise and a singular one."""


def prepared(roots: Sequence[Tensor], keep: Sequence[Tensor]) -> dict[Tensor, Tensor]:
    """The map from a program's tensors to those to differentiate; `keep` stay tensors."""

    @cache
    def leads(t: Tensor, reach: int) -> bool:
        """Whether a definition is singular, or reads one that is."""
        if not isinstance(t, Equation) or not inlinable(t):
            return False
        reads = dict.fromkeys(x.tensor for x in t.scheme.leaves if isinstance(x, Access))
        return singular(t.scheme.body) or (
            reach > 0 and any(leads(x, reach - 1) for x in reads))

    def wanted(reader: Tensor, operand: Tensor) -> bool:
        return (isinstance(reader, Equation) and isinstance(operand, Equation)
                and chooses(reader.scheme.body)
                and leads(operand, 0 if operand in compared(reader) else REACH))

    return inline_where(roots, wanted, set(keep))


def chooses(body: sympy.Expr) -> bool:
    """Whether the body takes one of several branches."""
    return bool(body.has(sympy.Piecewise, sympy.Max, sympy.Min))


def compared(reader: Equation) -> set[Tensor]:
    """The tensors that decide which branch is taken."""
    s = reader.scheme
    deciding = [when for node in s.body.atoms(sympy.Piecewise) for _, when in node.args]
    deciding += s.body.atoms(sympy.Max, sympy.Min)
    used = {k for when in deciding for k in slots_of(when)}
    return {x.tensor for k in used if isinstance(x := s.leaves[k], Access)}


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
