"""Sides brought into a shape that proofs find easier; each change is an identity.

Choices have one way of being written, functions of a binary number are linear in it, and what
both sides compute alike becomes an input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sympy

from symdl.algebra.normal import normal_form
from symdl.language import operators as op
from symdl.language.body import rebuild, slot, slots_of, substitute
from symdl.language.form import Atom, Form, Idx
from symdl.language.owners import Application
from symdl.language.primitives.det import Det
from symdl.language.primitives.expm import Expm
from symdl.language.primitives.inv import Inv
from symdl.language.primitives.logdet import Logdet
from symdl.language.primitives.pinv import Pinv
from symdl.language.primitives.sqrtm import Sqrtm
from symdl.language.rebuild import replaced, rewired
from symdl.language.scheme import Access, Scheme
from symdl.language.tensor import Equation, Part, Tensor, Variable, topological, transform


def prepared(roots: Sequence[Tensor]) -> list[Tensor]:
    """The roots with choices and functions of binary numbers in one way of writing."""
    def change(t: Tensor, new: Mapping[Tensor, Tensor]) -> Tensor:
        if not isinstance(t, Equation):
            return _evaluated(replaced(t, new))
        s = t.scheme.retensor(lambda x: new.get(x, x))
        s = _linear_in_binary(replace(s, body=_one_way(s.body)))
        return Equation.make(s, t.dtype, t.name)

    roots = _with_full_rank(_rooted(roots))
    at = transform(list(roots), change)
    return [at[r] for r in roots]


def _evaluated(t: Tensor) -> Tensor:
    """A matrix function at a matrix where it is known."""
    if not isinstance(t, Part) or not isinstance(t.owner, Application):
        return t
    primitive, a = t.owner.primitive, t.owner.operands[0]
    if isinstance(primitive, Det) and isinstance(a, Part) and isinstance(a.owner, Application) and (
            isinstance(a.owner.primitive, Expm)):
        return op.exp(op.trace(a.owner.operands[0]))  # type: ignore[no-any-return]  # Jacobi: det exp(A) = exp(tr A)
    value = _AT_IDENTITY.get(type(primitive))
    if value is None or a.ndim != 2 or normal_form(a) is not normal_form(op.eye(a.shape[0])):
        return t
    return op.eye(a.shape[0]) if isinstance(primitive, Inv) else op.full((), value)


_AT_IDENTITY: Mapping[type, int] = {Inv: 1, Det: 1, Logdet: 0}


def _rooted(roots: Sequence[Tensor]) -> list[Tensor]:
    """A positive definite input S of which sqrtm(S) is read as R R, with R = sqrtm(S)."""
    new: dict[Tensor, Tensor] = {}
    for t in topological(list(roots)):
        if isinstance(t, Part) and isinstance(t.owner, Application) and isinstance(
                t.owner.primitive, Sqrtm):
            (s,) = t.owner.operands
            if isinstance(s, Variable) and "positive_definite" in s.facts:
                root = Variable.make(f"sqrtm_{s.name}", s.shape, s.dtype,
                                     frozenset({"positive_definite"}))
                new |= {t: root, s: root @ root}
    return list(rewired(roots, new)) if new else list(roots)


def _with_full_rank(roots: Sequence[Tensor]) -> list[Tensor]:
    """pinv(P) = Pᵀ (P Pᵀ)⁻¹ or (Pᵀ P)⁻¹ Pᵀ, where a side is defined only if that inverse is."""
    tensors = topological(list(roots))
    inverted = {t.owner.operands[0] for t in tensors if isinstance(t, Part) and isinstance(
        t.owner, Application) and isinstance(t.owner.primitive, (Inv, Logdet))}
    new: dict[Tensor, Tensor] = {}
    for t in tensors:
        if isinstance(t, Part) and isinstance(t.owner, Application) and isinstance(
                t.owner.primitive, Pinv) and t.owner.operands[0].ndim == 2:
            (p,) = t.owner.operands
            wide, tall = p @ p.T, p.T @ p
            if wide in inverted:
                new[t] = p.T @ op.inv(wide)
            elif tall in inverted:
                new[t] = op.inv(tall) @ p.T
    return list(rewired(roots, new)) if new else list(roots)


def _one_way(body: sympy.Expr) -> sympy.Expr:
    """A choice on u <= 0 as one on u > 0, and sign(u) / |u| as 1 / u."""
    if not body.has(sympy.Piecewise, sympy.sign):
        return body

    def read(e: Any) -> Any:
        if not e.args:
            return e
        e = rebuild(e, [read(a) for a in e.args])
        if isinstance(e, sympy.Piecewise) and len(e.args) == 2:
            (value, condition), (other, _) = e.args
            turned = _TURNED.get(type(condition))
            if turned is not None:
                return sympy.Piecewise((other, turned(condition.lhs, condition.rhs)),
                                       (value, True))
        return _without_sign(e) if isinstance(e, sympy.Mul) else e

    return read(body)


_TURNED: Mapping[type, Callable[..., Any]] = {
    sympy.LessThan: sympy.StrictGreaterThan, sympy.StrictLessThan: sympy.GreaterThan,
    sympy.Unequality: sympy.Equality}


def _without_sign(e: sympy.Mul) -> sympy.Expr:
    """The product with sign(u)/|u| = 1/u, which are undefined at u = 0 both."""
    factors = dict(f.as_base_exp() for f in e.args)
    for base in [b for b in factors if isinstance(b, sympy.sign) and factors[b] == 1]:
        u = base.args[0]
        if factors.get(sympy.Abs(u), 0) == -1:
            return sympy.Mul(1 / u, *(f for f in e.args if f not in (base, 1 / sympy.Abs(u))))
    return e


def _linear_in_binary(s: Scheme) -> Scheme:
    """With b in {0, 1}: f(b) = b f(1) + (1 - b) f(0), for what isn't a polynomial in b."""
    for k in slots_of(s.body):
        found = _binary(s.leaves[k]) if isinstance(s.leaves[k], Access) else None
        if found is None or s.body.is_polynomial(slot(k)):
            continue
        b, ends = found
        new = slot(len(s.leaves))
        zero, one = (substitute(s.body, {slot(k): e}) for e in ends)
        if zero.has(*_NOWHERE) or one.has(*_NOWHERE):
            continue
        s = replace(s, body=new * one + (1 - new) * zero, leaves=(*s.leaves, b))
    return s


