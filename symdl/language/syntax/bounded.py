"""Functions of plain numbers, which are exact: bounds on what they are applied to."""

from __future__ import annotations

from typing import Any

from symdl.language.syntax.errors import Refusal
from symdl.language.syntax.limits import ARGUMENT, EXPONENT, FACTORIAL
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


def bounded_power(make: Make) -> Make:
    """A power that refuses large exponents, and large powers of large numbers."""

    def bounded(base: Any, exponent: Any) -> Any:
        if _above(exponent, EXPONENT):
            raise Refusal(f"an exponent may be {EXPONENT} at most")
        if constant(exponent) is not None and _above(base, ARGUMENT):
            raise Refusal(f"a power of a number larger than {ARGUMENT} isn't computed")
        return make(base, exponent)

    return bounded
