"""Derivatives that a formula in writing asks for."""

from __future__ import annotations

from collections.abc import Sequence

from symdl.calculus.gradient import grad
from symdl.calculus.jacobian import jacobian
from symdl.language.tensor import Tensor


def derive(function: Tensor, variables: Sequence[Tensor]) -> Tensor:
    """Differentiate in one variable after the other.

    Returns
    -------
    Tensor
        Of shape ``function.shape + variables[0].shape + ...``.

    Raises
    ------
    DifferentiationError
        If a variable holds integers.
    """
    out = function
    for v in variables:
        out = jacobian(out, v) if out.ndim else grad(out, v)
    return out
