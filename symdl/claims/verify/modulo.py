"""Claims up to a constant and up to an order, as equalities."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from symdl.calculus.gradient import grad
from symdl.calculus.jacobian import jacobian
from symdl.calculus.kinks import kinks
from symdl.claims.verify.statement import Statement
from symdl.language.errors import SymdlError
from symdl.language.operators import full
from symdl.language.rebuild import rewired
from symdl.language.tensor import Tensor

_CONSTANT = re.compile(r"(?:additive )?constant(?: in (?P<names>.+))?$")
_ORDER = re.compile(r"O\((?P<name>\w+)(?:\^(?P<order>\d+))?\)$")
MOST = 6


def equalities(statement: Statement, modulo: str) -> list[tuple[str, Statement]]:
    """What has to be equal for the sides to be equal up to something.

    Parameters
    ----------
    statement : Statement
    modulo : str
        `constant in x, y`: the derivatives in x and y are equal, so the difference is constant on
        every connected part of where both sides are defined. `O(eps^k)`: the values at eps = 0
        are equal, and so are the derivatives in eps below the k-th.

    Returns
    -------
    list of (str, Statement)
        Each with what it is about.

    Raises
    ------
    SymdlError
        For anything else.
    """
    constant, order = _CONSTANT.match(modulo), _ORDER.match(modulo.replace(" ", ""))
    if statement.relation != "=" or not (constant or order):
        raise SymdlError(f"up to {modulo}: an equality may hold up to O(eps^2) or up to "
                         "constant in x")
    left, right = statement.sides()
    if kinks(left) or kinks(right):
        raise SymdlError(f"up to {modulo}: a side has a kink, across which derivatives say nothing")
    if constant:
        names = re.split(r"\s*,\s*|\s+and\s+", constant["names"]) if constant["names"] else [
            v.name or "" for v in statement.inputs() if v.dtype == "real"]
        return [(f"the derivatives in {name}", Statement(left, (x,), _derivative(right, x)))
                for name, x in ((name, _input(statement, name)) for name in names)]
    assert order is not None
    eps, count = _input(statement, order["name"]), int(order["order"] or 1)
    if eps.ndim or count > MOST:
        raise SymdlError(f"up to {modulo}: the order is that of a scalar, at most {MOST}")
    out, zero = list[tuple[str, Statement]](), {eps: full((), 0)}
    for k in range(count):
        one, other = rewired([left, right], dict(zero))
        said = f"the coefficients of {order['name']}^{k}" if k else f"the values at {eps.name} = 0"
        out.append((said, replace(statement, function=one, variables=(), right=other, at=())))
        left, right = _derivative(left, eps), _derivative(right, eps)
    return out


def _input(statement: Statement, name: str) -> Tensor:
    found = {v.name: v for v in statement.inputs()}
    if name not in found:
        raise SymdlError(f"{name} is no input of the claim")
    return found[name]


def _derivative(y: Tensor, x: Tensor) -> Tensor:
    found: Any = jacobian(y, x) if y.ndim else grad(y, x)
    assert isinstance(found, Tensor)
    return found
