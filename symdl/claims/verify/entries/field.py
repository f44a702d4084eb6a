"""Rational functions of generators: entries of inputs, and values of functions at elements.

An element is a quotient of two polynomials over the rationals. A generator is an entry of an
input, or stands for a function's value: exp(m) for a monomial m, log|f| for an irreducible f, a
root, |f|, sin and cos, or any other function at an element. Some have a relation, g**q = f, by
which numerators are reduced. Two elements whose difference is 0 are equal wherever both are
defined; others may be equal all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from time import thread_time
from typing import Any

import sympy
from sympy.polys.domains import QQ
from sympy.polys.rings import PolyElement, ring


class Unsupported(Exception):
    """Something that has no exact value here."""


class Branch(Exception):
    """A decision that depends on the sign of a polynomial of which nothing is assumed."""

    def __init__(self, polynomial: Any):
        self.polynomial = polynomial


@dataclass(frozen=True)
class Generator:
    """What a generator stands for.

    Attributes
    ----------
    kind : str
        `entry`, or the name of a function.
    argument : Element or None
        What the function is applied to.
    positive : bool
        Whether it is positive wherever it is defined.
    power, value
        The relation `generator ** power == value`, if there is one.
    """

    kind: str
    argument: Any = None
    positive: bool = False
    power: int = 0
    value: Any = None


_FACTORS: dict[Any, tuple[Any, list[tuple[Any, int]]]] = {}
_REMEMBERED = 1000
SPARE = 40
"""How many values of functions there may be beside the entries."""
MOST_PRODUCTS, MOST_CANCELLED = 200_000, 20_000
"""How many products of terms a product may have, and a quotient that is brought to lowest terms."""


class Field:
    """The generators, and the signs that are assumed.

    Parameters
    ----------
    entries : iterable of bool
        For each entry of an input, whether it is positive.
    signs : mapping
        Polynomials and their assumed signs, 1, 0 or -1.
    scale : int
        The generators for exponentials are exp(u / scale).
    end : float
        When to stop, in the thread's processor time.
    closed : bool
        Whether an entry that counts as positive may be 0, so that no sign is sure.

    Attributes
    ----------
    exponents : list of (Element, Element)
        Arguments u, none of which is a sum of multiples of the others, and exp(u / scale).
    """

    def __init__(self, entries: Iterable[bool], signs: Mapping[Any, int], scale: int = 1,
                 end: float = inf, closed: bool = False):
        self.table = [Generator("entry", positive=p) for p in entries]
        self.signs, self.scale, self.end, self.closed = signs, scale, end, closed
        self.exponents: list[tuple[Element, Element]] = []
        count = len(self.table) + SPARE
        self.ring, *self.symbols = ring([f"g{k}" for k in range(count)], QQ)
        self._found: dict[Any, int] = {}
        self.zero, self.one = Element(self, self.ring.zero, self.ring.one), Element(
            self, self.ring.one, self.ring.one)

    def number(self, x: Any) -> Element:
        """An exact number as an element."""
        if isinstance(x, Element):
            return x
        f = Fraction(repr(x)) if isinstance(x, float) else Fraction(x)
        return Element(self, self.ring(QQ(f.numerator, f.denominator)), self.ring.one)

    def entry(self, k: int) -> Element:
        """The generator of an entry."""
        return Element(self, self.symbols[k], self.ring.one)

    def generator(self, kind: str, argument: Any, positive: bool = False, power: int = 0,
                  value: Any = None) -> Element:
        """The generator for a function's value, a new one or the one there is."""
        key = (kind, argument)
        if key not in self._found:
            if len(self.table) == len(self.symbols):
                raise Unsupported("too many values of functions")
            self._found[key] = len(self.table)
            self.table.append(Generator(kind, argument, positive, power, value))
        return Element(self, self.symbols[self._found[key]], self.ring.one)

    def quotient(self, num: Any, den: Any) -> Element:
        """The element num / den, in lowest terms."""
        num, den = self.reduced(num), self.reduced(den)
        if not den:
            raise ZeroDivisionError
        if not num:
            return self.zero
        if thread_time() > self.end:
            raise Unsupported("entries that take too long")
        if den != self.ring.one and len(num) * len(den) <= MOST_CANCELLED:
            num, den = num.cancel(den)
        return Element(self, num, den)

    def product(self, p: Any, q: Any) -> Any:
        """The product of two polynomials that aren't too long."""
        if len(p) * len(q) > MOST_PRODUCTS:
            raise Unsupported("polynomials that are too long")
        return p * q

    def reduced(self, p: Any) -> Any:
        """A polynomial with the relations of its generators used."""
        for k, g in enumerate(self.table):
            if g.power and any(m[k] >= g.power for m in p):
                p = self._without_power(p, k, g)
        return p

    def _without_power(self, p: Any, k: int, g: Generator) -> Any:
        while any(m[k] >= g.power for m in p):
            low, high = dict[Any, Any](), dict[Any, Any]()
            for m, c in p.items():
                if m[k] >= g.power:
                    high[(*m[:k], m[k] - g.power, *m[k + 1:])] = c
                else:
                    low[m] = c
            p = self.ring.from_dict(low) + self.ring.from_dict(high) * g.value
        return p

    def factors(self, p: Any) -> tuple[Fraction, list[tuple[Any, int]]]:
        """A polynomial as a number times powers of irreducible ones with a leading 1 or more."""
        if p not in _FACTORS:
            if len(_FACTORS) > _REMEMBERED:
                _FACTORS.clear()
            _FACTORS[p] = p.factor_list()
        c, found = _FACTORS[p]
        number, out = Fraction(int(c.numerator), int(c.denominator)), []
        for f, e in found:
            if f.LC < 0:
                f, number = -f, number * (-1) ** e
            out.append((f, e))
        return number, out

    def is_positive(self, p: Any) -> bool:
        """Whether a polynomial is positive by the signs of its coefficients and generators."""
        return all(c > 0 for c in p.values()) and all(
            e % 2 == 0 or self._is_positive(k)
            for m in p for k, e in enumerate(m) if e) and any(
            all(self._is_positive(k) for k, e in enumerate(m) if e) for m in p)

    def _is_positive(self, k: int) -> bool:
        g = self.table[k]
        return g.positive or self.signs.get(self.symbols[k]) == 1

    def sign(self, x: Element) -> int:
        """The sign of an element.

        Raises
        ------
        Branch
            If it depends on a polynomial of which nothing is assumed.
        """
        if not x.num:
            return 0
        if self.closed and x.constant is None:
            raise Unsupported("a choice by an input that may lie on the border of its range")
        out = 1
        for p in (x.num, x.den):
            number, found = self.factors(p)
            out *= 1 if number > 0 else -1
            for f, e in found:
                if e % 2 == 0 and self.signs.get(f) != 0:
                    if f in self.signs or self.is_positive(f):
                        continue
                    raise Branch(f)
                if not self.is_positive(f):
                    if f not in self.signs:
                        raise Branch(f)
                    out *= self.signs[f]
        return out


