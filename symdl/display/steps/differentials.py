"""The second derivative, read off the differential of the gradient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from symdl.algebra.simplify import simplify
from symdl.calculus.jacobian import hessian
from symdl.calculus.tangent import jvp
from symdl.display.steps.derivation import Derivation, Step
from symdl.display.steps.groups import Group, groups, rule_of
from symdl.display.steps.letters import letters, local, named_nodes, unnamed
from symdl.language.tensor import Tensor, Variable, topological


def by_differentials(loss: Tensor, x: Tensor, gradient: Tensor) -> Derivation:
    """From the gradient g: the differential of each of its intermediate results, then dg = H dx.

    Parameters
    ----------
    loss, x, gradient : Tensor
        What is differentiated twice, in what, and its first derivative.
    """
    g = unnamed(simplify(gradient))
    found = groups(g, {x})
    nodes = list(dict.fromkeys([x, *(t for part in found for t in part.outputs)]))
    names = named_nodes([g, *nodes], g, "g")
    values = letters(nodes, names)
    moves = {t: Variable.make(f"d{names[t]}", t.shape) for t in nodes}
    second = simplify(hessian(loss, x))
    steps = (*_moved(found, values, moves), Step("H", "dg = H dx", "", second))
    definitions = tuple((names[t], local(t, values)) for part in found for t in part.outputs)
    meaning: dict[Variable, Tensor] = {v: t for t, v in values.items() if v is not t}
    return Derivation(definitions, steps, meaning, {"H": second})


def _moved(found: list[Group], values: Mapping[Tensor, Variable],
           moves: Mapping[Tensor, Variable]) -> Iterator[Step]:
    """The differential of each intermediate result in those of earlier ones."""
    for part in found:
        for t in part.outputs:
            definition = local(t, values)
            read = topological([definition])
            earlier = [x for x, v in values.items() if x is not t and v in read]
            moved = jvp(definition, [values[x] for x in earlier], [moves[x] for x in earlier])
            yield Step(str(moves[t].name), rule_of(part), "", simplify(moved))
