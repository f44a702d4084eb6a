"""A kernel as a C file and its header; products are plain loops, functions those of libm."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from symdl.claims.example import Example
from symdl.export.c.expressions import Expressions
from symdl.export.c.functions import Function, Module, safe
from symdl.export.c.library import escapes, library
from symdl.export.c.main import main_text
from symdl.export.c.types import INT, Names, Type, Untranslatable, Value, volume_of, wrapped
from symdl.export.describe import described
from symdl.export.outputs import Output
from symdl.kernels.form_code import form_code
from symdl.kernels.readable import readable
from symdl.language.errors import SymdlError, shape_text
from symdl.language.form import Form
from symdl.language.tensor import Tensor
from symdl.lowering.lower import lower

if TYPE_CHECKING:
    from symdl.kernels.kernel import Kernel


@dataclass(frozen=True)
class Argument:
    """An argument of the function: its name, its tensor, and whether it is written."""

    name: str
    tensor: Tensor
    written: bool

    def declared(self, names: Names) -> str:
        """Its declaration."""
        kind = names.declared(Type("real" if self.tensor.dtype == "real" else "int", 1))
        return f"{'' if self.written else 'const '}{kind}{self.name}"


def c_text(kernel: Kernel, outputs: Sequence[Output], example: Example, name: str,
           ) -> tuple[str, str]:
    """The texts of the file and of its header.

    Parameters
    ----------
    kernel : Kernel
        What is saved.
    outputs : sequence of Output
        Its outputs, with their labels.
    example : Example
        What the self-test uses.
    name : str
        The name of the function and of the files.

    Raises
    ------
    SymdlError
        If a matrix function of the kernel has no translation.
    """
    try:
        return _Writer(kernel, outputs, example, name).texts()
    except Untranslatable as error:
        raise SymdlError(f"the kernel can't be saved as C: {error}; save it as Python, "
                         f"{name}.py") from None


class _Writer:
    """What the parts of the file have in common."""

    def __init__(self, kernel: Kernel, outputs: Sequence[Output], example: Example, name: str,
                 ) -> None:
        self.kernel, self.outputs, self.example, self.name = kernel, outputs, example, name
        self.names = Names(kernel.dtype)
        self.source = readable(kernel, compiled=False)
        self.constants = lower(kernel.roots, kernel.inputs).constants
        self.module = Module(self.source.text, self.names)
        self.node = self.module.definitions["kernel"]
        called = [safe(a.arg) for a in self.node.args.args]
        given, computed = len(kernel.inputs), self.source.computed
        first = given + len(self.constants)
        results = dict(zip(computed, called[first:], strict=False))
        self.inputs = [Argument(a, t, False) for a, t in zip(called, kernel.inputs, strict=False)]
        self.results = [Argument(results.get(k, f"copy{k}"), r, True)
                        for k, r in enumerate(kernel.roots)]
        self.held = called[given:first]
        self.sizes = called[len(called) - len(kernel.sizes):]
        self.numbers = dict(zip(kernel.sizes, self.sizes, strict=True))
        self.buffers = self._buffers()

    def texts(self) -> tuple[str, str]:
        """The file and its header."""
        body = self._kernel()
        call = self._public()
        lib = library(self.module.used, "\n".join([*self.module.texts, body, call]),
                      self.names.real)
        tests = main_text(self.name, self.names, self.inputs, self.results, self.numbers,
                          self.outputs, self.example)
        jump = "#include <setjmp.h>\n" if escapes(self.module.used) else ""
        head = f"/* {self._comment()}*/\n\n"
        includes = (f'#include "{self.name}.h"\n\n#include <float.h>\n#include <math.h>\n{jump}'
                    "#include <stdlib.h>\n#include <string.h>\n")
        parts = [head + includes, lib, *self.module.texts, body, self._constants(), call, tests]
        return "\n\n".join(p.strip("\n") for p in parts if p) + "\n", self._header()

    def _comment(self) -> str:
        said = described(self.kernel, self.outputs).replace("*/", "* /")
        lines = [
            f"{self.name}: a kernel that symdl derived and wrote; it needs this file, {self.name}.h"
            " and libm.", "",
            f"    cc -std=c11 -O3 -march=native -fno-math-errno -fPIC -shared {self.name}.c "
            f"-o lib{self.name}.so -lm",
            f"    cc -std=c11 -O3 -march=native -fno-math-errno -D{self.name.upper()}_MAIN "
            f"{self.name}.c -o {self.name} -lm && ./{self.name}",
            "", "The second line makes a program that tests the function and times it.", "", said,
            ""]
        return "\n".join(lines)

    def _signature(self) -> str:
        arguments = [*(a.declared(self.names) for a in (*self.inputs, *self.results)),
                     *(f"int64_t {s}" for s in self.sizes)]
        return wrapped(f"int {self.name}({', '.join(arguments) or 'void'})")

    def _header(self) -> str:
        guard = f"{self.name.upper()}_H"
        shapes = [f" * {a.name}: {_shape(a.tensor)}{', written' if a.written else ''}\n"
                  for a in (*self.inputs, *self.results)]
        return (f"#ifndef {guard}\n#define {guard}\n\n#include <stdint.h>\n\n"
                f"/* Arrays are contiguous, the last axis fastest; none overlaps a written one.\n"
                f"{''.join(shapes)}"
                " * Returns 0; 1 if a label addresses no entry; 2 if there is no memory; 3 for\n"
                " * sizes for which the formula isn't defined.\n */\n"
                f"#ifdef __cplusplus\nextern \"C\"\n#endif\n{self._signature()};\n\n#endif\n")

    def _value(self, name: str, t: Tensor) -> Value:
        shape = tuple(self._form(f) for f in t.shape) or ("1",)
        return Value(name, Type("real" if t.dtype == "real" else "int", len(shape)), shape=shape)

    def _form(self, form: Form) -> str:
        text = form_code(form, lambda a: self.numbers.get(a))  # type: ignore[call-overload]
        node = ast.parse(text, mode="eval").body
        return self._expressions().code(node)

    def _expressions(self) -> Expressions:
        written = [a.arg for a in self.node.args.args][-len(self.sizes):] if self.sizes else []
        sizes = {s: Value(safe(s), INT) for s in (*written, *self.sizes)}
        return Expressions(sizes, self.module.constants, {}, self.module.call, self.names)

    def _kernel(self) -> str:
        """The translated main function, whose arrays have the shapes that the sizes say."""
        arrays = [self._value(a.name, a.tensor) for a in self.inputs]
        arrays += [self._value(c, t) for c, t in zip(self.held, self.constants, strict=True)]
        arrays += [self._value(self.results[k].name, self.kernel.roots[k])
                   for k in self.source.computed]
        buffers = [Value(safe(b), kind, shape=shape) for b, (kind, shape) in self.buffers.items()]
        sizes = [Value(s, INT) for s in self.sizes]
        function = Function(self.module, self._without_block(), "kernel",
                            [*arrays, *buffers, *sizes], False)
        function.translated()
        return function.text

    def _without_block(self) -> ast.FunctionDef:
        """The main function with its buffers as arguments, in place of the block that holds them.

        Whether its arguments fit isn't its business.
        """
        node = self.node
        given = node.args.args
        place = len(given) - len(self.sizes) - 1
        held = [ast.arg(b) for b in self.buffers]
        body = [line for line in node.body[:-1] if _part(line) is None] or [ast.Pass(lineno=1)]
        arguments = ast.arguments([], [*given[:place], *held, *given[place + 1:]], None, [], [],
                                  None, [])
        return ast.FunctionDef(node.name, arguments, body, [], None, None)

    def _buffers(self) -> dict[str, tuple[Type, tuple[str, ...]]]:
        """The types and shapes of the buffers, derived sizes written out."""
        expressions = self._expressions()
        found: dict[str, tuple[Type, tuple[str, ...]]] = {}
        parts = [k for k, line in enumerate(self.node.body) if _part(line)]
        for line in self.node.body[:max(parts, default=-1) + 1]:
            assert isinstance(line, ast.Assign)
            (target,) = line.targets
            assert isinstance(target, ast.Name)
            if part := _part(line):
                shape, kind = part.args[2:]
                assert isinstance(shape, ast.Tuple)
                entries = "int" if ast.unparse(kind) == "np.int64" else "real"
                found[target.id] = (Type(entries, len(shape.elts)),  # type: ignore[arg-type]
                                    tuple(expressions.code(s) for s in shape.elts))
            else:
                code = expressions.code(line.value)
                expressions.variables[target.id] = Value(f"({code})", INT)
        return found

    def _constants(self) -> str:
        """The arrays that are written into the program."""
        lines = []
        for name, c in zip(self.held, self.constants, strict=True):
            kind = self.names.declared(Type("real" if c.dtype == "real" else "int"))
            numbers = ", ".join(self.names.number(float(x)) if c.dtype == "real" else str(int(x))
                                for x in c.data.ravel())
            lines += wrap(f"static {kind}{name}[] = {{{numbers or 0}}};", 99,
                          subsequent_indent="    ")
        return "\n".join(lines)

    def _public(self) -> str:
        """The function that a user calls: checks, memory, the kernel, copies."""
        lines = []
        for p in self.kernel.preconditions:
            scope = "".join(f"{self._form(f)} > 0 && " for f in p.scope)
            lines += [f"if ({scope}{self._form(p.form)} < 0)", "    return 3;"]
        for v, label in self.kernel.labels:
            a = self.inputs[self.kernel.inputs.index(v)].name
            entries = volume_of([self._form(f) for f in v.shape])
            lines += [f"for (int64_t sd_at = 0; sd_at < {entries}; sd_at++)",
                      f"    if ({a}[sd_at] < 0 || {a}[sd_at] >= {self._form(label.size)})",
                      "        return 1;"]
        lines += self._memory()
        cast = [f"({x.declared(self.names).removeprefix('const ').rsplit('*', 1)[0]}*){x.name}"
                for x in self.inputs]
        arguments = [*cast, *self.held, *(self.results[k].name for k in self.source.computed),
                     *map(safe, self.buffers), *self.sizes]
        call = f"kernel({', '.join(arguments)});"
        if escapes(self.module.used):
            lines += ["int sd_status = setjmp(sd_escape);", "if (sd_status == 0)", f"    {call}"]
        else:
            lines += [call]
        lines += ["free(sd_memory);"] if self.buffers else []
        if escapes(self.module.used):
            lines += ["if (sd_status != 0)", "    return sd_status;"]
        everything = [*(a.name for a in self.inputs), *self.held, *(r.name for r in self.results)]
        for k, origin in self.source.copies:
            entries = volume_of([self._form(f) for f in self.kernel.roots[k].shape])
            made = self.results[k].name
            lines.append(f"memcpy({made}, {everything[origin]}, "
                         f"(size_t)({entries})*sizeof *{made});")
        body = [f"    {line}" if line.startswith(" ") else
                "    " + wrapped(line, "        ", 95) for line in [*lines, "return 0;"]]
        return "\n".join([self._signature(), "{", *body, "}"])

    def _memory(self) -> list[str]:
        """One allocation for all buffers, integers first."""
        if not self.buffers:
            return []
        made = sorted(((safe(b), found) for b, found in self.buffers.items()),
                      key=lambda pair: pair[1][0].kind != "int")
        sizes = {b: volume_of(shape) for b, (_, shape) in made}
        total = " + ".join(f"(size_t)({sizes[b]})*{_bytes(kind, self.names)}"
                           for b, (kind, _) in made)
        lines = [f"char *sd_memory = malloc({total} + 1), *sd_next = sd_memory;",
                 "if (sd_memory == NULL)", "    return 2;"]
        for b, (kind, _) in made:
            pointer = self.names.declared(kind)
            lines += [f"{pointer}{b} = ({pointer.strip()})sd_next;",
                      f"sd_next += (size_t)({sizes[b]})*{_bytes(kind, self.names)};"]
        return lines[:-1]


def _part(line: ast.stmt) -> ast.Call | None:
    """The call that finds a buffer in the block, if a line is that."""
    value = line.value if isinstance(line, ast.Assign) else None
    found = isinstance(value, ast.Call) and ast.unparse(value.func) == "part"
    return value if found else None  # type: ignore[return-value]


def _bytes(kind: Type, names: Names) -> str:
    return f"sizeof({names.declared(Type(kind.kind)).strip()})"


def _shape(t: Tensor) -> str:
    return shape_text(t.shape) if t.ndim else "one number"


