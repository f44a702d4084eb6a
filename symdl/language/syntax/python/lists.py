"""Lists in a formula: arrays entry by entry, and sums of what a comprehension runs through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np

from symdl.language import operators as op
from symdl.language.form import Form
from symdl.language.syntax.errors import Refusal
from symdl.language.tensor import Tensor

Value = Any  # a tensor, a size, an exact number, a list or tuple of these, a text, a function


@dataclass(frozen=True)
class Kept:
    """An item of a comprehension whose condition depends on data: it counts where that holds."""

    value: Value
    condition: Tensor


def operand(x: Value) -> Any:
    """What an operator takes: a tensor, a size or a number; a list as an array."""
    if isinstance(x, (list, tuple)):
        return stacked(x)
    if isinstance(x, Kept):
        raise Refusal("which items are kept depends on data: only sum can take them")
    if isinstance(x, (Tensor, Form, int, Fraction)):
        return x
    raise Refusal(f"{_said(x)} is no array")


def _said(x: Value) -> str:
    return repr(x) if isinstance(x, (str, slice)) or x is None else f"a {type(x).__name__}"


def stacked(items: Sequence[Value]) -> Tensor:
    """An array of nested lists; of numbers alone a constant."""
    if not items:
        raise Refusal("an empty list has no shape")
    if all(_is_number(x) for x in items):
        return op.as_tensor(np.array(_numbers(items)))
    parts = [op.as_tensor(operand(x)) for x in items]
    return op.stack(parts)


def _is_number(x: Value) -> bool:
    if isinstance(x, (list, tuple)):
        return all(map(_is_number, x))
    return isinstance(x, (int, Fraction)) and (not isinstance(x, Fraction) or _is_float(x))


def _is_float(x: Fraction) -> bool:
    """Whether the number survives as a float."""
    return Fraction(str(float(x))) == x


def _numbers(x: Value) -> Any:
    if isinstance(x, (list, tuple)):
        return [_numbers(i) for i in x]
    return float(x) if isinstance(x, Fraction) else x


def total(items: Sequence[Value], axis: Any) -> Any:
    """`sum` of a list: over its items, or over all entries."""
    if axis not in (None, 0):
        return op.sum(stacked(items), axis)
    terms = []
    for x in items:
        kept = isinstance(x, Kept)
        term = operand(x.value if kept else x)
        if kept:
            term = op.where(_spread(x.condition, term), term, 0)
        terms.append(op.sum(term) if axis is None else term)
    return reduce(op.add, terms) if terms else 0


def _spread(condition: Tensor, term: Any) -> Tensor:
    shape = op.as_tensor(term).shape
    return condition if condition.ndim or not shape else op.broadcast_to(condition, shape)


def product(items: Sequence[Value], axis: Any) -> Any:
    """`prod` of a list."""
    if axis not in (None, 0):
        return op.prod(stacked(items), axis)
    factors = [op.prod(operand(x)) if axis is None else operand(x) for x in items]
    return reduce(op.multiply, factors) if factors else 1
