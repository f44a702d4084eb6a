"""Both sides at a point: exact where the expression is rational, else in 50 digits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import isfinite
from typing import Any, Literal

import mpmath
import numpy as np

from symdl.calculus.kinks import kinks
from symdl.claims.verify.points import Point
from symdl.claims.verify.statement import Statement
from symdl.evidence.line import Array
from symdl.kernels.oracle import oracle
from symdl.kernels.scalars import FRACTION, Domain, precise
from symdl.language.errors import SymdlError
from symdl.language.form import Dim
from symdl.language.sizes import dims_of
from symdl.language.tensor import Tensor

MARGIN = 1e-20
"""The least relative difference of two numbers of 50 digits that refutes."""
STEADY = 1e-25
"""How near numbers of 50 digits have to be to those of 100, for a difference to be trusted."""


def _decimal(number: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A float in a formula is the decimal that it is written as."""
    def call(x: Any) -> Any:
        return number(Fraction(repr(x)) if isinstance(x, float) and isfinite(x) else x)

    return call


EXACT, FINE, FINER = (replace(d, number=_decimal(d.number))
                      for d in (FRACTION, precise(50), precise(100)))
IRRATIONAL = (SymdlError, KeyError, TypeError, AttributeError, NotImplementedError)
"""What evaluation in fractions raises at a function that isn't rational."""
UNDEFINED = (ZeroDivisionError, ValueError, OverflowError)
"""What it raises where something isn't defined."""


@dataclass(frozen=True)
class Comparison:
    """What the sides are at a point.

    Attributes
    ----------
    holds : bool or None
        Whether the relation does in all entries that are defined; None where none is.
    entry : tuple of int
        Where it doesn't.
    values : tuple
        Both sides there.
    arithmetic : {"exact fractions", "50 digits"}
        How they were computed.
    digits : float
        To how many the sides agree, in the worst entry.
    """

    holds: bool | None
    entry: tuple[int, ...] = ()
    values: tuple[Any, Any] | None = None
    arithmetic: Literal["exact fractions", "50 digits"] = "exact fractions"
    digits: float = 50.0


class Judge:
    """Compares the sides of a statement at points."""

    def __init__(self, statement: Statement):
        self.statement = statement
        self.sides = statement.sides()
        self.kinks = kinks_of(statement)
        self._exact = True

    def compare(self, point: Point, sizes: Mapping[Dim, int]) -> Comparison:
        """The comparison at a point; a derivative isn't looked at beside a kink."""
        names = {str(d): n for d, n in sizes.items()}
        if self.kinks and not self._is_smooth(point, names):
            return Comparison(None)
        for domain in (EXACT, FINE) if self._exact else (FINE,):
            try:
                left, right = values(self.sides, point, names, domain)
            except IRRATIONAL:
                continue
            except UNDEFINED:
                return Comparison(None)
            self._exact = domain is EXACT
            found = self._compared(left, right, domain)
            if found.holds is False and domain is FINE and not self._is_steady(
                    found, point, names):
                return Comparison(None)
            return found
        return Comparison(None)

    def _is_steady(self, found: Comparison, point: Point, names: Mapping[str, int]) -> bool:
        """Whether twice as many digits give the same numbers: no rounding error is reported."""
        assert found.values is not None
        finer = values(self.sides, point, names, FINER)
        return all(abs(x - a[found.entry]) <= STEADY * (1 + abs(x))
                   for x, a in zip(found.values, finer, strict=True))

    def _is_smooth(self, point: Point, names: Mapping[str, int]) -> bool:
        for domain in (EXACT, FINE):
            try:
                found = values(self.kinks, point, names, domain)
            except IRRATIONAL:
                continue
            except UNDEFINED:
                return False
            return all(x != 0 for a in found for x in a.flat)
        return False

    def _compared(self, left: Array, right: Array, domain: Domain) -> Comparison:
        digits, holds = 50.0, None
        how: Any = "exact fractions" if domain is EXACT else "50 digits"
        for entry in np.ndindex(left.shape):
            x, y = left[entry], right[entry]
            if not (_is_number(x) and _is_number(y)):
                continue
            least = 0 if domain is EXACT else MARGIN * (1 + abs(x) + abs(y))
            if not _related(x, y, self.statement.relation, least):
                return Comparison(False, entry, (x, y), how)
            if x != y and self.statement.relation == "=":
                digits = min(digits, float(-mpmath.log10(abs(x - y) / (1 + abs(x) + abs(y)))))
            holds = True
        return Comparison(holds, arithmetic=how, digits=digits)


def kinks_of(statement: Statement) -> list[Tensor]:
    """What is 0 at the kinks of the function that is differentiated: there nothing is claimed."""
    return [k.distance for k in kinks(statement.function)] if statement.variables else []


def _is_number(x: Any) -> bool:
    """Whether a value is defined; floats in exact arithmetic come from a division by 0."""
    if isinstance(x, (Fraction, int)):
        return True
    return not isinstance(x, float) and bool(mpmath.isfinite(x))


def _related(x: Any, y: Any, relation: str, least: Any) -> bool:
    if relation == "=":
        return bool(abs(x - y) <= least)
    if relation in ("<=", "<"):
        return bool(x - y < least if relation == "<" and not least else x - y <= least)
    return _related(y, x, "<=" if relation == ">=" else "<", least)


def values(tensors: Any, point: Point, sizes: Mapping[str, int],
           domain: Domain) -> list[Array]:
    """Tensors at a point, which may hold inputs that they don't read."""
    needed = {str(d): sizes[str(d)] for d in dims_of(tensors) if str(d) in sizes}
    return oracle(list(tensors), point, domain, **needed)
