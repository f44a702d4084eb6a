"""Polynomials at the two values of an entry that is 0 or 1."""

from __future__ import annotations

from dataclasses import replace

from symdl.algebra.bodies import powers, product
from symdl.algebra.facts import holds
from symdl.algebra.terms import Term, Terms
from symdl.language.body import slots_of
from symdl.language.scheme import Access


def binary_entry(terms: Terms) -> Access | None:
    """An entry declared binary or one_hot that isn't summed over, if a polynomial has one."""
    for t in terms:
        s = t.scheme
        for base, e in powers(s.body)[1].items():
            x = s.leaves[slots_of(base)[0]] if base.is_Symbol else None
            if isinstance(x, Access) and e > 0 and not x.mask and holds(
                    x.tensor, "binary", "one_hot") and not any(
                        f.indices & set(s.bound) for f in x.index):
                return x
    return None


def at_value(terms: Terms, entry: Access, value: int) -> Terms:
    """The polynomial where the entry is 0, or 1."""
    out: Terms = []
    for t in terms:
        number, found = powers(t.scheme.body)
        own = [b for b in found if b.is_Symbol and t.scheme.leaves[slots_of(b)[0]] == entry]
        if own and not value:
            continue
        body = number * product({b: e for b, e in found.items() if b not in own})
        out.append(Term(t.number, replace(t.scheme, body=body)))
    return out
