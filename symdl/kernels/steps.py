"""The steps of a program as lines of a kernel's main function, and the buffers they need."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

from symdl.kernels.form_code import form_code
from symdl.kernels.inline import Line, LoopCall
from symdl.kernels.nest import NestWriter
from symdl.kernels.reading import Reading, commented
from symdl.kernels.scalar_code import DType
from symdl.kernels.scope import is_derived_size, rolled, stored_shape
from symdl.language.form import ONE, ZERO, Atom, Form, Idx, Operation
from symdl.language.tensor import Tensor
from symdl.lowering.fuse import Item, Nest, Statement
from symdl.lowering.lower import Call, Multiply, Step, TimeLoop, statements
from symdl.lowering.op import touched

MANY = 8
"""Arrays of a loop from which on comparing their addresses at run time costs too much."""


class Names:
    """Names that are used once each."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = set(taken)

    def unique(self, wish: str) -> str:
        """The name, with a number behind it where it is taken."""
        name, k = wish, 0
        while name in self.taken:
            k += 1
            name = f"{wish}_{k}"
        self.taken.add(name)
        return name


@dataclass
class Buffer:
    """An array of the workspace, and the first and the last step that uses it."""

    shape: tuple[Form, ...]
    dtype: str
    first: int
    last: int


@dataclass
class StepWriter:
    """Writes steps; afterwards `lines` is the code and `buffers` are the arrays it needs.

    Attributes
    ----------
    names : Names
        What is taken.
    block : str
        The name of the block that holds the buffers.
    arrays : dict
        The names of the tensors that are arguments; others are added as they are met.
    sizes : mapping
        The names of the sizes.
    readers : mapping
        How many steps read each tensor.
    multiply : str
        The function for matrix products.
    steps : mapping
        How many steps are kept of tensors of which not all are.
    reading : Reading or None
        Names and equations for a reader.
    """

    dtype: DType
    names: Names
    block: str
    arrays: dict[Tensor, str]
    sizes: Mapping[Atom, str]
    readers: Mapping[Tensor, int]
    multiply: str
    steps: Mapping[Tensor, int]
    reading: Reading | None = None
    buffers: dict[str, Buffer] = field(default_factory=dict)
    derived: dict[Form, str] = field(default_factory=dict)  # a size that takes work -> name
    lines: list[Line] = field(default_factory=list)
    times: frozenset[str] = frozenset()
    time: str = ""
    now: int = 0
    scratch: dict[Tensor, str] = field(default_factory=dict)  # held in part, in scratch arrays
    passing: dict[Tensor, str] = field(default_factory=dict)  # never held: numbers in loops

    def write(self, steps: Iterable[Step], depth: int = 1) -> None:
        """Write steps in their order."""
        for step in steps:
            self.now += depth == 1
            if isinstance(step, (Nest, Statement)):
                self._loops(step, depth)
            elif isinstance(step, Multiply):
                self._product(step, depth)
            elif isinstance(step, Call):
                self._call(step, depth)
            elif isinstance(step, TimeLoop):
                self._time_loop(step, depth)

    def line(self, depth: int, text: str) -> None:
        """Add a line."""
        self.lines.append("    " * depth + text)

    def array(self, t: Tensor) -> str:
        """The array that holds a tensor; a buffer where it isn't an argument."""
        if t not in self.arrays:
            self.arrays[t] = self._buffer(t, "w", stored_shape(t, self.steps))
        name = self.arrays[t]
        if name in self.buffers:
            self.buffers[name].last = self.now
        return name

    def _buffer(self, t: Tensor, letter: str, shape: Sequence[Form]) -> str:
        wish = f"{letter}{len(self.buffers)}"
        name = self.names.unique(self.reading.names.get(t, wish) if self.reading else wish)
        self.buffers[name] = Buffer(tuple(shape) or (ONE,), t.dtype, self.now, self.now)
        return name

    def parts(self) -> str:
        """The lines that find the buffers in the block."""
        return "".join(
            f"    {name} = part({self.block}, {k}, ({', '.join(map(self.form, b.shape))},), "
            f"{'real' if b.dtype == 'real' else 'np.int64'})\n"
            for k, (name, b) in enumerate(self.buffers.items()))

    def lifetimes(self) -> str:
        """The rows of a table of the buffers: entries, first and last step."""
        width = {"float64": 8, "float32": 4}[self.dtype]
        return "".join(
            f"        ({self.form(_volume(b.shape) * (width if b.dtype == 'real' else 8))}, "
            f"{b.first}, {b.last}),  # {name}\n" for name, b in self.buffers.items())

    def form(self, form: Form) -> str:
        """The code of a form in sizes and, inside a loop over time, the time (as index 0)."""
        if is_derived_size(form):
            if form not in self.derived:
                self.derived[form] = self.names.unique(f"m{len(self.derived)}")
            return self.derived[form]
        return form_code(form, self._atom)

    def _atom(self, a: Atom) -> str | None:
        if isinstance(a, Operation):
            return self.form(Form.of(a)) if is_derived_size(Form.of(a)) else None
        return self.time if isinstance(a, Idx) else self.sizes.get(a, str(a))

    def derivations(self, text: str) -> str:
        """The lines that compute the derived sizes that occur in a text."""
        return "".join(f"    {name} = {form_code(form, self._written)}\n"
                       for form, name in self.derived.items()
                       if re.search(rf"\b{name}\b", text))

    def _written(self, a: Atom) -> str | None:
        return None if isinstance(a, Operation) else self.sizes[a]

    def _said(self, t: Tensor) -> str:
        return f"{self.array(t)}({', '.join(map(str, t.shape))})"

    def _loops(self, item: Item, depth: int) -> None:
        writer = NestWriter(item, self._external(item), self.dtype, self.times, self.steps)
        text = writer.write()
        scratch = {t: self._buffer(t, "s", [t.shape[k] for k in writer.scratch[t]])
                   for t in writer.scope.arrays if t in writer.scratch}
        arguments = [scratch.get(t) or self.array(t) for t in writer.scope.arrays]
        arguments += map(self.form, writer.scope.numbers)
        call = LoopCall(depth, text, tuple(arguments), len(writer.scope.arrays) >= MANY)
        if self.reading:
            told = self.reading.loops(item, writer, self._said_names(item, scratch))
            self.lines += (line for text in told.comments for line in commented(text, depth))
            call = replace(call, letters=told.letters, wishes=told.wishes)
        else:
            self.lines += ("    " * depth + f"# {self._said(t)}"
                           for t, place in writer.scope.places.items() if place.whole)
        self.lines.append(call)

    def _said_names(self, item: Item, scratch: Mapping[Tensor, str]) -> dict[Tensor, str]:
        """What the tensors of some loops are called, those that are numbers only included."""
        assert self.reading
        self.scratch |= scratch
        for p in statements([item]):
            t = p.op.result
            if t not in self.arrays and t not in scratch:
                self.passing[t] = self.reading.names.get(t, f"v{len(self.passing) + 1}")
        return {**self.passing, **self.arrays, **scratch}

    def _external(self, item: Item) -> frozenset[Tensor]:
        """The results of an item that something else reads."""
        inside: dict[Tensor, int] = {}
        results = []
        for p in statements([item]):
            results.append(p.op.result)
            for t in touched(p.op):
                inside[t] = inside.get(t, 0) + 1
        return frozenset(t for t in results if self.readers.get(t, 0) > inside.get(t, 0))

    def _product(self, step: Multiply, depth: int) -> None:
        p, sizes = step.product, step.product.scheme.sizes
        lengths = [self.form(_volume([sizes[x] for x in part])) for part in (p.m, p.n, p.k)]
        left, right = p.left.access.tensor, p.right.access.tensor
        said = f"{self._said(p.result)} = {self.array(left)} @ {self.array(right)}"
        if self.reading:
            said = self.reading.product(p, self.arrays)
        self.lines += commented(said, depth)
        lead = (Form.of(Idx(0)),) if step.time else ()
        places = [(left, p.left.lead), (right, p.right.lead), (p.result, lead)]
        arrays = ", ".join(f"{self.array(t)}, {self.form(_flat(t, rolled(t, at, self.steps)))}"
                           for t, at in places)
        flags = f"{p.left_transposed}, {p.right_transposed}"
        call = "gram" if p.symmetric and self.multiply == "gemm" else self.multiply
        self.line(depth, f"{call}({', '.join(lengths)}, {flags}, {arrays}, False)")

    def _call(self, step: Call, depth: int) -> None:
        primitive, operands = step.owner.primitive, step.owner.operands
        self.line(depth, f"# {self._said(step.outputs[0])} = {primitive.name}"
                         f"({', '.join(map(self.array, operands))})")
        skipped = 1 if step.time else 0
        lead = operands[0].shape[skipped: operands[0].ndim - primitive.core[0]]
        constants = list(map(repr, primitive.constants))
        if not lead and not skipped and all(t.ndim for t in step.outputs):
            plain = [*map(self.array, operands), *constants, *map(self.array, step.outputs)]
            self.line(depth, f"{primitive.numeric}({', '.join(plain)})")
            return
        cores = [*(t.shape[t.ndim - n:] for t, n in zip(operands, primitive.core, strict=True)),
                 *(shape[skipped + len(lead):] for shape, _ in step.owner.signature)]
        b = self.names.unique("b")
        entries = [self._entry(t, core, _volume(lead), b, step.time)
                   for t, core in zip((*operands, *step.outputs), cores, strict=True)]
        entries[len(operands):len(operands)] = constants
        self.line(depth, f"for {b} in range({self.form(_volume(lead))}):")
        self.line(depth + 1, f"{primitive.numeric}({', '.join(entries)})")

    def _entry(self, t: Tensor, core: Sequence[Form], count: Form, b: str, time: str | None,
               ) -> str:
        """One batch entry of a stack; a number as an array of one entry."""
        at = f"{time} % {self.steps[t]}" if t in self.steps else time
        name = self.array(t) + (f"[{at}]" if time else "")
        shape = ", ".join(map(self.form, (count, *(core or (ONE,)))))
        return f"{name}.reshape(({shape}))[{b}]"

    def _time_loop(self, step: TimeLoop, depth: int) -> None:
        t, length = step.variable, self.form(step.block.length)
        self.times |= {t}
        self.time = t
        if step.block.reverse:
            self.line(depth, f"for {t}_ in range({length}):")
            self.line(depth + 1, f"{t} = {length} - 1 - {t}_")
        else:
            self.line(depth, f"for {t} in range({length}):")
        self.write(step.items, depth + 1)


def _volume(sizes: Sequence[Form]) -> Form:
    return reduce(lambda a, b: a * b, sizes, ONE)


def _flat(t: Tensor, index: Sequence[Form]) -> Form:
    """Where in an array the entries with these leading indices begin."""
    at = ZERO
    for k, form in enumerate(index):
        at = at * t.shape[k] + form
    return at * _volume(t.shape[len(index):])
