"""Functions of numbers that write instructions."""

from __future__ import annotations

from collections.abc import Sequence

from llvmlite import ir

from symdl.kernels.numba_math.values import Real, Truth, called


def in_any_order(name: str, x: Real, y: Real) -> Real:
    """One of many sums or products that may be done in another order, and fused."""
    flags = ("reassoc", "nsz", "contract")
    return x.real(getattr(x.builder, name)(x.ir_value, y.ir_value, flags=flags))


def fma(x: Real | float, y: Real | float, z: Real | float) -> Real:
    """Return x y + z, rounded once."""
    return called("fma", x, y, z)


def square_root(x: Real) -> Real:
    """Return the square root."""
    return called("sqrt", x)


def rounded_down(x: Real) -> Real:
    """Return the largest integer that isn't larger."""
    return called("floor", x)


def copysign(x: Real | float, y: Real) -> Real:
    """Return |x| with the sign of y."""
    return called("copysign", x, y)


def where(truth: Truth, yes: Real | float, no: Real | float) -> Real:
    """Return the one number or the other; both are computed."""
    one, other = (x.ir_value if isinstance(x, Real) else ir.Constant(truth.format.real, x)
                  for x in (yes, no))
    return truth.real(truth.builder.select(truth.ir_value, one, other))


def at_most(bound: float, x: Real) -> Real:
    """Return x, or the bound where x is larger; NaN stays."""
    return where(x > bound, bound, x)


def at_least(bound: float, x: Real) -> Real:
    """Return x, or the bound where x is smaller; NaN stays."""
    return where(x < bound, bound, x)


def polynomial(x: Real, numbers: Sequence[float]) -> Real:
    """Return c0 + c1 x + c2 x^2 + ..., of many terms the even and the odd powers side by side."""
    if len(numbers) < 10:
        return horner(x, numbers)
    square = x * x
    return fma(x, horner(square, numbers[1::2]), horner(square, numbers[::2]))


def horner(x: Real, numbers: Sequence[float]) -> Real:
    """Return c0 + x (c1 + x (c2 + ...))."""
    *rest, second, first = numbers
    value = fma(x, first, second)
    for c in reversed(rest):
        value = fma(x, value, c)
    return value