def _binary(x: Any) -> tuple[Access, tuple[sympy.Expr, sympy.Expr]] | None:
    """The binary entry that a leaf is a function of, and its values for 0 and 1."""
    if x.mask:
        return None
    if isinstance(x.tensor, Variable):
        return (x, (sympy.S.Zero, sympy.S.One)) if x.tensor.facts & _BINARY else None
    if not isinstance(x.tensor, Equation) or x.tensor.scheme.reduce != "none":
        return None
    s = x.tensor.scheme
    if s.guards or len(slots_of(s.body)) != 1 or len(s.leaves) != 1:
        return None
    (leaf,) = s.leaves
    if not isinstance(leaf, Access) or leaf.mask or not isinstance(leaf.tensor, Variable) or not (
            leaf.tensor.facts & _BINARY):
        return None
    place: dict[Atom, Form] = {Idx(k): f for k, f in enumerate(x.index)}
    inner = replace(leaf, index=tuple(f.substitute(place) for f in leaf.index))
    return inner, (substitute(s.body, {slot(0): sympy.S.Zero}),
                   substitute(s.body, {slot(0): sympy.S.One}))


_BINARY = frozenset({"binary", "one_hot"})
_NOWHERE = (sympy.zoo, sympy.nan, sympy.oo, -sympy.oo)


def with_cuts(left: Tensor, right: Tensor) -> tuple[Tensor, Tensor] | None:
    """The sides over new inputs for the sums that both compute; None if there are none.

    What is equal for all values of the new inputs is equal for those that the sums have. tanh of
    a new input is one, too, so that 1 - tanh² stays a polynomial.
    """
    mine = {t for t in topological([left]) if _is_sum(t)}
    shared = {t: Variable.make(f"z_{t.digest.hex()[:8]}", t.shape)
              for t in topological([right]) if t in mine and t is not left and t is not right}
    if not shared:
        return None
    curves: dict[Tensor, Variable] = {
        z: Variable.make(f"tanh_{z.name}", z.shape) for z in shared.values()}

    def change(t: Tensor, new: Mapping[Tensor, Tensor]) -> Tensor:
        if t in shared:
            return shared[t]
        out = replaced(t, new)
        return _with_curves(out, curves) if isinstance(out, Equation) else out

    at = transform([left, right], change)
    return at[left], at[right]


def _is_sum(t: Tensor) -> bool:
    return isinstance(t, Equation) and t.scheme.reduce == "sum" and t.dtype == "real"


def _with_curves(t: Equation, curves: Mapping[Tensor, Variable]) -> Tensor:
    s = t.scheme
    for e in s.body.atoms(sympy.tanh):
        x = s.leaves[slots_of(e.args[0])[0]] if e.args[0].is_Symbol else None
        if isinstance(x, Access) and x.tensor in curves:
            s = replace(s, body=s.body.xreplace({e: slot(len(s.leaves))}),
                        leaves=(*s.leaves, replace(x, tensor=curves[x.tensor])))
    return t if s is t.scheme else Equation.make(s, t.dtype, t.name)
