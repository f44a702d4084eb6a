"""Which tensors are at least 0 by their form or by what was declared of their inputs."""

from __future__ import annotations

from typing import Any

import sympy

from symdl.algebra.facts import NONNEGATIVE, holds
from symdl.language.body import slots_of
from symdl.language.scheme import Leaf, Value
from symdl.language.tensor import Equation, Tensor


def is_nonnegative(t: Tensor) -> bool:
    """Whether no entry is negative: sums and products of entries that are not."""
    if not isinstance(t, Equation):
        return holds(t, *NONNEGATIVE)
    s = t.scheme
    return s.reduce in ("none", "sum") and _is_nonnegative(s.body, s.leaves)


def _is_nonnegative(e: Any, leaves: tuple[Leaf, ...]) -> bool:
    if e.is_Symbol:
        leaf = leaves[slots_of(e)[0]]
        return not leaf.form.indices if isinstance(leaf, Value) else is_nonnegative(leaf.tensor)
    if e.is_Pow and e.exp.is_Rational:
        return bool(e.exp.is_even) or _is_nonnegative(e.base, leaves)
    if isinstance(e, (sympy.Add, sympy.Mul)):
        return all(_is_nonnegative(a, leaves) for a in e.args)
    return bool(e.is_number and e.is_nonnegative) or isinstance(e, (sympy.exp, sympy.Abs))
