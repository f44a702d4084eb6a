"""Inverses and determinants of inverses, exponentials and Kronecker products."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from operator import mul

import sympy

from symdl.algebra.bodies import equation
from symdl.algebra.chains import chain
from symdl.algebra.determinants import lemma
from symdl.algebra.factoring import independent
from symdl.algebra.matrices import inverse_of
from symdl.algebra.terms import Term, Terms, note
from symdl.language.body import rename, slot, slots_of
from symdl.language.elementwise import as_tensor, mapped
from symdl.language.form import ZERO, Atom, Form, Quotient, Remainder, quotient
from symdl.language.functions.products import kron
from symdl.language.inline import is_view
from symdl.language.linalg import det, expm, inv, logdet
from symdl.language.owners import Application
from symdl.language.primitives.base import Primitive
from symdl.language.primitives.det import Det
from symdl.language.primitives.expm import Expm
from symdl.language.primitives.inv import Inv
from symdl.language.primitives.logdet import Logdet
from symdl.language.reductions import matmul, trace
from symdl.language.scheme import Access, Scheme
from symdl.language.shaping import at, swapaxes, view
from symdl.language.tensor import Equation, Part, Tensor


def another_form(primitive: Primitive, a: Tensor, terms: Terms) -> Tensor | None:
    """The function of a matrix in normal form by functions of others, where an identity says so."""
    if a.ndim > 2:
        return _of_one_matrix(primitive, a, terms)
    found, name = None, ""
    if len(terms) == 1:
        found, name = _of_product(primitive, a, terms[0]), "inverse or determinant of a product"
    if found is None and isinstance(primitive, (Det, Logdet)):
        found, name = lemma(primitive, a), "matrix determinant lemma"
    if found is not None:
        note(name)
    return found


def _of_one_matrix(primitive: Primitive, a: Tensor, terms: Terms) -> Tensor | None:
    """The function of the one matrix that a stack repeats."""
    lead = range(a.ndim - 2)
    if any(k in f.indices for t in terms for f in (*t.scheme.forms, *t.scheme.sizes) for k in lead):
        return None
    one = view(a, a.shape[-2:], [*(ZERO for _ in lead), at(0), at(1)])
    (value,) = Application(primitive, (one,)).outputs()
    shape = (*a.shape[:-2], *value.shape)
    return view(value, shape, [at(len(lead) + k) for k in range(value.ndim)])


def _of_product(primitive: Primitive, a: Tensor, t: Term) -> Tensor | None:
    """(c A B)⁻¹ = B⁻¹ A⁻¹ / c and det(c A B) = cⁿ det(A) det(B) for square A and B."""
    if not isinstance(primitive, (Inv, Det, Logdet)):
        return None
    found = chain(t)
    if found is None:
        return of_kronecker(primitive, t)
    (c, matrices), n = found, a.shape[0]
    plain = isinstance(c, Equation) and c.scheme.body == 1
    if plain and len(matrices) == 1:
        return of_function(primitive, matrices[0])
    if isinstance(primitive, Inv):
        return reduce(matmul, map(inv, reversed(matrices))) / c
    number = c.scheme.body if isinstance(c, Equation) else None
    known = n.constant is not None or (number is not None and number.is_positive)
    if isinstance(primitive, Logdet) or not (plain or known):
        return None
    whole: Tensor = reduce(mul, map(det, matrices))
    return whole if plain else c ** (as_tensor(n) if n.constant is None else n.constant) * whole


def of_function(primitive: Primitive, a: Tensor) -> Tensor | None:
    """(A⁻¹)⁻¹ = A, det A⁻¹ = 1/det A, det e^A = e^(tr A), (e^A)⁻¹ = e^(-A) (Higham, 2008, 10.1)."""
    if is_view(a) and isinstance(a, Equation):
        shown = a.scheme.leaves[0]
        if isinstance(shown, Access) and shown.index == (at(1), at(0)) and not shown.mask:
            found = of_function(primitive, shown.tensor)
            return found if found is None or found.ndim == 0 else swapaxes(found, 0, 1)
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
