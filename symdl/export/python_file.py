"""A kernel as a Python file that needs NumPy and Numba, and SciPy where Numba's BLAS does."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from symdl.claims.example import Example
from symdl.export.describe import described, unstated
from symdl.export.modules import joined
from symdl.export.outputs import Output
from symdl.kernels.form_code import form_code
from symdl.kernels.generated import Source
from symdl.kernels.readable import readable
from symdl.kernels.trees import rebuilt
from symdl.language.errors import shape_text
from symdl.language.form import ONE, Atom, Dim, Form
from symdl.lowering.lower import lower

if TYPE_CHECKING:
    from symdl.kernels.kernel import Kernel

@dataclass(frozen=True)
class Names:
    """What the generated function `kernel` calls its arguments."""

    inputs: tuple[str, ...]
    constants: tuple[str, ...]
    outputs: Mapping[int, str]
    sizes: Mapping[Atom, str]

    def form(self, form: Form) -> str:
        """A size as code."""
        return form_code(form, self.sizes.get)


def python_text(kernel: Kernel, outputs: Sequence[Output], example: Example) -> str:
    """The text of the file.

    Parameters
    ----------
    kernel : Kernel
        What is saved.
    outputs : sequence of Output
        Its outputs, with their labels.
    example : Example
        What the self-test uses.
    """
    program = lower(kernel.roots, kernel.inputs)
    source = readable(kernel, compiled=True)
    names = _names(kernel, source, len(program.constants))
    helpers = resources.files("symdl.export").joinpath("standalone.py").read_text("utf-8")
    imports, body = joined([source.text, helpers])
    constants = [f"{name} = {_array(c.data.reshape(c.data.shape or (1,)), _type(c.dtype))}\n"
                 for name, c in zip(names.constants, program.constants, strict=True)]
    head = (f'"""A kernel that symdl derived and wrote; it needs this file alone.\n\n'
            f'`compute` takes arrays and returns {_shape_of_result(kernel.outputs, outputs)}.\n\n'
            f'{described(kernel, outputs)}\n"""\n')
    parts = [head, imports, body, "".join(constants), _compute(kernel, source, names),
             _example(kernel, outputs, example), _CHECKS]
    return "\n\n".join(p.strip("\n") + "\n" for p in parts if p)


def _names(kernel: Kernel, source: Source, constants: int) -> Names:
    """The arguments of `kernel` in their order: given arrays, outputs, the block, sizes."""
    functions = {f.name: f for f in ast.parse(source.text).body if isinstance(f, ast.FunctionDef)}
    arguments = [a.arg for a in functions["kernel"].args.args]
    given = len(kernel.inputs) + constants
    numbers = arguments[len(arguments) - len(kernel.sizes):]
    computed = arguments[given: given + len(source.computed)]
    rest = (k for k in range(len(kernel.roots)) if k not in source.computed)
    outputs = dict(zip(source.computed, computed, strict=True))
    outputs |= {k: f"copy{k}" for k in rest}
    return Names(tuple(arguments[: len(kernel.inputs)]),
                 tuple(arguments[len(kernel.inputs): given]), outputs,
                 dict(zip(kernel.sizes, numbers, strict=True)))


def _type(dtype: str) -> str:
    return "real" if dtype == "real" else "np.int64"


def literal(x: Any) -> str:
    """Numbers, or nested lists of them, as source."""
    if isinstance(x, list):
        return f"[{', '.join(map(literal, x))}]"
    if isinstance(x, float) and not isfinite(x):
        return "np.nan" if x != x else f"{'-' if x < 0 else ''}np.inf"
    return repr(x)


def _array(a: Any, dtype: str = "") -> str:
    """An array as source."""
    numbers = a.tolist()
    text = f"np.array({literal(numbers)}{f', {dtype}' if dtype else ''})"
    return text if np.array(numbers).shape == a.shape else f"{text}.reshape({a.shape})"


def _tuple(parts: Iterable[str]) -> str:
    """A tuple as source."""
    found = list(parts)
    return f"({', '.join(found)}{',' if len(found) == 1 else ''})"


def _shape_of_result(tree: Any, outputs: Sequence[Output]) -> str:
    labels = iter(outputs)
    return str(rebuilt(_plain(tree), lambda: _Said(next(labels).label)))


def _plain(tree: Any) -> Any:
    """The outputs with plain tuples for named ones."""
    if isinstance(tree, dict):
        return {key: _plain(branch) for key, branch in tree.items()}
    if isinstance(tree, (list, tuple)):
        return (list if isinstance(tree, list) else tuple)(map(_plain, tree))
    return tree


