"""A random program as data: named lines of source text, inputs with values, sizes."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import sympy

import symdl as sd
from symdl.kernels.oracle import oracle
from symdl.language.form import Form
from symdl.language.rebuild import replaced
from symdl.language.tensor import Tensor, transform

Array = np.ndarray[Any, Any]
PROBE, HELD = "probe_", "held_"


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
    loss: str
    seed: int = 0
    tags: tuple[str, ...] = ()

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

    def resized(self, sizes: Mapping[str, int]) -> Program | None:
        """The program at sizes that are smaller, its inputs cropped; None where it can't be."""
        scope, inputs = namespace(sizes), []
        for x in self.inputs:
            shape = [Form.of(evaluated(s, scope)).value(dims(sizes)) for s in x.shape]
            if any(not 0 <= a <= b for a, b in zip(shape, x.value.shape, strict=True)):
                return None
            cropped = x.value[tuple(slice(n) for n in shape)]
            if x.below and cropped.size:
                most = Form.of(evaluated(x.below, scope)).value(dims(sizes))
                if most < 1:
                    return None
                cropped = np.minimum(cropped, most - 1)
            inputs.append(replace(x, value=cropped))
        return replace(self, sizes=dict(sizes), inputs=tuple(inputs))

    def build(self) -> dict[str, Any]:
        """Every name's tensor."""
        scope = namespace(self.sizes)
        for x in (*self.inputs, *self.lines):
            scope[x.name] = evaluated(x.text, scope)
        return scope

    def probed(self) -> tuple[Tensor, dict[str, Array], dict[str, str]]:
        """The loss with a zero added to each intermediate that is differentiated by.

        What stands under `stop_gradient` becomes an input, so that differences don't see it move.
        Returns the loss, the values of all inputs, and which input stands for which name.
        """
        inside = {x.name for x in self.lines if "PROBE(" in x.text}
        plain, values = self.build(), self.values
        probes: dict[str, Tensor] = {}
        for name in self.wrt:
            if name not in values:
                shape = plain[name].shape
                probes[name] = sd.tensor(PROBE + name, *shape)
                values[PROBE + name] = np.zeros([f.value(dims(self.sizes)) for f in shape])
        scope = namespace(self.sizes)
        for x in (*self.inputs, *self.lines):
            scope[x.name] = evaluated(x.text, scope, probes.get(x.name))
            if x.text.startswith("sd.stop_gradient("):
                held = oracle([plain[x.name]], self.values, **self.sizes)[0]
                values[HELD + x.name] = np.asarray(held, float)
                scope[x.name] = sd.tensor(HELD + x.name, *plain[x.name].shape)
        moved: dict[Tensor, Tensor] = {}
        for x in self.lines:
            if x.name in probes and x.name not in inside:
                t = scope[x.name]  # lines may be one tensor under several names
                moved[t] = moved[t] + probes[x.name] if t in moved else probes[x.name]

        def probe(t: Tensor, new: Mapping[Tensor, Tensor]) -> Tensor:
            return replaced(t, new) + moved[t] if t in moved else replaced(t, new)

        loss = transform([scope[self.loss]], probe)[scope[self.loss]]
        return loss, values, {name: PROBE + name if name in probes else name for name in self.wrt}

    @property
    def text(self) -> str:
        """The program as one would write it; a recurrence may hold ` + PROBE(t)`."""
        names = list(self.sizes)
        out = [f"{', '.join(names)} = sd.dims({' '.join(names)!r})"] if names else []
        return "\n".join(out + [f"{x.name} = {x.text}" for x in (*self.inputs, *self.lines)])

    @property
    def literal(self) -> str:
        """The program as arguments of `parsed`."""
        below = {x.name: x.below for x in self.inputs if x.below}
        given = {**self.sizes, **{x.name: x.value.tolist() for x in self.inputs}}
        rows = ['"""', *self.text.splitlines(), f"loss = {self.loss}", '""",']
        rows.append(f"wrt={' '.join(self.wrt)!r}," + (f" below={below!r}," if below else ""))
        return textwrap.indent("\n".join([*rows, *(f"{k}={v!r}," for k, v in given.items())]),
                               "    ")


def parsed(text: str, wrt: str = "", below: Mapping[str, str] | None = None, **given: Any,
           ) -> Program:
    """The program of a text, whose lines go on where one is indented.

    `given` holds its sizes and the values of its inputs.
    """
    names: list[str] = []
    inputs, lines, loss = [], [], ""
    for row in re.sub(r"\n +", " ", textwrap.dedent(text).strip()).splitlines():
        name, source = row.split(" = ", 1)
        if source.startswith("sd.dims("):
            names = name.split(", ")
        elif source.startswith("sd.tensor("):
            inputs.append(_declared(name, source, given[name], below or {}))
        elif name == "loss":
            loss = source
        else:
            lines.append(Line(name, source))
    sizes = {n: given[n] for n in names}
    return Program(sizes, tuple(inputs), tuple(lines), tuple(wrt.split()), loss)


def _declared(name: str, source: str, value: Any, below: Mapping[str, str]) -> Input:
    call = ast.parse(source, mode="eval").body
    assert isinstance(call, ast.Call)
    facts = tuple(str(k.arg) for k in call.keywords)
    array = np.array(value, int if "integer" in facts else float)
    return Input(name, tuple(map(ast.unparse, call.args[1:])), array, facts, below.get(name))


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
