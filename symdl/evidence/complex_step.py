"""The complex step: derivatives of analytic functions without subtraction."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from symdl.evidence.line import EPSILON, Derivative, Function, Line, Point

STEP = 2.0**-100
SECOND_STEP = 2.0**-80


def complex_step_along(
    function: Function, at: Point, direction: Mapping[str, ArrayLike]
) -> Derivative:
    r"""Differentiate an analytic function along a direction by one complex evaluation.

    .. math:: \frac{d}{dt} f(x + td) \Big|_{t=0} = \frac{\operatorname{Im} f(x + ihd)}{h} + O(h^2)

    Nothing is subtracted, so h can be so small that only rounding is left. Absolute values,
    comparisons and conjugates are not analytic, and this number is not their derivative.

    Parameters
    ----------
    function : callable
        Takes a dictionary of arrays, complex where they were floats, and returns a complex array.
    at : mapping of str to ndarray
        The point.
    direction : mapping of str to array_like
        The direction.

    Returns
    -------
    Derivative
        The derivative, and as its error the rounding and the disagreement of two steps.

    References
    ----------
    W. Squire, G. Trapp, Using complex variables to estimate derivatives of real functions, SIAM
    Review 40(1), 1998. J. R. R. A. Martins, P. Sturdza, J. J. Alonso, The complex-step derivative
    approximation, ACM Transactions on Mathematical Software 29(3), 2003.
    """
    point = {
        name: values.astype(np.complex128) if values.dtype.kind == "f" else values
        for name, values in ((name, np.asarray(values)) for name, values in at.items())
    }
    line = Line(function, point, direction)
    result, second = line(1j * STEP), line(1j * SECOND_STEP)
    if not np.iscomplexobj(result) and np.isfinite(result).all():
        raise ValueError("the function returned real numbers at a complex point: no complex step")
    with np.errstate(all="ignore"):
        value = np.where(np.isfinite(result), result.imag / STEP, np.nan)
        error = np.abs(value - second.imag / SECOND_STEP) + 8 * EPSILON * np.abs(value)
    return Derivative(value, np.where(np.isfinite(value), error, np.inf), STEP, np.abs(result))
