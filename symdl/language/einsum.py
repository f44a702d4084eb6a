"""Einstein summation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sympy

from symdl.language.body import slot
from symdl.language.elementwise import as_tensor
from symdl.language.errors import ShapeError, SymdlError, shape_text
from symdl.language.form import ZERO, Form
from symdl.language.scheme import Access, Scheme
from symdl.language.shaping import at
from symdl.language.tensor import Equation, Tensor

ELLIPSIS = "..."


def einsum(spec: str, *operands: Any) -> Tensor:
    """Einstein summation, e.g. ``einsum("nd,dk->nk", X, W)``; a repeated letter is a diagonal.

    ``...`` stands for the axes without a letter, which broadcast. Without ``->`` the result has
    them first, then the letters that occur once, in alphabetical order.

    Raises
    ------
    ShapeError
        If a letter stands for two sizes or the numbers of letters and axes differ.
    """
    if not isinstance(spec, str):
        raise SymdlError(f"einsum takes its letters first, as in einsum('ij,jk->ik', A, B), "
                         f"not {spec!r}")
    tensors = [as_tensor(x) for x in operands]
    left, arrow, right = spec.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(tensors):
        raise ShapeError(f"einsum {spec!r} names {len(terms)} operand(s), but {len(tensors)} "
                         "are given")
    named = [_labels(spec, term, t) for term, t in zip(terms, tensors, strict=True)]
    sizes = _sizes(spec, named, tensors)
    wide = sorted(c for c in sizes if not c.isalpha())
    result = list(_expanded(spec, right, wide)) if arrow else [
        *wide, *sorted(c for c in sizes if c.isalpha() and left.count(c) == 1)]
    if unknown := set(result) - set(sizes):
        raise ShapeError(f"einsum {spec!r}: {', '.join(sorted(unknown))} occurs in no operand")
    if len(set(result)) != len(result):
        raise SymdlError(f"einsum {spec!r}: a letter occurs twice in the result")
    order = [*result, *(c for c in sizes if c not in result)]
    leaves = tuple(
        Access(t, tuple(ZERO if n != sizes[c] else at(order.index(c))
                        for c, n in zip(labels, t.shape, strict=True)))
        for labels, t in zip(named, tensors, strict=True))
    body = sympy.Mul(*(slot(k) for k in range(len(leaves))))
    return Equation.make(Scheme(tuple(sizes[c] for c in order), len(result),
                                "sum" if len(order) > len(result) else "none", (), body, leaves))


def _labels(spec: str, term: str, t: Tensor) -> list[str]:
    """One label an axis: a letter, or the place among the axes of the ellipsis from behind."""
    letters = term.replace(ELLIPSIS, "", 1)
    rest = t.ndim - len(letters)
    if rest < 0 or (rest and ELLIPSIS not in term):
        raise ShapeError(f"einsum {spec!r}: {term!r} names {len(letters)} axes, but {t.said} has "
                         f"shape {shape_text(t.shape)}")
    return list(_expanded(spec, term, [_place(k) for k in reversed(range(rest))]))


def _place(k: int) -> str:
    """The label of the k-th axis of an ellipsis from behind; the first axis sorts first."""
    return f"{999 - k:03}"


def _expanded(spec: str, term: str, wide: Sequence[str]) -> Iterator[str]:
    before, dots, after = term.partition(ELLIPSIS)
    if strange := [c for c in before + after if not c.isalpha()]:
        raise SymdlError(f"einsum {spec!r}: {strange[0]!r} is no letter")
    yield from before
    yield from wide if dots else ()
    yield from after


def _sizes(spec: str, named: Sequence[Sequence[str]], tensors: Sequence[Tensor],
           ) -> dict[str, Form]:
    """The size of each label; an axis of an ellipsis may be 1 in some operands."""
    sizes: dict[str, Form] = {}
    for labels, t in zip(named, tensors, strict=True):
        for c, n in zip(labels, t.shape, strict=True):
            known = sizes.setdefault(c, n)
            if not c.isalpha() and known.constant == 1:
                sizes[c] = n
            elif known != n and (c.isalpha() or n.constant != 1):
                what = c if c.isalpha() else "an axis of ..."
                raise ShapeError(f"einsum {spec!r}: {what} is {known} and {n}")
    return sizes
