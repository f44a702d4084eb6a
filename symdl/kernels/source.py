"""The source text of a kernel: one readable Python module for every size."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from textwrap import wrap

from symdl.kernels.generated import Source
from symdl.kernels.inline import placed
from symdl.kernels.labels import LabelRange
from symdl.kernels.numba_math import HOMES
from symdl.kernels.reading import ENDS, Reading
from symdl.kernels.scalar_code import DType, all_helpers, helper_names, prelude_source
from symdl.kernels.steps import Names, StepWriter
from symdl.language.errors import shape_text
from symdl.language.form import Atom, Dim
from symdl.language.tensor import Tensor
from symdl.lowering.fuse import Barrier
from symdl.lowering.lifetimes import lifetimes
from symdl.lowering.lower import Program, Step, TimeLoop, statements
from symdl.lowering.op import touched

RESERVED = frozenset(keyword.kwlist) | {
    "np", "math", "njit", "range", "min", "max", "abs", "int", "kernel", "workspace", "_product"}

LIMIT = 120
"""Arrays beyond which unpacking a compiled function's arguments costs too much."""

_ALONE = "error_model='numpy', no_cpython_wrapper=True, no_cfunc_wrapper=True"
_HELPER = f"@njit({_ALONE}, fastmath=False)"
_INNER = f"@njit({_ALONE}, pipeline_class=Apart, fastmath={{'nsz', 'contract', 'arcp'}})\n"
_OUTER = "@njit(error_model='numpy', no_cfunc_wrapper=True, cache=True, " \
         "fastmath={'nsz', 'contract', 'arcp'})\n"

_COMPILED = {
    **HOMES,
    **dict.fromkeys(("gemm", "gram"), "symdl.kernels.numba_blas"),
    **dict.fromkeys(("fits", "part"), "symdl.kernels.numba_memory"),
    **dict.fromkeys(("lapack_solve", "lapack_triangle", "lapack_cholesky", "lapack_triangular"),
                    "symdl.kernels.numba_lapack"),
}
"""Helpers that compiled kernels import, with their modules."""

_PRODUCT = """def _product(m, n, k, left_t, right_t, a, a_at, b, b_at, out, out_at, more):
    gemm(m, n, k, left_t, right_t, a, a_at, b, b_at, out, out_at, more)
"""


def write_source(program: Program, sizes: Sequence[Dim], dtype: DType, compiled: bool,
                 labels: Iterable[LabelRange] = (), reading: Reading | None = None) -> Source:
    """Write the source of a kernel.

    Its function `kernel` takes the inputs and constants, the computed outputs, a block of memory
    and the sizes. Its function `workspace` states the buffers in the block: bytes, first and last
    step. Where arrays are very many, `kernel` is a plain Python function that calls compiled ones.

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
    labels : iterable of LabelRange
        What a compiled `kernel` checks first, beside shapes; it returns whether all is well.
    reading : Reading, optional
        Names and equations for a reader.
    """
    given: list[Tensor] = [*program.inputs, *program.constants]
    driven = compiled and len(given) + len(program.roots) + len(program.order) > LIMIT
    names = Names({*RESERVED, *all_helpers(), *_loop_variables(program.steps)})
    arrays = {t: names.unique(t.name or "constant") for t in given}
    numbers: dict[Atom, str] = {d: names.unique(str(d)) for d in sizes}
    everything = [*given, *program.roots]
    computed, copies = [], []
    for k, root in enumerate(program.roots):
        if root in arrays:
            copies.append((k, everything.index(root)))
        else:
            called = reading.names.get(root) if reading else None
            arrays[root] = names.unique(called or f"out{k}")
            computed.append(k)
    arguments = [*given, *(program.roots[k] for k in computed)]
    w = StepWriter(dtype, names, names.unique("work"), arrays, numbers, _readers(program),
                   "_product" if driven else "gemm", lifetimes(program),
                   _lettered(reading, names))
    w.write(program.steps)
    head = [*(arrays[t] for t in arguments), w.block, *numbers.values()]
    loops, lines = placed(w.lines, names.unique, not driven)
    checks = _checks(w, program.inputs, labels) if compiled and not driven else ""
    body = f"{checks}{w.parts()}" + "\n".join([*lines, "    return True"]) + "\n"
    heading = _arguments(head, arguments) if reading else _heading(head, arguments)
    main = f"def kernel{heading}{w.derivations(body)}{body}"
    code = [*_decorated(loops, main, driven, compiled), _workspace(w)]
    types = [*(_type(t, dtype) for t in arguments), "int64[::1]", *("int64" for _ in sizes)]
    told = (w.arrays, w.scratch, w.passing) if reading else ()
    return Source(_module(code, dtype, compiled, driven), f"({', '.join(types)})",
                  tuple(computed), tuple(copies), *told)


