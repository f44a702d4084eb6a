"""The source text of a kernel: one readable Python module for every size."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from symdl.kernels.nest import NestWriter
from symdl.kernels.scalar_code import DType, helper_names, prelude_source
from symdl.language.form import Atom, Dim, Form, Idx, Quotient, Read
from symdl.language.tensor import Tensor
from symdl.lowering.fuse import Barrier, Nest, Statement
from symdl.lowering.lower import Call, Multiply, Program, Step, TimeLoop, statements
from symdl.lowering.product import Factor

RESERVED = frozenset(keyword.kwlist) | {
    "np", "math", "njit", "real", "wide", "zero", "one", "inf", "nan", "range", "min", "max",
    "abs", "int", "kernel", "workspace", "gemm"}


MARK = "@njit(error_model='numpy', fastmath={'reassoc', 'nsz', 'contract', 'arcp'})\n"
LIMIT = 120  # arrays beyond which unpacking a compiled function's arguments costs too much
PRODUCT = """def _product(m, n, k, left_t, right_t, a, a_at, b, b_at, out, out_at):
    gemm(m, n, k, left_t, right_t, a, a_at, b, b_at, out, out_at)
"""


@dataclass(frozen=True)
class Source:
    """The text of a kernel and what its arguments are, in order."""

    text: str
    arrays: tuple[Tensor, ...]
    outputs: int
    sizes: tuple[Dim, ...]


@dataclass
class _Writer:
    program: Program
    dtype: DType
    names: dict[Tensor, str] = field(default_factory=dict)
    sizes: dict[Atom, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=lambda: set(RESERVED))
    functions: dict[str, str] = field(default_factory=dict)  # text -> name
    lines: list[str] = field(default_factory=list)
    buffers: dict[str, str] = field(default_factory=dict)  # name -> allocation
    arrays: set[Tensor] = field(default_factory=set)
    times: frozenset[str] = frozenset()
    time: str = ""
    multiply: str = "gemm"

    def unique(self, wish: str) -> str:
        name = wish if wish not in self.taken else next(
            f"{wish}_{k}" for k in range(1, 10**9) if f"{wish}_{k}" not in self.taken)
        self.taken.add(name)
        return name

    def name(self, t: Tensor) -> str:
        """The array that holds a tensor; allocated where it isn't an argument."""
        if t not in self.names:
            self.names[t] = self.unique(f"w{len(self.names)}")
            self.allocate(self.names[t], t.shape, t.dtype)
        return self.names[t]

    def allocate(self, name: str, shape: Sequence[Form], dtype: str) -> None:
        sizes = ", ".join(self.size(f) for f in shape) or "1"
        kind = "real" if dtype == "real" else "np.int64"
        self.buffers[name] = f"np.empty(({sizes},), {kind})"

    def size(self, form: Form) -> str:
        terms = []
        for monomial, c in form.terms:
            factors = [self._atom(a) for a in monomial]
            if c != 1 or not factors:
                factors.insert(0, str(c))
            terms.append("*".join(factors))
        return " + ".join(terms).replace("+ -", "- ") or "0"

    def _atom(self, a: Atom) -> str:
        if isinstance(a, Dim):
            return self.sizes[a]
        if isinstance(a, Idx):
            return self.time  # the only index outside loops is an enclosing loop's
        if a.inner and not isinstance(a, Read):
            left, right = map(self.size, a.inner)
            return f"(({left}) {'//' if isinstance(a, Quotient) else '%'} ({right}))"
        return str(a)

    def steps(self, steps: Iterable[Step], depth: int, readers: dict[Tensor, int]) -> None:
        for step in steps:
            if isinstance(step, (Nest, Statement)):
                self.nest(step, depth, readers)
            elif isinstance(step, Multiply):
                self.product(step, depth)
            elif isinstance(step, Call):
                self.call(step, depth)
            elif isinstance(step, TimeLoop):
                self.time_loop(step, depth, readers)

    def line(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def nest(self, item: Nest | Statement, depth: int, readers: dict[Tensor, int]) -> None:
        placed = list(statements([item]))
        inside: dict[Tensor, int] = {}
        for p in placed:
            for t in p.op.reads:
                inside[t] = inside.get(t, 0) + 1
        external = frozenset(p.op.result for p in placed
                             if readers.get(p.op.result, 0) > inside.get(p.op.result, 0))
        writer = NestWriter(item, external, self.dtype, self.times)
        text = writer.write()
        function = self.functions.setdefault(text, f"_loop{len(self.functions)}")
        arguments = []
        for t in writer.tensors:
            if t in writer.scratch:
                place = writer.scratch[t]
                name = self.unique("s0")
                self.allocate(name, [t.shape[k] for k in place.kept], t.dtype)
                arguments.append(name)
            else:
                arguments.append(self.name(t))
        arguments += [self.sizes.get(a, str(a)) for a in writer.scalars]
        for p in placed:
            if writer.places[p.op.result].array and p.op.result not in writer.scratch:
                self.line(depth, f"# {self.said(p.op.result)}")
        self.line(depth, f"{function}({', '.join(arguments)})")

    def said(self, t: Tensor) -> str:
        return f"{self.name(t)}{list(t.shape)}".replace("[", "(").replace("]", ")")

    def product(self, step: Multiply, depth: int) -> None:
        p = step.product
        sizes = p.scheme.sizes
        m, n, k = (self.many([sizes[x] for x in part]) for part in (p.m, p.n, p.k))
        lead = (Form.of(Idx(0)),) if step.time else ()  # type: ignore[arg-type]
        parts = [
            (p.left.access.tensor, self.lead(p.left, p.batch), f"({m})*({k})"),
            (p.right.access.tensor, self.lead(p.right, p.batch), f"({k})*({n})"),
            (p.result, lead, f"({m})*({n})")]
        self.line(depth, f"# {self.said(p.result)} = {self.name(parts[0][0])} @ "
                         f"{self.name(parts[1][0])}")
        b = self.unique("b") if p.batch else ""
        if p.batch:
            self.line(depth, f"for {b} in range({self.many([sizes[x] for x in p.batch])}):")
        turned = (p.left.rows == p.k and p.left.columns == p.m and p.m != p.k,
                  p.right.rows == p.n and p.right.columns == p.k and p.n != p.k)
        arrays = ", ".join(f"{self.name(t)}, {self.offset(t, index, b, volume)}"
                           for t, index, volume in parts)
        self.line(depth + bool(b), f"{self.multiply}({m}, {n}, {k}, {turned[0]}, {turned[1]}, {arrays})")

    def lead(self, f: Factor, batch: Sequence[int]) -> tuple[Form, ...]:
        """The fixed leading indices of a factor."""
        return f.access.index[: len(f.access.index) - len(batch) - len(f.rows) - len(f.columns)]

    def offset(self, t: Tensor, index: Sequence[Form], batch: str, volume: str) -> str:
        """Where in the array a matrix begins."""
        flat = Form.of(0)
        for k, form in enumerate(index):
            flat = flat * t.shape[k] + form
        for size in t.shape[len(index):]:
            flat = flat * size
        terms = [self.size(flat)] if flat.terms else []
        return " + ".join(terms + ([f"{batch}*{volume}"] if batch else [])) or "0"

    def many(self, sizes: Sequence[Form]) -> str:
        total = Form.of(1)
        for s in sizes:
            total = total * s
        return self.size(total)

    def call(self, step: Call, depth: int) -> None:
        primitive = step.owner.primitive
        lead_time = [step.time] if step.time else []
        core = primitive.core
        operands = step.owner.operands
        first = operands[0]
        lead = list(first.shape[len(lead_time): first.ndim - core[0]])
        batch = self.many(lead)
        parts = []
        for t, n in zip(operands, core, strict=True):
            parts.append(self.stacked(t, t.shape[t.ndim - n:], batch, lead_time))
        for k, t in enumerate(step.outputs):
            shape = step.owner.signature[k][0]
            parts.append(self.stacked(t, shape[len(lead_time) + len(lead):], batch, lead_time))
        self.line(depth, f"# {self.said(step.outputs[0])} = {primitive.name}"
                         f"({', '.join(self.name(t) for t in operands)})")
        if not lead and not step.time and all(t.ndim for t in step.outputs):
            plain = [self.name(t) for t in (*operands, *step.outputs)]
            self.line(depth, f"{primitive.numeric}({', '.join(plain)})")
            return
        b = self.unique("b")
        self.line(depth, f"for {b} in range({batch}):")
        self.line(depth + 1, f"{primitive.numeric}({', '.join(f'{p}[{b}]' for p in parts)})")

    def stacked(self, t: Tensor, core: Sequence[Form], batch: str, time: list[str]) -> str:
        name = self.name(t) + (f"[{time[0]}]" if time else "")
        return f"{name}.reshape(({', '.join([batch, *(self.size(f) for f in core)])}" \
               f"{', 1' if not core else ''}))"

    def time_loop(self, step: TimeLoop, depth: int, readers: dict[Tensor, int]) -> None:
        t, length = step.variable, self.size(step.block.length)
        self.times |= {t}
        self.time = t
        if step.block.reverse:
            self.line(depth, f"for {t}_ in range({length}):")
            self.line(depth + 1, f"{t} = {length} - 1 - {t}_")
        else:
            self.line(depth, f"for {t} in range({length}):")
        self.steps(step.items, depth + 1, readers)


def write_source(program: Program, sizes: Sequence[Dim], dtype: DType, compiled: bool) -> Source:
    """Write the source of a kernel.

    Parameters
    ----------
    program : Program
        The lowered program.
    sizes : sequence of Dim
        The sizes, passed as integers after the arrays.
    dtype : {"float64", "float32"}
        The type of real arrays.
    compiled : bool
        Whether functions are decorated for Numba (else it is plain Python).
    """
    w = _Writer(program, dtype)
    arguments: list[Tensor] = [*program.inputs, *program.constants]
    for t in arguments:
        w.names[t] = w.unique(t.name or "constant")
    for d in sizes:
        w.sizes[d] = w.unique(str(d))
    outputs, copies = [], []
    for k, root in enumerate(program.roots):
        name = w.unique(f"out{k}")
        outputs.append(name)
        if root in w.names:
            copies.append((name, root))
        else:
            w.names[root] = name
    driven = compiled and len(arguments) + len(outputs) + len(program.order) > LIMIT
    if driven:
        w.multiply = "_product"
    w.steps(program.steps, 1, _readers(program))
    for name, root in copies:
        w.line(1, f"{name}[...] = {w.names[root]}")
    head = [*(w.names[t] for t in arguments), *outputs, *w.buffers, *w.sizes.values()]
    main = f"def kernel({', '.join(head)}):\n" + "\n".join(w.lines or ["    pass"]) + "\n"
    functions = [f"def {name}{text}" for text, name in w.functions.items()]
    if driven:
        functions.insert(0, PRODUCT)
    mark = MARK if compiled else ""
    whole = [mark.replace(")", ", cache=True)") + f if driven else mark + f for f in functions]
    whole.append(main if driven else mark.replace(")", ", cache=True)") + main)
    code = "\n\n".join([*whole, _workspace(w)])
    helpers = helper_names(code) - ({"gemm"} if compiled else set())
    prelude = prelude_source(helpers | {"real"}, dtype,
                             "@njit(error_model='numpy', fastmath=False)" if compiled else "")
    if compiled:
        prelude = prelude.replace("import numpy as np\n", "import numpy as np\n"
                                  "from numba import njit\n\n"
                                  "from symdl.kernels.blas import gemm\n", 1)
    return Source(f"{prelude}\n\n{code}", tuple(arguments), len(program.roots), tuple(sizes))


def _workspace(w: _Writer) -> str:
    """The text of a function that allocates what a call needs beside its outputs."""
    rows = "".join(f"        {text},  # {name}\n" for name, text in w.buffers.items())
    return f"def workspace({', '.join(w.sizes.values())}):\n    return (\n{rows}    )\n"


def _readers(program: Program) -> dict[Tensor, int]:
    """How often each tensor is read, roots once more."""
    count: dict[Tensor, int] = {}

    def walk(steps: Iterable[Step]) -> None:
        for step in steps:
            if isinstance(step, TimeLoop):
                walk(step.items)
            elif isinstance(step, Barrier):
                for t in step.reads:
                    count[t] = count.get(t, 0) + 1
            else:
                for p in statements([step]):
                    for t in p.op.reads:
                        count[t] = count.get(t, 0) + 1

    walk(program.steps)
    for t in program.roots:
        count[t] = count.get(t, 0) + 1
    return count
