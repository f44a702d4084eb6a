"""Letters for the intermediate results of a derivation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symdl.language.rebuild import rewired
from symdl.language.sizes import dims_of
from symdl.language.tensor import Equation, Tensor, Variable, topological


def named_nodes(nodes: Sequence[Tensor], result: Tensor, plain: str = "L") -> dict[Tensor, str]:
    """A name for each node: its own, a plain one for a result without one, else u1, u2, ..."""
    used = {str(t.name) for t in topological([result]) if t.name} | {
        str(d) for d in dims_of([result])}
    fresh = (x for x in (f"u{k}" for k in range(1, len(nodes) + len(used) + 2)) if x not in used)
    names: dict[Tensor, str] = {}
    for t in nodes:
        if t.name is None:
            names[t] = plain if t is result and plain not in used else next(fresh)
        else:
            names[t] = t.name
    return names


def letters(nodes: Sequence[Tensor], names: Mapping[Tensor, str]) -> dict[Tensor, Variable]:
    """The variable that stands for each node: an input for itself."""
    return {t: t if isinstance(t, Variable) else Variable.make(names[t], t.shape, t.dtype)
            for t in nodes}


def local(t: Tensor, values: Mapping[Tensor, Tensor]) -> Tensor:
    """The definition of a node by the letters of earlier ones."""
    return unnamed(rewired([t], {x: v for x, v in values.items() if x is not t})[0])


def unnamed(t: Tensor) -> Tensor:
    """The definition without its name."""
    return t.renamed(None) if isinstance(t, Equation) else t
