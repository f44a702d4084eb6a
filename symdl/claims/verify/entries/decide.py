"""Whether two expressions over numbers for sizes are equal, entry by entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from time import thread_time
from typing import Any

import numpy as np

from symdl.claims.verify.entries.field import Branch, Element, Field, Unsupported
from symdl.claims.verify.entries.functions import Laws, Rescale
from symdl.claims.verify.entries.inputs import (
    cases_of,
    entry_count,
    is_positive,
    may_be_zero,
    signs_of,
    valued,
)
from symdl.evidence.line import Array
from symdl.kernels.oracle import oracle
from symdl.kernels.scalars import Domain
from symdl.language.errors import SymdlError
from symdl.language.owners import Application
from symdl.language.primitives.cholesky import Cholesky
from symdl.language.primitives.det import Det
from symdl.language.primitives.inv import Inv
from symdl.language.primitives.logdet import Logdet
from symdl.language.primitives.solve import Solve
from symdl.language.sizes import dims_of, variables_of
from symdl.language.tensor import Part, Tensor, Variable, topological

EXACT = (Inv, Det, Solve, Logdet, Cholesky)
MOST_ENTRIES, MOST_BRANCHES, MOST_RESULTS = 40, 243, 400


def equal_entries(left: Tensor, right: Tensor, kinks: Sequence[Tensor] = (),
                  seconds: float = 4.0) -> str:
    """Decide that all entries of two expressions are equal as elements of a field.

    Parameters
    ----------
    left, right : Tensor
        Over sizes that are numbers.
    kinks : sequence of Tensor
        Where one of these is 0, nothing is claimed.
    seconds : float
        How long it may take.

    Returns
    -------
    str
        Empty if they are equal, wherever both are defined; else why that isn't found.
    """
    roots = [left, right, *kinks]
    if dims_of(roots):
        return "a size is a symbol"
    if any(isinstance(t, Part) and not (isinstance(t.owner, Application) and isinstance(
            t.owner.primitive, EXACT)) for t in topological(roots)):
        return "a matrix function isn't rational"
    if np.prod([n.constant or 0 for n in left.shape], initial=1) > MOST_RESULTS:
        return "there are too many entries"
    try:
        _Decision(left, right, kinks, thread_time() + seconds).run()
    except _Differ as found:
        return str(found)
    except Unsupported as found:
        return f"it has {found}"
    except ZeroDivisionError:
        return "something is divided by 0"
    except (SymdlError, KeyError, TypeError, NotImplementedError):
        return "a function has no exact value"
    return ""


class _Differ(Exception):
    """The sides aren't found equal."""


class _Decision:
    def __init__(self, left: Tensor, right: Tensor, kinks: Sequence[Tensor], end: float):
        self.left, self.right, self.kinks, self.end = left, right, kinks, end
        self.inputs = variables_of([left, right, *kinks])
        self.shapes = [tuple(n.constant or 0 for n in v.shape) for v in self.inputs]
        self.branches = 0

    def run(self) -> None:
        """Every finite case, every component, every sign that matters."""
        cases = [cases_of(v, s) for v, s in zip(self.inputs, self.shapes, strict=True)]
        signs = [list(signs_of(v)) for v in self.inputs]
        for case in product(*cases):
            for sign in product(*signs):
                self._branch(case, sign, {}, 1)

    def _branch(self, case: Sequence[Array | None], sign: Sequence[int],
                assumed: Mapping[Any, int], scale: int) -> None:
        self.branches += 1
        if self.branches > MOST_BRANCHES or thread_time() > self.end:
            raise Unsupported("too many cases")
        try:
            self._compare(case, sign, assumed, scale)
        except Rescale as wanted:
            self._branch(case, sign, {}, scale * wanted.factor)
        except Branch as found:
            for s in (1, -1, 0):
                self._branch(case, sign, {**assumed, found.polynomial: s}, scale)

    def _compare(self, case: Sequence[Array | None], sign: Sequence[int],
                 assumed: Mapping[Any, int], scale: int) -> None:
        field = self._field(case, assumed, scale)
        domain = Laws(field).domain()
        point = self._point(field, case, sign, {})
        if 0 in assumed.values():
            if self._is_kink(point, domain, [p for p, s in assumed.items() if s == 0]):
                return
            point = self._point(field, case, sign, _solved(field, assumed))
        left, right = oracle([self.left, self.right], point, domain)
        for entry in np.ndindex(left.shape):
            difference: Any = left[entry] - right[entry]
            if difference.num:
                raise _Differ("the entries differ as rational functions")

    def _is_kink(self, point: dict[str, Array], domain: Domain, border: list[Any]) -> bool:
        """Whether a distance from a kink is 0 on a border, where nothing is claimed."""
        distances = oracle(list(self.kinks), point, domain) if self.kinks else []
        return any(not x.num.rem(p) for a in distances for x in a.flat for p in border)

    def _field(self, case: Sequence[Array | None], assumed: Mapping[Any, int],
               scale: int) -> Field:
        free = [v for v, known in zip(self.inputs, case, strict=True) if known is None]
        counts = [entry_count(v, s) for v, s, known in zip(
            self.inputs, self.shapes, case, strict=True) if known is None]
        if sum(counts) > MOST_ENTRIES:
            raise Unsupported("too many entries of inputs")
        flags = [_positive(v, k) for v, n in zip(free, counts, strict=True) for k in range(n)]
        closed = any(may_be_zero(v) for v in free)
        return Field(flags, assumed, scale, self.end, closed)

    def _point(self, field: Field, case: Sequence[Array | None], sign: Sequence[int],
               solved: Mapping[int, Element]) -> dict[str, Array]:
        point, used = dict[str, Array](), 0
        for v, shape, known, s in zip(self.inputs, self.shapes, case, sign, strict=True):
            if known is not None:
                point[v.name or ""] = known
                continue
            count = entry_count(v, shape)
            entries = [solved.get(used + k, field.entry(used + k)) for k in range(count)]
            point[v.name or ""] = valued(v, entries, shape, field, s)
            used += count
        return point


def _solved(field: Field, assumed: Mapping[Any, int]) -> dict[int, Element]:
    """Free entries by the polynomials that are assumed to be 0."""
    out: dict[int, Element] = {}
    for p, s in assumed.items():
        if s == 0:
            k, value = _solution(field, p)
            if k in out or any(m[j] for j in out for m in p):
                raise Unsupported("a border between two cases")
            out[k] = value
    return out


def _solution(field: Field, p: Any) -> tuple[int, Element]:
    """An entry for which p is 0, p being linear in it with a number as coefficient."""
    used = {k for m in p for k, e in enumerate(m) if e}
    if all(field.table[k].kind == "entry" if k < len(field.table) else False for k in used):
        for k in sorted(k for k in used if not field.table[k].positive):
            if all(m[k] <= 1 for m in p):
                slope = field.ring.from_dict({(*m[:k], 0, *m[k + 1:]): c
                                              for m, c in p.items() if m[k]})
                if slope.is_ground or field.is_positive(slope):
                    return k, field.quotient(slope * field.symbols[k] - p, slope)
    raise Unsupported("a border between two cases")


def _positive(v: Variable, k: int) -> bool:
    """Whether a free entry is positive: of a positive definite matrix those on L's diagonal."""
    if "positive_definite" in v.facts:
        n = v.shape[-1].constant or 1
        return k % (n + 1) == 0
    return is_positive(v)
