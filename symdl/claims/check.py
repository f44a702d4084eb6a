"""The gradient check: an expression's gradient against derivatives measured from its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sympy

from symdl.calculus.gradient import grad
from symdl.calculus.kinks import EXTREMA, definitions, varying
from symdl.claims.points import Evaluate, draw_inputs, draw_sizes, near_kinks
from symdl.claims.ranges import size_of
from symdl.claims.rewire import with_offsets, without_stops
from symdl.evidence.gradient import gradient_check
from symdl.evidence.line import Array
from symdl.evidence.report import GradientReport
from symdl.kernels.oracle import oracle
from symdl.language.elementwise import as_tensor
from symdl.language.errors import DifferentiationError, ShapeError, SymdlError, shape_text
from symdl.language.form import Dim
from symdl.language.late import late
from symdl.language.sizes import variables_of
from symdl.language.tensor import Equation, Tensor


def check_grad(
    loss: Any,
    wrt: Any = None,
    *,
    at: Mapping[Any, Any] | None = None,
    sizes: Mapping[Any, int] | None = None,
    gradient: Any = None,
    seed: int = 0,
    directions: int = 4,
    entries: int = 24,
    tolerance: float = 1e-6,
    evaluate: Evaluate | None = None,
) -> GradientReport:
    r"""Check the gradient of a scalar by numbers alone.

    Along random directions and for single entries, :math:`\langle \nabla f, d \rangle` is compared
    with the derivative of :math:`f(x + td)`: by the complex step where every definition is
    analytic, else by central differences with Richardson's extrapolation and an error estimate.

    Parameters
    ----------
    loss : Tensor
        A scalar expression.
    wrt : Tensor, or a list, tuple or dict of tensors, optional
        Inputs or intermediates; all real inputs if left out.
    at : mapping, optional
        Arrays by input or by name. The rest is drawn: facts hold, labels address what they
        index, arguments of log are positive, and kinks are at least 0.01 away.
    sizes : mapping, optional
        Sizes by name; the rest is read off the arrays, else small ones are chosen.
    gradient : Tensor, or the like of `wrt`, optional
        The gradient to check, your own say; derived from the loss if left out.
    seed : int
        Of the point and the directions.
    directions, entries : int
        How many random directions and how many single entries are tried.
    tolerance : float
        The relative tolerance.
    evaluate : callable, optional
        Evaluates tensors: ``evaluate(tensors, arrays_by_name, sizes_by_name)`` returns arrays.

    Returns
    -------
    GradientReport
        True if the gradient passed; its text shows the numbers and the point.

    Raises
    ------
    SymdlError
        If no point can be drawn, or the given one is at a kink, where there is no derivative to
        compare with.

    References
    ----------
    See `symdl.evidence.gradient.gradient_check`.
    """
    loss, run = as_tensor(loss), evaluate or _evaluate
    variables = _tensors(wrt) if wrt is not None else _real_inputs(loss)
    claimed = _tensors(gradient) if gradient is not None else grad(loss, variables)
    _require_fit(loss, variables, claimed)
    given = _given(loss, at or {})
    chosen = draw_sizes(loss, given, {str(k): int(n) for k, n in (sizes or {}).items()}, seed)
    names = {str(a): n for a, n in chosen.items()}
    point = draw_inputs(loss, given, chosen, seed, run)
    moved, movers = with_offsets(loss, variables)
    zeros = {m.label: _zeros(m, chosen) for m in movers if m.label not in point}
    held, stops = without_stops(moved)
    still = dict(zip(stops, run(list(stops.values()), {**point, **zeros}, names), strict=True))
    report = gradient_check(
        lambda x: run([held], x, names)[0],
        lambda x: dict(zip([m.label for m in movers], run(claimed, x, names), strict=True)),
        {**point, **zeros, **still},
        directions=directions,
        entries=entries,
        seed=seed,
        tolerance=tolerance,
        complex_step=(lambda x: _complex(held, x, names)) if is_analytic(held) else None,
    )
    if given and not report:
        _refuse_kinks(loss, point, chosen, run, report)
    return report


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


_JUMPS = (
    sympy.Piecewise,
    sympy.Max,
    sympy.Min,
    sympy.Abs,
    sympy.sign,
    sympy.floor,
    sympy.ceiling,
)


def _evaluate(
    roots: Sequence[Tensor], inputs: Mapping[str, Array], sizes: Mapping[str, int]
) -> list[Array]:
    """Evaluate tensors by the kernels' backend, or by the oracle where there is none."""
    try:
        many = late("symdl.kernels.evaluate:evaluate_many")
    except ModuleNotFoundError:
        return [_floats(a) for a in oracle(roots, inputs, "float64", **sizes)]
    return [np.asarray(a) for a in many(roots, inputs, **sizes)]


def _floats(a: Array) -> Array:
    return np.asarray(a, dtype=np.float64).reshape(a.shape)


def _complex(root: Tensor, inputs: Mapping[str, Array], sizes: Mapping[str, int]) -> Array:
    return np.asarray(oracle([root], inputs, "complex128", **sizes)[0], dtype=np.complex128)


def _real_inputs(loss: Tensor) -> list[Tensor]:
    found: list[Tensor] = [v for v in variables_of([loss]) if v.dtype == "real"]
    if not found:
        raise DifferentiationError(f"{loss.label} has no real input to differentiate in")
    return found


def _tensors(tree: Any) -> list[Tensor]:
    if isinstance(tree, dict):
        return [leaf for branch in tree.values() for leaf in _tensors(branch)]
    if isinstance(tree, (tuple, list)):
        return [leaf for branch in tree for leaf in _tensors(branch)]
    return [as_tensor(tree)]


def _require_fit(loss: Tensor, variables: Sequence[Tensor], claimed: Sequence[Tensor]) -> None:
    if loss.ndim:
        raise DifferentiationError(
            f"check_grad takes a scalar, but {loss.label} has shape {shape_text(loss.shape)}"
        )
    if len(variables) != len(claimed):
        raise SymdlError(f"{len(claimed)} gradients are given for {len(variables)} tensors")
    for v, g in zip(variables, claimed, strict=True):
        if v.shape != g.shape:
            raise ShapeError(
                f"{v.label} is {shape_text(v.shape)}, its gradient {shape_text(g.shape)}"
            )


def _given(loss: Tensor, at: Mapping[Any, Any]) -> dict[str, Array]:
    given = {getattr(key, "name", key): np.asarray(values) for key, values in at.items()}
    known = [v.label for v in variables_of([loss])]
    unknown = [str(name) for name in given if name not in known]
    if unknown:
        raise SymdlError(f"{unknown[0]} is not an input of the loss: it has {', '.join(known)}")
    return given


def _zeros(v: Tensor, sizes: Mapping[Dim, int]) -> Array:
    return np.zeros([size_of(f, sizes) for f in v.shape])


def _refuse_kinks(
    loss: Tensor,
    point: Mapping[str, Array],
    sizes: Mapping[Dim, int],
    run: Evaluate,
    report: GradientReport,
) -> None:
    """Say so if a failure may be due to a kink near the point."""
    near = near_kinks(loss, point, sizes, run)
    if near:
        listed = "; ".join(f"{kink}, at distance {apart:.2g}" for kink, apart in near[:4])
        raise SymdlError(
            f"the point is at a kink, where differences say nothing: {listed}. "
            f"Move it, or leave inputs out of `at` to have them drawn.\n{report}"
        )
