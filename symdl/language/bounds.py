"""Bounds: what can be proved of an integer form from the ranges of its indices.

Index k runs over `0 <= k < sizes[k]`. Every size is at least 0, and at least 1 while an
index over it is in scope. An unproved bound is never assumed: its guard is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symdl.language.form import (
    ONE,
    ZERO,
    Atom,
    Dim,
    Form,
    Idx,
    Least,
    Quotient,
    Read,
    Remainder,
    quotient,
)
from symdl.language.guard import Conjunction, Guard, tidy

Sizes = Sequence[Form] | Mapping[int, Form]


def nonnegative(form: Form, sizes: Sizes) -> bool:
    """Whether `form >= 0` is proved for all indices in range and all sizes."""
    n = form.constant
    if n is not None:
        return n >= 0
    lowest = minimum(form, sizes)
    if lowest is None:
        return False
    positive = _in_scope(sizes)
    return _nonnegative_size(lowest, positive) or any(
        _nonnegative_size(lowest - fact, positive) for fact in _facts(sizes))


def _facts(sizes: Sizes) -> list[Form]:
    """Forms that are at least 0 while the indices are in scope.

    They are S - 1 for each size S, and for S = a // b + c also a + (c - 1) b.
    """
    facts = []
    for size in sizes.values() if isinstance(sizes, Mapping) else sizes:
        if size.constant is not None or isinstance(size.atom, Dim):
            continue
        facts.append(size - 1)
        for atom in size.atoms:
            parts = size.split(atom) if isinstance(atom, Quotient) else None
            if parts and parts[0] == 1 and (c := parts[1].constant) is not None:
                facts.append(atom.inner[0] + (c - 1) * atom.inner[1])
    return facts


def minimum(form: Form, sizes: Sizes) -> Form | None:
    """A lower bound of the form in sizes alone, attained where every index is a plain factor."""
    for _ in range(64):
        step = _eliminate_index(form, sizes)
        if step is None:
            step = _eliminate_division(form, sizes)
        if step is None:
            break
        form = step
    return None if form.indices or form.free or _has_division_or_read(form) else form


def attained_minimum(form: Form, sizes: Sizes) -> Form | None:
    """The least value of a form that is linear in its indices; None for any other."""
    while form.indices:
        step = _eliminate_index(form, sizes)
        if step is None:
            return None
        form = step
    return None if form.free or _has_division_or_read(form) else form


def within(index: Form, size: Form, sizes: Sizes) -> bool:
    """Whether `0 <= index < size` is proved."""
    return not guard_range(index, size, sizes)


def prune(guards: Conjunction, sizes: Sizes) -> Conjunction | None:
    """Drop proved guards; None where the guards contradict the ranges."""
    kept = []
    for guard in guards:
        if guard.relation == ">=":
            if nonnegative(guard.form, sizes):
                continue
            if nonnegative(-guard.form - 1, sizes):
                return None
        elif not _is_zero_at_origin(guard.form, sizes) and (
                nonnegative(guard.form - 1, sizes) or nonnegative(-guard.form - 1, sizes)):
            if guard.relation == "==":
                return None
            continue
        kept.append(guard)
    return tidy(kept)


def _is_zero_at_origin(form: Form, sizes: Sizes) -> bool:
    """Whether every term has an index that may be 0 as a factor: then so may be the form."""
    return all(any(isinstance(a, Idx) for a in m) for m, _ in form.terms) and not any(
        sizes[k].constant == 0 for k in form.indices)


def reduce_divisions(form: Form, sizes: Sizes) -> Form:
    """Rewrite `a // b` to 0 and `a % b` to a where `0 <= a < b` is proved, and `b*(a//b) + a%b`."""
    for atom in form.all_atoms:
        if isinstance(atom, (Quotient, Remainder)):
            a, b = atom.inner
            if nonnegative(a, sizes) and nonnegative(b - 1 - a, sizes):
                value = ZERO if isinstance(atom, Quotient) else a
                return reduce_divisions(form.substitute({atom: value}), sizes)
            if isinstance(atom, Remainder):
                parts = form.split(atom)
                whole = form.split(Quotient(a, b))
                if parts and whole and whole[0] == parts[0] * b:
                    return reduce_divisions(whole[1].split(atom)[1] + parts[0] * a, sizes)  # type: ignore[index]
    return form


def positive_factor(form: Form, sizes: Sizes) -> bool:
    """Whether a coefficient in sizes is known to be at least 0, and not the number 0."""
    return bool(form.terms) and _nonnegative_size(form, _in_scope(sizes))


def _in_scope(sizes: Sizes) -> frozenset[Atom]:
    """The factors of sizes of indices: no size is negative, so none of them is 0 there."""
    values = sizes.values() if isinstance(sizes, Mapping) else sizes
    products = (s.terms[0][0] for s in values if len(s.terms) == 1)
    return frozenset(a for factors in products for a in factors)


def _nonnegative_size(form: Form, positive: frozenset[Atom]) -> bool:
    """Whether a form without indices is proved to be at least 0; of a positive atom, p - 1 is."""
    return _adds_up(form, positive) or _adds_up(
        form.substitute({d: Form.of(d) + 1 for d in positive & form.all_atoms}), positive)


def _adds_up(form: Form, known: frozenset[Atom]) -> bool:
    """Whether the form is a sum of products of atoms that are at least 0."""
    return all(c > 0 for _, c in form.terms) and all(
        _atom_nonnegative(a, known) for a in form.atoms
    )


def _atom_nonnegative(atom: Atom, known: frozenset[Atom]) -> bool:
    if isinstance(atom, Dim) or atom in known:
        return True
    if isinstance(atom, Remainder):
        return _adds_up(atom.inner[1], known)
    if isinstance(atom, (Quotient, Least)):
        return all(_adds_up(f, known) for f in atom.inner)
    return False


def _has_division_or_read(form: Form) -> bool:
    return any(isinstance(a, Read) for a in form.all_atoms)


def _eliminate_index(form: Form, sizes: Sizes) -> Form | None:
    """Put one index to the end of its range where the form is smallest."""
    positive = _in_scope(sizes)
    for atom in form.atoms:
        if not isinstance(atom, Idx):
            continue
        parts = form.split(atom)
        if parts is None:
            continue
        c, rest = parts
        if _nonnegative_size(c, positive):
            return rest
        if _nonnegative_size(-c, positive):
            return rest + c * (sizes[atom.position] - 1)
    return None


def _eliminate_division(form: Form, sizes: Sizes) -> Form | None:
    """Bound one operation: `b*(a//b) <= a`, `0 <= a % b <= b - 1`, `min(a, b) <= a`."""
    positive = _in_scope(sizes)
    for atom in form.atoms:
        if isinstance(atom, Least):
            parts = form.split(atom)
            if parts and _nonnegative_size(-parts[0], positive):
                below = [parts[1] + parts[0] * f for f in atom.inner]
                return next((f for f in below if _nonnegative_size(f, positive)), below[0])
        if not isinstance(atom, (Quotient, Remainder)):
            continue
        parts = form.split(atom)
        if parts is None:
            continue
        c, rest = parts
        a, b = atom.inner
        up = _nonnegative_size(c, positive)
        if not up and not _nonnegative_size(-c, positive):
            continue
        if isinstance(atom, Remainder):
            return rest if up else rest + c * (b - 1)
        from_numerator = _exact(c, b)
        if from_numerator is not None:
            return rest + from_numerator * (a - b + 1 if up else a)
        if up and nonnegative(a, sizes):
            return rest
        highest = minimum(-a, sizes)
        if not up and highest is not None and Quotient(a, b) != (top := quotient(-highest, b)).atom:
            return rest + c * top
    return None


def _exact(c: Form, b: Form) -> Form | None:
    """`c / b`, where that is a form."""
    if c == b:
        return ONE
    if c == -b:
        return -ONE
    q, r = c // b, c % b
    return q if not r.terms and not any(isinstance(a, Quotient) for a in q.atoms) else None


def guard_range(index: Form, size: Form, sizes: Sizes) -> list[Guard]:
    """The guards of `0 <= index < size` that are not proved."""
    atom = index.atom
    if isinstance(atom, Idx) and sizes[atom.position] == size:
        return []
    guards = []
    if not nonnegative(index, sizes):
        guards.append(Guard(index, ">="))
    if not nonnegative(size - 1 - index, sizes):
        guards.append(Guard(size - 1 - index, ">="))
    return guards
