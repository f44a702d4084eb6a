"""What a sum of terms is, as a tree of structures; what isn't proved is general."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from symdl.algebra.structure.additive import banded, diagonal_of, plus_low_rank
from symdl.algebra.structure.composite import BlockDiagonal, Kronecker, KroneckerSum, Permuted
from symdl.algebra.structure.frames import Frame, Place
from symdl.algebra.structure.kinds import (
    Diagonal,
    General,
    LowRank,
    PlusLowRank,
    Sparse,
    Structure,
    Triangular,
    Zero,
)
from symdl.algebra.structure.parts import Term, added, dense
from symdl.algebra.structure.products import Factor, groups, key, matrix, products, symmetric
from symdl.algebra.structure.terms import delta, terms
from symdl.algebra.structure.terms import symmetric as is_symmetric
from symdl.language.bounds import nonnegative
from symdl.language.form import ONE, Form
from symdl.language.guard import Guard
from symdl.language.scheme import Scheme
from symdl.language.shaping import at, ones
from symdl.language.tensor import Tensor

Terms = Sequence[Term]


@lru_cache(maxsize=256)
def recognised(t: Tensor, rows: int) -> Structure:
    """The structure of the map from the last axes of a tensor to its first `rows`."""
    found = terms(t, rows)
    best: Structure | None = None
    for places in _pairings(found, t, rows):
        whole = Frame(places)
        here = _of([Term.of(s, rows, places) for s in found], whole)
        columns = [p.column for p in places if p.column is not None]
        if columns != sorted(columns):
            here = here if isinstance(here, (Zero, General, Sparse)) else Permuted(whole, here)
        if best is None or isinstance(best, (General, Sparse)):
            best = here if best is None or not isinstance(here, (General, Sparse)) else best
    assert best is not None
    square = t.shape[:rows] == t.shape[rows:]
    return replace(best, symmetric=square and is_symmetric(found, 0, rows))


def _pairings(found: Sequence[Scheme], t: Tensor, rows: int) -> Iterator[tuple[Place, ...]]:
    """The ways to set columns beside rows: in order, and as the equalities say."""
    tied: dict[int, int] = {}
    for s in found:
        for g in s.guards:
            if (pair := delta(g, s, rows)) and pair[1] not in tied.values():
                tied.setdefault(*pair)
    columns = t.ndim - rows
    in_order = {k: rows + k for k in range(rows)} if rows == columns else {}
    choices = [in_order, tied] if in_order else [tied]
    yield from dict.fromkeys(_places(choice, t, rows) for choice in choices)


def _places(tied: dict[int, int], t: Tensor, rows: int) -> tuple[Place, ...]:
    """Places for the axes that go together; the others follow in order."""
    left = [k for k in range(rows) if k not in tied]
    right = [k for k in range(rows, t.ndim) if k not in tied.values()]
    pairs: list[tuple[int | None, int | None]] = [*tied.items()]
    pairs += zip(left, right, strict=False)
    pairs += [(k, None) for k in left[len(right):]] + [(None, k) for k in right[len(left):]]
    pairs.sort(key=lambda p: (p[0] is None, p[0] or 0))
    return tuple(Place(a, b, ONE if a is None else t.shape[a], ONE if b is None else t.shape[b])
                 for a, b in pairs)


def _of(found: Terms, frame: Frame) -> Structure:
    """The structure of a sum of terms over the open places of a frame."""
    if not found:
        return Zero(frame)
    common = [p for p in frame.open if all(p in t.shared for t in found)]
    if len(common) == len(frame.open):
        return diagonal_of(found, frame)
    if common:
        return _of_blocks(found, frame, common)
    few, product = plus_low_rank(found, frame), _kronecker(found, frame)
    if few is not None and _update(few).rank.constant is not None:
        return few
    if product is not None and not product.dense:
        return product
    return few or banded(found, frame) or product or _sparse(found, frame)


def _update(h: LowRank | PlusLowRank) -> LowRank:
    return h if isinstance(h, LowRank) else h.update


def _kronecker(found: Terms, frame: Frame) -> Kronecker | KroneckerSum | None:
    """A product of factors over places of their own, or a sum of such products."""
    over = groups(found, frame)
    if len(over) == 1:
        return None
    sums = products(found, frame, over)
    made = [Kronecker(frame, tuple(_of(factor, Frame(where, frame.batch))
                                   for factor, where in zip(p, over, strict=True)))
            for p in sums]
    if len(made) == 1:
        return made[0]
    shared = [_shared([(p[n], h.factors[n]) for p, h in zip(sums, made, strict=True)],
                      where, frame) for n, where in enumerate(over)]
    matrices = tuple(x for found, x in shared if found and frame.square)
    return KroneckerSum(frame, _entries(found, frame), tuple(made),
                        matrices if len(matrices) == len(over) else None)


def _shared(factors: Sequence[tuple[Factor, Structure]], where: tuple[Place, ...], frame: Frame,
            ) -> tuple[bool, Tensor | None]:
    """Whether all factors have the eigenvectors of one symmetric matrix, and this matrix.

    They are multiples of the identity but for that one; or all are diagonal, and there is none.
    """
    if all(isinstance(h, Diagonal) for _, h in factors):
        return True, None
    others = {key(f, where, frame): f for f, h in factors
              if not (isinstance(h, Diagonal) and h.constant)}
    first, *more = others.values()
    if more or not symmetric(first, where, frame):
        return False, None
    return True, added([matrix(t, where, frame) for t in first])


def _of_blocks(found: Terms, frame: Frame, common: list[Place]) -> Structure:
    """Blocks over the shared places; where they are all the same, a product with an identity."""
    rest = tuple(p for p in frame.open if p not in common)
    held = frozenset[int]().union(*(t.indices for t in found))
    if held & {p.row for p in common}:
        block = _of(found, Frame(rest, (*frame.batch, *common)))
        return block if isinstance(block, Zero) else BlockDiagonal(frame, block)
    unit = Diagonal(Frame(tuple(common), frame.batch), ones(*frame.lead, 1), one=True)
    factors = (unit, _of(found, Frame(rest, frame.batch)))
    return Kronecker(frame, tuple(sorted(
        factors, key=lambda f: frame.open.index(f.frame.open[0]))))


def _entries(found: Terms, frame: Frame) -> Tensor:
    return added([dense(t, frame) for t in found])


def _sparse(found: Terms, frame: Frame) -> Structure:
    """Triangular, or only where guards that tie rows to columns hold, or general."""
    matrix = _entries(found, frame)
    spelt = [t.spelt(frame) for t in found]
    if frame.square and len(frame.open) == 1:
        below = at(frame.axes[1][0]) - at(frame.axes[2][0])
        for lower, form in ((True, below), (False, -below)):
            if all(any(_implies(g, form, t.scheme.sizes) for g in _guards(t)) for t in spelt):
                return Triangular(frame, matrix, lower)
    patterns = [[g for g in _guards(t) if _ties(t, g, frame)] for t in spelt]
    if all(patterns):
        texts = dict.fromkeys(" and ".join(sorted(map(_text, p))) for p in patterns)
        return Sparse(frame, matrix, tuple(texts))
    return General(frame, matrix)


def _text(g: Guard) -> str:
    """A guard as text, the same in every process; i0, i1, ... are the indices of the axes."""
    return str(Guard(Form(sorted(g.form.terms, key=lambda term: str(Form((term,))))), g.relation))


def _guards(t: Term) -> list[Guard]:
    return [p for p in t.pieces if isinstance(p, Guard)]


def _implies(g: Guard, form: Form, sizes: Sequence[Form]) -> bool:
    """Whether a guard makes a form nonnegative."""
    signs = {">=": (1,), "==": (1, -1), "!=": ()}[g.relation]
    return any(nonnegative(form - sign * g.form, sizes) for sign in signs)


def _ties(t: Term, g: Guard, frame: Frame) -> bool:
    _, rows, columns = frame.axes
    return g.relation != "!=" and bool(
        g.form.indices.intersection(rows) and g.form.indices.intersection(columns)
    ) and not g.form.indices.intersection(t.scheme.bound)
