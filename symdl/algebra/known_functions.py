"""Inverses and determinants of inverses, exponentials and Kronecker products."""

from __future__ import annotations

from dataclasses import replace

import sympy

from symdl.algebra.bodies import equation
from symdl.algebra.factoring import independent
from symdl.algebra.matrices import inverse_of
from symdl.algebra.terms import Term
from symdl.language.body import rename, slot, slots_of
from symdl.language.elementwise import as_tensor, mapped
from symdl.language.form import Atom, Form, Quotient, Remainder, quotient
from symdl.language.functions.products import kron
from symdl.language.linalg import det, expm, inv, logdet
from symdl.language.owners import Application
from symdl.language.primitives.base import Primitive
from symdl.language.primitives.det import Det
from symdl.language.primitives.expm import Expm
from symdl.language.primitives.inv import Inv
from symdl.language.primitives.logdet import Logdet
from symdl.language.reductions import trace
from symdl.language.scheme import Scheme
from symdl.language.shaping import at
from symdl.language.tensor import Part, Tensor


def of_function(primitive: Primitive, a: Tensor) -> Tensor | None:
    """(A⁻¹)⁻¹ = A, det A⁻¹ = 1/det A, det e^A = e^(tr A), (e^A)⁻¹ = e^(-A) (Higham, 2008, 10.1)."""
    base = inverse_of(a)
    if base is not None:
        if isinstance(primitive, Inv):
            return base
        return 1 / det(base) if isinstance(primitive, Det) else -logdet(base)
    if isinstance(a, Part) and isinstance(a.owner, Application) and isinstance(
            a.owner.primitive, Expm) and a.ndim == 2:
        (exponent,) = a.owner.operands
        if isinstance(primitive, Inv):
            return expm(-exponent)
        total = trace(exponent)
        return total if isinstance(primitive, Logdet) else mapped(sympy.exp(slot(0)), [total])
    return None


def of_kronecker(primitive: Primitive, t: Term) -> Tensor | None:
    """(A ⊗ B)⁻¹ = A⁻¹ ⊗ B⁻¹, det(A ⊗ B) = det(A)^q det(B)^p for A of p and B of q rows.

    (Petersen & Pedersen, The Matrix Cookbook, 2012, section 10.2.)
    """
    found = kronecker_factors(t)
    if found is None or any(x.shape[0] != x.shape[1] for x in found):
        return None
    a, b = found
    if isinstance(primitive, Inv):
        return kron(inv(a), inv(b)) / as_tensor(t.number)
    p, q = (x.shape[0].constant for x in found)
    if not isinstance(primitive, Det) or p is None or q is None:
        return None
    return det(a) ** q * det(b) ** p * as_tensor(t.number ** (p * q))


def kronecker_factors(t: Term) -> tuple[Tensor, Tensor] | None:
    """A and B of a product A[i // q, j // q] B[i % q, j % q]."""
    s = t.scheme
    if s.axes != 2 or s.guards or s.reduce not in ("none", "sum"):
        return None
    sizes = [_divisor(s, k) for k in range(2)]
    if None in sizes:
        return None
    q = [n for n in sizes if n is not None]
    p = [quotient(s.sizes[k], n) for k, n in enumerate(q)]
    if any(p[k] * n != s.sizes[k] for k, n in enumerate(q)):
        return None
    left, right = sympy.S.One, sympy.S.One
    bound: list[frozenset[int]] = [frozenset(), frozenset()]
    for body, over in independent(s):
        kinds = {type(a) for k in slots_of(body) for f in s.leaves[k].forms for a in f.all_atoms
                 if isinstance(a, (Quotient, Remainder))}
        if len(kinds) > 1:
            return None
        second = kinds == {Remainder}
        left, right = (left, right * body) if second else (left * body, right)
        bound[second] |= over
    return (_factor(s, left, bound[0], p, [Quotient(at(k), n) for k, n in enumerate(q)]),
            _factor(s, right, bound[1], q, [Remainder(at(k), n) for k, n in enumerate(q)]))


def _divisor(s: Scheme, axis: int) -> Form | None:
    """The q of an axis that is read as i // q and i % q only."""
    found = {a.inner[1] for x in s.leaves for f in x.forms for a in f.all_atoms
             if isinstance(a, (Quotient, Remainder)) and a.inner[0] == at(axis)}
    plain = any(at(axis).atom in f.atoms for x in s.leaves for f in x.forms)
    return found.pop() if len(found) == 1 and not plain else None


def _factor(s: Scheme, body: sympy.Expr, over: frozenset[int], shape: list[Form],
            places: list[Atom]) -> Tensor:
    """A factor over its own two axes."""
    used = slots_of(body)
    own: dict[Atom, Form] = {a: at(k) for k, a in enumerate(places)}
    kept = sorted(over)
    moves = [at(k) if k < 2 else at(2 + kept.index(k)) if k in over else at(0)
             for k in range(len(s.sizes))]
    bare = replace(s, body=rename(body, {n: m for m, n in enumerate(used)}),
                   leaves=tuple(s.leaves[n] for n in used)).substitute(own)
    moved = bare.place([*shape, *(s.sizes[k] for k in kept)], 2, moves)
    return equation(replace(moved, reduce="sum" if kept else "none"))
