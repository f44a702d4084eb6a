"""A claim's left side said in a peer's own terms.

The formulas of the claims are this repository's own data; as their referee does, a peer evaluates
them as Python, over objects of its own in place of arrays.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from tests.formulas.referee import Claim

Names = Mapping[str, Any]


def left_side(c: Claim, variables: Names, vocabulary: Names) -> Any:
    """The left side over a peer's variables and functions; an unknown name raises NameError."""
    scope = {**compositions(vocabulary), **vocabulary, **variables}
    for name, definition in needed(c).items():
        scope[name] = eval(definition, scope)
    return eval(c["lhs"], scope)


def needed(c: Claim) -> dict[str, str]:
    """The named intermediates that the left side reads, in their order."""
    wanted, found = _names(c["lhs"]), {}
    for name, definition in reversed(c.get("let", {}).items()):
        if name in wanted:
            found[name] = definition
            wanted |= _names(definition)
    return dict(reversed(found.items()))


def _names(text: str) -> set[str]:
    tree = ast.parse(text, mode="eval")
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def compositions(v: Names) -> dict[str, Callable[..., Any]]:
    """What a peer has no function for, said by the functions that it has."""
    def softmax(z: Any, axis: int = -1) -> Any:
        return v["exp"](z) / v["sum"](v["exp"](z), axis, True)

    def gaussian(x: Any, m: Any, s: Any) -> Any:
        return v["exp"](-(x - m) @ v["inv"](s) @ (x - m) / 2) / v["sqrt"](v["det"](2 * v["pi"] * s))

    return {
        "sig": lambda z: 1 / (1 + v["exp"](-z)),
        "softplus": lambda z: v["log"](1 + v["exp"](z)),
        "softmax": softmax,
        "lse": lambda z: v["log"](v["sum"](v["exp"](z))),
        "logdet": lambda a: v["log"](v["det"](a)),
        "norm": lambda x: v["sqrt"](v["sum"](x**2)),
        "npdf": lambda x, m, s: v["exp"](-(x - m)**2 / (2 * s)) / v["sqrt"](2 * v["pi"] * s),
        "mvn": gaussian,
    }
