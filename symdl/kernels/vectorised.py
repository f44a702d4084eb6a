"""The `numpy` backend: each tensor of a program by a few NumPy calls, without compiling."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from symdl.kernels.batched import applied
from symdl.kernels.reductions import first_place, reduced, running, scattered
from symdl.kernels.space import Array, Space
from symdl.kernels.vectorised_text import program_text
from symdl.language.errors import SymdlError
from symdl.language.form import Atom, Dim, Idx
from symdl.language.owners import Application, Recurrence, member_slot
from symdl.language.tensor import Constant, Equation, Part, Tensor, Variable, topological
from symdl.lowering.normalise import normalised
from symdl.lowering.op import Op, operation


@dataclass(frozen=True)
class Vectorised:
    """The tensors of a program in order, to be evaluated one by one."""

    text: str
    roots: tuple[Tensor, ...]
    inputs: tuple[Variable, ...]
    sizes: tuple[Dim, ...]
    order: tuple[Tensor, ...]
    ops: Mapping[Tensor, Op]
    dtype: np.dtype[Any]

    def run(self, arrays: Sequence[Any], outputs: Sequence[Any], sizes: Sequence[int]) -> None:
        """Compute into the outputs."""
        numbers: dict[Atom, int] = dict(zip(self.sizes, sizes, strict=True))
        values: dict[Tensor, Array] = {
            v: a.reshape(()) if v.ndim == 0 else a
            for v, a in zip(self.inputs, arrays, strict=True)}
        try:
            with np.errstate(all="ignore"):
                machine = _Machine(numbers, values, self.ops, self.dtype)
                for t in self.order:
                    machine.evaluate(t)
                for out, root in zip(outputs, self.roots, strict=True):
                    out[...] = values[root]
        except IndexError as error:
            raise SymdlError(f"a computed label is out of range: {error}") from None


@dataclass
class _Machine:
    """One evaluation: the sizes, and the tensors computed so far."""

    sizes: Mapping[Atom, int]
    values: dict[Tensor, Array]
    ops: Mapping[Tensor, Op]
    dtype: np.dtype[Any]

    def evaluate(self, t: Tensor) -> None:
        if t in self.values:
            return
        if isinstance(t, Constant):
            self.values[t] = np.asarray(t.data, self.type_of(t))
        elif isinstance(t, Equation):
            self.values[t] = self.equation(self.ops[t], self.sizes)
        elif isinstance(t, Part):
            parts = t.owner.outputs()
            for p in parts:
                self.values[p] = np.empty([f.value(self.sizes) for f in p.shape], self.type_of(p))
            if isinstance(t.owner, Application):
                self.application(t.owner, [self.values[p] for p in parts])
            else:
                self.recurrence(t.owner)

    def type_of(self, t: Tensor) -> np.dtype[Any]:
        return self.dtype if t.dtype == "real" else np.dtype(np.int64)

    def equation(self, op: Op, numbers: Mapping[Atom, int]) -> Array:
        """The entries of an equation over the axes that aren't fixed."""
        t = op.result
        space = Space(op.scheme, numbers, self.values,
                      self.dtype if t.dtype == "real" else np.dtype(np.float64))
        shape = space.shape[: op.scheme.axes]
        out = _entries(op, space, shape)
        if out.ndim > len(shape):
            out = out.reshape(out.shape[: len(shape)])
        return np.broadcast_to(out, shape).astype(self.type_of(t), copy=False)

    def application(self, owner: Application, results: Sequence[Array],
                    at: tuple[Any, ...] = ()) -> None:
        operands = [self.values[t][at] for t in owner.operands]
        applied(owner.primitive, operands, results)

    def recurrence(self, block: Recurrence) -> None:
        """Compute the members at one time after another, into arrays over all times."""
        parts = block.outputs()
        places: dict[Tensor, Tensor] = {
            member_slot(k, *signature): part
            for k, (signature, part) in enumerate(zip(block.signature, parts, strict=True))}
        steps = [self._step(m.tensor, m.time, part, places)
                 for m, part in zip(block.members, parts, strict=True)]
        times = range(block.length.value(self.sizes))
        for t in reversed(times) if block.reverse else times:
            for step in steps:
                step(t)

    def _step(self, member: Tensor, axis: int, part: Tensor, places: Mapping[Tensor, Tensor],
              ) -> Callable[[int], None]:
        """What computes a member at a time."""
        out = self.values[part]

        def at(t: int) -> tuple[Any, ...]:
            return (*(slice(None),) * axis, slice(t, t + 1))

        if isinstance(member, Equation):
            scheme = member.scheme.retensor(lambda x: places.get(x, x))
            op = operation(part, scheme, (axis, "t"))

            def equation(t: int) -> None:
                out[at(t)] = self.equation(op, {**self.sizes, Idx(axis): t})

            return equation
        assert isinstance(member, Part)
        assert isinstance(member.owner, Application)
        owner = replace(member.owner,
                        operands=tuple(places.get(x, x) for x in member.owner.operands))

        def application(t: int) -> None:
            results = [np.empty([1 if k == axis else f.value(self.sizes)
                                 for k, f in enumerate(x.shape)], self.type_of(x))
                       for x in owner.outputs()]
            self.application(owner, results, at(t))
            out[at(t)] = results[member.number]

        return application


def _entries(op: Op, space: Space, shape: tuple[int, ...]) -> Array:
    """The value of each entry, one axis for each index (or for each axis of the result)."""
    s = op.scheme
    if s.reduce.startswith("arg"):
        return first_place(space, s.bound, s.component)
    if op.scan:
        bound, axis = Idx(op.scan.bound), Idx(op.scan.axis)
        upto = next(g for g in s.guards if {bound, axis} <= g.form.atoms)
        space.scheme = replace(s, guards=tuple(g for g in s.guards if g is not upto))
        return running(space, op.scan.axis, op.scan.bound, op.scan.direction, op.scan.lag)
    if not op.scatters:
        return reduced(space, s.bound)
    used = frozenset[int]().union(*(f.indices for f in op.target))
    inner = [k for k in op.loops if k not in used]
    return scattered(space, lambda: [
        0 if Idx(k) in space.numbers else space.place(f, n, (space.guard,))
        for k, (f, n) in enumerate(zip(op.target, shape, strict=True))], shape, inner)


def numpy_program(roots: Sequence[Tensor], inputs: Sequence[Variable], sizes: Sequence[Dim],
                  dtype: str) -> Vectorised:
    """The program as NumPy calls."""
    normal = normalised(roots)
    order = topological(normal)
    ops: dict[Tensor, Op] = {
        t: operation(t, t.scheme) for t in order if isinstance(t, Equation)}
    return Vectorised(program_text(normal, order), tuple(normal), tuple(inputs), tuple(sizes),
                      tuple(order), ops, np.dtype(dtype))
