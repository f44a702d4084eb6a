"""Which factors are positive, or at least 0, by their form or by what was declared of inputs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy

from symdl.algebra.facts import NONNEGATIVE, holds
from symdl.algebra.masks import is_positive
from symdl.algebra.terms import Sizes, Term
from symdl.language.body import slot, slots_of
from symdl.language.form import Form
from symdl.language.scheme import Access, Leaf, Scheme, Value
from symdl.language.sizes import dims_of
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


def is_positive_factor(b: sympy.Expr, s: Scheme) -> bool:
    """Whether a factor of a product is surely positive."""
    if b.is_Number:
        return bool(b.is_positive)
    leaf = s.leaves[slots_of(b)[0]]
    if isinstance(leaf, Value):
        return not leaf.mask and not leaf.form.indices
    filled = replace(s, sizes=(*s.sizes, *map(Form.of, dims_of([leaf.tensor]))))
    return not leaf.mask and is_positive(leaf.tensor, filled)


def may_have_a_log(b: sympy.Expr, s: Scheme) -> bool:
    """Whether a factor is positive wherever it isn't 0."""
    leaf = s.leaves[slots_of(b)[0]] if b.is_Symbol else None
    return is_positive_factor(b, s) or (isinstance(leaf, Access) and is_nonnegative(leaf.tensor))


def is_positive_leaf(leaf: Access, sizes: Sizes) -> bool:
    """Whether an entry is positive wherever it isn't 0."""
    return may_have_a_log(slot(0), Term.of(sympy.S.One, sizes, leaf).scheme)
