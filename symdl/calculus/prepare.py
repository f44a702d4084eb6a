"""What a program goes through before it is differentiated.

A branch that isn't taken can't spoil a gradient: an elementwise definition whose derivative
may be singular is read in place under the Piecewise that guards it, and with it what lies between.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import sympy

from symdl.calculus.finite import singular
from symdl.language.body import slots_of, strong_factor
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
    return bool(body.has(sympy.Max, sympy.Min)) or any(
        strong_factor(node) is None for node in body.atoms(sympy.Piecewise))


def compared(reader: Equation) -> set[Tensor]:
    """The tensors that decide which branch is taken."""
    s = reader.scheme
    deciding = [when for node in s.body.atoms(sympy.Piecewise) for _, when in node.args]
    deciding += s.body.atoms(sympy.Max, sympy.Min)
    used = {k for when in deciding for k in slots_of(when)}
    return {x.tensor for k in used if isinstance(x := s.leaves[k], Access)}
