"""Determinants of sums: det(1 + U V) = det(1 + V U), det(A + U V) = det(A) det(1 + A⁻¹ U V).

The first is Sylvester's identity, the second the matrix determinant lemma.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import NamedTuple

import sympy

from symdl.algebra.facts import holds
from symdl.algebra.inverses import summands
from symdl.algebra.terms import as_term
from symdl.algebra.words import Letter, Word, word_of
from symdl.language.body import slot
from symdl.language.elementwise import as_tensor, mapped
from symdl.language.guard import Guard
from symdl.language.linalg import det, inv, logdet
from symdl.language.primitives.base import Primitive
from symdl.language.primitives.det import Det
from symdl.language.reductions import matmul
from symdl.language.shaping import at, expand_dims, eye
from symdl.language.tensor import Equation, Tensor


class _Sum(NamedTuple):
    """`matrix + number * word`; no matrix is the identity."""

    matrix: Tensor | None
    number: sympy.Expr
    word: Word


def lemma(primitive: Primitive, a: Tensor) -> Tensor | None:
    """The determinant, or its logarithm, of A + c U V, and of 1 + c u v' = 1 + c v' u.

    A is one matrix, and U V is u v' or passes another size. A has an inverse where the result has
    a value; of a logarithm A is declared positive definite.
    """
    found = _sum(a)
    if found is None:
        return None
    number = as_tensor(found.number)
    if found.matrix is None:
        inner = _scalar(found.word)
        if inner is None:
            return None
        whole = 1 + number * inner
        return whole if isinstance(primitive, Det) else mapped(sympy.log(slot(0)), [whole])
    rest = eye(a.shape[0]) + number * _product((Letter(inv(found.matrix)), *found.word))
    if isinstance(primitive, Det):
        return det(found.matrix) * det(rest)
    definite = holds(found.matrix, "positive_definite")
    return logdet(found.matrix) + logdet(rest) if definite else None


def rotations(a: Tensor) -> Iterator[Tensor]:
    """The matrices 1 + c V U, which have the determinant of 1 + c U V."""
    found = _sum(a)
    if found is None or found.matrix is not None or len(found.word) > _LONGEST:
        return
    for k in range(1, len(found.word)):
        product = _product((*found.word[k:], *found.word[:k]))
        yield eye(product.shape[0]) + as_tensor(found.number) * product


_LONGEST = 6


def _sum(a: Tensor) -> _Sum | None:
    """A matrix in normal form as the identity or one matrix, and a product that is added to it."""
    terms = summands(a) if isinstance(a, Equation) and a.ndim == 2 else []
    for (c, key), (number, other) in (terms, terms[::-1]) if len(terms) == 2 else ():
        word = word_of(as_term(sympy.S.One, other).scheme)
        if c != 1 or word is None:
            continue
        if is_identity(key):
            return _Sum(None, number, word)
        alone = word_of(as_term(sympy.S.One, key).scheme)
        if alone is not None and len(alone) == 1 and _passes_another_size(word):
            return _Sum(alone[0].matrix, number, word)
    return None


def is_identity(t: Tensor) -> bool:
    """Whether a tensor is the identity matrix."""
    return isinstance(t, Equation) and t.ndim == 2 and t.scheme.body == 1 and (
        t.scheme.reduce == "none" and t.scheme.guards == (Guard(at(0) - at(1), "==").normal,))


def _passes_another_size(word: Word) -> bool:
    n = word[0].matrix.shape[0]
    return any(x.tensor.ndim == 1 or x.matrix.shape[0] != n for x in word)


def _product(word: Sequence[Letter]) -> Tensor:
    """The matrix that a word is, its vectors as a column and a row."""
    vectors = [x for x in word if x.tensor.ndim == 1]
    return reduce(matmul, [
        x.matrix if x.tensor.ndim == 2 else expand_dims(x.tensor, int(x is vectors[0]))
        for x in word])


def _scalar(word: Word) -> Tensor | None:
    """V' Q P u of a product P u v' Q."""
    column = next((k for k, x in enumerate(word) if x.tensor.ndim == 1), None)
    if column is None:
        return None
    return reduce(matmul, [x.matrix for x in (*word[column + 1:], *word[:column + 1])])
