"""Polynomials over sizes that are numbers, entry by entry and without sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from math import prod

from symdl.algebra.terms import Sizes, Term, Terms, TooLarge, placed
from symdl.language.form import Form


def unrolled(terms: Terms, sizes: Sizes) -> Iterator[Terms]:
    """Every entry of a polynomial, its sums written out."""
    for entry in _places(sizes):
        yield [new for t in placed(terms, (), entry) for new in _written_out(t)]


def _written_out(t: Term) -> Terms:
    s = t.scheme
    return [Term(t.number, replace(s.place((), 0, place), reduce="none"))
            for place in _places(s.sizes)]


def _places(sizes: Sequence[Form]) -> list[tuple[Form, ...]]:
    """All places in an array of these sizes."""
    counts = [n.constant for n in sizes]
    known = [n for n in counts if n is not None]
    if len(known) < len(counts) or prod(known) > _MOST:
        raise TooLarge("a sum can't be written out")
    return list(product(*([Form.of(k) for k in range(n)] for n in known)))


_MOST = 256
