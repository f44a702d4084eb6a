"""Integer forms and guards as source text."""

from __future__ import annotations

from collections.abc import Callable

from symdl.language.form import Atom, Form, Quotient, Remainder
from symdl.language.guard import Guard

AtomCode = Callable[[Atom], str]


def form_code(form: Form, atom: AtomCode) -> str:
    """A form as Python source, given how its sizes, indices and reads are written."""
    terms = []
    for monomial, c in form.terms:
        factors = [_atom_code(a, atom) for a in monomial]
        if c != 1 or not factors:
            factors.insert(0, str(c))
        terms.append("*".join(factors))
    return " + ".join(terms).replace("+ -", "- ") or "0"


def _atom_code(a: Atom, atom: AtomCode) -> str:
    if not isinstance(a, (Quotient, Remainder)):
        return atom(a)
    left, right = (form_code(f, atom) for f in a.inner)
    return f"(({left}) {'//' if isinstance(a, Quotient) else '%'} ({right}))"


def guard_code(g: Guard, atom: AtomCode) -> str:
    """A guard as Python source, negative terms moved to the right."""
    left = Form((m, c) for m, c in g.form.terms if c > 0)
    right = Form((m, -c) for m, c in g.form.terms if c < 0)
    return f"{form_code(left, atom)} {g.relation} {form_code(right, atom)}"
