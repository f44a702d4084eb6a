"""Integer forms and guards as source text."""

from __future__ import annotations

from collections.abc import Callable

from symdl.language.form import Atom, Form, Least, Monomial, Operation, Quotient
from symdl.language.guard import Guard

AtomCode = Callable[[Atom], str | None]
"""How an atom is written; None where an operation is to be written out."""


def form_code(form: Form, atom: AtomCode) -> str:
    """A form as Python source, positive terms first."""
    terms = sorted(form.terms, key=lambda term: (term[1] < 0, not term[0]))
    text = ""
    for monomial, c in terms:
        term = _term_code(monomial, c, atom, first=not text)
        sign = (" - " if c < 0 else " + ") if text else "-" if c < 0 else ""
        text += sign + term
    return text or "0"


def _term_code(monomial: Monomial, c: int, atom: AtomCode, first: bool) -> str:
    """A term without its sign."""
    alone = len(monomial) == 1 and (c == 1 or (c == -1 and not first))
    factors = []
    for a in monomial:
        name = atom(a)
        text = name or _operation_code(a, atom)
        factors.append(text if alone or name or isinstance(a, Least) else f"({text})")
    return "*".join([str(abs(c))] * (abs(c) != 1 or not factors) + factors)


def _operation_code(a: Atom, atom: AtomCode) -> str:
    assert isinstance(a, Operation)
    if isinstance(a, Least):
        return f"min({', '.join(form_code(f, atom) for f in a.inner)})"
    sign = "//" if isinstance(a, Quotient) else " % "
    return sign.join(_operand(form_code(f, atom)) for f in a.inner)


def _operand(text: str) -> str:
    return text if text.isalnum() else f"({text})"


def guard_code(g: Guard, atom: AtomCode) -> str:
    """A guard as Python source, negative terms moved to the right."""
    left = Form((m, c) for m, c in g.form.terms if c > 0)
    right = Form((m, -c) for m, c in g.form.terms if c < 0)
    return f"{form_code(left, atom)} {g.relation} {form_code(right, atom)}"
