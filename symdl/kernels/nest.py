"""One function of a kernel: fused loops written as Python source.

The text names its arguments by number, so that equal loops over other tensors are one
function, compiled once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import sympy

from symdl.kernels.scalar_code import DType, print_python
from symdl.language.body import slots_of
from symdl.language.form import (
    Atom,
    Dim,
    Form,
    Free,
    Idx,
    Quotient,
    Read,
)
from symdl.language.guard import Guard
from symdl.language.scheme import Access, Leaf
from symdl.language.tensor import Tensor
from symdl.lowering.fuse import Item, Nest, Placed, Statement, bounding, variable_form
from symdl.lowering.lower import accesses, statements
from symdl.lowering.scalar_forms import stable

NEUTRAL = {"sum": "zero", "prod": "one", "max": "-inf", "min": "inf"}
COMBINE = {"sum": "{0} += {1}", "prod": "{0} *= {1}", "max": "{0} = _max({0}, {1})",
           "min": "{0} = _min({0}, {1})"}


@dataclass(frozen=True)
class Place:
    """Where a result of a nest lives: which of its axes are stored."""

    kept: tuple[int, ...]
    array: bool


@dataclass
class NestWriter:
    """Writes one top-level item; afterwards `arguments` says what to call it with."""

    item: Item
    external: frozenset[Tensor]
    dtype: DType
    outer: frozenset[str] = frozenset()
    lines: list[str] = field(default_factory=list)
    tensors: dict[Tensor, str] = field(default_factory=dict)
    scalars: dict[Atom, str] = field(default_factory=dict)
    places: dict[Tensor, Place] = field(default_factory=dict)
    locals: dict[Tensor, str] = field(default_factory=dict)
    scratch: dict[Tensor, Place] = field(default_factory=dict)

    def write(self) -> str:
        """Return the function's text after its name: arguments and body."""
        self._settle(list(statements([self.item])))
        self._items([self.item], 1)
        arguments = [*self.tensors.values(), *self.scalars.values()]
        return f"({', '.join(arguments)}):\n" + "\n".join(self.lines) + "\n"

    def _settle(self, placed: Sequence[Placed]) -> None:
        """Decide for each result whether it is a local number, a scratch array or an output."""
        paths = {p.op.result: [v for _, v in p.env] for p in placed}
        common = {p.op.result: len(p.env) for p in placed}
        lagged: set[Tensor] = set()
        for p in placed:
            for x in accesses(p.op):
                if x.tensor in paths:
                    if p.op.fixed and x.index[p.op.fixed[0]].atom is not Idx(p.op.fixed[0]):
                        lagged.add(x.tensor)
                        continue
                    shared = _common(paths[x.tensor], paths[p.op.result])
                    common[x.tensor] = min(common[x.tensor], shared)
        for p in placed:
            axes = p.op.scheme.axes
            if p.op.result in self.external or p.op.result in lagged:
                self.places[p.op.result] = Place(tuple(range(axes)), True)
                continue
            fixed = {k for k, _ in p.env[: common[p.op.result]]}
            kept = tuple(k for k in range(axes) if k not in fixed and k in p.op.loops)
            if p.op.scatters:
                kept = tuple(k for k in range(axes) if k not in fixed)
            self.places[p.op.result] = Place(kept, bool(kept))
            if kept:
                self.scratch[p.op.result] = self.places[p.op.result]

    def _line(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def _items(self, items: Sequence[Item], depth: int) -> None:
        for item in items:
            if isinstance(item, Statement):
                self._statement(item.placed, depth)
            else:
                self._nest(item, depth)

    def _nest(self, nest: Nest, depth: int) -> None:
        starting = [p for p in statements([nest]) if self._starts(p, nest)]
        for p in starting:
            self._initial(p, depth)
        scan = nest.members[0].op.scan if nest.scan else None
        first, last = self._range(nest)
        span = last if first == "0" else f"{first}, {last}"
        inner = nest.variable
        if scan and scan.direction < 0:
            self._line(depth, f"for {inner}_ in range({span}):")
            self._line(depth + 1, f"{inner} = {last} - 1 - {inner}_")
        else:
            self._line(depth, f"for {inner} in range({span}):")
        if scan and scan.lag:
            self._store_scan(nest, depth + 1)
        self._items(nest.body, depth + 1)
        if scan and not scan.lag:
            self._store_scan(nest, depth + 1)
        for p in starting:
            self._final(p, depth)

    def _starts(self, p: Placed, nest: Nest) -> bool:
        """Whether the nest is the outermost loop that an accumulation runs over."""
        if not p.op.accumulates:
            return False
        if p.op.scan:
            return any(v == nest.variable and k == p.op.scan.axis for k, v in p.env)
        for k, v in p.env:
            if not p.op.is_axis(k):
                return v == nest.variable
        return False

    def _prefix(self, p: Placed) -> tuple[int, ...]:
        """The axes whose loops stand around the accumulation."""
        out = []
        for k, _ in p.env:
            if not p.op.is_axis(k) or (p.op.scan and k == p.op.scan.axis):
                break
            out.append(k)
        return tuple(out)

    def _is_number(self, p: Placed) -> bool:
        """Whether the accumulator is one number."""
        if p.op.scan:
            return True
        loops = [k for k in p.op.loops if k < p.op.scheme.axes]
        return not p.op.scatters and set(loops) <= set(self._prefix(p))

    def _local(self, t: Tensor) -> str:
        return self.locals.setdefault(t, f"v{len(self.locals)}")

    def _initial(self, p: Placed, depth: int) -> None:
        reduce = p.op.scheme.reduce
        if self._is_number(p):
            name = self._local(p.op.result)
            if reduce.startswith("arg"):
                self._line(depth, f"{name}, {name}_at = {'-inf' if reduce == 'argmax' else 'inf'}, -1")
            else:
                self._line(depth, f"{name} = {NEUTRAL[reduce]}")
            return
        prefix, place = self._prefix(p), self.places[p.op.result]
        names = p.names
        index: dict[int, str] = {k: names[k] for k in prefix if k in names}
        for k in range(p.op.scheme.axes):
            if k in index or k not in place.kept or (p.op.fixed and k == p.op.fixed[0]):
                continue
            if k not in p.op.loops and not p.op.scatters:
                continue
            if p.op.target[k].atom is Idx(k) and k not in p.op.loops:
                continue
            variable = f"z{k}"
            self._line(depth, f"for {variable} in range({self._code(p.op.scheme.sizes[k], p)}):")
            depth += 1
            index[k] = variable
        at = [index[k] if k in index else self._code(p.op.target[k], p) for k in place.kept]
        self._line(depth, f"{self._name(p.op.result)}[{', '.join(at) or '0'}] = {NEUTRAL[reduce]}")

    def _final(self, p: Placed, depth: int) -> None:
        if not self._is_number(p) or p.op.scan:
            return
        name, reduce = self._local(p.op.result), p.op.scheme.reduce
        if reduce.startswith("arg"):
            self._line(depth, f"{name} = max({name}_at, 0)")
        if self.places[p.op.result].array:
            value = f"int({name})" if p.op.result.dtype != "real" else name
            self._line(depth, f"{self._target(p)} = {value}")

    def _store_scan(self, nest: Nest, depth: int) -> None:
        p = next(iter(statements([nest])))
        self._line(depth, f"{self._target(p)} = {self._local(p.op.result)}")

    def _target(self, p: Placed) -> str:
        place = self.places[p.op.result]
        at = ", ".join(self._code(p.op.target[k], p) for k in place.kept)
        return f"{self._name(p.op.result)}[{at or '0'}]"

    def _range(self, nest: Nest) -> tuple[str, str]:
        lower, upper = ["0"], [self._form(nest.size, {})]
        for guard in nest.bounds:
            atom = next(a for a in guard.form.atoms
                        if isinstance(a, Free) and str(a) == nest.variable)
            parts = guard.form.split(atom)
            assert parts is not None
            c, rest = parts
            n = c.constant
            positive = n > 0 if n is not None else all(k > 0 for _, k in c.terms)
            if positive:
                text = f"-({self._form(rest // c if n == 1 else rest, {})})"
                lower.append(text if n == 1 else
                             f"-(({self._form(rest, {})}) // ({self._form(c, {})}))")
            else:
                text = self._form(rest, {}) if n == -1 else (
                    f"({self._form(rest, {})}) // ({self._form(-c, {})})")
                upper.append(f"{text} + 1")
        low = lower[0] if len(lower) == 1 else f"max({', '.join(lower)})"
        high = upper[0] if len(upper) == 1 else f"min({', '.join(upper)})"
        return low, high

    def _statement(self, p: Placed, depth: int) -> None:
        op, s = p.op, p.op.scheme
        used = {g for k, _ in p.env for g in bounding(p, k)}
        guards = [g for g in s.guards if g not in used]
        if op.scan:
            j, r = Form.of(Idx(op.scan.axis)), {Idx(op.scan.bound)}  # type: ignore[arg-type]
            guards = [g for g in guards if not (g.form.atoms >= r and j.atom in g.form.atoms)]
        name = self._local(op.result)
        reduce = s.reduce
        if reduce == "none" and guards:
            self._line(depth, f"{name} = zero")
        if guards:
            self._line(depth, f"if {' and '.join(self._guard(g, p) for g in guards)}:")
            depth += 1
        value = self._body(p, depth)
        if reduce == "none":
            if op.result.dtype != "real":
                value = f"int({value})"
            self._line(depth, f"{name} = {value}")
            depth -= bool(guards)
            if self.places[op.result].array:
                self._line(depth, f"{self._target(p)} = {name}")
        elif reduce.startswith("arg"):
            sign = ">" if reduce == "argmax" else "<"
            self._line(depth, f"{name}_x = {value}")
            self._line(depth, f"if {name}_at < 0 or {name}_x {sign} {name} or "
                              f"({name}_x != {name}_x and {name} == {name}):")
            at = p.names[s.axes + s.component]
            self._line(depth + 1, f"{name}, {name}_at = {name}_x, {at}")
        else:
            to = name if self._is_number(p) else self._target(p)
            self._line(depth, COMBINE[reduce].format(to, value))

    def _body(self, p: Placed, depth: int) -> str:
        """Write what the scalar body needs and return its text."""
        body, names = stable(p.op.scheme.body), {}
        for k in slots_of(body):
            names[k] = self._leaf(p.op.scheme.leaves[k], p)
        shared, (final,) = common_parts(body)
        counts = {k: str((body, shared)).count(f"a{k}") for k in names}
        for k, text in names.items():
            if counts[k] > 1 and "[" in text:
                local = f"t{len(self.locals)}_{k}"
                self._line(depth, f"{local} = {text}")
                names[k] = local
        prefix = f"c{len(self.locals)}_"
        for symbol, part in shared:
            named = part.xreplace({s: sympy.Symbol(prefix + s.name) for s, _ in shared})
            self._line(depth, f"{prefix}{symbol} = {print_python(named, names, self.dtype)}")
        final = final.xreplace({s: sympy.Symbol(prefix + s.name) for s, _ in shared})
        return print_python(final, names, self.dtype)

    def _leaf(self, leaf: Leaf, p: Placed) -> str:
        if isinstance(leaf, Access):
            text = self._read(leaf, p)
            if leaf.tensor.dtype != "real":
                text = f"real({text})"
        else:
            text = f"real({self._code(leaf.form, p)})"
        if leaf.mask:
            text = f"({text} if {' and '.join(self._guard(g, p) for g in leaf.mask)} else zero)"
        return text

    def _read(self, x: Access, p: Placed) -> str:
        place = self.places.get(x.tensor)
        if place is None:
            at = ", ".join(self._code(f, p) for f in x.index)
            return f"{self._name(x.tensor)}[{at or '0'}]"
        if not place.array:
            return self._local(x.tensor)
        if x.tensor in self.locals and not self._elsewhere(x, p):
            return self._local(x.tensor)
        at = ", ".join(self._code(x.index[k], p) for k in place.kept)
        return f"{self._name(x.tensor)}[{at or '0'}]"

    def _elsewhere(self, x: Access, p: Placed) -> bool:
        """Whether another iteration made the entry that is read."""
        made = next(q for q in statements([self.item]) if q.op.result is x.tensor)
        if made.op.accumulates and (not self._is_number(made) or made.op.scan):
            return True
        here = p.names
        for k, v in made.env:
            if not made.op.is_axis(k):
                continue
            if self._form(x.index[k], here) != v:
                return True
        fixed = [k for k in range(made.op.scheme.axes) if k not in made.op.loops]
        return any(self._code(x.index[k], p) != self._code(made.op.target[k], made)
                   for k in fixed)

    def _name(self, t: Tensor) -> str:
        return self.tensors.setdefault(t, f"x{len(self.tensors)}")

    def _guard(self, g: Guard, p: Placed) -> str:
        left = Form((m, c) for m, c in g.form.terms if c > 0)
        right = Form((m, -c) for m, c in g.form.terms if c < 0)
        sign = {">=": ">=", "==": "==", "!=": "!="}[g.relation]
        return f"{self._code(left, p)} {sign} {self._code(right, p)}"

    def _code(self, form: Form, p: Placed) -> str:
        return self._form(form, p.names)

    def _form(self, form: Form, names: dict[int, str]) -> str:
        terms = []
        for monomial, c in form.terms:
            factors = [self._atom(a, names) for a in monomial]
            if c != 1 or not factors:
                factors.insert(0, str(c))
            terms.append("*".join(factors))
        return " + ".join(terms).replace("+ -", "- ") or "0"

    def _atom(self, a: Atom, names: dict[int, str]) -> str:
        if isinstance(a, (Idx, Free)):
            name = names[a.position] if isinstance(a, Idx) else str(a)
            if name in self.outer:
                self.scalars.setdefault(variable_form(name).atom, name)  # type: ignore[arg-type]
            return name
        if isinstance(a, Dim):
            return self.scalars.setdefault(a, f"n{len(self.scalars)}")
        if isinstance(a, Read):
            p = Access(a.tensor, a.inner)
            at = ", ".join(self._form(f, names) for f in p.index)
            return f"{self._name(a.tensor)}[{at or '0'}]"
        left, right = (self._form(f, names) for f in a.inner)
        return f"(({left}) {'//' if isinstance(a, Quotient) else '%'} ({right}))"


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    n = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        n += 1
    return n


@lru_cache(maxsize=1 << 14)
def common_parts(body: sympy.Expr) -> tuple[tuple[tuple[sympy.Symbol, sympy.Expr], ...],
                                            tuple[sympy.Expr, ...]]:
    """A body's repeated subexpressions, none taken out of a branch that may not run."""
    if body.has(sympy.Piecewise) or body.count_ops() < 3:
        return (), (body,)
    shared, final = sympy.cse(body, symbols=sympy.numbered_symbols("s"), order="none")
    return tuple(shared), tuple(final)
