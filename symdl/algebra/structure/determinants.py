"""Determinants as a sign and the logarithm of a magnitude."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce as fold
from operator import mul

from symdl.language import linalg
from symdl.language.elementwise import as_tensor, function
from symdl.language.form import ZERO, Form, quotient, remainder
from symdl.language.reductions import prod, sum
from symdl.language.selection import where
from symdl.language.shaping import ones, zeros
from symdl.language.tensor import Tensor

_abs, _log, _sign = function("abs"), function("log"), function("sign")


@dataclass(frozen=True)
class Determinant:
    """A determinant for each index over some leading axes."""

    sign: Tensor
    size: Tensor

    @property
    def log(self) -> Tensor:
        """Its logarithm: NaN where it is negative, -inf where it is 0."""
        return self.size + _log(self.sign)

    def __mul__(self, other: Determinant) -> Determinant:
        return Determinant(self.sign * other.sign, self.size + other.size)

    def over(self, axes: Sequence[int]) -> Determinant:
        """The product over some axes."""
        return Determinant(prod(self.sign, axis=tuple(axes)), sum(self.size, axis=tuple(axes)))

    def power(self, n: Form) -> Determinant:
        """The n-th power; the power 0 is 1 whatever the number."""
        if n == 1:
            return self
        odd = as_tensor(remainder(n, Form.of(2)))
        sign = odd * self.sign + (1 - odd) * self.sign**2
        return Determinant(where(n >= 1, sign, 1), where(n >= 1, as_tensor(n) * self.size, 0))


def of_product(entries: Tensor) -> Determinant:
    """The product over the last axis."""
    return Determinant(prod(_sign(entries), axis=-1), sum(_log(_abs(entries)), axis=-1))


def of_matrix(a: Tensor) -> Determinant:
    """The determinant over the last two axes."""
    return Determinant(*linalg.slogdet(a))


def unit(lead: Sequence[Form]) -> Determinant:
    """The number 1."""
    return Determinant(ones(*lead), zeros(*lead))


def of_axes(order: Sequence[int], sizes: Sequence[Form]) -> Determinant:
    """The permutation of entries that puts axes in order.

    Two neighbouring axes of a and b entries change places by reversing the order of two entries
    as often as there are two indices of each, for all indices of the other axes.
    """
    axes, swaps = list(zip(order, sizes, strict=True)), ZERO
    for last in range(len(axes) - 1, 0, -1):
        for k in range(last):
            if axes[k][0] > axes[k + 1][0]:
                others = (n for j, (_, n) in enumerate(axes) if j not in (k, k + 1))
                swaps = swaps + fold(mul, others, _pairs(axes[k][1]) * _pairs(axes[k + 1][1]))
                axes[k], axes[k + 1] = axes[k + 1], axes[k]
    return Determinant(1 - 2 * as_tensor(remainder(swaps, Form.of(2))), as_tensor(0))


def _pairs(n: Form) -> Form:
    """The number of pairs of n things."""
    return quotient(n * (n - 1), Form.of(2))
