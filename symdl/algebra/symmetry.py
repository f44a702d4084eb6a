"""A rule for inverses of matrices that turn out to be symmetric."""

from __future__ import annotations

from functools import lru_cache

from symdl.algebra.facts import in_order
from symdl.algebra.matrices import inverse_of
from symdl.algebra.normal import GaveUp, normal_form
from symdl.algebra.rule import Network, Rule
from symdl.language.shaping import swapaxes
from symdl.language.tensor import Equation, Tensor


@lru_cache(maxsize=1 << 10)
def is_own_transpose(t: Tensor) -> bool:
    """Whether a matrix and its transpose have one normal form."""
    form = normal_form(t, _STEPS)
    return not isinstance(form, GaveUp) and form is normal_form(swapaxes(t, -1, -2), _STEPS)


_STEPS = 120


def symmetric_inverse(y: Equation, network: Network) -> Tensor | None:
    """A⁻¹[j, i] = A⁻¹[i, j] where A = Aᵀ, as in A = Xᵀ S X."""
    return in_order(y, lambda x: is_symmetric_inverse(x.tensor))


def is_symmetric_inverse(t: Tensor) -> bool:
    """Whether a tensor is the inverse of a matrix that turns out to be symmetric."""
    base = inverse_of(t)
    return isinstance(base, Equation) and is_own_transpose(base)


RULES = (
    Rule("symmetric inverse", "a matrix and its transpose have one normal form",
         "the indices come into order", symmetric_inverse),
)
