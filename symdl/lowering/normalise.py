"""What a program goes through before it becomes loops: rewriting of equations by equations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symdl.language.inline import inline_where, is_view
from symdl.language.owners import Application
from symdl.language.primitives.stop_gradient import StopGradient
from symdl.language.rebuild import replaced
from symdl.language.tensor import Equation, Part, Tensor, transform


def normalised(roots: Sequence[Tensor]) -> list[Tensor]:
    """Equal tensors made one, views read in place, constants written out."""
    for change in (_nameless, _in_place):
        new = change(roots)
        roots = [new[r] for r in roots]
    return list(roots)


def _nameless(roots: Sequence[Tensor]) -> dict[Tensor, Tensor]:
    """Drop the names, by which equal equations differ, and the marks for derivatives."""

    def change(t: Tensor, new: Mapping[Tensor, Tensor]) -> Tensor:
        moved = replaced(t, new)
        if isinstance(moved, Equation):
            return moved.renamed(None)
        if isinstance(moved, Part):
            owner = moved.owner
            if isinstance(owner, Application) and isinstance(owner.primitive, StopGradient):
                return owner.operands[0]
        return moved

    return transform(roots, change)


def _in_place(roots: Sequence[Tensor]) -> dict[Tensor, Tensor]:
    """Read views and constants by their definitions."""
    return inline_where(roots, lambda reader, operand: is_view(operand) or _constant(operand))


def _constant(t: Tensor) -> bool:
    """Whether the definition reads no tensor and computes at most one number a term."""
    return isinstance(t, Equation) and not t.operands and t.scheme.body.count_ops() <= 1
