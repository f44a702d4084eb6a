"""Putting other operands into a tensor, one tensor or a whole program at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from symdl.language.owners import Application, Member, Recurrence
from symdl.language.tensor import Equation, Part, Tensor, transform


def replaced(tensor: Tensor, new: Mapping[Tensor, Tensor]) -> Tensor:
    """The same definition over other operands; a named equation keeps its name."""
    if not any(new.get(t, t) is not t for t in tensor.operands):
        return tensor
    if isinstance(tensor, Equation):
        scheme = tensor.scheme.retensor(lambda t: new.get(t, t))
        return Equation.make(scheme, tensor.dtype, tensor.name)
    assert isinstance(tensor, Part)
    if isinstance(tensor.owner, Application):
        owner: Application | Recurrence = replace(
            tensor.owner, operands=tuple(new.get(t, t) for t in tensor.owner.operands))
    else:
        owner = replace(tensor.owner, members=tuple(
            Member(replaced(m.tensor, new), m.time) for m in tensor.owner.members))
    return Part.make(owner, tensor.number)


def rewired(roots: Sequence[Tensor], new: Mapping[Tensor, Tensor]) -> tuple[Tensor, ...]:
    """The program with some of its tensors replaced."""
    at = transform(roots, lambda t, so_far: new[t] if t in new else replaced(t, so_far))
    return tuple(at[t] for t in roots)
