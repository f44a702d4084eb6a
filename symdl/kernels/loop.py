"""A loop of steps over minibatches as one kernel: training that doesn't touch Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from symdl.kernels.arguments import converted, flattened, sizes_of
from symdl.kernels.kernel import Kernel
from symdl.kernels.loop_arguments import (
    batch_size,
    check_schedules,
    check_states,
    declared,
    minibatch,
    next_values,
    rows_of,
    state_array,
    visited_rows,
)
from symdl.kernels.loop_program import LoopProgram, loop_program
from symdl.kernels.loop_source import Roles
from symdl.kernels.trees import leaves, rebuilt
from symdl.language.errors import ShapeError, SymdlError, shape_text
from symdl.language.tensor import Variable

Array = np.ndarray[Any, Any]


class Loop:
    """Steps over minibatches, compiled for a type of numbers; made by `compile_loop`.

    Attributes
    ----------
    step : Kernel
        One step: the next state, then the outputs.
    """

    def __init__(self, state: Mapping[str, Any], new: Any, outputs: Any,
                 data: Sequence[Variable], schedules: Sequence[Variable], dtype: str,
                 backend: str) -> None:
        self.outputs = () if outputs is None else outputs
        self._states = declared("state", leaves(dict(state)))
        self._data, self._schedules = declared("data", data), declared("schedules", schedules)
        self._check(state)
        replaced = next_values(state, new)
        self.batch = batch_size(self._data)
        plain = Kernel([*replaced, *leaves(self.outputs)], dtype, backend, None)
        rest = [v for v in (*self._data, *self._schedules, *plain.inputs)
                if v not in self._states]
        structure = {**state, **{str(v.name): v for v in rest}}
        self.step = Kernel(plain.outputs, plain.dtype, backend, structure)
        self._roles = Roles(len(self.step.inputs), len(self.step.roots), *(
            tuple(map(self.step.inputs.index, found))
            for found in (self._data, self._schedules, self._states)))
        self._given = (state, new, outputs, data, schedules, dtype, backend)

    def _check(self, state: Mapping[str, Any]) -> None:
        """Refuse inputs that are two things at once, and names that the call has taken."""
        everything = [*self._states, *self._data, *self._schedules]
        for k, v in enumerate(everything):
            if v in everything[:k]:
                raise SymdlError(f"compile_loop: {v.name} is given twice among state, data and "
                                 "schedules; it can be one of them")
        for name in (*map(str, state), *(str(v.name) for v in everything)):
            if name in ("order", "batch"):
                raise SymdlError(f"compile_loop: {name} is an argument of the loop itself; rename "
                                 "the input")

    @cached_property
    def _program(self) -> LoopProgram:
        return loop_program(self.step, self._roles)

    @property
    def source(self) -> str:
        """The generated source: the step's `kernel`, and `loop`."""
        return self._program.text

    @property
    def signature(self) -> str:
        """The arguments with shapes, and what is returned."""
        shapes = {v: shape_text(v.shape) for v in self.step.inputs}
        shapes |= {v: shape_text(("rows", *v.shape[1:])) for v in self._data}
        shapes |= {v: shape_text(("steps", *v.shape)) for v in self._schedules}
        arguments = [f"{v.name}: {v.dtype if v.dtype != 'real' else self.step.dtype}{s}"
                     for v, s in shapes.items()]
        recorded = (shape_text(("steps", *r.shape)) for r in leaves(self.outputs))
        return f"({', '.join([*arguments, 'order', 'batch'])}) -> {', '.join(recorded)}"

    def __call__(self, *, order: Any, batch: int | None = None, **arguments: Any) -> Any:
        """Run the steps and update the state's arrays in place.

        Parameters
        ----------
        order : array of int
            Rows of the data in the order in which they are visited: the first `batch` of them
            are the first minibatch, and so on. Some may be left out or repeated.
        batch : int, optional
            The size of a minibatch; the last one is smaller where it doesn't divide the length
            of `order`. All rows at once if left out.
        **arguments
            The state's arrays, which must be of the kernel's type and are overwritten, in the
            form in which `state` was given; whole data; schedules with an axis of steps in front;
            all other inputs by name.

        Returns
        -------
        array, or the like of the outputs
            Each with an axis of steps in front; an empty tuple without outputs.

        Raises
        ------
        SymdlError
            For wrong, missing or superfluous arguments, shapes, types, rows or labels.
        """
        given, stated = flattened((), arguments, self.step.inputs, self.step.sizes,
                                  self.step.structure)
        arrays = [self._array(v, given[str(v.name)]) for v in self.step.inputs]
        rows = rows_of(self._data, given)
        visited = visited_rows(order, rows)
        size = len(visited) if batch is None else minibatch(batch)
        whole, rest = divmod(len(visited), max(size, 1))
        steps = whole + (rest > 0)
        check_schedules(self._schedules, given, steps)
        made: list[Array] = []
        runs = [(0, whole, size), *([(whole, steps, rest)] if rest else [])]
        for first, last, count in runs:
            sizes = self._sizes(given, stated, count)
            shapes = self._shapes(sizes)
            check_states(self._states, [arrays[k] for k in self._roles.states],
                         [arrays[k] for k in self._roles.kept], shapes)
            if first == 0:
                made = [np.empty((steps, *s), t) for s, t in zip(
                    shapes[len(self._states):], self._types, strict=True)]
            self._require_even(made, shapes[len(self._states):], count, size)
            part = visited[first * size: first * size + (last - first) * count]
            self._program.run(arrays, [m[first:last] for m in made],
                              part.reshape(last - first, count), first, sizes)
        found = iter(made)
        return rebuilt(self.outputs, lambda: next(found))

    def _shapes(self, sizes: Sequence[int]) -> list[tuple[int, ...]]:
        """The shapes of what a step makes, once it is clear that it is defined there."""
        numbers: Any = dict(zip(self.step.sizes, sizes, strict=True))
        for p in self.step.preconditions:
            p.check(numbers)
        return [tuple(f.value(numbers) for f in r.shape) for r in self.step.roots]

    @property
    def _types(self) -> list[np.dtype[Any]]:
        return [np.dtype(self.step.dtype if t.dtype == "real" else np.int64)
                for t in leaves(self.outputs)]

    def _array(self, v: Variable, x: Any) -> Array:
        """An argument as an array; a state as it is."""
        return (state_array if v in self._states else converted)(v, x, self.step.dtype)

    def _sizes(self, given: Mapping[str, Any], stated: Mapping[str, int], count: int,
               ) -> tuple[int, ...]:
        """The sizes of a step with so many rows."""
        shapes = {v: np.shape(given[str(v.name)]) for v in self.step.inputs}
        shapes |= {v: (count, *shapes[v][1:]) for v in self._data}
        shapes |= {v: shapes[v][1:] for v in self._schedules}
        found = sizes_of(shapes, stated, self.step.sizes)
        return tuple(found[d] for d in self.step.sizes)

    def _require_even(self, made: Sequence[Array], shapes: Sequence[tuple[int, ...]], count: int,
                      size: int) -> None:
        for m, shape, t in zip(made, shapes, leaves(self.outputs), strict=True):
            if m.shape[1:] != shape:
                raise ShapeError(f"{t.said} has an axis of the batch's size, but the last batch "
                                 f"has {count} rows instead of {size}; take an order whose length "
                                 "the batch's divides")

    def __reduce__(self) -> tuple[Any, ...]:
        return (Loop, self._given)

    def __repr__(self) -> str:
        return f"Loop{self.signature} [{self.step.dtype}, {self.step.backend}]"


