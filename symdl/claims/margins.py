"""What must be positive for an expression to be defined: arguments of log and roots, divisors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sympy

from symdl.calculus.kinks import at_each_term, definitions, varying
from symdl.calculus.prepare import prepared
from symdl.language.linalg import det
from symdl.language.owners import Application
from symdl.language.primitives.logdet import Logdet
from symdl.language.tensor import Equation, Part, Tensor

_ARGUMENTS: dict[type, Callable[[Any], Any]] = {
    sympy.log: lambda u: u,
    sympy.loggamma: lambda u: u,
    sympy.gamma: lambda u: u,
    sympy.asin: lambda u: 1 - u**2,
    sympy.acos: lambda u: 1 - u**2,
    sympy.atanh: lambda u: 1 - u**2,
    sympy.acosh: lambda u: u - 1,
    sympy.tan: lambda u: sympy.Abs(sympy.cos(u)),
}


def margins(root: Tensor) -> tuple[Tensor, ...]:
    """Return tensors whose entries are positive where an expression and its derivatives exist.

    Parameters
    ----------
    root : Tensor
        The expression. What stands in a branch of a Piecewise, or is read there only, is left
        out, since the branch guards it.

    Returns
    -------
    tuple of Tensor
        Such as u for log(u), 1 - u^2 for asin(u), |u| for 1/u and det A for logdet A.
    """
    root = prepared([root], [])[root]
    moves = varying([root])
    found: dict[Tensor, None] = {}
    for _, definition in definitions([root]):
        if isinstance(definition, Equation):
            s = definition.scheme
            for u in _positive(s.body):
                margin = at_each_term(s, u, moves)
                if margin is not None:
                    found[margin] = None
        elif isinstance(definition, Part) and _is_logdet(definition):
            found[det(definition.operands[0])] = None
    return tuple(found)


def _is_logdet(part: Part) -> bool:
    return isinstance(part.owner, Application) and isinstance(part.owner.primitive, Logdet)


def _positive(body: Any) -> Iterator[sympy.Expr]:
    """Yield what must be positive in a body, unless SymPy knows that it is."""
    if isinstance(body, sympy.Piecewise):
        return
    for u in _at_head(body):
        if not u.is_positive:
            yield u
    for arg in body.args:
        yield from _positive(arg)


def _at_head(node: Any) -> Iterator[sympy.Expr]:
    rule = next((rule for head, rule in _ARGUMENTS.items() if isinstance(node, head)), None)
    if rule is not None:
        yield rule(node.args[0])
    elif isinstance(node, sympy.polygamma):
        yield node.args[1]
    elif isinstance(node, sympy.Pow) and not node.exp.is_Integer:
        yield node.base
    elif isinstance(node, sympy.Pow) and node.exp.is_negative:
        yield sympy.Abs(node.base)
