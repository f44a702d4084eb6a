"""What a program costs, as polynomials in its sizes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy

from symdl.language.bounds import nonnegative
from symdl.language.bridge.sizes import form_to_sympy
from symdl.language.form import Form, Idx
from symdl.language.owners import Application, Recurrence, member_slot
from symdl.language.scheme import Scheme
from symdl.language.sizes import variables_of
from symdl.language.tensor import Equation, Part, Tensor
from symdl.lowering.fuse import Barrier
from symdl.lowering.lifetimes import lifetimes
from symdl.lowering.lower import Program, accesses, lower, statements
from symdl.lowering.op import Op, operation

MARGIN = 16  # constant padding beside which a border mask still counts as one


@dataclass(frozen=True)
class Cost:
    """Floating-point operations, bytes moved, and memory between inputs and outputs.

    Attributes
    ----------
    flops : sympy.Expr
        Operations: each +, -, *, / and each elementary function counts as one, a sum one
        more a term. A range that guards cut short counts with its length where that is a
        polynomial, else in full.
    bytes : sympy.Expr
        Eight for each entry that an equation reads or writes, each tensor once an equation.
    workspace : sympy.Expr
        Eight for each entry of an array that one loop or product of the kernel leaves for
        another one; of a recurrence's member the steps that something looks back at, or all. No
        array takes another's place.
    """

    flops: sympy.Expr
    bytes: sympy.Expr
    workspace: sympy.Expr

    def __str__(self) -> str:
        return (f"{sympy.expand(self.flops)} flops, {sympy.expand(self.bytes)} bytes, "
                f"workspace of {sympy.expand(self.workspace)} bytes")


def cost(outputs: Tensor | Sequence[Tensor]) -> Cost:
    """The cost of computing some tensors together, what they share counted once.

    Parameters
    ----------
    outputs : Tensor or sequence of Tensor

    Returns
    -------
    Cost
    """
    roots = [outputs] if isinstance(outputs, Tensor) else list(outputs)
    flops, entries = sympy.S.Zero, sympy.S.Zero
    seen: set[bytes] = set()
    program = lower(roots, variables_of(roots))
    for t in program.order:
        if isinstance(t, Equation):
            flops += _flops(operation(t, t.scheme))
            entries += _entries(t.shape) + _read(t.scheme.tensors)
        elif isinstance(t, Part) and t.owner.digest not in seen:
            seen.add(t.owner.digest)
            more = (_application(t.owner) if isinstance(t.owner, Application)
                    else _recurrence(t.owner))
            flops, entries = flops + more[0], entries + more[1]
    steps = lifetimes(program)
    kept = sympy.Add(*(_entries((Form.of(steps[t]), *t.shape[1:]) if t in steps else t.shape)
                       for t in _between(program)))
    return Cost(sympy.expand(flops), sympy.expand(8 * entries), sympy.expand(8 * kept))


def _between(program: Program) -> set[Tensor]:
    """The arrays that one step leaves for another."""
    made: dict[Tensor, int] = {}
    kept: set[Tensor] = set()
    for k, step in enumerate(program.steps):
        if isinstance(step, Barrier):
            results, reads = step.results, step.reads
            kept.update(results)
        else:
            ops = [p.op for p in statements([step])]
            results = tuple(op.result for op in ops)
            reads = tuple(x.tensor for op in ops for x in accesses(op))
        made.update(dict.fromkeys(results, k))
        kept.update(t for t in reads if made.get(t, k) != k)
    return kept - set(program.roots)


def _entries(shape: Iterable[Form]) -> sympy.Expr:
    return sympy.Mul(*(form_to_sympy(s) for s in shape))


def _read(tensors: Iterable[Tensor]) -> sympy.Expr:
    return sympy.Add(*(_entries(t.shape) for t in tensors))


def _application(owner: Application) -> tuple[sympy.Expr, sympy.Expr]:
    cores = owner.primitive.core
    first = owner.operands[0]
    batch = _entries(first.shape[: first.ndim - cores[0]])
    shapes = [t.shape[t.ndim - n:] for t, n in zip(owner.operands, cores, strict=True)]
    one: Any = owner.primitive.flops(*shapes)
    entries = _read(owner.operands) + sympy.Add(*(_entries(s) for s, _ in owner.signature))
    return batch * form_to_sympy(Form.of(one)), entries


def _recurrence(block: Recurrence) -> tuple[sympy.Expr, sympy.Expr]:
    parts: dict[Tensor, Tensor] = {member_slot(k, *sig): p for k, (sig, p) in enumerate(
        zip(block.signature, block.outputs(), strict=True))}
    flops, entries = sympy.S.Zero, _read(block.operands)
    for m in block.members:
        entries += _entries(m.tensor.shape)
        if isinstance(m.tensor, Equation):
            scheme = m.tensor.scheme.retensor(lambda t: parts.get(t, t))
            op = operation(m.tensor, scheme, (m.time, "t"))
            flops += form_to_sympy(block.length) * _flops(op)
        elif isinstance(m.tensor, Part) and isinstance(m.tensor.owner, Application):
            flops += _application(m.tensor.owner)[0]
    return flops, entries


def _flops(op: Op) -> sympy.Expr:
    work = _work(op.scheme)
    return work * points(op) if work else sympy.S.Zero


def _work(s: Scheme) -> int:
    """Operations of one term: those of the body, and one to gather it."""
    return int(s.body.count_ops(visual=False)) + (s.reduce != "none")


def points(op: Op) -> sympy.Expr:
    """How many terms the loops of an operation visit."""
    s = op.scheme
    extent = {k: form_to_sympy(s.sizes[k]) for k in op.loops}
    if not op.scan and s.reduce != "none":
        _shortened(op, extent)
    return sympy.Mul(*extent.values())


def _shortened(op: Op, extent: dict[int, sympy.Expr]) -> None:
    """Count ranges that two guards `0 <= c*k + rest < width` or one `k <= i` cut short."""
    guards = [g.form for g in op.scheme.guards if g.relation == ">="]
    done: set[int] = set()
    for n, low in enumerate(guards):
        for high in guards[n + 1:]:
            width = low + high + 1
            if not width.indices:
                _shorten(op, low, width, extent, done)
    for form in guards:
        loops = [k for k in form.indices if k in extent and k not in done]
        if len(loops) == 2 and extent[loops[0]] == extent[loops[1]] and all(
                abs(_coefficient(form, k)) == 1 for k in loops):
            extent[loops[1]] = (extent[loops[1]] + 1) / 2
            done.update(loops)


def _shorten(op: Op, form: Form, width: Form, extent: dict[int, sympy.Expr], done: set[int],
             ) -> None:
    """Cut one loop of `0 <= form < width`: the unit-step one that is longer than the width.

    Where all are shorter (up to a margin of padding) the guards only mask the border.
    """
    sizes = op.scheme.sizes
    if nonnegative(form + MARGIN, sizes) and nonnegative(width + MARGIN - form, sizes):
        return
    loops = [k for k in op.loops if k not in done and _coefficient(form, k) != 0]
    unit = [k for k in loops if abs(_coefficient(form, k)) == 1]
    longer = [k for k in unit if op.size(k) != width
              and nonnegative(op.size(k) - width + MARGIN, sizes)]
    if longer:
        extent[longer[0]] = form_to_sympy(width)
        done.add(longer[0])
    elif loops:
        k = next((k for k in loops if k not in unit), loops[0])
        extent[k] = sympy.Min(extent[k], form_to_sympy(width) / abs(_coefficient(form, k)))
        done.add(k)


def _coefficient(form: Form, k: int) -> sympy.Expr:
    parts = form.split(Idx(k))
    return form_to_sympy(parts[0]) if parts else sympy.S.Zero
