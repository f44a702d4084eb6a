"""How far a point is from the kinks, ties and jumps of a program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import sympy

from symdl.kernels.oracle import oracle
from symdl.language.body import kinks, slots_of
from symdl.language.owners import Application, Recurrence, member_slot
from symdl.language.rebuild import replaced
from symdl.language.scheme import Access, Scheme
from symdl.language.tensor import Equation, Part, Tensor

EXTREMA = ("max", "min", "argmax", "argmin")
FAR = 1e9


def distance(tensors: Iterable[Tensor], values: Mapping[str, Any], sizes: Mapping[str, int],
             ) -> float:
    """The least distance of the point to a kink of one of the tensors' own definitions."""
    near = FAR
    for t in tensors:
        for probe, gap in _probes(t):
            found = [np.asarray(x, float) for x in oracle(probe, values, **sizes)]
            inside = found[1] > 0
            near = min(near, gap(np.where(inside, found[0], np.nan)))
    return near


def _probes(t: Tensor) -> Iterator[tuple[list[Tensor], Any]]:
    """Pairs of tensors (what vanishes at a kink, where it counts) and how to read them."""
    for e in _definitions(t):
        if isinstance(e, Part) and isinstance(e.owner, Application):
            if e.owner.primitive.name == "argsort":
                x = e.owner.operands[0]
                yield [x, sd_ones(x)], _neighbours
        elif isinstance(e, Equation):
            s = e.scheme
            for expr in kinks(s.body):
                if _moves(s, expr):
                    yield _terms(s, expr), _least
            if s.reduce in EXTREMA and _moves(s, s.body):
                yield _terms(s, s.body), _gap(s)


def _definitions(t: Tensor) -> Iterator[Tensor]:
    if isinstance(t, Part) and isinstance(t.owner, Recurrence):
        owner = t.owner
        values: dict[Tensor, Tensor] = {
            member_slot(k, *sig): p
            for k, (sig, p) in enumerate(zip(owner.signature, owner.outputs(), strict=True))}
        yield from (replaced(m.tensor, values) for m in owner.members)
    else:
        yield t


def _moves(s: Scheme, expr: sympy.Expr) -> bool:
    """Whether the expression depends on a real tensor."""
    leaves = [s.leaves[k] for k in slots_of(expr)]
    return any(isinstance(x, Access) and x.tensor.dtype == "real" for x in leaves)


def _terms(s: Scheme, expr: sympy.Expr) -> list[Tensor]:
    """The expression for every value of all indices, and 1 where the guards hold."""
    flat = replace(s, axes=len(s.sizes), reduce="none", component=0)
    return [Equation.make(replace(flat, body=expr)),
            Equation.make(replace(flat, body=sympy.Integer(1), leaves=()))]


def sd_ones(x: Tensor) -> Tensor:
    """Ones of the shape of x."""
    return Equation.make(Scheme(x.shape, x.ndim, "none", (), sympy.Integer(1), ()))


def _least(values: Any) -> float:
    return float(np.nanmin(np.abs(values), initial=FAR)) if values.size else FAR


def _neighbours(values: Any) -> float:
    """The least gap between two entries of the last axis."""
    gaps = np.diff(np.sort(values, axis=-1), axis=-1)
    return float(gaps.min(initial=FAR))


def _gap(s: Scheme) -> Any:
    """How far the extremum is ahead of the second best term."""
    sign = -1.0 if s.reduce.endswith("max") else 1.0
    count = s.axes

    def gap(values: Any) -> float:
        rows = (sign * values).reshape(*values.shape[:count], -1)
        best = np.sort(rows, axis=-1)[..., :2]  # NaN, the terms that don't count, come last
        if best.shape[-1] < 2:
            return FAR
        apart = best[..., 1] - best[..., 0]
        return float(np.nanmin(apart, initial=FAR)) if apart.size else FAR

    return gap
