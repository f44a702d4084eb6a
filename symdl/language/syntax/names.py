"""Names that mean something, and what a mistaken one may have meant."""

from __future__ import annotations

from collections.abc import Container, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

import sympy

from symdl.language.syntax import functions
from symdl.language.syntax.declarations import Declarations
from symdl.language.syntax.errors import Refusal
from symdl.language.syntax.tree import Call, Derivative, Name, Node, postorder

CONSTANTS: Mapping[str, Any] = MappingProxyType({"e": sympy.E, "pi": sympy.pi, "π": sympy.pi})
"""Numbers by name, unless a tensor of that name is declared."""
IDENTITY = "eye"
"""The identity matrix, of the size that fits."""


def check_names(root: Node, known: Container[str], stated: Declarations) -> None:
    """Refuse a name that is nearly another one, and a name used as what it isn't.

    Raises
    ------
    Refusal
        With the nearest name.
    """
    used = {n.name for n in postorder(root) if isinstance(n, Name)}
    for node in postorder(root):
        if isinstance(node, Call):
            _check_call(node, stated, used)
        elif isinstance(node, Name) and node.name not in stated and node.name in known:
            _check_guess(node, stated)
        if isinstance(node, Derivative):
            _check_variables(node, stated)


def _check_call(node: Call, stated: Declarations, used: set[str]) -> None:
    if node.function in functions.names():
        return
    if (node.function in stated or node.function in used) and len(node.args) == 1:
        raise Refusal(f"{node.function} is a tensor, not a function. Did you mean "
                      f"{node.function}*(...)?", node)


def _check_guess(node: Name, stated: Declarations) -> None:
    near = get_close_matches(node.name, stated, 1, 0.7) if len(node.name) > 2 else []
    if near:
        raise Refusal(f"{node.name} isn't declared. Did you mean {near[0]}?", node)
    if node.name in functions.names():
        raise Refusal(f"{node.name} is a function: write {node.name}(...)", node)


def _check_variables(node: Derivative, stated: Declarations) -> None:
    inside = {n.name for n in postorder(node.body) if isinstance(n, Name)}
    for v in node.variables:
        if v.name not in inside and v.name not in stated:
            near = get_close_matches(v.name, inside, 1, 0.5) or sorted(inside)[:1]
            hint = f". Did you mean d{near[0]}?" if near else ""
            raise Refusal(f"{v.name} doesn't occur in what is differentiated{hint}", v)