def compile_loop(state: Mapping[str, Any], new: Any, outputs: Any = None, *,
                 data: Mapping[str, Variable] | Sequence[Variable] = (),
                 schedules: Mapping[str, Variable] | Sequence[Variable] = (),
                 dtype: str = "float64", backend: str = "numba") -> Loop:
    r"""Compile a loop of steps over minibatches into one kernel.

    Step s takes the rows of the s-th minibatch from the data and replaces the state:

    .. math:: \theta_{s+1} = \mathrm{new}(\theta_s, X[\mathrm{order}_s], \ldots)

    Parameters
    ----------
    state : mapping
        Inputs that a step replaces: parameters, velocities. Values may be nested dicts and lists;
        keys are arguments of the loop.
    new : like `state`
        Their values after a step, as expressions in those before it.
    outputs : Tensor, or a nested dict, list or tuple of tensors, optional
        What is recorded at each step, as the loss before it.
    data : mapping or sequence of Tensor
        Inputs whose first axis, one size for all, is the minibatch. The loop takes them whole,
        with any number of rows, and an `order` of rows.
    schedules : mapping or sequence of Tensor
        Inputs that are other ones at each step, as a learning rate.
    dtype : {"float64", "float32"}
        The type of real arrays.
    backend : {"numba", "numpy", "python"}
        What runs it.

    Returns
    -------
    Loop
        A function of arrays: ``loop(parameters=..., X=..., order=..., batch=32)``. Its numbers
        are those of as many single steps in the same order.

    Raises
    ------
    SymdlError
        If `new` isn't built like `state`, or an input is two things at once.

    Examples
    --------
    >>> import numpy as np
    >>> import symdl as sd
    >>> n, d = sd.dims("n d")
    >>> X, y, w = sd.tensor("X", n, d), sd.tensor("y", n), sd.tensor("w", d)
    >>> loss = sd.mean((X @ w - y) ** 2)
    >>> loop = sd.compile_loop({"w": w}, {"w": w - 0.1 * sd.grad(loss, w)}, loss, data=[X, y],
    ...                        backend="numpy")
    >>> weights = np.zeros(1)
    >>> losses = loop(w=weights, X=[[1.0], [2.0]], y=[2.0, 4.0], order=[0, 1, 0, 1], batch=1)
    >>> losses.shape, weights.round(3)
    ((4,), array([1.949]))
    """
    if not isinstance(state, Mapping) or not state:
        raise SymdlError("compile_loop: state is a dict of the inputs that a step replaces, such "
                         f"as {{'W': W}}, not {state!r}")
    found = [declared(role, x) for role, x in (("data", data), ("schedules", schedules))]
    return Loop(state, new, outputs, found[0], found[1], dtype, backend)
