"""The formats of floating-point numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from llvmlite import ir


@dataclass(frozen=True)
class Format:
    """A binary floating-point format.

    Attributes
    ----------
    name : str
        NumPy's name.
    fraction : int
        The bits after the point; one more bit is implied.
    real, whole : ir.Type
        The types of its numbers, and of integers that hold their bits.
    """

    name: str
    fraction: int
    real: Any
    whole: Any

    @property
    def width(self) -> int:
        """How many bits it has."""
        return int(self.whole.width)

    @property
    def bias(self) -> int:
        """What is added to an exponent to store it."""
        return int((1 << (self.width - self.fraction - 2)) - 1)

    @property
    def tiny(self) -> float:
        """The smallest normal number."""
        return float(2.0 ** (1 - self.bias))

    @property
    def largest(self) -> float:
        """The largest finite number."""
        return float((2.0 - 2.0**-self.fraction) * 2.0**self.bias)

    @property
    def rounder(self) -> float:
        """A number whose sum with x is an integer near x, which stands in the sum's low bits."""
        return float(1.5 * 2**self.fraction)


FLOAT64 = Format("float64", 52, ir.DoubleType(), ir.IntType(64))
FLOAT32 = Format("float32", 23, ir.FloatType(), ir.IntType(32))
