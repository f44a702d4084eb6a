"""Where the results of fused loops live: in a number, in a scratch array or in an output."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from symdl.kernels.scope import Place
from symdl.language.form import Idx
from symdl.language.tensor import Tensor
from symdl.lowering.fuse import Placed
from symdl.lowering.lower import accesses


def places_of(placed: Sequence[Placed], external: Collection[Tensor]) -> dict[Tensor, Place]:
    """The place of each result.

    Parameters
    ----------
    placed : sequence of Placed
        All operations of a nest.
    external : collection of Tensor
        The results that something outside the nest reads: whole arrays.
    """
    common, lagged = _shared_loops(placed)
    found: dict[Tensor, Place] = {}
    for p in placed:
        op = p.op
        if op.result in external or op.result in lagged:
            found[op.result] = Place(tuple(range(op.scheme.axes)), True)
            continue
        fixed = {k for k, _ in p.env[: common[op.result]]}
        kept = tuple(k for k in range(op.scheme.axes)
                     if k not in fixed and (k in op.loops or op.scatters or op.product))
        found[op.result] = Place(kept, False)
    return found


def _shared_loops(placed: Sequence[Placed]) -> tuple[dict[Tensor, int], set[Tensor]]:
    """How many loops each result shares with all its readers; results read at another time."""
    paths: dict[Tensor, list[str]] = {}
    for p in placed:
        path = [v for _, v in p.env]
        known = paths.setdefault(p.op.result, path)
        paths[p.op.result] = known[: _prefix(known, path)]
    common = {t: len(path) for t, path in paths.items()}
    lagged: set[Tensor] = set()
    for p in placed:
        for x in accesses(p.op):
            if x.tensor not in paths:
                continue
            if p.op.fixed and x.index[p.op.fixed[0]].atom is not Idx(p.op.fixed[0]):
                lagged.add(x.tensor)
            else:
                shared = _prefix(paths[x.tensor], paths[p.op.result])
                common[x.tensor] = min(common[x.tensor], shared)
    return common, lagged


def _prefix(a: Sequence[str], b: Sequence[str]) -> int:
    """How many leading entries are equal."""
    same = [x == y for x, y in zip(a, b, strict=False)]
    return same.index(False) if False in same else len(same)
