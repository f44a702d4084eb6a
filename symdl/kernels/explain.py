"""What a kernel does, in words: its passes, what they cost, and the choices that were made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from symdl.kernels.generated import Source
from symdl.kernels.readable import readable
from symdl.language.errors import shape_text
from symdl.language.tensor import Equation, Tensor, topological
from symdl.lowering.cost import Cost, cost
from symdl.lowering.fuse import Barrier, Nest, Placed, Statement
from symdl.lowering.lower import Call, Multiply, Program, Step, TimeLoop, lower, statements
from symdl.lowering.normalise import called
from symdl.lowering.scalar_forms import finite_part

if TYPE_CHECKING:
    from symdl.kernels.kernel import Kernel


@dataclass(frozen=True)
class Pass:
    """One step of a kernel.

    Attributes
    ----------
    kind : {"loop", "product", "primitive", "recurrence"}
        What it is.
    text : str
        What it computes.
    inside : tuple of Pass
        The steps of one time, in a recurrence.
    """

    kind: str
    text: str
    inside: tuple[Pass, ...] = ()

    def lines(self, depth: int = 0) -> Iterator[str]:
        """The pass as lines."""
        indent = "  " * (depth + 1)
        yield from wrap(f"{self.kind}: {self.text}", 98, initial_indent=indent,
                        subsequent_indent=f"{indent}    ", break_on_hyphens=False)
        for p in self.inside:
            yield from p.lines(depth + 1)


@dataclass(frozen=True)
class Explanation:
    """What a kernel does; its text is for reading.

    Attributes
    ----------
    passes : tuple of Pass
        The steps in their order.
    cost : Cost
        Operations, bytes and workspace as polynomials in the sizes.
    choices : mapping of str to tuple of str
        What was decided, and for which tensors.
    """

    passes: tuple[Pass, ...]
    cost: Cost
    choices: Mapping[str, tuple[str, ...]]

    def count(self, kind: str) -> int:
        """How many passes of a kind there are, those inside recurrences included."""
        return sum(p.kind == kind for p in _all(self.passes))

    def __str__(self) -> str:
        kinds = ", ".join(f"{n} {kind}{'s' if n > 1 else ''}" for kind in _KINDS
                          if (n := self.count(kind)))
        lines = [f"passes: {kinds or 'none'}"]
        for p in self.passes:
            lines += p.lines()
        lines += [f"flops: {self.cost.flops}", f"bytes: {self.cost.bytes}",
                  f"workspace: {self.cost.workspace} bytes", "choices:"]
        for title, entries in self.choices.items():
            lines += wrap(f"{title}: {', '.join(entries)}", 98, initial_indent="  ",
                          subsequent_indent="      ", break_on_hyphens=False)
        return "\n".join(lines if self.choices else lines[:-1])


_KINDS = ("loop", "product", "primitive", "recurrence")


def _all(passes: Iterable[Pass]) -> Iterator[Pass]:
    for p in passes:
        yield p
        yield from _all(p.inside)


def explanation(kernel: Kernel) -> Explanation:
    """What a kernel does; see `Kernel.explain`."""
    program = lower(kernel.roots, kernel.inputs)
    source = readable(kernel, kernel.backend == "numba")
    names = _Names({**source.passing, **source.parts, **source.arrays})
    passes = tuple(_pass(step, names) for step in program.steps)
    choices = {title: tuple(dict.fromkeys(found))
               for title, found in _choices(kernel, program, source, names) if found}
    return Explanation(passes, cost(list(kernel.roots)), choices)


class _Names(dict[Tensor, str]):
    """The names of tensors."""

    def shaped(self, t: Tensor) -> str:
        """The name with the shape."""
        return f"{self[t]}{shape_text(t.shape) if t.ndim else ''}"


def _pass(step: Step, names: _Names) -> Pass:
    if isinstance(step, (Nest, Statement)):
        placed = list(statements([step]))
        made = dict.fromkeys(names.shaped(p.op.result) for p in placed)
        ends = " from ".join(filter(None, [", ".join(made), _sources(placed, names)]))
        return Pass("loop", ends)
    if isinstance(step, Multiply):
        p = step.product
        left, right = (names[f.access.tensor] + (".T" if turned else "")
                       for f, turned in ((p.left, p.left_transposed),
                                         (p.right, p.right_transposed)))
        return Pass("product", f"{names.shaped(p.result)} = {left} @ {right}")
    if isinstance(step, Call):
        operands = ", ".join(names[t] for t in step.owner.operands)
        results = ", ".join(map(names.shaped, step.outputs))
        return Pass("primitive", f"{results} = {step.owner.primitive.name}({operands})")
    assert isinstance(step, TimeLoop)
    way = "backwards " if step.block.reverse else ""
    inside = tuple(_pass(item, names) for item in step.items)
    return Pass("recurrence", f"{way}over {step.block.length} steps", inside)


def _sources(placed: Sequence[Placed], names: _Names) -> str:
    inside = {p.op.result for p in placed}
    return ", ".join(dict.fromkeys(
        names[t] for p in placed for t in p.op.reads if t not in inside))


def _steps(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        if isinstance(step, TimeLoop):
            yield from _steps(step.items)


def _choices(kernel: Kernel, program: Program, source: Source, names: _Names,
             ) -> Iterator[tuple[str, list[str]]]:
    """What was decided, in the order of a lowering."""
    steps = list(_steps(program.steps))
    loops = [list(statements([s])) for s in steps if isinstance(s, (Nest, Statement))]
    ops = [p.op for placed in loops for p in placed]
    held = {*source.arrays, *source.parts, *source.passing}
    kept = {name for t, name in called(kernel.roots).items() if t in held}
    yield "read in place, computed where they are used", sorted(
        {t.name for t in topological(kernel.roots) if isinstance(t, Equation) and t.name} - kept)
    yield "exponentials shifted by their maximum", [
        names[op.reads[0]] for op in ops if op.scheme.body.has(finite_part)]
    by = "BLAS" if kernel.backend == "numba" else "NumPy"
    yield f"matrix products by {by}", [
        *(names[s.product.result] for s in steps if isinstance(s, Multiply)),
        *(names[op.result] for op in ops if op.product)]
    yield "fused into one loop", [
        " + ".join(dict.fromkeys(names[p.op.result] for p in placed)) for placed in loops
        if len({p.op.result for p in placed}) > 1]
    yield "numbers inside a loop, never an array", list(source.passing.values())
    yield "held one row at a time", list(source.parts.values())
    yield "running sums and products in one pass", [names[op.result] for op in ops if op.scan]
    yield "added up at computed places", [names[op.result] for op in ops if op.scatters]
    made = {t for s in steps for t in _results(s)}
    yield "kept in an array between passes", [
        name for t, name in source.arrays.items() if t in made and t not in program.roots]


def _results(step: Step) -> Iterable[Tensor]:
    return step.results if isinstance(step, Barrier) else (
        p.op.result for p in statements([step]))
