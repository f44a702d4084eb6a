"""Rules that use what was declared of matrices and of vectors' lengths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy

from symdl.algebra.bodies import entries, powers, product, rebuilt, zero
from symdl.algebra.facts import NONNEGATIVE, holds, is_symmetric, without_index
from symdl.algebra.rule import Network, Rule
from symdl.language.body import rename, slot, slots_of, substitute
from symdl.language.form import Form, Idx
from symdl.language.guard import Guard
from symdl.language.owners import Application
from symdl.language.primitives.inv import Inv
from symdl.language.scheme import Access, Scheme
from symdl.language.solve import solved
from symdl.language.tensor import Equation, Part, Tensor


def inverse_of(t: Tensor) -> Tensor | None:
    """The matrix that a tensor is the inverse of."""
    if isinstance(t, Part) and isinstance(t.owner, Application) and (
            isinstance(t.owner.primitive, Inv)):
        return t.owner.operands[0]
    return None


def _pairs(y: Equation) -> Iterator[tuple[int, Access, int, Access]]:
    """Two factors of a sum of products, each the entry of a matrix."""
    s = y.scheme
    if s.reduce != "sum":
        return
    found = powers(s.body)[1]
    factors = [(k, x) for k, x in entries(s)
               if x.tensor.ndim >= 2 and not x.mask and found.get(slot(k)) in (1, 2)]
    for k, x in factors:
        for m, z in factors:
            if k != m or found[slot(k)] == 2:
                yield k, x, m, z


def only_here(r: Form, s: Scheme, *factors: int) -> bool:
    """Whether a form is a bound index that nothing but these factors reads."""
    if not isinstance(r.atom, Idx) or r.atom.position not in s.bound:
        return False
    k = r.atom.position
    others = [f for n, x in enumerate(s.leaves) if n not in factors for f in x.forms]
    others += [*(g.form for g in s.guards), *s.sizes]
    return not any(k in f.indices for f in others)


def _joined(y: Equation, k: int, m: int, gone: Form, factor: sympy.Expr, extra: Access | None,
            guards: tuple[Guard, ...] = ()) -> Tensor:
    """The sum with two factors replaced, one index fewer."""
    s = y.scheme
    number, found = powers(s.body)
    for n in (k, m):
        found[slot(n)] -= 1
    body = number * product(found) * factor
    leaves = s.leaves if extra is None else (*s.leaves, extra)
    used = slots_of(body)
    bare = replace(s, body=rename(body, {n: p for p, n in enumerate(used)}),
                   leaves=tuple(leaves[n] for n in used), guards=(*s.guards, *guards))
    return without_index(y, bare, gone.atom)


def orthogonal(y: Equation, network: Network) -> Tensor | None:
    """sum_r Q[r, i] Q[r, j] = [i = j] = sum_r Q[i, r] Q[j, r] where Q is orthogonal."""
    s = y.scheme
    for k, x, m, z in _pairs(y):
        if x.tensor is not z.tensor or not holds(x.tensor, "orthogonal"):
            continue
        for inner, outer in ((-1, -2), (-2, -1)):
            if x.index[inner] == z.index[inner] and x.index[:-2] == z.index[:-2] and (
                    only_here(x.index[inner], s, k, m)):
                equal = Guard(x.index[outer] - z.index[outer], "==")
                if x.index[inner].atom in (x.index[outer].atom, z.index[outer].atom):
                    continue
                return _joined(y, k, m, x.index[inner], sympy.S.One, None, (equal,))
    return None


def inverse(y: Equation, network: Network) -> Tensor | None:
    """sum_r A[i, r] B[r, j] = [i = j] = sum_r B[i, r] A[r, j] where B is the inverse of A."""
    s = y.scheme
    for k, x, m, z in _pairs(y):
        if inverse_of(z.tensor) is not x.tensor or x.index[:-2] != z.index[:-2]:
            continue
        same = (-1, -2) if is_symmetric(x.tensor) else ()
        for inner, other in ((-1, -2), (-2, -1), *((p, p) for p in same)):
            r = x.index[inner]
            if r == z.index[other] and only_here(r, s, k, m):
                i, j = x.index[-3 - inner], z.index[-3 - other]
                if r.atom in (i.atom, j.atom):
                    continue
                return _joined(y, k, m, r, sympy.S.One, None, (Guard(i - j, "=="),))
    return None


def idempotent(y: Equation, network: Network) -> Tensor | None:
    """sum_r A[i, r] A[r, j] = A[i, j] where A is idempotent."""
    s = y.scheme
    for k, x, m, z in _pairs(y):
        r = x.index[-1]
        if x.tensor is not z.tensor or not holds(x.tensor, "idempotent") or (
                x.index[:-2] != z.index[:-2] or r != z.index[-2] or not only_here(r, s, k, m)):
            continue
        i, j = x.index[-2], z.index[-1]
        if r.atom in (i.atom, j.atom):
            continue
        entry = Access(x.tensor, (*x.index[:-2], i, j))
        return _joined(y, k, m, r, slot(len(s.leaves)), entry)
    return None


def unit_norm(y: Equation, network: Network) -> Tensor | None:
    """sum_r u[r]**2 = 1 where u has the norm 1."""
    s = y.scheme
    if s.reduce != "sum":
        return None
    found = powers(s.body)[1]
    for k, x in entries(s):
        if holds(x.tensor, "unit_norm") and not x.mask and found.get(slot(k)) == 2 and (
                only_here(x.index[-1], s, k)) and (
                    not x.index[-1].indices & {i for f in x.index[:-1] for i in f.indices}):
            return _joined(y, k, k, x.index[-1], sympy.S.One, None)
    return None


def diagonal(y: Equation, network: Network) -> Tensor | None:
    """A[i, j] = [i = j] A[i, i] where A is diagonal."""
    s = y.scheme
    if s.reduce != "sum":
        return None
    factors = sympy.Mul.make_args(s.body)
    for k, x in entries(s):
        if holds(x.tensor, "diagonal") and slot(k) in factors and not x.mask and (
                x.index[-1] != x.index[-2]):
            entry = Access(x.tensor, (*x.index[:-1], x.index[-2]))
            equal = Guard(x.index[-2] - x.index[-1], "==")
            leaves = (*s.leaves[:k], entry, *s.leaves[k + 1:])
            new = solved(replace(s, leaves=leaves, guards=(*s.guards, equal)))
            return rebuilt(y, new or zero(y))
    return None


def triangular(y: Equation, network: Network) -> Tensor | None:
    """[i >= j] L[i, j] = L[i, j] where L is lower triangular, [i <= j] U[i, j] = U[i, j]."""
    s = y.scheme
    if s.reduce not in ("none", "sum"):
        return None
    factors = sympy.Mul.make_args(s.body)
    for k, x in entries(s):
        if slot(k) not in factors or x.tensor.ndim < 2:
            continue
        for fact, zeros in (("lower_triangular", x.index[-2] - x.index[-1]),
                            ("upper_triangular", x.index[-1] - x.index[-2])):
            known = Guard(zeros, ">=").normal
            if holds(x.tensor, fact, "diagonal") and known in s.guards:
                return rebuilt(y, replace(s, guards=tuple(g for g in s.guards if g != known)))
    return None


def orthogonal_inverse(y: Equation, network: Network) -> Tensor | None:
    """Q⁻¹[i, j] = Q[j, i] where Q is orthogonal."""
    s = y.scheme
    for k, x in entries(s):
        base = inverse_of(x.tensor)
        if base is not None and holds(base, "orthogonal"):
            entry = Access(base, (*x.index[:-2], x.index[-1], x.index[-2]), x.mask)
            return rebuilt(y, replace(s, leaves=(*s.leaves[:k], entry, *s.leaves[k + 1:])))
    return None


def positive(y: Equation, network: Network) -> Tensor | None:
    """|p| = p, sqrt(p**2) = p where p is positive or at least 0."""
    s = y.scheme
    names = {slot(k): sympy.Symbol(f"a{k}", positive=True) for k, x in entries(s)
             if holds(x.tensor, *NONNEGATIVE) and not x.mask}
    if not names or not s.body.has(sympy.Abs, sympy.Pow, sympy.log):
        return None
    body = _signed(substitute(s.body, names))
    back = substitute(body, {b: a for a, b in names.items()})
    return None if back == s.body or back.count_ops() >= s.body.count_ops() else (
        rebuilt(y, replace(s, body=back)))


def _signed(body: sympy.Expr) -> sympy.Expr:
    """The body with roots of powers simplified, as far as SymPy does so by itself."""
    return sympy.powdenest(body)


RULES = (
    Rule("orthogonal", "Q is declared orthogonal and r occurs nowhere else",
         "two factors less", orthogonal),
    Rule("inverse of an orthogonal matrix", "Q is declared orthogonal", "an inverse less",
         orthogonal_inverse),
    Rule("inverse", "r occurs nowhere else", "two factors less", inverse),
    Rule("idempotent", "A is declared idempotent and r occurs nowhere else", "a factor less",
         idempotent),
    Rule("unit norm", "u is declared unit_norm and r occurs nowhere else", "a factor less",
         unit_norm),
    Rule("diagonal", "A is declared diagonal", "a bound index less", diagonal),
    Rule("triangular", "A is declared triangular", "a condition less", triangular),
    Rule("positive", "p is declared positive, or in a set of numbers that are at least 0",
         "fewer operations", positive),
)
