"""The search for a counterexample: smallest sizes first, then small numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from time import thread_time
from typing import Any

import numpy as np

from symdl.claims.sizes import size_of
from symdl.claims.verify.judging import Comparison, Judge
from symdl.claims.verify.points import Numbers, Point, draw
from symdl.claims.verify.statement import Statement
from symdl.language.errors import SymdlError
from symdl.language.form import Dim, Form
from symdl.language.sizes import dims_of
from symdl.language.tensor import Equation, Variable, topological

TRIES = ((3, 1, False), (2, 1, True), (3, 2, False), (3, 7, True), (4, 3, False), (1, 64, False),
         (1000, 1, False), (Fraction(3, 10_000), 10_000, False))
"""Greatest number, denominator, and whether only positive numbers are drawn, one try each."""
ROUNDS = 4
"""How often all are tried where no size is a symbol."""
SECONDS = 2.0
SHRINKING = 80


@dataclass(frozen=True)
class Counterexample:
    """A point at which a claim is false.

    Attributes
    ----------
    sizes : mapping of str to int
    point : mapping of str to ndarray
        Fractions.
    comparison : Comparison
        Both sides in the first entry that is wrong.
    """

    sizes: Mapping[str, int]
    point: Point
    comparison: Comparison


@dataclass(frozen=True)
class Agreement:
    """How well the sides agree where no counterexample was found.

    Attributes
    ----------
    points : int
        At how many both sides are defined.
    sizes : list of mapping
        The sizes tried.
    digits : float
        To how many digits the sides agree, in the worst entry; 50 where they were computed
        exactly.
    exact : bool
        Whether all were compared in exact fractions.
    seed : int
        Of the points.
    reason : str
        Why there is no point, if there is none.
    """

    points: int = 0
    sizes: list[dict[str, int]] = field(default_factory=list)
    digits: float = 50.0
    exact: bool = True
    seed: int = 0
    reason: str = ""


def disprove(statement: Statement, seed: int = 0, seconds: float = SECONDS,
             steps: int = SHRINKING) -> Counterexample | Agreement:
    """Look for a counterexample.

    Parameters
    ----------
    statement : Statement
        With sides of one shape.
    seed : int
        Of the points.
    seconds : float
        When to stop once a point has been looked at.
    steps : int
        How many smaller points are tried in place of a counterexample.

    Returns
    -------
    Counterexample or Agreement
    """
    search = _Search(statement, seed)
    points, digits, tried, exact = 0, 50.0, list[dict[str, int]](), True
    reason, start = "both sides are defined at none of the points tried", thread_time()
    for sizes in search.sizes():
        for number in range(len(TRIES) * (1 if sizes else ROUNDS)):
            if points and thread_time() - start > seconds:
                break
            try:
                point = search.point(sizes, number)
            except SymdlError as error:
                reason = str(error)
                continue
            found = search.judge.compare(point, sizes)
            if found.holds is None:
                continue
            if not found.holds:
                return search.shrunk(sizes, point, found, steps)
            points, digits = points + 1, min(digits, found.digits)
            exact = exact and found.arithmetic == "exact fractions"
            names = {str(d): n for d, n in sizes.items()}
            tried += [names] if names not in tried else []
    return Agreement(points, tried, digits, exact, seed, "" if points else reason)


class _Search:
    def __init__(self, statement: Statement, seed: int):
        self.judge, self.seed = Judge(statement), seed
        left, right = self.judge.sides
        self.roots = [left, right, statement.function]
        self.inputs = statement.inputs()
        self.forms = _forms(self.roots)

    def sizes(self) -> Iterator[dict[Dim, int]]:
        """The smallest sizes first; none that makes an axis of negative length."""
        dims = sorted({*dims_of(self.roots), *dims_of(self.inputs)}, key=str)
        if not dims:
            yield {}
            return
        small = sorted(product((1, 2), repeat=len(dims)), key=sum) if len(dims) <= _FEW else [
            (1,) * len(dims), (2,) * len(dims)]
        mixed = [tuple(2 + (k + shift) % 3 for k in range(len(dims))) for shift in range(2)]
        for lengths in dict.fromkeys([*small, (3,) * len(dims), *mixed]):
            sizes = dict(zip(dims, lengths, strict=True))
            if all(size_of(f, sizes) >= 0 for f in self.forms):
                yield sizes

    def point(self, sizes: Mapping[Dim, int], number: int) -> Point:
        """The point of that number."""
        widest, below, positive = TRIES[number % len(TRIES)]
        numbers = Numbers(self.seed + 1000 * number + sum(sizes.values()), widest, below, positive)
        (root, *_) = self.roots
        return {v.name or "": draw(v, root, sizes, numbers) for v in self.inputs}

    def shrunk(self, sizes: Mapping[Dim, int], point: Point, found: Comparison, left: int,
               ) -> Counterexample:
        """The counterexample with as many small whole numbers as keep it one."""
        for v in (v for v in self.inputs if v.dtype == "real" and v.facts <= _FREE):
            for i in np.ndindex(point[v.name or ""].shape):
                for value in _smaller(point[v.name or ""][i], v):
                    if left == 0:
                        break
                    left -= 1
                    tried = _with(point, v, i, value)
                    new = self.judge.compare(tried, sizes)
                    if new.holds is False:
                        point, found = tried, new
                        break
        return Counterexample({str(d): n for d, n in sizes.items()}, point, found)


_FEW = 3
_FREE = frozenset({"positive", "nonnegative", "symmetric"})


def _forms(roots: list[Any]) -> set[Form]:
    out: set[Form] = set()
    for t in topological(roots):
        out.update(t.shape)
        if isinstance(t, Equation):
            out.update(t.scheme.sizes)
    return {f for f in out if not f.indices}


def _smaller(x: Any, v: Variable) -> list[Fraction]:
    low = 1 if "positive" in v.facts else 0 if "nonnegative" in v.facts else -2
    rank = [0, 1, -1, 2, -2, 3, -3]
    mine = rank.index(int(x)) if x in rank else len(rank)
    return [Fraction(n) for n in rank[:mine] if n >= low]


def _with(point: Point, v: Variable, i: tuple[int, ...], value: Fraction) -> Point:
    a = point[v.name or ""].copy()
    a[i] = value
    if "symmetric" in v.facts:
        a[(*i[:-2], i[-1], i[-2])] = value
    return {**point, v.name or "": a}