def _lettered(reading: Reading | None, names: Names) -> Reading | None:
    """What a reader is told, with those letters for loop variables that mean nothing else."""
    if reading is None:
        return None
    letters = [c for c in reading.letters if c not in names.taken]
    names.taken.update(letters, (c + end for c in letters for end in ENDS))
    return replace(reading, letters=letters)


def _heading(names: Sequence[str], tensors: Sequence[Tensor]) -> str:
    """Arguments, and comments that say the shapes of those that are tensors."""
    said = "".join(f"    # {name}({', '.join(map(str, t.shape))}) {t.dtype}\n"
                   for name, t in zip(names, tensors, strict=False))
    return f"({', '.join(names)}):\n{said}"


def _arguments(names: Sequence[str], tensors: Sequence[Tensor]) -> str:
    """Arguments, those that are tensors on a line each with their shapes."""
    lines = [f"    {name},  # {shape_text(t.shape) if t.ndim else 'a number'}"
             f"{', integers' if t.dtype != 'real' else ''}"
             for name, t in zip(names, tensors, strict=False)]
    rest = wrap(", ".join(names[len(tensors):]), 94, initial_indent="    ",
                subsequent_indent="    ")
    return "\n".join(["(", *lines, *rest, "):\n"])


def _type(t: Tensor, dtype: DType) -> str:
    """Numba's type of an array; a number is an array of one entry."""
    axes = ", ".join([*[":"] * (t.ndim - 1), "::1"])
    return f"{dtype if t.dtype == 'real' else 'int64'}[{axes}]"


def _checks(w: StepWriter, inputs: Sequence[Tensor], labels: Iterable[LabelRange]) -> str:
    """The lines that refuse shapes that don't fit the sizes, and labels outside their axes."""
    arrays = "".join(f"{w.array(t)}, " for t in inputs if t.ndim)
    sizes = "".join(f"{w.form(size)}, " for t in inputs for size in t.shape)
    rules = [f"not fits(({arrays}), ({sizes}))"] if arrays else []
    rules += [f"outside({w.array(label.tensor)}, {w.form(label.size)})" for label in labels]
    return f"    if {' or '.join(rules)}:\n        return False\n" if rules else ""


def _decorated(loops: list[str], main: str, driven: bool, compiled: bool) -> list[str]:
    """The functions with their marks: what Python calls can be called and is cached."""
    if not compiled:
        return [*loops, main]
    if not driven:
        return [*(_INNER + f for f in loops), _OUTER + main]
    product = [_PRODUCT] if "_product(" in main else []
    return [*(_OUTER + f for f in (*product, *loops)), main]


def _workspace(w: StepWriter) -> str:
    """The text of a function that states what a call needs beside its outputs."""
    rows = w.lifetimes()
    head = f"def workspace({', '.join(w.sizes.values())}):\n"
    return f"{head}{w.derivations(rows)}    return (\n{rows}    )\n"


def _module(code: Sequence[str], dtype: DType, compiled: bool, driven: bool) -> str:
    """The functions with the imports and helpers that they need."""
    text = "\n\n".join(code)
    helpers = helper_names(text) | {"real"}
    if not compiled:
        return f"{prelude_source(helpers, dtype)}\n\n{text}"
    homes = _COMPILED | {"part": "symdl.kernels.prelude"} if driven else _COMPILED
    prelude = prelude_source(helpers, dtype, _HELPER, homes)
    imports = "import numpy as np\nfrom numba import njit\n"
    if "=Apart" in text:
        imports += "\nfrom symdl.kernels.numba_apart import Apart\n"
    prelude = prelude.replace("import numpy as np\n", imports, 1)
    return prelude.replace("\n_at = int\n", "\n_at = np.uintp\n") + f"\n\n{text}"


def _loop_variables(steps: Iterable[Step]) -> Iterator[str]:
    """The variables of loops over time."""
    for step in steps:
        if isinstance(step, TimeLoop):
            yield from (step.variable, f"{step.variable}_")
            yield from _loop_variables(step.items)


def _readers(program: Program) -> dict[Tensor, int]:
    """How often each tensor is read, roots once more."""
    count: dict[Tensor, int] = {}

    def walk(steps: Iterable[Step]) -> None:
        for step in steps:
            if isinstance(step, TimeLoop):
                walk(step.items)
                continue
            reads = [step.reads] if isinstance(step, Barrier) else [
                touched(p.op) for p in statements([step])]
            for t in (t for found in reads for t in found):
                count[t] = count.get(t, 0) + 1

    walk(program.steps)
    for t in program.roots:
        count[t] = count.get(t, 0) + 1
    return count
