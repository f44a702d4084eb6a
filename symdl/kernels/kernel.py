"""A compiled program: a function of arrays, for every size."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from symdl.kernels.arguments import TYPES, converted, flattened, sizes_of
from symdl.kernels.backends import BACKENDS, Program, entry_point
from symdl.kernels.background import Background
from symdl.kernels.bound import Bound
from symdl.kernels.compiled import Compiled
from symdl.kernels.direct import MANY, MISSED, Direct, Plan, sizes_text
from symdl.kernels.labels import LabelRange, label_ranges
from symdl.kernels.preconditions import preconditions
from symdl.kernels.results import results
from symdl.kernels.trees import leaves, maker
from symdl.kernels.widened import Widened
from symdl.language.errors import SymdlError, shape_text
from symdl.language.form import Dim
from symdl.language.late import late
from symdl.language.sizes import dims_of, variables_of
from symdl.language.tensor import Tensor, Variable

if TYPE_CHECKING:
    from symdl.kernels.explain import Explanation

Array = np.ndarray[Any, Any]


class Kernel:
    """A program compiled for a type of numbers.

    Call it with arrays by keyword or in the order of `signature`; nested dicts and lists of
    parameters are taken apart by name. Sizes that stand in no shape are keyword integers.
    """

    def __init__(self, outputs: Any, dtype: str, backend: str,
                 inputs: Mapping[str, Any] | Sequence[Tensor] | None,
                 accumulate: str | None = None, lazy: bool = False):
        dtype = getattr(dtype, "__name__", str(dtype))  # numpy.float32 and its dtype, too
        if dtype not in TYPES:
            raise SymdlError(f"a kernel computes in float64 or float32, not {dtype}")
        if backend not in BACKENDS:
            raise SymdlError(f"unknown backend {backend!r}; there are {', '.join(BACKENDS)}")
        if lazy and backend != "numba":
            raise SymdlError(f"lazy is for the backend numba; {backend} has nothing to compile")
        self.outputs, self.dtype, self.backend, self.lazy = outputs, dtype, backend, lazy
        self.computes = dtype if accumulate is None else (
            getattr(accumulate, "__name__", str(accumulate)))
        if self.computes not in (allowed := dict.fromkeys((dtype, "float64"))):
            raise SymdlError(f"a kernel in {dtype} accumulates in {' or '.join(allowed)}, not "
                             f"{self.computes}")
        self.roots: tuple[Tensor, ...] = tuple(leaves(outputs))
        for r in self.roots:
            if not isinstance(r, Tensor):
                raise SymdlError(f"compile takes tensor expressions, not {r!r}")
            if r.free:
                raise SymdlError(f"{r.said} depends on the index {next(iter(r.free))}; define it "
                                 "with sd.define or bind the index with sd.vmap")
        self._given = inputs
        self.structure = _structure(inputs)
        self.inputs: tuple[Variable, ...] = _ordered(variables_of(self.roots), self.structure)
        self.sizes: tuple[Dim, ...] = tuple(sorted(dims_of([*self.roots, *self.inputs]), key=str))
        self.preconditions = preconditions(self.roots)
        self._labels = [(self.inputs.index(label.tensor), label)
                        for label in label_ranges(self.roots)]
        self.types = [self._type(v) for v in self.inputs]
        self._direct: Direct | None = None
        self._plans: dict[tuple[int, ...], Plan] = {}
        self._result = maker(self.outputs, [r.ndim == 0 for r in self.roots])

    def _type(self, t: Tensor) -> np.dtype[Any]:
        return np.dtype(self.dtype if t.dtype == "real" else np.int64)

    @property
    def program(self) -> Program:
        """What runs."""
        made = self._made
        return made.current if isinstance(made, Background) else made

    @cached_property
    def _made(self) -> Program:
        def make(backend: str) -> Program:
            program = entry_point(backend, self.roots, self.inputs, self.sizes, self.computes)
            return program if self.computes == self.dtype else Widened(program)

        if not self.lazy:
            return make(self.backend)
        return Background(lambda: make("numba"), lambda: make("numpy"))

    def ready(self) -> bool:
        """Whether the next call needs no compiling: compiled code runs, or none is asked for."""
        program = self.program
        return not isinstance(program, Background) and getattr(program, "ready", True)

    def wait(self, seconds: float | None = None) -> bool:
        """Compile now, or wait for what compiles in the background; whether it is done."""
        if isinstance(self._made, Background):
            return self._made.wait(seconds) and self.ready()
        if isinstance(self._made, (Compiled, Widened)):
            self._made.prepare()
        return self.ready()

    @property
    def source(self) -> str:
        """The generated source, with the names of the formula and an equation above each loop.

        A call compiles the same text with shorter names and without the equations.
        """
        if self.backend == "numpy":
            return self.program.text
        text: str = late("symdl.kernels.readable:readable")(self, self.backend == "numba").text
        return text

    @property
    def signature(self) -> str:
        """Arguments with shapes, outputs with shapes, and what the sizes must satisfy."""
        arguments = [f"{v.name}: {v.dtype if v.dtype != 'real' else self.dtype}"
                     f"{shape_text(v.shape)}" for v in self.inputs]
        stated = {a for v in self.inputs for s in v.shape for a in s.all_atoms}
        arguments += [f"{d}: int" for d in self.sizes if d not in stated]
        outputs = ", ".join(shape_text(r.shape) for r in self.roots)
        needs = "".join(f"\n  requires {p}" for p in self.preconditions)
        return f"({', '.join(arguments)}) -> {outputs}{needs}"

    def __call__(self, *positional: Any, out: Any = None, **keywords: Any) -> Any:
        """Compute the outputs.

        Parameters
        ----------
        *positional, **keywords
            Arrays, in the order of `signature` or by name; sizes in no shape by name.
        out : array, or the like of the outputs
            Arrays to write into.

        Raises
        ------
        SymdlError
            For wrong, missing or superfluous arguments, shapes, types or labels.
        """
        if self._direct and out is None and not positional:
            found = self._direct.call(keywords)
            if found is not MISSED:
                return found
        return self.computed(*self.named(positional, keywords), out)

    def named(self, positional: Sequence[Any], keywords: Mapping[str, Any],
              fixed: Collection[str] = ()) -> tuple[dict[str, Any], dict[str, int]]:
        """Arrays by input name, and stated sizes; of those that are fixed none need be given."""
        return flattened(positional, keywords, self.inputs, self.sizes, self.structure, fixed)

    def computed(self, given: Mapping[str, Any], stated: Mapping[str, int], out: Any) -> Any:
        """The outputs for arguments of any kind: what can be is converted, what is wrong said."""
        arrays, plan = self.prepared(given, stated)
        outputs = results(self.outputs, plan.outputs, out, arrays)
        entries = [r if r.ndim else r.reshape(1) for r in outputs]
        self.program.run(arrays, entries, plan.sizes)
        self._learn(plan)
        return self._result(entries) if out is None else out

    def prepared(self, given: Mapping[str, Any], stated: Mapping[str, int],
                 ) -> tuple[list[Array], Plan]:
        """The inputs as the program takes them, and what their sizes lead to."""
        values = [given[str(v.name)] for v in self.inputs]
        arrays = [converted(v, x, self.dtype) for v, x in zip(self.inputs, values, strict=True)]
        shapes = dict(zip(self.inputs, map(np.shape, values), strict=True))
        found = sizes_of(shapes, stated, self.sizes)
        plan = self._plan(tuple(found[d] for d in self.sizes))
        for place, label in self._labels:
            label.check(arrays[place], found)
        return arrays, plan

    def _plan(self, sizes: tuple[int, ...]) -> Plan:
        """What sizes lead to, once it is clear that the program is defined there."""
        if sizes not in self._plans:
            numbers: Any = dict(zip(self.sizes, sizes, strict=True))
            for p in self.preconditions:
                p.check(numbers)
            if len(self._plans) >= MANY:
                self._plans.clear()
            self._plans[sizes] = Plan(sizes, tuple(
                (tuple(f.value(numbers) for f in r.shape), self._type(r)) for r in self.roots))
        return self._plans[sizes]

    def _learn(self, plan: Plan) -> None:
        """Prepare the short way for further calls like this one."""
        program, sizes = self.program, sizes_text(self.inputs, self.sizes)
        if sizes is not None and isinstance(program, Compiled) and program.direct:
            if self._direct is None:
                self._direct = Direct(self.inputs, self.types, sizes, program, plan, self.outputs)
            self._direct.learn(plan)

    def bind(self, *parameters: Any, out: Any = None, **keywords: Any) -> Callable[..., Any]:
        """The kernel with some arguments (and `out`) fixed: a function of the others.

        Parameters
        ----------
        *parameters, **keywords
            Arrays by name, as keywords or in dicts. The arrays that stand there now are fixed;
            what is written into them later counts.
        out : array, or the like of the outputs
            Arrays to write into at each call. With them, a call takes least time.

        Raises
        ------
        SymdlError
            For parameters without a name, and where `out` isn't built like the outputs.
        """
        fixed = dict(keywords)
        for p in parameters:
            if not isinstance(p, Mapping):
                raise SymdlError("bind takes arrays by name: keywords, or dicts of arrays, not "
                                 f"a {type(p).__name__}")
            fixed.update(p)
        names = [str(v.name) for v in self.inputs]
        given, stated = self.named((), fixed, names)
        return Bound(self, given, stated, out).call

    def release(self) -> None:
        """Give back the memory that is kept between calls; the next call takes new one."""
        program = self.program.inner if isinstance(self.program, Widened) else self.program
        if isinstance(program, Compiled):
            program.blocks.kept.clear()

    def explain(self) -> Explanation:
        """What the kernel does: passes, operations, bytes, workspace, and what was decided.

        Returns
        -------
        Explanation
            Its text is for reading, with the names of `source`; its attributes are for programs.
        """
        found: Explanation = late("symdl.kernels.explain:explanation")(self)
        return found

    @cached_property
    def certificate(self) -> Any:
        """The measured accuracy of each output, a `symdl.claims.certificate.Certificate`."""
        return late("symdl.claims.certificate:certify")(self)

    @property
    def labels(self) -> tuple[tuple[Variable, LabelRange], ...]:
        """The integer inputs that address an axis, with their ranges."""
        return tuple((self.inputs[place], label) for place, label in self._labels)

    def save(self, path: str | PathLike[str], example: Mapping[str, Any] | None = None,
             seed: int = 0) -> Path:
        """Write the kernel to a file that needs neither symdl nor SymPy.

        Parameters
        ----------
        path : str or path
            `name.py`: a module with the function `compute`. It needs NumPy and Numba, and SciPy
            where there is a matrix product, for Numba's BLAS. Run as a program it tests and times
            itself. `name.c`: a C file with the function `name`, and the header `name.h`; its
            first comment says how it is compiled, as a library or as a program that tests and
            times it. Products are plain loops there, scalar functions the C library's.
        example : mapping of str to array_like, optional
            Inputs of the self-test by name, small ones; the rest is drawn.
        seed : int
            Of what is drawn.

        Returns
        -------
        Path
            Where it was written.

        Raises
        ------
        SymdlError
            For another kind of file, for a matrix function that C has no equal of, and where no
            inputs for the self-test can be drawn.

        Notes
        -----
        The self-test compares the outputs with stored numbers, which the formulas gave entry by
        entry in 50 digits, and outputs that are the gradients of another output with central
        differences of that one.
        """
        found: Path = late("symdl.export.save:save")(self, path, example, seed)
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        return (Kernel, (self.outputs, self.dtype, self.backend, self._given, self.computes,
                         self.lazy))

    def __repr__(self) -> str:
        return f"Kernel{self.signature} [{self.dtype}, {self.backend}]"


def _structure(inputs: Any) -> Mapping[str, Any] | None:
    if inputs is None or isinstance(inputs, Mapping):
        return inputs
    if not isinstance(inputs, (list, tuple)):
        raise SymdlError("inputs is a list of input tensors, or a dict of them by name, not "
                         f"{inputs!r}")
    _check_inputs(inputs)
    return {str(t.name): t for t in inputs}


def _check_inputs(stated: Sequence[Any]) -> None:
    for k, t in enumerate(stated):
        if not isinstance(t, Variable):
            raise SymdlError(f"inputs holds {t!r}, which is no input tensor")
        if t in stated[:k]:
            raise SymdlError(f"inputs names {t.name} twice")


def _ordered(found: Sequence[Variable], structure: Mapping[str, Any] | None,
             ) -> tuple[Variable, ...]:
    if structure is None:
        return tuple(found)
    stated = leaves(structure)
    _check_inputs(stated)
    missing = [v for v in found if v not in stated]
    if missing:
        raise SymdlError(f"inputs leaves out {', '.join(str(v.name) for v in missing)}, which the "
                         "outputs depend on")
    return tuple(stated)


def compile(outputs: Any, dtype: str = "float64", backend: str = "numba",
            inputs: Mapping[str, Any] | Sequence[Tensor] | None = None,
            accumulate: str | None = None, lazy: bool = False, report: bool = False) -> Kernel:
    """Compile expressions into one kernel for every size.

    Parameters
    ----------
    outputs : Tensor, or a nested dict, list or tuple of tensors
        What the kernel computes; it returns the like.
    dtype : {"float64", "float32"}
        The type of real arrays.
    backend : {"numba", "numpy", "python"}
        What runs it: compiled loops, NumPy's functions at once, or the loops as plain Python.
    inputs : mapping or sequence of Tensor, optional
        The arguments in order; a mapping's values may be nested. By default the inputs by name,
        in alphabetical order.
    accumulate : {"float32", "float64"}, optional
        What sums are taken in; by default the arrays' type. In float64 all that lies between the
        inputs and the outputs is computed in float64, and each output is rounded once; that takes
        the time of a float64 kernel and that of copying its arrays.
    lazy : bool
        Whether calls are answered through NumPy while Numba compiles in the background;
        `kernel.ready()` says whether it has, `kernel.wait()` waits for it.
    report : bool
        Whether accuracy is measured at once, as `Kernel.certificate`: for each output the error
        against 50 digits at drawn points, and the condition number.

    Returns
    -------
    Kernel

    Raises
    ------
    SymdlError
        If an output is no expression, or one name stands for two inputs.
    """
    kernel = Kernel(outputs, dtype, backend, inputs, accumulate, lazy)
    if report:
        kernel.certificate  # noqa: B018 - measured now, and kept
    return kernel
