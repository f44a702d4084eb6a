"""Programs made ready for numeric derivatives: intermediates that can move, stopped values held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symdl.calculus.kinks import definitions
from symdl.language.errors import DifferentiationError, SymdlError
from symdl.language.owners import Application, Recurrence
from symdl.language.primitives.stop_gradient import StopGradient
from symdl.language.rebuild import replaced, rewired
from symdl.language.tensor import Part, Tensor, Variable, topological, transform


def with_offsets(loss: Tensor, variables: Sequence[Tensor]) -> tuple[Tensor, list[Variable]]:
    """Add an input to each intermediate: the gradient in the one is that in the other at 0.

    Parameters
    ----------
    loss : Tensor
        The program.
    variables : sequence of Tensor
        Inputs and intermediates.

    Returns
    -------
    tuple
        The program with `delta_Z` added to each intermediate Z, and for each of `variables` the
        input that moves it: itself, or the offset.
    """
    movers = [v if isinstance(v, Variable) else _offset(v) for v in variables]
    offsets = {v: m for v, m in zip(variables, movers, strict=True) if m is not v}
    missing = offsets.keys() - set(topological([loss]))
    if missing:
        raise DifferentiationError(
            f"{min(t.said for t in missing)} is not an intermediate of {loss.said}: the "
            "loss is not computed from it"
        )

    def moved(t: Tensor, new: Mapping[Tensor, Tensor]) -> Tensor:
        return replaced(t, new) + offsets[t] if t in offsets else replaced(t, new)

    return transform([loss], moved)[loss], movers


def _offset(v: Tensor) -> Variable:
    if isinstance(v, Part) and isinstance(v.owner, Recurrence):
        raise SymdlError(
            f"{v.said} is a state of a recurrence: differences can't move one of its steps alone. "
            "Add an input of its shape in the step, H[t] = f(...) + D[t], and check the gradient "
            "in that at D = 0"
        )
    return Variable.make(f"delta_{v.label}", v.shape)


def without_stops(loss: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """Replace what `stop_gradient` marks by inputs that stay where they are.

    Parameters
    ----------
    loss : Tensor
        The program.

    Returns
    -------
    tuple
        The program, and for each new input's name the tensor that gives its value.
    """
    for part, definition in definitions([loss]):
        if definition is not part and _is_stop(definition):
            raise SymdlError(
                "stop_gradient inside a recurrence holds each step's value still, which "
                "differences can't do; check the step by itself"
            )
    stops = [t for t in topological([loss]) if _is_stop(t)]
    names = [f"stopped_{k}" for k in range(len(stops))]
    new: dict[Tensor, Tensor] = {
        t: Variable.make(name, t.shape, t.dtype) for t, name in zip(stops, names, strict=True)
    }
    return rewired([loss], new)[0], dict(zip(names, stops, strict=True))


def _is_stop(t: Tensor) -> bool:
    owner = t.owner if isinstance(t, Part) else None
    return isinstance(owner, Application) and isinstance(owner.primitive, StopGradient)
