"""Integer forms as trees: sizes, places, comparisons of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from symdl.display.tree import Node, added, call, negative, number, power, quotient
from symdl.language.form import Atom, Form, Idx, Least, Quotient, Remainder
from symdl.language.guard import Guard

Spell = Callable[[Atom], Node]


def spelled_form(form: Form, spell: Spell) -> Node:
    """A form, each size, index and read spelled by `spell`."""
    terms = []
    for monomial, c in form.terms:
        factors = [number(abs(c))] if abs(c) != 1 or not monomial else []
        powers = ((_atom(a, spell), monomial.count(a)) for a in dict.fromkeys(monomial))
        term = quotient([*factors, *(power(x, number(n)) if n > 1 else x for x, n in powers)])
        terms.append(term if c > 0 else negative(term))
    return _constant_last(terms)


def _constant_last(terms: list[Node]) -> Node:
    """`n + 1`: of sizes and places the number stands last."""
    total = added(terms)
    if total.head != "add" or total.args[0].head != "number" or total.args[1].head == "neg":
        return total
    plus = [t for t in total.args[1:] if t.head != "neg"]
    minus = [t for t in total.args if t.head == "neg"]
    return Node("add", (*plus, total.args[0], *minus), scalar=True)


def _atom(a: Atom, spell: Spell) -> Node:
    if isinstance(a, Least):
        return replace(call("min", *(spelled_form(f, spell) for f in a.inner)), scalar=True)
    if isinstance(a, (Quotient, Remainder)):
        head = "floordiv" if isinstance(a, Quotient) else "mod"
        return Node(head, tuple(spelled_form(f, spell) for f in a.inner), scalar=True)
    return spell(a)


def condition(guard: Guard, spell: Spell) -> Node:
    """A guard as a comparison, both sides with positive terms.

    A bound stands on the right: `j <= i` for a sum over j, `k == y[n]`, `i == j`.
    """
    form, sign = guard.form, guard.relation
    rest = form + 1
    if sign == ">=" and len(rest.terms) == len(form.terms) - 1 and len(rest.terms) > 1:
        form, sign = rest, ">"
    left = Form((m, c) for m, c in form.terms if c > 0)
    right = Form((m, -c) for m, c in form.terms if c < 0)
    if _turned(left, right, sign):
        left, right, sign = right, left, sign.replace(">", "<")
    return Node("compare", (spelled_form(left, spell), spelled_form(right, spell)), sign)


def _turned(left: Form, right: Form, sign: str) -> bool:
    """Whether the sides read better the other way round."""
    if sign in (">=", ">"):
        return max(right.indices, default=-1) > max(left.indices, default=-1)
    bare = [isinstance(f.atom, Idx) for f in (left, right)]
    if bare[0] != bare[1]:
        return bare[1]
    return min(right.indices, default=_LAST) < min(left.indices, default=_LAST)


_LAST = 1 << 30
