"""Loop fusion: operations that run over the same range share a loop.

An operation joins a loop where what it reads there is complete in the same iteration. What
it needs of one operation only inside a common iteration never becomes an array.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from symdl.language.bounds import positive_factor
from symdl.language.form import Form, Idx
from symdl.language.guard import Guard
from symdl.language.scheme import Access
from symdl.language.tensor import Tensor
from symdl.lowering.op import Op, loop_guards


@dataclass(frozen=True)
class Placed:
    """An operation inside some loops: which of its indices they run, and which remain."""

    op: Op
    env: tuple[tuple[int, str], ...] = ()
    rest: tuple[int, ...] = ()

    @property
    def names(self) -> dict[int, str]:
        """The loop variable of each index so far."""
        names = dict(self.env)
        if self.op.fixed:
            names[self.op.fixed[0]] = self.op.fixed[1]
        if self.op.scan and self.op.scan.axis in names:
            names[self.op.scan.bound] = names[self.op.scan.axis]
        return names

    def inside(self, loop: int, variable: str) -> Placed:
        """The operation one loop further in."""
        return Placed(self.op, (*self.env, (loop, variable)),
                      tuple(k for k in self.rest if k != loop))


@dataclass(frozen=True)
class Statement:
    """The scalar body of one operation at one iteration."""

    placed: Placed


class Names:
    """Loop variables that are used once each."""

    def __init__(self, prefix: str = "i") -> None:
        self.prefix, self.count = prefix, 0

    def fresh(self) -> str:
        """Return a new loop variable."""
        self.count += 1
        return f"{self.prefix}{self.count - 1}"


@dataclass
class Nest:
    """One loop and what it repeats."""

    variable: str
    size: Form
    bounds: tuple[Guard, ...]  # over loop variables, as free atoms named by them
    names: Names
    members: list[Placed] = field(default_factory=list)
    body: list[Nest | Statement] = field(default_factory=list)
    scan: bool = False


Item = Nest | Statement


class Barrier:
    """A step that isn't a loop of ours: a matrix product, a primitive, a recurrence."""

    results: tuple[Tensor, ...] = ()
    reads: tuple[Tensor, ...] = ()


def fused(steps: Sequence[Op | Barrier]) -> list[Item | Barrier]:
    """Put operations, given in order of dependence, into as few loops as possible."""
    return _fuse([Placed(x, (), x.loops) if isinstance(x, Op) else x for x in steps], None)


def _fuse(placed: Sequence[Placed | Barrier], names: Names | None) -> list[Any]:
    items: list[Item | Barrier] = []
    home: dict[Tensor, int] = {}
    for p in placed:
        if isinstance(p, Barrier):
            items.append(p)
            home.update(dict.fromkeys(p.results, len(items) - 1))
            continue
        after = max((home[t] for t in p.op.reads if t in home), default=-1)
        if not p.rest:
            if p.op.packed:
                items.append(_nest(_packing(p, p.op.packed), names or Names()))
            items.append(Statement(p))
            home[p.op.result] = len(items) - 1
            continue
        for g in range(max(after, 0), len(items)):
            nest = items[g]
            loop = _joins(p, nest, after == g) if isinstance(nest, Nest) else None
            if loop is not None and isinstance(nest, Nest):
                nest.members.append(p.inside(loop, nest.variable))
                home[p.op.result] = max(g, home.get(p.op.result, g))
                break
        else:
            items.append(_nest(p, names or Names()))
            home[p.op.result] = len(items) - 1
    for item in items:
        if isinstance(item, Nest):
            item.body = _fuse(item.members, item.names)
    return items


def _packing(p: Placed, packed: Op) -> Placed:
    """The copy of a factor, made in the iteration of the product that reads it."""
    index = next(x.index for x in p.op.scheme.leaves
                 if isinstance(x, Access) and x.tensor is packed.result)
    axes = {f.atom.position: k for k, f in enumerate(index) if isinstance(f.atom, Idx)}
    env = tuple((axes[k], v) for k, v in p.env if k in axes)
    run = {k for k, _ in env}
    return Placed(packed, env, tuple(k for k in packed.loops if k not in run))


