"""Products of matrices that are known to be others: roots, factors, pseudo-inverses."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

from symdl.algebra.bodies import entries, equation
from symdl.algebra.facts import is_symmetric
from symdl.algebra.inverses import polynomial
from symdl.algebra.terms import Term, Terms, placed, summed, times
from symdl.algebra.words import Letter, Word, exchanged, followed, transposed
from symdl.language.owners import Application
from symdl.language.primitives.cholesky import Cholesky
from symdl.language.primitives.pinv import Pinv
from symdl.language.primitives.sqrtm import Sqrtm
from symdl.language.shaping import at
from symdl.language.tensor import Part, Tensor


def without_known_word(t: Term) -> Terms | None:
    """A product in which a known word is exchanged for the matrix that it is.

    A word that is its own transpose is turned where that gives the lesser tensor.
    """
    tensors = dict.fromkeys(x.tensor for _, x in entries(t.scheme))
    for word, value in [r for x in tensors for r in _relations(x)]:
        for way, other in ((word, value), (transposed(word), transposed(value))):
            found = next(_exchanges(t, way, other), None)
            if found is not None:
                return found
    for word in [w for x in tensors for w in _symmetric(x)]:
        for found in _exchanges(t, word, transposed(word)):
            if [_digest(x) for x in found] < [_digest(t)]:
                return found
    return None


def _exchanges(t: Term, word: Word, value: Word) -> Iterator[Terms]:
    """The product with one occurrence of a word exchanged for another one."""
    first, *rest = word
    for k, x in entries(t.scheme):
        if x.tensor is first.tensor and not x.mask:
            for start, end in first.steps(x):
                for last, used in followed(t.scheme, k, end, rest):
                    yield exchanged(t, {k, *used}, _polynomial(value), (start, last))


def _digest(t: Term) -> bytes:
    return equation(t.scheme).digest


def _polynomial(word: Word) -> Terms:
    """A product of matrices over its axes."""
    shapes = [x.matrix.shape for x in word]
    sizes = (shapes[0][0], shapes[-1][1], *(s[1] for s in shapes[:-1]))
    ends = [at(0), *map(at, range(2, len(sizes))), at(1)]
    factors = [placed(polynomial(x.tensor), sizes, (j, i) if x.turned else (i, j))
               for x, i, j in zip(word, ends, ends[1:], strict=False)]
    return summed(reduce(times, factors), 2)


def _symmetric(t: Tensor) -> Iterator[Word]:
    """A A⁺ and A⁺ A, which are their own transposes."""
    if isinstance(t, Part) and isinstance(t.owner, Application) and _is_pseudo_inverse(t):
        own, a = Letter(t), Letter(t.owner.operands[0])
        yield a, own
        yield own, a


def _is_pseudo_inverse(t: Part) -> bool:
    assert isinstance(t.owner, Application)
    primitive = t.owner.primitive
    return isinstance(primitive, Pinv) and primitive.rcond == 0 and t.ndim == 2


def _relations(t: Tensor) -> Iterator[tuple[Word, Word]]:
    """Words that a matrix function is part of, and what they are.

    X X = A of the root X; L L' = A of the Cholesky factor L of a symmetric A; and with P = A⁺
    A P A = A, P A P = P, A P = (A P)' and P A = (P A)' (Penrose, A generalized inverse for
    matrices, 1955, section 1).
    """
    if not isinstance(t, Part) or not isinstance(t.owner, Application) or t.ndim != 2:
        return
    own, primitive = Letter(t), t.owner.primitive
    a = Letter(t.owner.operands[0])
    if isinstance(primitive, Sqrtm):
        yield (own, own), (a,)
    if isinstance(primitive, Cholesky) and is_symmetric(a.tensor):
        yield (own, own.transposed), (a,)
    if _is_pseudo_inverse(t):
        yield (a, own, a), (a,)
        yield (own, a, own), (own,)
        yield (a.transposed, own.transposed, own), (own,)
        yield (own, own.transposed, a.transposed), (own,)
        yield (a.transposed, a, own), (a.transposed,)
        yield (own, a, a.transposed), (a.transposed,)
