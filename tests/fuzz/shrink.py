"""Making a failing program smaller."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from symdl.kernels.oracle import oracle
from symdl.language.errors import SymdlError
from symdl.language.tensor import Tensor, topological
from tests.fuzz.check import Result
from tests.fuzz.draft import AWAY
from tests.fuzz.kinks import distance
from tests.fuzz.program import Input, Line, Program

Check = Callable[[Program], Result]


def shrunk(p: Program, kind: str, check: Check, tries: int = 400) -> Program:
    """A smaller program that fails in the same way, found by steps that each make it smaller."""
    again = True
    while again and tries > 0:
        again = False
        for smaller in _candidates(p):
            if _measure(smaller) >= _measure(p) or tries <= 0:
                continue
            tries -= 1
            found = check(smaller).failure if _is_sound(smaller, kind) else None
            if found is not None and found.kind == kind:
                p, again = smaller, True
                break
    return p


def _measure(p: Program) -> tuple[int, ...]:
    return (len(p.lines) + len(p.inputs), len(p.wrt), len(p.sizes), sum(p.sizes.values()),
            len(p.text), len(p.literal))


def _is_sound(p: Program, kind: str) -> bool:
    """Whether the program means something, and is away from kinks where that counts."""
    if kind.startswith("building"):
        return True
    try:
        scope = p.build()
        tensors = [scope[x.name] for x in p.lines if isinstance(scope[x.name], Tensor)]
        arrays = [np.asarray(x, float) for x in oracle(tensors, p.values, **p.sizes)]
        return all(np.all(np.isfinite(a)) for a in arrays) and (
            kind != "differences" or distance(topological(tensors), p.values, p.sizes) >= AWAY)
    except (SymdlError, ArithmeticError, ValueError):
        return kind.startswith("oracle") and not p.wrt


def _candidates(p: Program) -> Iterator[Program]:
    """Smaller programs, those that lose most first."""
    for change in (_other_loss, _fewer_variables, _cut, _alias, _one_side, _smaller_sizes,
                   _rounder):
        yield from (c.used() for c in change(p))


def _other_loss(p: Program) -> Iterator[Program]:
    """An earlier line, or its sum, in place of the loss."""
    for k, line in enumerate(p.lines):
        if line.name != p.loss:
            total = Line("total", f"sd.sum({line.name})")
            yield replace(p, lines=p.lines[:k + 1], loss=line.name)
            yield replace(p, lines=(*p.lines[:k + 1], total), loss="total")


def _fewer_variables(p: Program) -> Iterator[Program]:
    if len(p.wrt) > 1:
        yield from (replace(p, wrt=(name,)) for name in p.wrt)


def _cut(p: Program) -> Iterator[Program]:
    """An input in place of a line."""
    try:
        scope = p.build()
        arrays = {x.name: np.asarray(oracle([scope[x.name]], p.values, **p.sizes)[0], float)
                  for x in p.lines[:-1] if isinstance(scope[x.name], Tensor)}
    except Exception:  # a line that can't be evaluated can't be cut
        return
    for k, line in enumerate(p.lines):
        if line.name in arrays and line.name != p.loss and scope[line.name].dtype == "real":
            shape = tuple(str(f) for f in scope[line.name].shape)
            new = Input(line.name, shape, np.round(arrays[line.name], 3))
            yield replace(p, inputs=(*p.inputs, new), lines=p.lines[:k] + p.lines[k + 1:])


def _alias(p: Program) -> Iterator[Program]:
    """One of its operands in place of a line."""
    names = [x.name for x in (*p.inputs, *p.lines)]
    for k, line in enumerate(p.lines):
        for name in sorted(line.uses & set(names)):
            if line.name != p.loss and line.text != name:
                new = Line(line.name, name)
                yield replace(p, lines=(*p.lines[:k], new, *p.lines[k + 1:]))


def _one_side(p: Program) -> Iterator[Program]:
    """One operand of an operator in place of its result."""
    for k, line in enumerate(p.lines):
        tree = ast.parse(line.text, mode="eval").body
        if isinstance(tree, ast.BinOp):
            for side in (tree.left, tree.right):
                new = replace(line, text=ast.unparse(side))
                yield replace(p, lines=(*p.lines[:k], new, *p.lines[k + 1:]))


def _smaller_sizes(p: Program) -> Iterator[Program]:
    for name, n in p.sizes.items():
        for smaller in range(n):
            found = p.resized({**p.sizes, name: smaller})
            if found:
                yield found
    rows = "\n".join(x.text for x in (*p.inputs, *p.lines))
    used = {n.id for n in ast.walk(ast.parse(rows)) if isinstance(n, ast.Name)}
    for name in p.sizes.keys() - used:
        if len(p.sizes) > 1:
            yield replace(p, sizes={k: n for k, n in p.sizes.items() if k != name})


def _rounder(p: Program) -> Iterator[Program]:
    for k, x in enumerate(p.inputs):
        if x.real and x.value.size and not np.array_equal(x.value, np.round(x.value, 1)):
            new = replace(x, value=np.round(x.value, 1))
            yield replace(p, inputs=(*p.inputs[:k], new, *p.inputs[k + 1:]))
