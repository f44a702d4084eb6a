"""Inlining: reading an operand's definition in place of the operand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import sympy

from symdl.language.body import piecewise, rename, slot, slots_of, substitute
from symdl.language.bounds import nonnegative
from symdl.language.form import Form
from symdl.language.rebuild import replaced
from symdl.language.scheme import Access, Leaf, Scheme, Value, reads
from symdl.language.tensor import Equation, Tensor, transform


def inlinable(tensor: Tensor) -> bool:
    """Whether the tensor's entries are plain expressions of other entries."""
    return isinstance(tensor, Equation) and tensor.scheme.reduce == "none"


def is_view(tensor: Tensor) -> bool:
    """Whether the tensor only re-addresses another one."""
    return inlinable(tensor) and tensor.scheme.body.is_Symbol  # type: ignore[attr-defined]


def inlined(s: Scheme, k: int) -> Scheme:
    """Read leaf k by its definition.

    Under a guard or a mask the definition is read inside its domain only, and is 0 outside:
    a value that isn't chosen can't spoil the result. A product is 0 with an entry that reads 0.
    """
    leaf = s.leaves[k]
    assert isinstance(leaf, Access)
    assert isinstance(leaf.tensor, Equation)
    inner = leaf.tensor.scheme
    placed = inner.place(s.sizes, s.axes, leaf.index)
    domain = (*leaf.mask, *placed.guards)
    first = len(s.leaves)
    new: list[Leaf] = [replace(x, mask=(*x.mask, *domain)) if _reads(x) or body_is_leaf(inner)
                       else x for x in placed.leaves]
    body = rename(inner.body, {n: first + n for n in range(len(new))})
    if domain and not body_is_leaf(inner):
        inside = slot(first + len(new))
        new.append(Value(Form.of(1), domain))
        product = _is_product(inner) and all(
            isinstance(x, Access) or not _reads(x) for x in inner.leaves) and (
            slot(k) in sympy.Mul.make_args(s.body) or not _divides(placed))
        if not product:
            body = piecewise((body, inside > 0), (sympy.S.Zero, True))
        elif not any(f.is_Symbol and isinstance(inner.leaves[slots_of(f)[0]], Access)
                     for f in sympy.Mul.make_args(inner.body)):
            body = body * inside
    return replace(s, body=substitute(s.body, {slot(k): body}), leaves=(*s.leaves, *new))


def _reads(leaf: Leaf) -> bool:
    """Whether an entry of a tensor is looked at."""
    return isinstance(leaf, Access) or any(reads(f) for f in leaf.forms)


def body_is_leaf(s: Scheme) -> bool:
    """Whether the body is one leaf."""
    return bool(s.body.is_Symbol)


def _is_product(s: Scheme) -> bool:
    """Whether the body is a product that stays finite where its accesses read 0."""
    for factor in sympy.Mul.make_args(s.body):
        if isinstance(factor, sympy.exp):
            if not _is_finite_at_zero(factor.args[0], s):
                return False
            continue
        base, exponent = factor.as_base_exp()
        if base.is_Rational and exponent.is_Integer:
            continue
        if not base.is_Symbol or not exponent.is_Integer:
            return False
        if exponent < 0 and isinstance(s.leaves[slots_of(base)[0]], Access):
            return False
    return True


def _divides(s: Scheme) -> bool:
    """Whether a product divides by a value that may be 0 while its indices are in scope."""
    below = [s.leaves[slots_of(f)[0]] for f in sympy.Mul.make_args(s.body)
             if f.is_Pow and f.exp.is_negative and f.base.is_Symbol]
    return any(not isinstance(x, Value) or not nonnegative(x.form - 1, s.sizes) for x in below)


def _is_finite_at_zero(u: sympy.Expr, s: Scheme) -> bool:
    """Whether an expression is a polynomial of accesses."""
    accesses = [slot(k) for k in slots_of(u) if isinstance(s.leaves[k], Access)]
    return len(accesses) == len(slots_of(u)) and bool(u.is_polynomial(*accesses))


def inline_where(roots: Sequence[Tensor], wanted: Callable[[Tensor, Tensor], bool],
                 keep: Collection[Tensor] = ()) -> dict[Tensor, Tensor]:
    """Rebuild a program with each operand that is `wanted(reader, operand)` read in place.

    The tensors in `keep` stay tensors, rebuilt or not.
    """
    kept: set[Tensor] = set()

    def change(tensor: Tensor, new: dict[Tensor, Tensor]) -> Tensor:
        found = rebuild(tensor, new)
        if tensor in keep:
            kept.add(found)
        return found

    def rebuild(tensor: Tensor, new: dict[Tensor, Tensor]) -> Tensor:
        current = replaced(tensor, new)
        if not isinstance(current, Equation) or not isinstance(tensor, Equation):
            return current
        scheme = current.scheme
        while True:
            k = next((k for k in slots_of(scheme.body)
                      if _operand(scheme.leaves[k]) not in kept
                      and _wanted(scheme.leaves[k], current, wanted)), None)
            if k is None:
                break
            scheme = inlined(scheme, k)
        return current if scheme is current.scheme else (
            Equation.make(scheme, current.dtype, current.name))

    return transform(roots, change)  # type: ignore[arg-type]


def _operand(leaf: Leaf) -> Tensor | None:
    return leaf.tensor if isinstance(leaf, Access) else None


def _wanted(leaf: Leaf, reader: Tensor, wanted: Callable[[Tensor, Tensor], bool]) -> bool:
    return isinstance(leaf, Access) and inlinable(leaf.tensor) and wanted(reader, leaf.tensor)
