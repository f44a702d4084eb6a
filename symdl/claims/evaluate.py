"""Numbers of expressions, real and complex."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod

import numpy as np
import sympy

from symdl.calculus.kinks import EXTREMA, definitions, varying
from symdl.claims.sizes import size_of
from symdl.evidence.line import Array
from symdl.kernels.evaluate import evaluate as run
from symdl.kernels.oracle import oracle
from symdl.language.form import Dim
from symdl.language.sizes import dims_of
from symdl.language.tensor import Equation, Part, Tensor

Evaluate = Callable[[Sequence[Tensor], Mapping[str, Array], Mapping[str, int]], list[Array]]


def is_analytic(root: Tensor) -> bool:
    """Whether every definition also holds beside the real line, so that a complex step may.

    Parameters
    ----------
    root : Tensor
        The program.

    Returns
    -------
    bool
        False if a body has a branch or a jump, or a maximum or an order is taken.
    """
    moves = varying([root])
    return not any(
        (isinstance(x, Equation) and (x.scheme.body.has(*_JUMPS) or x.scheme.reduce in EXTREMA))
        or (x.dtype != "real" and any(t in moves for t in x.operands))
        for _, x in definitions([root])
    )


def terms_of(root: Tensor, sizes: Mapping[Dim, int]) -> int:
    """Count what the oracle visits to evaluate a tensor once.

    Parameters
    ----------
    root : Tensor
        The program.
    sizes : mapping of Dim to int
        All sizes.

    Returns
    -------
    int
        The terms of all equations: their entries times the lengths of the ranges they reduce
        over; for a matrix function of n rows n times its entries.
    """
    total = 0
    for tensor, definition in definitions([root]):
        if isinstance(definition, Equation):
            total += prod(size_of(f, sizes) for f in definition.scheme.sizes)
        elif isinstance(definition, Part):
            total += prod(size_of(f, sizes) for f in (*tensor.shape, *tensor.shape[-1:]))
    return total


_JUMPS = (
    sympy.Piecewise,
    sympy.Max,
    sympy.Min,
    sympy.Abs,
    sympy.sign,
    sympy.floor,
    sympy.ceiling,
)


def evaluate(
    roots: Sequence[Tensor], inputs: Mapping[str, Array], sizes: Mapping[str, int]
) -> list[Array]:
    """Evaluate tensors in float64, without compiling.

    Parameters
    ----------
    roots : sequence of Tensor
        What to evaluate.
    inputs : mapping of str to ndarray
        Arrays by the names of the inputs.
    sizes : mapping of str to int
        All sizes by name.

    Returns
    -------
    list of ndarray
    """
    needed = {str(a): sizes[str(a)] for a in dims_of(roots) if str(a) not in inputs}
    return [np.asarray(a) for a in run(list(roots), inputs, **needed)]


def evaluate_complex(root: Tensor, inputs: Mapping[str, Array], sizes: Mapping[str, int]) -> Array:
    """Evaluate a tensor at complex inputs, by the oracle.

    Parameters
    ----------
    root : Tensor
        What to evaluate; see `is_analytic`.
    inputs : mapping of str to ndarray
        Arrays by the names of the inputs.
    sizes : mapping of str to int
        All sizes by name.

    Returns
    -------
    ndarray
        complex128.
    """
    return np.asarray(oracle([root], inputs, "complex128", **sizes)[0], dtype=np.complex128)
