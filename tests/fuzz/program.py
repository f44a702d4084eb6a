"""A random program as data: named lines of source text, inputs with values, sizes."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import sympy

import symdl as sd
from symdl.language.rebuild import rewired
from symdl.language.tensor import Tensor

Array = np.ndarray[Any, Any]
PROBE = "probe_"


@dataclass(frozen=True)
class Input:
    """An input tensor and its value; `below` is the size that its integer entries index."""

    name: str
    shape: tuple[str, ...]
    value: Array
    facts: tuple[str, ...] = ()
    below: str | None = None

    @property
    def text(self) -> str:
        """The declaration."""
        facts = [f"{fact}=True" for fact in self.facts]
        return f"sd.tensor({', '.join([repr(self.name), *self.shape, *facts])})"

    @property
    def real(self) -> bool:
        """Whether it has a gradient."""
        return "integer" not in self.facts


@dataclass(frozen=True)
class Line:
    """`name = text`; `tags` say which constructs of the language the line shows.

    A recurrence's text may hold ` + PROBE(t)` in its step: it is dropped, or becomes an input
    by which the state is perturbed.
    """

    name: str
    text: str
    tags: tuple[str, ...] = ()

    @cached_property
    def uses(self) -> frozenset[str]:
        """The names that the text mentions."""
        return frozenset(n.id for n in ast.walk(ast.parse(self.text)) if isinstance(n, ast.Name))


@dataclass(frozen=True)
class Program:
    """Inputs, lines, what is differentiated by what, and the sizes to run at."""

    sizes: Mapping[str, int]
    inputs: tuple[Input, ...]
    lines: tuple[Line, ...]
    wrt: tuple[str, ...]
    loss: str = "loss"
    seed: int | None = None
    tags: tuple[str, ...] = field(default=())

    @property
    def values(self) -> dict[str, Array]:
        """The inputs' values by name."""
        return {x.name: x.value for x in self.inputs}

    @property
    def constructs(self) -> frozenset[str]:
        """Every construct that occurs."""
        return frozenset(self.tags).union(*(line.tags for line in self.lines))

    def used(self) -> Program:
        """The program without what the loss doesn't need."""
        needed = {self.loss}
        for line in reversed(self.lines):
            if line.name in needed:
                needed |= line.uses
        inputs = tuple(x for x in self.inputs if x.name in needed)
        lines = tuple(x for x in self.lines if x.name in needed)
        names = {x.name for x in (*inputs, *lines)}
        return replace(self, inputs=inputs, lines=lines,
                       wrt=tuple(w for w in self.wrt if w in names))

    def build(self) -> dict[str, Any]:
        """Every name's tensor."""
        scope = namespace(self.sizes)
        for x in (*self.inputs, *self.lines):
            scope[x.name] = evaluated(x.text, scope)
        return scope

    def probed(self) -> tuple[Tensor, dict[str, Array], dict[str, str]]:
        """The loss with a zero added to each intermediate that is differentiated by.

        Returns the loss, the values of all inputs, and which input stands for which name.
        """
        steps = {x.name for x in self.lines if "PROBE(" in x.text} & set(self.wrt)
        inputs = {x.name for x in self.inputs}
        scope, plain, values = namespace(self.sizes), self.build(), self.values
        probes: dict[str, Any] = {}
        for name in self.wrt:
            if name not in inputs:
                shape = plain[name].shape
                probes[name] = sd.tensor(PROBE + name, *shape)
                values[PROBE + name] = np.zeros([f.value(dims(self.sizes)) for f in shape])
        for x in (*self.inputs, *self.lines):
            scope[x.name] = evaluated(x.text, scope, probes.get(x.name))
        loss, new = scope[self.loss], {
            scope[name]: scope[name] + probe for name, probe in probes.items() if name not in steps}
        if new:
            loss = rewired([loss], new)[0]
        return loss, values, {name: PROBE + name if name in probes else name for name in self.wrt}

    @property
    def text(self) -> str:
        """The program as one would write it."""
        out = [f"{', '.join(self.sizes)} = sd.dims({' '.join(self.sizes)!r})"] if len(
            self.sizes) > 1 else [f"{n} = sd.dims({n!r})" for n in self.sizes]
        out += [f"{x.name} = {x.text.replace(' + PROBE(t)', '')}"
                for x in (*self.inputs, *self.lines)]
        return "\n".join(out)


def dims(sizes: Mapping[str, int]) -> dict[Any, int]:
    """The sizes by atom."""
    return {sd.dims(name).atom: n for name, n in sizes.items()}


def namespace(sizes: Mapping[str, int]) -> dict[str, Any]:
    """What the text of a line may mention beside other lines."""
    return {"sd": sd, "np": np, "sympy": sympy, **{name: sd.dims(name) for name in sizes}}


def evaluated(text: str, scope: Mapping[str, Any], probe: Any = None) -> Any:
    """The value of a line's text."""
    source = text.replace("PROBE(t)", "PROBE[t]" if probe is not None else "0")
    return eval(source, {**scope, "PROBE": probe})
