"""What a program goes through before it is differentiated.

A branch that isn't taken can't spoil a gradient: an elementwise definition whose derivative
may be singular is read in place under the Piecewise that guards it.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from symdl.language.inline import inline_where
from symdl.language.tensor import Equation, Tensor


def prepared(roots: Sequence[Tensor], keep: Sequence[Tensor]) -> dict[Tensor, Tensor]:
    """The map from a program's tensors to those to differentiate; `keep` stay tensors."""

    def wanted(reader: Tensor, operand: Tensor) -> bool:
        return (isinstance(reader, Equation) and isinstance(operand, Equation)
                and chooses(reader.scheme.body) and singular(operand.scheme.body))

    return inline_where(roots, wanted, set(keep))


def chooses(body: sympy.Expr) -> bool:
    """Whether the body takes one of several branches."""
    return bool(body.has(sympy.Piecewise, sympy.Max, sympy.Min))


def singular(body: sympy.Expr) -> bool:
    """Whether the body or its derivative can be infinite at a finite point."""
    return any(
        (node.is_Pow and not (node.exp.is_Integer and node.exp >= 0))
        or isinstance(node, _SINGULAR)
        for node in sympy.preorder_traversal(body)
    )


_SINGULAR = (sympy.log, sympy.loggamma, sympy.gamma, sympy.polygamma, sympy.tan, sympy.asin,
             sympy.acos, sympy.acosh, sympy.atanh)
