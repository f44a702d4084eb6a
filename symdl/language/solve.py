"""Solving the equalities among a scheme's guards for bound indices.

`sum_r [j = σ(i, r)] f` has one term for each solution: where a bound index has the
coefficient ±1 it is replaced by its solution and the solution's range becomes a guard;
`J = k*a + r` with `0 <= r < k` gives `r = J % k`, `a = J // k`, and `k*a + r = k*b + t` both
`a = b` and `r = t`. What has no such solution stays a guard: the scatter form.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import sympy

from symdl.language.body import slot
from symdl.language.bounds import guard_range, nonnegative, reduce_divisions, within
from symdl.language.form import (
    ONE,
    ZERO,
    Atom,
    Form,
    Idx,
    Quotient,
    Read,
    Remainder,
    quotient,
    remainder,
)
from symdl.language.guard import Guard, tidy
from symdl.language.scheme import Access, Scheme, Value, tidied

if TYPE_CHECKING:
    from symdl.language.tensor import Tensor

Candidate = tuple[tuple[int, int, int, int], int, Form, list[Guard], int]


def solved(s: Scheme) -> Scheme | None:
    """The scheme with as few bound indices as its equalities allow; None where it is 0.

    Only sums are solved: the order of a maximum's indices has a meaning.
    """
    if s.reduce not in ("none", "sum"):
        return tidied(s)
    current: Scheme | None = tidied(s)
    while current is not None:
        step = (_single_value(current) or _by_digits(current) or _split_divided(current)
                or _mixed_radix(current) or _unit_coefficient(current))
        if step is None:
            return _uncounted(current)
        current = tidied(step)
    return None


def _atom(k: int) -> Atom:
    return Idx(k)


def _form(k: int) -> Form:
    return Form.of(Idx(k))


def _without(s: Scheme, gone: int, solution: Form, guards: list[Guard]) -> Scheme:
    """Replace a bound index by its solution and close the gap in the numbering."""
    at = [_form(k if k < gone else k - 1) for k in range(len(s.sizes))]
    shift = {_atom(k): f for k, f in enumerate(at) if k > gone}
    at[gone] = solution.substitute(shift)
    extra = tuple(g.substitute(shift) for g in guards)
    sizes = s.sizes[:gone] + s.sizes[gone + 1:]
    placed = s.place(sizes, s.axes, at)
    return replace(placed, guards=_tidy(placed.guards + extra))


def _tidy(guards: tuple[Guard, ...]) -> tuple[Guard, ...]:
    kept = tidy(guards)
    return (Guard(-ONE, ">="),) if kept is None else kept


def _unit_coefficient(s: Scheme) -> Scheme | None:
    candidates = sorted(_candidates(s), key=lambda c: c[0])
    if not candidates:
        return None
    _, k, solution, guards, solved_guard = candidates[0]
    rest = replace(s, guards=s.guards[:solved_guard] + s.guards[solved_guard + 1:])
    return _without(rest, k, solution, guards)


def _candidates(s: Scheme) -> Iterator[Candidate]:
    """Solutions: fewest range guards are best, then the shortest, then by position.

    A size is known to be at least 1 only by the indices that stay.
    """
    for n, guard in enumerate(s.guards):
        if guard.relation != "==":
            continue
        for k in guard.form.indices.intersection(s.bound):
            parts = guard.form.split(_atom(k))
            if parts is None or parts[0].constant not in (1, -1):
                continue
            solution = -parts[1] if parts[0].constant == 1 else parts[1]
            others = {q: size for q, size in enumerate(s.sizes) if q != k}
            guards = guard_range(solution, s.sizes[k], others)
            yield (len(guards), len(solution.terms), k, n), k, solution, guards, n


def _by_digits(s: Scheme) -> Scheme | None:
    """`k*p + q = 0` with |q| < k: `p = 0` and `q = 0`."""
    for n, guard in enumerate(s.guards):
        found = sorted(guard.form.indices) if guard.relation == "==" else []
        for k in dict.fromkeys(s.sizes[i] for i in found):
            outer = Form(t for t in guard.form.terms if _is_multiple(t, k))
            q = guard.form - outer
            if not outer.terms or not q.terms or not all(
                    nonnegative(k - 1 - f, s.sizes) for f in (q, -q)):
                continue
            digits = (Guard(quotient(outer, k), "=="), Guard(q, "=="))
            return replace(s, guards=_tidy(s.guards[:n] + digits + s.guards[n + 1:]))
    return None


def _mixed_radix(s: Scheme) -> Scheme | None:
    """`J = k*a + r`, `0 <= r < k`: `r = J % k` and `J // k = a`."""
    for n, guard in enumerate(s.guards):
        if guard.relation != "==":
            continue
        for k in guard.form.indices.intersection(s.bound):
            parts = guard.form.split(_atom(k))
            if parts is None or parts[0].constant not in (1, -1):
                continue
            rest = parts[1] if parts[0].constant == -1 else -parts[1]  # r = rest
            size = s.sizes[k]
            outer = Form(t for t in rest.terms if _is_multiple(t, size) and _bound_in(t, s))
            target = rest - outer
            if not outer.terms or target.indices.intersection(s.bound) or not _divides(size, s):
                continue
            whole = -quotient(outer, size)
            equal = Guard(quotient(target, size) - whole, "==")
            others = s.guards[:n] + s.guards[n + 1:]
            return _without(replace(s, guards=(*others, equal)), k, remainder(target, size), [])
    return None


def _divides(size: Form, s: Scheme) -> bool:
    """Whether a range may be divided by: it isn't 0 where the axes are in scope, nor the number 1.

    What the scheme or its sizes divide by already is at least 1.
    """
    divisors = (a.inner[1] for f in (*s.sizes, *s.forms) for a in f.all_atoms
                if isinstance(a, (Quotient, Remainder)))
    return size.constant != 1 and (nonnegative(size - 1, s.sizes[:s.axes]) or size in divisors)


def _is_multiple(term: tuple[tuple[Atom, ...], int], size: Form) -> bool:
    return not remainder(Form((term,)), size).terms


def _bound_in(term: tuple[tuple[Atom, ...], int], s: Scheme) -> bool:
    return bool(Form((term,)).indices.intersection(s.bound))


def _split_divided(s: Scheme) -> Scheme | None:
    """A bound index J read as `J // k` or `J % k` becomes `k*q + r` with two bound indices."""
    for atom in {a for f in s.forms for a in f.all_atoms if isinstance(a, (Quotient, Remainder))}:
        j, k = atom.inner[0].atom, atom.inner[1]
        if not isinstance(j, Idx) or j.position not in s.bound or k.indices:
            continue
        size = s.sizes[j.position]
        count = quotient(size + k - 1, k) if remainder(size, k).terms else quotient(size, k)
        last = len(s.sizes)
        value = k * _form(j.position) + _form(last)
        fits = nonnegative(size - k * count, s.sizes)
        inner: dict[Atom, Form] = {j: value, Quotient(_form(j.position), k): _form(j.position),
                                   Remainder(_form(j.position), k): _form(last)}
        sizes = (*s.sizes[:j.position], count, *s.sizes[j.position + 1:], k)
        guards = s.guards if fits else (*s.guards, Guard(size - 1 - _form(j.position), ">="))
        split = replace(s, guards=guards, sizes=sizes)
        return split.map(partial(_reduced, values=inner, sizes=sizes))
    return None


def _reduced(form: Form, values: dict[Atom, Form], sizes: tuple[Form, ...]) -> Form:
    return reduce_divisions(form.substitute(values), sizes)


def _single_value(s: Scheme) -> Scheme | None:
    """A bound index over one value is that value."""
    for k in s.bound:
        if s.sizes[k].constant == 1:
            return _without(s, k, ZERO, [])
    return None


def _uncounted(s: Scheme) -> Scheme:
    """A sum over an index that occurs nowhere is a product with its size.

    Where the size is 0 there was no term: what the others don't keep in range isn't read.
    """
    if s.reduce != "sum":
        return s
    used = frozenset[int]().union(*(f.indices for f in s.forms))
    for k in reversed(s.bound):
        if k not in used:
            size, others = s.sizes[k], {q: n for q, n in enumerate(s.sizes) if q != k}
            safe = nonnegative(size - 1, others) or all(
                within(f, n, others) for t, index in _entries(s)
                for f, n in zip(index, t.shape, strict=True))
            body = sympy.Mul(s.body, slot(len(s.leaves)))
            s = _without(replace(s, leaves=(*s.leaves, Value(size)), body=body), k, ZERO,
                         [] if safe else [Guard(size - 1, ">=")])
    if len(s.sizes) == s.axes:
        s = replace(s, reduce="none")
    return s


def _entries(s: Scheme) -> Iterator[tuple[Tensor, tuple[Form, ...]]]:
    """What is read, as a leaf or inside an index."""
    for leaf in s.leaves:
        if isinstance(leaf, Access):
            yield leaf.tensor, leaf.index
    for form in s.forms:
        for atom in form.all_atoms:
            if isinstance(atom, Read):
                yield atom.tensor, atom.inner
