"""The values of options: numbers, truth values and tuples of numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from symdl.language.syntax.errors import Refusal
from symdl.language.syntax.limits import OPTION
from symdl.language.syntax.tree import Name, Node, Number, Tuple, Unary

WORDS = {"true": True, "True": True, "false": False, "False": False, "none": None, "None": None}


def option(key: str, node: Node) -> Any:
    """The value of an option: an int, a Fraction, a bool, None, or a tuple of these.

    Raises
    ------
    Refusal
        If it is anything else, or too large.
    """
    if isinstance(node, Number):
        value = Fraction(node.text)
        if value > OPTION:
            raise Refusal(f"{key} is at most {OPTION}", node)
        return int(value) if value.denominator == 1 else value
    if isinstance(node, Unary) and node.op == "-" and isinstance(node.operand, Number):
        return -option(key, node.operand)
    if isinstance(node, Tuple):
        return tuple(option(key, x) for x in node.items)
    if isinstance(node, Name) and node.name in WORDS:
        return WORDS[node.name]
    raise Refusal(f"{key} takes a number, e.g. {key}=1", node)
