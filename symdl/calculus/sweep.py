"""The reverse sweep: adjoints from the output back, one contribution for each read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from symdl.calculus.finite import has_infinite_derivative
from symdl.calculus.flow import Flow
from symdl.calculus.prepare import chooses
from symdl.calculus.pullback import pulled, pulled_through
from symdl.calculus.terms import added, summands
from symdl.calculus.through_time import pulled_back_in_time
from symdl.language.owners import Application, Recurrence
from symdl.language.tensor import Equation, Part, Tensor, topological


def adjoints(outputs: Sequence[tuple[Tensor, Tensor]], wrt: Sequence[Tensor],
             ) -> dict[Tensor, Tensor]:
    """The adjoints of the tensors `wrt`, those that no output depends on left out.

    Each output comes with its seed, the cotangent that it starts with.

    Every tensor between is visited once, after all that read it; its adjoint is the sum of
    what they contribute.
    """
    order = topological(y for y, _ in outputs)
    asked = frozenset(wrt)
    active = _active(order, asked)
    terms: dict[Tensor, list[Tensor]] = {}
    _collect(terms, outputs)
    first = _first_parts(order)
    found: dict[Tensor, Tensor] = {}
    flow = Flow((y for y, _ in outputs), order)
    for tensor in reversed(order):
        if tensor in terms and tensor in asked:
            found[tensor] = added(summands(terms[tensor]))
        if tensor not in active:
            continue
        if isinstance(tensor, Part):
            if first[tensor.owner.digest] is tensor:
                _through_owner(tensor.owner, terms, active, asked, found, flow)
        elif isinstance(tensor, Equation) and tensor in terms:
            for cotangent in summands(terms.pop(tensor)):
                _collect(terms, pulled(tensor, cotangent, active.__contains__, flow=flow))
    return found


def _active(order: Iterable[Tensor], wrt: Collection[Tensor]) -> set[Tensor]:
    """The tensors that depend on one of `wrt`, these included."""
    active = set(wrt)
    for tensor in order:
        owner = tensor.owner if isinstance(tensor, Part) else None
        if any(t in active for t in tensor.operands) or (
                isinstance(owner, Recurrence) and any(p in active for p in owner.outputs())):
            active.add(tensor)
    return active


def _first_parts(order: Iterable[Tensor]) -> dict[bytes, Tensor]:
    first: dict[bytes, Tensor] = {}
    for tensor in order:
        if isinstance(tensor, Part):
            first.setdefault(tensor.owner.digest, tensor)
    return first


def _through_owner(owner: Application | Recurrence, terms: dict[Tensor, list[Tensor]],
                   active: set[Tensor], wrt: frozenset[Tensor], found: dict[Tensor, Tensor],
                   flow: Flow) -> None:
    outputs = owner.outputs()
    if not any(p in terms for p in outputs):
        return
    chosen = isinstance(owner, Recurrence) and any(
        isinstance(m.tensor, Equation) and chooses(m.tensor.scheme.body) for m in owner.members)
    for operand in owner.operands:
        flow.follow(outputs, operand, chosen=chosen)
    dropped = (isinstance(owner, Application) and has_infinite_derivative(owner)
               and not any(p in flow.steady for p in outputs))
    if isinstance(owner, Application) and len(outputs) == 1:
        for c in summands(terms[outputs[0]]):
            _collect(terms, pulled_through(owner, [c], active.__contains__, dropped))
        return
    cotangents = [added(terms[p]) if p in terms else None for p in outputs]
    if isinstance(owner, Application):
        _collect(terms, pulled_through(owner, cotangents, active.__contains__, dropped))
        return
    inside, contributions = pulled_back_in_time(owner, cotangents, active.__contains__, wrt)
    found.update({p: a for p, a in inside.items() if p in wrt})
    _collect(terms, contributions)


def _collect(terms: dict[Tensor, list[Tensor]], new: Iterable[tuple[Tensor, Tensor]]) -> None:
    for operand, contribution in new:
        terms.setdefault(operand, []).append(contribution)
