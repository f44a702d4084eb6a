"""What a sum of terms is, as a tree of structures; what isn't proved is general."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, reduce
from operator import add

from symdl.algebra.structure.kinds import (
    BlockDiagonal,
    Diagonal,
    DiagonalPlusLowRank,
    Frame,
    General,
    Kronecker,
    KroneckerSum,
    LowRank,
    Permuted,
    Place,
    Sparse,
    Structure,
    Triangular,
    Tridiagonal,
    Zero,
)
from symdl.algebra.structure.parts import (
    Product,
    Term,
    components,
    dense,
    diagonal,
    is_low,
    off_diagonal,
    offsets,
    rank,
    separated,
)
from symdl.algebra.structure.terms import delta, paired, terms
from symdl.language.bounds import nonnegative
from symdl.language.form import ONE, Form
from symdl.language.guard import Guard
from symdl.language.scheme import Scheme
from symdl.language.shaping import at, concatenate, ones, zeros
from symdl.language.tensor import Equation, Tensor

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
    return replace(best, symmetric=_is_symmetric(t, found, rows))


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


def _is_symmetric(t: Tensor, found: Sequence[Scheme], rows: int) -> bool:
    """Whether the terms are the same with rows and columns exchanged."""
    if t.shape[:rows] != t.shape[rows:]:
        return False
    turn = [at((k + rows) % (2 * rows)) for k in range(2 * rows)]
    turned = [paired(s.place(s.sizes, s.axes, [*turn, *(at(k) for k in s.bound)]), rows)
              for s in found]
    before, after = ({Equation.make(s).simplify() for s in side if s is not None}
                     for side in (found, turned))
    return before == after


def _of(found: Terms, frame: Frame) -> Structure:
    """The structure of a sum of terms over the open places of a frame."""
    if not found:
        return Zero(frame)
    common = [p for p in frame.open if all(p in t.shared for t in found)]
    if len(common) == len(frame.open):
        return _diagonal(found, frame)
    if common:
        return _of_blocks(found, frame, common)
    return _plus_low_rank(found, frame) or _kronecker(found, frame) or _sparse(found, frame)


def _kronecker(found: Terms, frame: Frame) -> Structure | None:
    """A product of factors over places of their own, or a sum of such products."""
    parts = [components(t, frame.open) for t in found]
    if any(len(p) == 1 for p in parts):
        return None
    products = [Kronecker(frame, tuple(_of([t], Frame(where, frame.batch)) for where, t in p))
                for p in parts]
    if len(products) == 1:
        return products[0]
    return KroneckerSum(frame, _entries(found, frame), tuple(products))


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


def _diagonal(found: Terms, frame: Frame) -> Diagonal:
    entries = _total([diagonal(t, frame) for t in found])
    plain = len(found) == 1 and found[0].pieces in ((), (1,))
    return Diagonal(frame, entries, one=plain)


def _entries(found: Terms, frame: Frame) -> Tensor:
    return _total([dense(t, frame) for t in found])


def _total(found: Sequence[Tensor]) -> Tensor:
    return reduce(add, found)


def _plus_low_rank(found: Terms, frame: Frame) -> Structure | None:
    """D + U Vᵀ, from terms that are diagonal and terms that are products of two sides."""
    on_diagonal = [t for t in found if t.shared.keys() >= set(frame.open)]
    others = [t for t in found if t not in on_diagonal]
    sides = [separated(t, frame) for t in others]
    products = _gathered([p for p in sides if p is not None])
    if None in sides or not all(
            is_low(rank(products), n) for n in (frame.rows, frame.columns)):
        return None
    update = LowRank(frame, concatenate([p.left for p in products], -1),
                     concatenate([p.right for p in products], -1))
    if not on_diagonal:
        return update
    return DiagonalPlusLowRank(frame, _diagonal(on_diagonal, frame), update)


def _gathered(products: Sequence[Product]) -> list[Product]:
    """U Vᵀ + U Wᵀ = U (V + W)ᵀ, and the like on the left."""
    found: dict[Tensor, Tensor] = {}
    for p in products:
        found[p.left] = found[p.left] + p.right if p.left in found else p.right
    turned: dict[Tensor, Tensor] = {}
    for left, right in found.items():
        turned[right] = turned[right] + left if right in turned else left
    return [Product(left, right) for right, left in turned.items()]


def _sparse(found: Terms, frame: Frame) -> Structure:
    """Triangular, or only where guards that tie rows to columns hold, or general."""
    matrix = _entries(found, frame)
    spelt = [t.spelt(frame) for t in found]
    if frame.square and len(frame.open) == 1:
        below = at(_row(frame)) - at(_column(frame))
        if (band := _tridiagonal(found, frame)) is not None:
            return band
        for lower, form in ((True, below), (False, -below)):
            if all(any(_implies(g, form, t.scheme.sizes) for g in _guards(t)) for t in spelt):
                return Triangular(frame, matrix, lower)
    patterns = [[g for g in _guards(t) if _ties(t, g, frame)] for t in spelt]
    if all(patterns):
        texts = dict.fromkeys(" and ".join(sorted(map(_text, p))) for p in patterns)
        return Sparse(frame, matrix, tuple(texts))
    return General(frame, matrix)


def _tridiagonal(found: Terms, frame: Frame) -> Tridiagonal | None:
    ranges = [offsets(t, frame) for t in found]
    if not all(x is not None and {-1, 0, 1}.issuperset(x) for x in ranges):
        return None
    lower, main, upper = (_total([zeros(*frame.lead, frame.rows), *(
        off_diagonal(t, frame, c) for t, x in zip(found, ranges, strict=True) if x and c in x)])
        for c in (-1, 0, 1))
    return Tridiagonal(frame, lower, main, upper)


def _text(g: Guard) -> str:
    """A guard as text, the same in every process; i0, i1, ... are the indices of the axes."""
    return str(Guard(Form(sorted(g.form.terms, key=lambda term: str(Form((term,))))), g.relation))


def _guards(t: Term) -> list[Guard]:
    return [p for p in t.pieces if isinstance(p, Guard)]


def _row(frame: Frame) -> int:
    return frame.axes[1][0]


def _column(frame: Frame) -> int:
    return frame.axes[2][0]


def _implies(g: Guard, form: Form, sizes: Sequence[Form]) -> bool:
    """Whether a guard makes a form nonnegative."""
    signs = {">=": (1,), "==": (1, -1), "!=": ()}[g.relation]
    return any(nonnegative(form - sign * g.form, sizes) for sign in signs)


def _ties(t: Term, g: Guard, frame: Frame) -> bool:
    _, rows, columns = frame.axes
    return g.relation != "!=" and bool(
        g.form.indices.intersection(rows) and g.form.indices.intersection(columns)
    ) and not g.form.indices.intersection(t.scheme.bound)