def _nest(p: Placed, names: Names) -> Nest:
    loop, variable = p.rest[0], names.fresh()
    inside = p.inside(loop, variable)
    return Nest(variable, p.op.size(loop), _bounds(inside, loop), names, [inside],
                scan=_scans(p.op, loop))


def _scans(op: Op, loop: int) -> bool:
    return op.scan is not None and loop == op.scan.axis


def _bounds(inside: Placed, loop: int) -> tuple[Guard, ...]:
    """The guards that bound a loop, in terms of loop variables."""
    values = {Idx(k): variable_form(v) for k, v in inside.names.items()}
    return tuple(g.substitute(values) for g in bounding(inside, loop))  # type: ignore[arg-type]


def bounding(p: Placed, loop: int) -> tuple[Guard, ...]:
    """The guards that become bounds of a loop that p is inside of.

    A loop over an axis visits every entry, unless all were initialised before an outer loop
    over a bound index.
    """
    if p.op.scheme.reduce == "none" or p.op.scan:
        return ()
    env = [k for k, _ in p.env]
    outer = env[: env.index(loop)]
    if p.op.is_axis(loop) and all(p.op.is_axis(k) for k in outer):
        return ()
    known = frozenset(outer)
    if p.op.fixed:
        known |= {p.op.fixed[0]}
    return tuple(g for g in loop_guards(p.op, loop, known) if _solvable(g, loop, p.op))


def _solvable(guard: Guard, loop: int, op: Op) -> bool:
    """Whether the guard is a bound: the index has a coefficient of known sign."""
    parts = guard.form.split(Idx(loop)) if guard.relation == ">=" else None
    if parts is None:
        return False
    sizes = op.scheme.sizes
    return positive_factor(parts[0], sizes) or positive_factor(-parts[0], sizes)


def variable_form(name: str) -> Form:
    """A loop variable as an atom of forms."""
    from symdl.language.form import Free

    return Form.of(Free(name, "loop", None))


def _joins(p: Placed, nest: Nest, reads_member: bool) -> int | None:
    """The index of p that may run with the nest's loop."""
    if nest.scan or p.op.scan:
        return None
    loop = _aligned(p, nest) if reads_member else _same_first(p, nest)
    if loop is None or p.op.size(loop) != nest.size:
        return None
    if not p.op.is_axis(loop) and p.op.scheme.reduce not in ("sum", "prod") and loop != p.rest[0]:
        return None
    if _bounds(p.inside(loop, nest.variable), loop) != nest.bounds:
        return None
    return loop


def _same_first(p: Placed, nest: Nest) -> int | None:
    """Without a common operand only equal leading axes run together."""
    first = p.rest[0]
    lead = nest.members[0]
    whole = [p.op.size(k) for k in p.rest]
    other = [lead.op.size(k) for k in (lead.env[-1][0], *lead.rest)]
    same = p.op.is_axis(first) and not p.op.accumulates and whole == other
    return first if same else None


def _aligned(p: Placed, nest: Nest) -> int | None:
    """The index at which p reads the nest's members in the iteration that makes them."""
    found: set[int] = set()
    for m in nest.members:
        made = m.env[-1][0]
        reads = [x for x in p.op.scheme.leaves
                 if isinstance(x, Access) and x.tensor is m.op.result]
        inner = [r for f in p.op.forms for r in f.all_atoms
                 if getattr(r, "tensor", None) is m.op.result]
        if not reads and not inner:
            continue
        if inner or not m.op.is_axis(made) or m.op.scatters or m.op.piece:
            return None
        for x in reads:
            atom = x.index[made].atom
            if not isinstance(atom, Idx):
                return None
            found.add(atom.position)
    if len(found) != 1:
        return None
    loop = found.pop()
    return loop if loop in p.rest else None
