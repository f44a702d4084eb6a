"""One function of a kernel: fused loops written as Python source.

The text names its arguments by number, so that equal loops over other tensors are one
function, compiled once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from symdl.kernels.places import places_of
from symdl.kernels.scalar_code import DType
from symdl.kernels.scope import Here, Scope, rolled
from symdl.kernels.statement import (
    NEUTRAL,
    StatementWriter,
    before_reduction,
    here_of,
    is_number,
)
from symdl.language.form import Free, Idx
from symdl.language.guard import Guard
from symdl.language.tensor import Tensor
from symdl.lowering.fuse import Item, Nest, Placed, Statement
from symdl.lowering.lower import statements


@dataclass
class NestWriter:
    """Writes one top-level item; afterwards `arrays` and `numbers` say what to call it with.

    Attributes
    ----------
    item : Nest or Statement
        What to write.
    external : frozenset of Tensor
        The results that are read outside the item.
    outer : frozenset of str
        The variables of loops around the item.
    steps : mapping
        How many steps are kept of tensors of which not all are.
    """

    item: Item
    external: frozenset[Tensor]
    dtype: DType
    outer: frozenset[str] = frozenset()
    steps: Mapping[Tensor, int] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def write(self) -> str:
        """Return the function's text after its name: arguments and body."""
        placed = list(statements([self.item]))
        self.scope = Scope(self.outer, places=places_of(placed, self.external),
                           steps=self.steps)
        self.statement = StatementWriter(self.scope, placed, self.dtype, self._line)
        self._items([self.item], 1)
        arguments = [*self.scope.arrays.values(), *self.scope.numbers.values()]
        return f"({', '.join(arguments)}):\n" + "\n".join(self.lines) + "\n"

    @property
    def scratch(self) -> dict[Tensor, tuple[int, ...]]:
        """The results in scratch arrays, with the axes that are stored."""
        return {t: place.kept for t, place in self.scope.places.items()
                if place.array and not place.whole}

    def _line(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def _items(self, items: Sequence[Item], depth: int) -> None:
        for item in items:
            if isinstance(item, Statement):
                self.statement.write(item.placed, depth)
            else:
                self._nest(item, depth)

    def _cut(self, nest: Nest, depth: int) -> bool:
        """Write a loop whose guards are ranges as three: a statement is 0 outside of them."""
        if len(nest.body) != 1 or not isinstance(nest.body[0], Statement) or nest.scan:
            return False
        p, v = nest.body[0].placed, nest.variable
        ranges = self.statement.ranges(p, p.env[-1][0])
        if ranges is None:
            return False
        size, here = self.scope.form(nest.size, Here()), here_of(p)
        texts = [self._bound(g, v) for g in ranges.bounds]
        low = _extreme("max", ["0", *(text for text, is_lower in texts if is_lower)])
        high = _extreme("min", [size, *(text for text, is_lower in texts if not is_lower)])
        if ranges.conditions:
            high = f"{high} if {self.scope.conditions(ranges.conditions, here)} else 0"
        self._line(depth, f"{v}_lo = min({low}, {size})" if low != "0" else f"{v}_lo = 0")
        self._line(depth, f"{v}_hi = max({v}_lo, {high})")
        for first, last in ((0, f"{v}_lo"), (f"{v}_hi", size)):
            if last != f"{v}_lo" or low != "0":
                self._line(depth, f"for {v} in range({f'{first}, ' if first else ''}{last}):")
                self.statement.write_zero(p, depth + 1)
        self._line(depth, f"for {v} in range({v}_lo, {v}_hi):")
        self.statement.write(p, depth + 1, inside=True)
        return True

    def _nest(self, nest: Nest, depth: int) -> None:
        if self._cut(nest, depth):
            return
        starting = [p for p in statements([nest]) if _starts(p, nest)]
        for p in starting:
            self._initial(p, depth)
        scan = nest.members[0].op.scan if nest.scan else None
        first, last = self._range(nest)
        span = last if first == "0" else f"{first}, {last}"
        if first == "0" and not (scan and scan.direction < 0):
            self.scope.from_zero.add(nest.variable)
        if scan and scan.direction < 0:
            self._line(depth, f"for {nest.variable}_ in range({span}):")
            self._line(depth + 1, f"{nest.variable} = {last} - 1 - {nest.variable}_")
        else:
            self._line(depth, f"for {nest.variable} in range({span}):")
        if scan and scan.lag:
            self._store(nest.members[0], depth + 1)
        self._items(nest.body, depth + 1)
        if scan and not scan.lag:
            self._store(nest.members[0], depth + 1)
        for p in starting:
            self._final(p, depth)

    def _store(self, p: Placed, depth: int) -> None:
        self._line(depth, f"{self.statement.target(p)} = {self.scope.local(p.op.result)}")

    def _initial(self, p: Placed, depth: int) -> None:
        """Begin an accumulation."""
        reduce = p.op.scheme.reduce
        if is_number(p):
            name = self.scope.local(p.op.result)
            found = (f"{name}, {name}_at = {NEUTRAL[reduce]}, -1" if reduce.startswith("arg")
                     else f"{name} = {NEUTRAL[reduce]}")
            self._line(depth, found)
            return
        kept = self.scope.places[p.op.result].kept
        names, prefix = p.names, before_reduction(p)
        index = {k: names[k] for k in prefix if k in names}
        for k in kept:
            if k in index or not self._runs_over(p, k):
                continue
            index[k] = f"z{k}"
            size = self.scope.form(p.op.scheme.sizes[k], Here())
            self._line(depth, f"for z{k} in range({size}):")
            depth += 1
        target = rolled(p.op.result, p.op.target, self.scope.steps)
        at = [index[k] if k in index else self.scope.form(target[k], here_of(p)) for k in kept]
        self._line(depth, f"{self.scope.array(p.op.result)}[{', '.join(at) or '0'}] = "
                          f"{NEUTRAL[reduce]}")

    def _runs_over(self, p: Placed, k: int) -> bool:
        """Whether an accumulation writes several entries along an axis."""
        if p.op.fixed and k == p.op.fixed[0]:
            return False
        return bool(p.op.product) or k in p.op.loops or p.op.target[k].atom is not Idx(k)

    def _final(self, p: Placed, depth: int) -> None:
        """End an accumulation."""
        if not is_number(p) or p.op.scan:
            return
        name = self.scope.local(p.op.result)
        if p.op.scheme.reduce.startswith("arg"):
            self._line(depth, f"{name} = max({name}_at, 0)")
        if self.scope.places[p.op.result].array:
            value = f"int({name})" if p.op.result.dtype != "real" else name
            self._line(depth, f"{self.statement.target(p)} = {value}")

    def _range(self, nest: Nest) -> tuple[str, str]:
        """The first value of a loop's variable and the one after the last."""
        lower, upper = ["0"], [self.scope.form(nest.size, Here())]
        for guard in nest.bounds:
            text, is_lower = self._bound(guard, nest.variable)
            (lower if is_lower else upper).append(text)
        return _extreme("max", lower), _extreme("min", upper)

    def _bound(self, guard: Guard, variable: str) -> tuple[str, bool]:
        """The guard `c i + rest >= 0` solved for the variable i: `i >= -(rest // c)` if c > 0."""
        atom = next(a for a in guard.form.atoms if isinstance(a, Free) and str(a) == variable)
        parts = guard.form.split(atom)
        assert parts is not None
        c, rest = parts
        if c.constant == 1:
            return self.scope.form(-rest, Here()), True
        if c.constant == -1:
            return self.scope.form(rest + 1, Here()), False
        rises = all(factor > 0 for _, factor in c.terms)
        by = self.scope.form(c if rises else -c, Here())
        whole = f"({self.scope.form(rest, Here())})//({by})"
        return (f"-({whole})", True) if rises else (f"{whole} + 1", False)


def _extreme(function: str, values: Sequence[str]) -> str:
    """The code of the largest or smallest of some values."""
    apart = list(dict.fromkeys(values))
    return apart[0] if len(apart) == 1 else f"{function}({', '.join(apart)})"


def _starts(p: Placed, nest: Nest) -> bool:
    """Whether the nest is the outermost loop that an accumulation runs over."""
    if not p.op.accumulates:
        return False
    if p.op.scan:
        return any(v == nest.variable and k == p.op.scan.axis for k, v in p.env)
    first = next((v for k, v in p.env if not p.op.is_axis(k)), None)
    return first == nest.variable
