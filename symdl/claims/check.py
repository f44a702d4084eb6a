"""The gradient check: an expression's gradient against derivatives measured from its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from symdl.calculus.gradient import grad
from symdl.claims.evaluate import Evaluate, evaluate_complex, is_analytic
from symdl.claims.evaluate import evaluate as default_evaluate
from symdl.claims.points import draw_inputs, near_kinks
from symdl.claims.rewire import with_offsets, without_stops
from symdl.claims.sizes import draw_sizes, size_of
from symdl.evidence.gradient import gradient_check
from symdl.evidence.line import Array
from symdl.evidence.report import GradientReport
from symdl.language.elementwise import as_tensor
from symdl.language.errors import DifferentiationError, ShapeError, SymdlError, shape_text
from symdl.language.form import Dim
from symdl.language.sizes import variables_of
from symdl.language.tensor import Tensor


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
    loss, run = _scalar(loss), evaluate or default_evaluate
    variables = _tensors(wrt) if wrt is not None else _real_inputs(loss)
    claimed = _tensors(gradient) if gradient is not None else grad(loss, variables)
    _require_fit(variables, claimed)
    given = _given(loss, at or {})
    chosen = draw_sizes(loss, given, {str(k): int(n) for k, n in (sizes or {}).items()}, seed)
    names = {str(a): n for a, n in chosen.items()}
    point = draw_inputs(loss, given, chosen, seed, run)
    moved, movers = with_offsets(loss, variables)
    zeros = {m.label: _zeros(m, chosen) for m in movers if m.label not in point}
    held, stops = without_stops(moved)
    held_values = run(list(stops.values()), {**point, **zeros}, names) if stops else []
    still = dict(zip(stops, held_values, strict=True))
    report = gradient_check(
        lambda x: run([held], x, names)[0],
        lambda x: dict(zip([m.label for m in movers], run(claimed, x, names), strict=True)),
        {**point, **zeros, **still},
        directions=directions,
        entries=entries,
        seed=seed,
        tolerance=tolerance,
        complex_step=(lambda x: evaluate_complex(held, x, names)) if is_analytic(held) else None,
    )
    if given and not report:
        _refuse_kinks(loss, point, chosen, run, report)
    return report


def _real_inputs(loss: Tensor) -> list[Tensor]:
    found: list[Tensor] = [v for v in variables_of([loss]) if v.dtype == "real"]
    if not found:
        raise DifferentiationError(f"{loss.said} has no real input to differentiate in")
    return found


def _tensors(tree: Any) -> list[Tensor]:
    if isinstance(tree, dict):
        return [leaf for branch in tree.values() for leaf in _tensors(branch)]
    if isinstance(tree, (tuple, list)):
        return [leaf for branch in tree for leaf in _tensors(branch)]
    return [as_tensor(tree)]


def _scalar(loss: Any) -> Tensor:
    root = as_tensor(loss)
    if root.ndim:
        raise DifferentiationError(
            f"check_grad takes a scalar, but {root.said} has shape {shape_text(root.shape)}; "
            "reduce it, e.g. sd.sum(...)"
        )
    return root


def _require_fit(variables: Sequence[Tensor], claimed: Sequence[Tensor]) -> None:
    if len(variables) != len(claimed):
        raise SymdlError(f"{len(claimed)} gradients are given for {len(variables)} tensors")
    for v, g in zip(variables, claimed, strict=True):
        if v.shape != g.shape:
            raise ShapeError(
                f"{v.said} is {shape_text(v.shape)}, its gradient {shape_text(g.shape)}"
            )


def _given(loss: Tensor, at: Mapping[Any, Any]) -> dict[str, Array]:
    inputs = {v.label: v for v in variables_of([loss])}
    given = {}
    for key, values in at.items():
        name = getattr(key, "name", key)
        if name not in inputs:
            raise SymdlError(f"{name} is not an input of the loss: it has {', '.join(inputs)}")
        given[name] = np.asarray(values, np.float64 if inputs[name].dtype == "real" else None)
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
