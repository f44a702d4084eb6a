"""Functions at elements of a field, by their laws.

exp(a + b) = exp(a) exp(b); log(u v) = log|u| + log|v|; roots of positive factors come out of a
root; hyperbolic functions are written with exponentials; cos² = 1 - sin². Each law holds wherever
both of its sides are defined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import sympy

from symdl.claims.verify.entries.field import Element, Field, Unsupported, fraction
from symdl.kernels.scalars import RELATIONS, Domain


class Rescale(Exception):
    """Exponentials of fractions of a monomial are needed."""

    def __init__(self, factor: int):
        self.factor = factor


class Laws:
    """The functions of a field."""

    def __init__(self, field: Field):
        self.field = field

    def domain(self) -> Domain:
        """The field as a domain of the oracle."""
        own: Mapping[str, Callable[..., Any]] = {
            "exp": self.exp, "log": self.log, "pow": self.power, "sqrt": self.sqrt,
            "tanh": self.tanh, "sinh": lambda x: (self.exp(x) - self.exp(-x)) / 2,
            "cosh": lambda x: (self.exp(x) + self.exp(-x)) / 2, "constant": self.constant,
            "sin": self.sin, "cos": self.cos, "tan": lambda x: self.sin(x) / self.cos(x),
            **{name: self.odd(name) for name in ("erf", "atan", "asin", "asinh", "atanh")},
            **{name: self.other(name) for name in ("erfc", "gamma", "loggamma", "acos", "acosh")},
            "polygamma": lambda n, x: self.other(f"polygamma{n.constant}")(x),
        }
        same = {"Equality": lambda a, b: self._sign(a, b) == 0,
                "Unequality": lambda a, b: self._sign(a, b) != 0}
        return Domain("entries", self.field.number, own, _Nowhere(), _Nowhere(),
                      {**RELATIONS, **same})

    def _sign(self, a: Any, b: Any) -> int:
        return self.field.sign(self.field.number(a) - b)

    def exp(self, x: Element) -> Element:
        """exp(c1 u1 + c2 u2) = exp(u1)**c1 exp(u2)**c2, and exp(log|f|) = f for positive f."""
        field, out, rest = self.field, self.field.one, x
        if x.den.is_ground:
            for m, c in x.num.terms():
                inside = self._inside_log(m)
                if inside is not None:
                    power = _fraction(c) / _fraction(x.den.LC)
                    out = out * self._of_log(inside, power)
                    rest = rest - power * field.quotient(
                        field.ring.from_dict({m: field.ring.domain.one}), field.ring.one)
        if not rest.num:
            return out
        powers = combination(rest, [u for u, _ in field.exponents])
        if powers is None:
            lead = _fraction(rest.num.LC) / _fraction(rest.den.LC)
            u = rest / lead
            field.exponents.append((u, field.generator("exp", u, positive=True)))
            powers = [Fraction(0)] * (len(field.exponents) - 1) + [lead]
        for power, (_, g) in zip(powers, field.exponents, strict=True):
            count = power * field.scale
            if count.denominator != 1:
                raise Rescale(count.denominator)
            out = out * g ** int(count)
        return out

    def _inside_log(self, m: tuple[int, ...]) -> Any:
        """The f of a monomial that is log|f|."""
        used = [k for k, e in enumerate(m) if e]
        if len(used) == 1 and m[used[0]] == 1 and self.field.table[used[0]].kind == "log":
            return self.field.table[used[0]].argument
        return None

    def _of_log(self, f: Element, c: Fraction) -> Element:
        if c.denominator == 1 and (c.numerator % 2 == 0 or self.field.is_positive(f.num)):
            return f ** c.numerator
        if self.field.is_positive(f.num):
            return self._root(f.num, c)
        return self._absolute(f.num) ** c.numerator if c.denominator == 1 else self._refuse(
            "a root of an absolute value")

    def log(self, x: Element) -> Element:
        """log(c f**a / g**b) = log c + a log|f| - b log|g|."""
        if not x.num:
            raise ZeroDivisionError
        out = self.field.zero
        for p, sign in ((x.num, 1), (x.den, -1)):
            number, found = self.field.factors(p)
            out = out + sign * self._log_number(abs(number))
            for f, e in found:
                out = out + sign * e * self._log_factor(f)
        return out

    def _log_number(self, c: Fraction) -> Element:
        out = self.field.zero
        for n, sign in ((c.numerator, 1), (c.denominator, -1)):
            if n > _FACTORED:
                raise Unsupported("the logarithm of a large number")
            for prime, e in sympy.factorint(n).items():
                out = out + sign * int(e) * self.field.generator("log", self.field.number(
                    int(prime)), positive=True)
        return out

    def _log_factor(self, f: Any) -> Element:
        field = self.field
        k = _only(f)
        g = field.table[k] if k is not None else None
        if g is not None and g.kind == "exp":
            return g.argument / field.scale  # type: ignore[no-any-return]
        if g is not None and g.power:
            value = field.quotient(g.value, field.ring.one)
            return self.log(value) / g.power
        return field.generator("log", field.quotient(f, field.ring.one))

    def sqrt(self, x: Element) -> Element:
        """A square root."""
        return self.power(x, self.field.number(Fraction(1, 2)))

    def power(self, x: Element, y: Element) -> Element:
        """x**n for whole n; else by the roots of factors, or exp(y log x) where x is positive."""
        c = y.constant
        if c is None:
            return self.exp(y * self.log(x))
        if c.denominator == 1:
            return x ** c.numerator
        if not x.num:
            return self.field.zero if c > 0 else self._undefined()
        out, left = self.field.one, self.field.ring.one
        for p, sign in ((x.num, 1), (x.den, -1)):
            number, found = self.field.factors(p)
            if number < 0:
                left, number = -left, -number
            out = out * self._root_number(number, sign * c)
            for f, e in found:
                if self.field.is_positive(f):
                    out = out * self._root(f, sign * e * c)
                elif (e * c).denominator == 1 and e % 2 == 0:
                    out = out * self._absolute(f) ** (sign * int(e * c))
                elif sign == 1 and e == 1:
                    left = left * f
                else:
                    raise Unsupported("a root of a quotient whose sign isn't known")
        if left != self.field.ring.one:
            out = out * self._root(left, c)
        return out

    def _root_number(self, c: Fraction, e: Fraction) -> Element:
        out = self.field.one
        for n, sign in ((c.numerator, 1), (c.denominator, -1)):
            if n > _FACTORED:
                raise Unsupported("the root of a large number")
            for prime, k in sympy.factorint(n).items():
                out = out * self._root(self.field.ring(int(prime)), sign * int(k) * e)
        return out

    def _root(self, f: Any, e: Fraction) -> Element:
        """A power of f, which is positive: whole powers, and powers of its root."""
        field, whole = self.field, e.numerator // e.denominator
        out = field.quotient(f, field.ring.one) ** whole
        rest = e - whole
        if rest == 0:
            return out
        k = _only(f)
        if k is not None and field.table[k].kind == "exp":
            return out * self.exp(self._log_factor(f) * rest)
        positive = field.is_positive(f)
        root = field.generator(f"root{e.denominator}", field.quotient(f, field.ring.one),
                               positive=positive, power=e.denominator, value=f)
        return out * root ** rest.numerator

    def _absolute(self, f: Any) -> Element:
        if f in self.field.signs and self.field.signs[f] != 0:
            return self.field.signs[f] * self.field.quotient(f, self.field.ring.one)
        return self.field.generator("abs", self.field.quotient(f, self.field.ring.one), power=2,
                                    value=f * f)

    def tanh(self, x: Element) -> Element:
        """(1 - exp(-2x)) / (1 + exp(-2x))."""
        decay = self.exp(-2 * x)
        return (1 - decay) / (1 + decay)

    def sin(self, x: Element) -> Element:
        """An odd function."""
        if not x.num:
            return self.field.zero
        return -self.sin(-x) if x.num.LC < 0 else self.field.generator("sin", x)

    def cos(self, x: Element) -> Element:
        """An even function, with cos² = 1 - sin²."""
        if not x.num:
            return self.field.one
        x = -x if x.num.LC < 0 else x
        return self.field.generator("cos", x, power=2, value=1 - self.sin(x).num**2)

    def odd(self, name: str) -> Callable[[Element], Element]:
        """A function that changes its sign with its argument."""
        def call(x: Element) -> Element:
            if not x.num:
                return self.field.zero
            return -call(-x) if x.num.LC < 0 else self.field.generator(name, x)

        return call

    def other(self, name: str) -> Callable[[Element], Element]:
        """A function of which nothing is known."""
        return lambda x: self.field.generator(name, x)

    def constant(self, x: sympy.Expr) -> Element:
        """A number such as pi, or made of functions of numbers."""
        if x.is_Rational:
            return self.field.number(fraction(x))
        if x.is_Add or x.is_Mul:
            parts = [self.constant(a) for a in x.args]
            out = parts[0]
            for a in parts[1:]:
                out = out + a if x.is_Add else out * a
            return out
        if x.is_Pow and x.exp.is_Rational:
            return self.power(self.constant(x.base), self.constant(x.exp))
        if isinstance(x, sympy.log):
            return self.log(self.constant(x.args[0]))
        if isinstance(x, sympy.exp) or x is sympy.E:
            return self.exp(self.constant(x.args[0] if x.args else sympy.S.One))
        if x.is_NumberSymbol:
            return self.field.generator("number", str(x), positive=bool(x.is_positive))
        raise Unsupported(f"the number {x}")

    def _undefined(self) -> Element:
        raise ZeroDivisionError

    def _refuse(self, what: str) -> Element:
        raise Unsupported(what)


class _Nowhere:
    """What isn't defined; nothing is computed with it."""

    def __getattr__(self, name: str) -> Any:
        raise ZeroDivisionError

    def __eq__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return 0


