"""Polynomials over sizes that are numbers, entry by entry and without sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product as combinations
from math import prod

from symdl.algebra.bodies import powers, product
from symdl.algebra.terms import Sizes, Term, Terms, TooLarge, placed
from symdl.language.body import literal, slot, substitute
from symdl.language.form import Form
from symdl.language.scheme import Access
from symdl.language.tensor import Constant


def unrolled(terms: Terms, sizes: Sizes) -> Iterator[Terms]:
    """Every entry of a polynomial, its sums written out."""
    return (entry(terms, place) for place in _places(sizes))


def entry(terms: Terms, place: Sequence[Form | int]) -> Terms:
    """One entry of a polynomial, its sums written out and entries of constants as numbers."""
    return [new for t in placed(terms, (), tuple(map(Form.of, place))) for new in _written_out(t)]


def _written_out(t: Term) -> Terms:
    s = t.scheme
    return [_with_numbers(Term(t.number, replace(s.place((), 0, place), reduce="none")))
            for place in _places(s.sizes)]


def _with_numbers(t: Term) -> Term:
    """The product with entries of constants at numeric places as numbers."""
    numbers = {slot(k): literal(x.tensor.data[tuple(map(int, x.index))])
               for k, x in enumerate(t.scheme.leaves) if isinstance(x, Access) and not x.mask
               and isinstance(x.tensor, Constant) and not any(f.all_atoms for f in x.index)}
    if not numbers:
        return t
    number, found = powers(substitute(t.scheme.body, numbers))
    return Term(t.number * number, replace(t.scheme, body=product(found)))


def _places(sizes: Sequence[Form]) -> list[tuple[Form, ...]]:
    """All places in an array of these sizes."""
    counts = [n.constant for n in sizes]
    known = [n for n in counts if n is not None]
    if len(known) < len(counts) or prod(known) > _MOST:
        raise TooLarge("a sum can't be written out")
    return list(combinations(*([Form.of(k) for k in range(n)] for n in known)))


_MOST = 256