class Element:
    """A quotient of two polynomials over the generators of a field."""

    __slots__ = ("den", "field", "num")

    def __init__(self, field: Field, num: PolyElement, den: PolyElement):
        self.field, self.num, self.den = field, num, den

    def __add__(self, other: Any) -> Element:
        o = self.field.number(other)
        if self.den == o.den:
            return self.field.quotient(self.num + o.num, self.den)
        times = self.field.product
        return self.field.quotient(times(self.num, o.den) + times(o.num, self.den),
                                   times(self.den, o.den))

    __radd__ = __add__

    def __neg__(self) -> Element:
        return Element(self.field, -self.num, self.den)

    def __sub__(self, other: Any) -> Element:
        return self + -self.field.number(other)

    def __rsub__(self, other: Any) -> Element:
        return self.field.number(other) - self

    def __mul__(self, other: Any) -> Element:
        o = self.field.number(other)
        times = self.field.product
        return self.field.quotient(times(self.num, o.num), times(self.den, o.den))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Element:
        o = self.field.number(other)
        times = self.field.product
        return self.field.quotient(times(self.num, o.den), times(self.den, o.num))

    def __rtruediv__(self, other: Any) -> Element:
        return self.field.number(other) / self

    def __pow__(self, n: int) -> Element:
        return self.field.quotient(self.num**n, self.den**n) if n >= 0 else (
            self.field.quotient(self.den**-n, self.num**-n))

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        try:
            o = self.field.number(other)
        except (TypeError, ValueError):
            return False
        return (self.num == o.num and self.den == o.den) or not (self - o).num

    def __hash__(self) -> int:
        return hash((self.num, self.den))

    def __lt__(self, other: Any) -> bool:
        return self.field.sign(self - other) < 0

    def __gt__(self, other: Any) -> bool:
        return self.field.sign(self - other) > 0

    def __le__(self, other: Any) -> bool:
        return self.field.sign(self - other) <= 0

    def __ge__(self, other: Any) -> bool:
        return self.field.sign(self - other) >= 0

    def __int__(self) -> int:
        c = self.constant
        if c is None or c.denominator != 1:
            raise Unsupported("an integer that depends on the inputs")
        return c.numerator

    def __abs__(self) -> int:
        """Whether it isn't 0, as a pivot is chosen."""
        return int(bool(self.num))

    @property
    def constant(self) -> Fraction | None:
        """The number that it is."""
        if not self.num:
            return Fraction(0)
        if not (self.num.is_ground and self.den.is_ground):
            return None
        c = self.num.LC / self.den.LC
        return Fraction(int(c.numerator), int(c.denominator))


def fraction(x: Any) -> Fraction:
    """A rational of SymPy as a fraction."""
    r = sympy.Rational(x)
    return Fraction(int(r.p), int(r.q))