_FACTORED = 10**9


def combination(x: Element, basis: list[Element]) -> list[Fraction] | None:
    """Rational numbers by which elements are multiplied to give x in sum; None if there are none.

    The coefficients of all monomials over a common denominator are equations for them.
    """
    below = x.field.ring.one
    for u in (x, *basis):
        below = below * u.den.cancel(below)[0]
    columns = [u.num * (below.exquo(u.den)) for u in (*basis, x)]
    rows = [[_fraction(p.get(m, 0)) for p in columns]
            for m in sorted({m for p in columns for m in p})]
    return _solved(rows, len(basis))


def _solved(rows: list[list[Fraction]], count: int) -> list[Fraction] | None:
    """The solution of linear equations with independent columns, the right side last."""
    for k in range(count):
        pivot = next((r for r in range(k, len(rows)) if rows[r][k]), None)
        if pivot is None:
            return None
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [x / rows[k][k] for x in rows[k]]
        for r in range(len(rows)):
            if r != k and rows[r][k]:
                rows[r] = [x - rows[r][k] * y for x, y in zip(rows[r], rows[k], strict=True)]
    if any(row[count] for row in rows[count:]):
        return None
    return [rows[k][count] for k in range(count)]


def _fraction(c: Any) -> Fraction:
    return Fraction(int(c.numerator), int(c.denominator))


def _only(f: Any) -> int | None:
    """The generator that a polynomial is."""
    if len(f) != 1 or f.LC != 1:
        return None
    (m,) = f
    used = [k for k, e in enumerate(m) if e]
    return used[0] if len(used) == 1 and m[used[0]] == 1 else None
