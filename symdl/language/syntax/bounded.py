"""Functions of plain numbers, which are exact: bounds on what they are applied to."""

from __future__ import annotations

from typing import Any

import sympy

from symdl.language.syntax.errors import Refusal
from symdl.language.syntax.limits import ARGUMENT, EXACT, EXPONENT, FACTORIAL
from symdl.language.syntax.operands import Make
from symdl.language.tensor import Equation

_FACTORIAL = frozenset({"lgamma", "digamma", "polygamma"})


def constant(t: Any) -> Any:
    """The exact number that a tensor is, or None."""
    if isinstance(t, Equation) and not t.shape and not t.scheme.leaves and not t.scheme.guards:
        return t.scheme.body
    return None


def _above(t: Any, limit: int) -> bool:
    number = constant(t)
    return number is not None and bool(abs(number.evalf(15)) > limit)


def bounded_call(name: str, make: Make) -> Make:
    """A function that refuses numbers too large to be computed with exactly."""
    limit = FACTORIAL if name in _FACTORIAL else ARGUMENT

    def bounded(*operands: Any) -> Any:
        if any(_above(t, limit) for t in operands):
            raise Refusal(f"{name} of a number larger than {limit} isn't computed")
        return make(*operands)

    return bounded


def bits(number: Any) -> int:
    """The length of the longest exact number in it."""
    return max((max(int(r.p).bit_length(), int(r.q).bit_length())
                for r in number.atoms(sympy.Rational)), default=0)


def bounded_exact(make: Make) -> Make:
    """Arithmetic that refuses numbers with too many digits."""

    def bounded(*operands: Any) -> Any:
        for number in map(constant, operands):
            if number is not None and bits(number) > EXACT:
                raise Refusal(f"a number of more than {EXACT} bits isn't computed with")
        return make(*operands)

    return bounded


def bounded_power(make: Make) -> Make:
    """A power that refuses large exponents, and large powers of large numbers."""

    def bounded(base: Any, exponent: Any) -> Any:
        if _above(exponent, EXPONENT):
            raise Refusal(f"an exponent may be {EXPONENT} at most")
        number, times = constant(base), constant(exponent)
        if number is not None and times is not None and (
                _above(base, ARGUMENT) or bits(number) * abs(times.evalf(15)) > 2 * EXACT):
            raise Refusal("a power with so many digits isn't computed")
        return make(base, exponent)

    return bounded
