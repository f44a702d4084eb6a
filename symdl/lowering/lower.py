"""From equations to steps: loops, matrix products, primitives, loops over time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from symdl.language.form import Form
from symdl.language.owners import Application, Recurrence, member_slot
from symdl.language.scheme import Access, Scheme
from symdl.language.tensor import (
    Constant,
    Equation,
    Part,
    Tensor,
    Variable,
    topological,
)
from symdl.lowering.fuse import Barrier, Item, Names, Nest, Placed, Statement, fused
from symdl.lowering.normalise import normalised
from symdl.lowering.op import Op, block, is_window, operations
from symdl.lowering.product import Product, product


@dataclass(frozen=True)
class Multiply(Barrier):
    """A matrix product."""

    product: Product
    time: str | None = None

    @property
    def results(self) -> tuple[Tensor, ...]:  # type: ignore[override]
        """What it computes."""
        return (self.product.result,)

    @property
    def reads(self) -> tuple[Tensor, ...]:  # type: ignore[override]
        """What it reads."""
        return self.product.scheme.tensors


@dataclass(frozen=True)
class Call(Barrier):
    """A primitive; inside a recurrence at one time."""

    owner: Application
    outputs: tuple[Tensor, ...]
    time: str | None = None

    @property
    def results(self) -> tuple[Tensor, ...]:  # type: ignore[override]
        """What it computes."""
        return self.outputs

    @property
    def reads(self) -> tuple[Tensor, ...]:  # type: ignore[override]
        """What it reads."""
        return self.owner.operands


@dataclass(frozen=True)
class TimeLoop(Barrier):
    """A recurrence."""

    block: Recurrence
    variable: str
    items: tuple[Item | Barrier, ...]

    @property
    def results(self) -> tuple[Tensor, ...]:  # type: ignore[override]
        """What it computes."""
        return self.block.outputs()

    @property
    def reads(self) -> tuple[Tensor, ...]:  # type: ignore[override]
        """What it reads."""
        return self.block.operands


Step = Item | Barrier


@dataclass(frozen=True)
class Program:
    """A lowered program: what to compute, in steps, and what it is made of."""

    roots: tuple[Tensor, ...]
    inputs: tuple[Variable, ...]
    constants: tuple[Constant, ...]
    steps: tuple[Step, ...]
    order: tuple[Tensor, ...] = field(repr=False, default=())


def lower(roots: Sequence[Tensor], inputs: Sequence[Variable]) -> Program:
    """Lower a program.

    Parameters
    ----------
    roots : sequence of Tensor
        The outputs.
    inputs : sequence of Variable
        All inputs, in the order of the kernel's arguments.
    """
    normal = normalised(roots)
    order = topological(normal)
    times = Names("t")
    seen: set[bytes] = set()
    steps: list[Op | Barrier] = []
    packed = _packed(order, normal)
    for t in order:
        if isinstance(t, Equation):
            if t not in packed:
                steps += _equation_steps(t, t.scheme, packed=packed)
        elif isinstance(t, Part) and t.owner.digest not in seen:
            seen.add(t.owner.digest)
            steps.append(Call(t.owner, t.owner.outputs()) if isinstance(t.owner, Application)
                         else _time_loop(t.owner, times))
    constants = tuple(t for t in order if isinstance(t, Constant))
    return Program(tuple(normal), tuple(inputs), constants, tuple(fused(steps)),
                   tuple(order))


def _equation_steps(t: Tensor, s: Scheme, fixed: int | None = None, time: str | None = None,
                    packed: Collection[Tensor] = ()) -> Sequence[Op | Barrier]:
    at = (fixed, time) if fixed is not None and time else None
    found = product(t, s, fixed)
    if found is None:
        return operations(t, s, at)
    window = next((x for x in s.tensors if x in packed), None)
    alone = window is None and not found.lead and not found.over
    return [Multiply(found, time) if alone else block(found, at, window)]


def _packed(order: Sequence[Tensor], roots: Sequence[Tensor]) -> set[Tensor]:
    """The windows that only matrix products read: each copies what it needs of them."""
    found = {t for t in order if is_window(t)} - set(roots)
    for t in order:
        if not isinstance(t, Equation):
            found.difference_update(t.operands)
            continue
        windows = found.intersection(t.operands)
        p = product(t, t.scheme) if len(windows) == 1 else None
        if p is None or not (p.lead or p.over):
            found -= windows
    return found


def _time_loop(block: Recurrence, times: Names) -> TimeLoop:
    parts = block.outputs()
    values: dict[Tensor, Tensor] = {
        member_slot(k, *sig): p for k, (sig, p) in enumerate(zip(block.signature, parts,
                                                                 strict=True))}
    variable = times.fresh()
    steps: list[Op | Barrier] = []
    for m, part in zip(block.members, parts, strict=True):
        if isinstance(m.tensor, Equation):
            scheme = m.tensor.scheme.retensor(lambda t: values.get(t, t))
            steps += _equation_steps(part, scheme, m.time, variable)
        else:
            assert isinstance(m.tensor, Part)
            assert isinstance(m.tensor.owner, Application)
            owner = Application(m.tensor.owner.primitive,
                                tuple(values.get(t, t) for t in m.tensor.owner.operands))
            outputs = [*owner.outputs()]
            outputs[m.tensor.number] = part
            steps.append(Call(owner, tuple(outputs), variable))
    return TimeLoop(block, variable, tuple(fused(steps)))


def accesses(op: Op) -> Iterable[Access]:
    """The entries an operation reads, those inside indices included."""
    for leaf in op.scheme.leaves:
        if isinstance(leaf, Access):
            yield leaf
    for form in op.forms:
        for atom in form.all_atoms:
            if hasattr(atom, "tensor"):
                yield Access(atom.tensor, atom.inner)


def statements(items: Iterable[Step]) -> Iterable[Placed]:
    """All operations inside some items."""
    for item in items:
        if isinstance(item, Statement):
            yield item.placed
        elif isinstance(item, Nest):
            yield from statements(item.body)


def volume(shape: Sequence[Form]) -> Form:
    """The number of entries of a shape."""
    out = Form.of(1)
    for s in shape:
        out = out * s
    return out
