"""Indices that go round the end of their axis, case by case."""

from __future__ import annotations

from dataclasses import replace

from symdl.language.form import ZERO, Form, Idx, Remainder
from symdl.language.guard import Guard
from symdl.language.scheme import Scheme


def unwrapped(s: Scheme) -> list[Scheme] | None:
    """A shifted index round the end of its axis, (i + c) % n: the cases in which it is a form.

    They are i + c, i + c + n and i + c - n; what is further off keeps the remainder.
    """
    wrapped = (a for g in s.guards for a in g.form.atoms if isinstance(a, Remainder))
    for atom in wrapped:
        (form, n), far = atom.inner, _outside(atom)
        if not _shifts(form, n, s) or any(g in s.guards for g in far):
            continue
        inside = [(c, (Guard(form + c, ">="), Guard(n - 1 - form - c, ">=")))
                  for c in (ZERO, n, -n)]
        split = [replace(s.substitute({atom: form + c}), guards=(
            *s.substitute({atom: form + c}).guards, *guards)) for c, guards in inside]
        return split + [replace(s, guards=(*s.guards, g)) for g in far]
    return None


def _outside(atom: Remainder) -> tuple[Guard, Guard]:
    """Where a form is less than -n, or at least 2 n."""
    form, n = atom.inner
    return Guard(-form - n - 1, ">=").normal, Guard(form - 2 * n, ">=").normal


def _shifts(form: Form, n: Form, s: Scheme) -> bool:
    """Whether a form is an index over n values, shifted by a number or a size."""
    held = sorted(form.indices)
    parts = form.split(Idx(held[0])) if len(held) == 1 else None
    return parts is not None and parts[0] == 1 and s.sizes[held[0]] == n