class _Said(str):
    """Source text within a literal."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _compute(kernel: Kernel, source: Source, names: Names) -> str:
    """The function that a user calls."""
    loose = [names.sizes[d] for d in unstated(kernel)]
    head = ", ".join([*names.inputs, *(["*", *loose] if loose else [])])
    labels = {v: label.size for v, label in kernel.labels}
    lines = [f"{a} = _given({str(v.name)!r}, {a}, {_type(v.dtype)}, {v.ndim})"
             for a, v in zip(names.inputs, kernel.inputs, strict=True)]
    lines += _sizes(kernel, names)
    for a, v in zip(names.inputs, kernel.inputs, strict=True):
        if v.ndim:
            due = _tuple(map(names.form, v.shape))
            lines.append(f"_agree({str(v.name)!r}, {shape_text(v.shape)!r}, {a}.shape, {due})")
    for p in kernel.preconditions:
        apart = "".join(f"{names.form(f)} <= 0 or " for f in p.scope)
        lines.append(f"_need({apart}{names.form(p.form)} >= 0, "
                     f"{f'{p.text}: {p} is needed'!r})")
    lines += [f"_labels({str(v.name)!r}, {names.inputs[kernel.inputs.index(v)]}, "
              f"{names.form(size)})" for v, size in labels.items()]
    lines += [f"{names.outputs[k]} = np.empty({_tuple(map(names.form, r.shape or (ONE,)))}, "
              f"{_type(r.dtype)})" for k, r in enumerate(kernel.roots)]
    given = [*names.inputs, *names.constants]
    arrays = _tuple([*given, *(names.outputs[k] for k in source.computed)])
    lines.append(f"_run(kernel, workspace, {arrays}, {_tuple(names.sizes.values())})")
    everything = [*given, *(names.outputs[k] for k in range(len(kernel.roots)))]
    lines += [f"{names.outputs[k]}[...] = {everything[origin]}" for k, origin in source.copies]
    ends = iter([names.outputs[k] + ("" if r.ndim else "[0]")
                 for k, r in enumerate(kernel.roots)])
    lines.append(f"return {rebuilt(_plain(kernel.outputs), lambda: _Said(next(ends)))!r}")
    body = "\n".join(f"    {line}" for line in lines)
    return f'def compute({head}):\n    """Check the arguments and run the kernel."""\n{body}\n'


def _sizes(kernel: Kernel, names: Names) -> list[str]:
    """Where each size is read off."""
    lines, seen = [], set[Atom]()
    for a, v in zip(names.inputs, kernel.inputs, strict=True):
        for axis, f in enumerate(v.shape):
            if isinstance(f.atom, Dim) and f.atom not in seen:
                seen.add(f.atom)
                lines.append(f"{names.sizes[f.atom]} = {a}.shape[{axis}]")
    return lines


def _example(kernel: Kernel, outputs: Sequence[Output], example: Example) -> str:
    """The constants of the self-test."""
    loose = {str(d): example.sizes[d] for d in unstated(kernel)}
    arrays = "".join(
        f"    {str(v.name)!r}: {_array(example.inputs[str(v.name)], _type(v.dtype))},\n"
        for v in kernel.inputs)
    expected = "".join(f"    {_array(a)},\n" for a in example.outputs)
    gradients = [(o.of, k, str(o.wrt.name)) for k, o in enumerate(outputs)
                 if o.wrt is not None]
    shapes = "".join(f"    {str(v.name)!r}: lambda s: {_tuple(map(_from_sizes, v.shape))},\n"
                     for v in kernel.inputs)
    sizes = {str(d): example.sizes[d] for d in kernel.sizes}
    return (
        f"SIZES = {sizes!r}\nLOOSE = {tuple(loose)!r}\nLABELS = {[o.label for o in outputs]!r}\n"
        f"GRADIENTS = {gradients!r}  # of output, in output, in the input\n"
        f"EXAMPLE = {{\n{arrays}}}\n# what the formulas give, evaluated entry by entry in 50 "
        f"digits\nEXPECTED = (\n{expected})\nTOLERANCES = {example.tolerances!r}\n"
        f"SHAPES = {{\n{shapes}}}\n")


def _from_sizes(f: Form) -> str:
    return form_code(f, lambda a: f"s[{str(a)!r}]" if isinstance(a, Dim) else None)


_CHECKS = '''
def self_test():
    """Compare with exact numbers, and gradients with differences; return what was compared."""
    point = {**EXAMPLE, **{d: SIZES[d] for d in LOOSE}}
    found = list(_leaves(compute(**point)))
    _check_values(found, LABELS, EXPECTED, TOLERANCES)
    entries, silent = _check_gradients(compute, point, LABELS, GRADIENTS)
    numbers = sum(np.size(x) for x in found)
    return (f"{numbers} numbers as in 50 digits, {entries - silent} of {entries} derivatives as by "
            "differences")


def main():
    """Test the kernel and time it; sizes are given as in `n=1000`."""
    print(self_test())
    sizes = _sized(sys.argv[1:], SIZES)
    point = {name: np.resize(a, SHAPES[name](sizes)) for name, a in EXAMPLE.items()}
    point |= {d: sizes[d] for d in LOOSE}
    said = ", ".join(f"{d} = {n}" for d, n in sizes.items()) or "no sizes"
    print(f"{_timed(lambda: compute(**point)) * 1e6:.1f} µs a call with {said}")


if __name__ == "__main__":
    main()
'''
