"""One iteration of an equation as source: what it reads, its scalar body, its guards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import sympy

from symdl.kernels.scalar_code import DType, print_python
from symdl.kernels.scope import Here, Scope, reads, rolled
from symdl.language.body import slots_of
from symdl.language.form import ZERO, Form, Idx
from symdl.language.guard import Guard
from symdl.language.scheme import Access, Leaf
from symdl.language.tensor import Tensor
from symdl.lowering.fuse import Placed, bounding, variable_form
from symdl.lowering.lower import volume
from symdl.lowering.product import Product
from symdl.lowering.scalar_forms import stable

NEUTRAL = {"sum": "zero", "prod": "one", "max": "-inf", "min": "inf", "argmax": "-inf",
           "argmin": "inf"}
_IN_NUMBER = {"sum": "{0} = _plus({0}, {1})", "prod": "{0} = _times({0}, {1})",
              "max": "{0} = _max({0}, {1})", "min": "{0} = _min({0}, {1})"}
_IN_ARRAY = {**_IN_NUMBER, "sum": "{0} += {1}", "prod": "{0} *= {1}"}

Line = Callable[[int, str], None]


@dataclass(frozen=True)
class Ranges:
    """Guards as bounds of the innermost loop, and what is asked before it."""

    bounds: tuple[Guard, ...]
    conditions: tuple[Guard, ...]


@dataclass
class StatementWriter:
    """Writes iterations, by `line(depth, text)`, of the operations placed in a nest."""

    scope: Scope
    placed: Sequence[Placed]
    dtype: DType
    line: Line

    def ranges(self, p: Placed, loop: int) -> Ranges | None:
        """The guards of an entry that is stored, if they are ranges of its innermost loop."""
        guards = [] if p.op.product or p.op.scheme.reduce != "none" else _conditions(p)
        at = Idx(loop)
        bounds = tuple(g for g in guards if loop in g.form.indices)
        for g in bounds:
            parts = g.form.split(at) if g.relation == ">=" and not reads(g) else None
            if parts is None or parts[0].constant not in (1, -1):
                return None
        values = {Idx(k): variable_form(v) for k, v in p.names.items()}
        named = tuple(g.substitute(values) for g in bounds)  # type: ignore[arg-type]
        rest = tuple(g for g in guards if g not in bounds)
        stored = self.scope.places[p.op.result].array
        return Ranges(named, rest) if bounds and stored and not any(map(reads, rest)) else None

    def write_zero(self, p: Placed, depth: int) -> None:
        """Write the entry of an iteration that no range holds."""
        self.line(depth, f"{self.target(p)} = {'zero' if p.op.result.dtype == 'real' else '0'}")

    def write(self, p: Placed, depth: int, inside: bool = False) -> None:
        """Write one iteration; `inside` the ranges of its guards."""
        if p.op.product:
            self._product(p.op.product, here_of(p), p.op.accumulates, depth)
            return
        reduce, name = p.op.scheme.reduce, self.scope.local(p.op.result)
        guards = [] if inside else _conditions(p)
        if reduce == "none" and guards:
            self.line(depth, f"{name} = zero")
        if guards:
            self.line(depth, f"if {self.scope.conditions(guards, _before(p))}:")
        inner = depth + bool(guards)
        value = self._body(p, inner)
        if reduce == "none":
            whole = p.op.result.dtype != "real"
            self.line(inner, f"{name} = {f'int({value})' if whole else value}")
            if self.scope.places[p.op.result].array:
                self.line(depth, f"{self.target(p)} = {name}")
        elif reduce.startswith("arg"):
            self._compare(p, name, value, inner)
        else:
            form, to = (_IN_NUMBER, name) if is_number(p) else (_IN_ARRAY, self.target(p))
            self.line(inner, form[reduce].format(to, value))

    def _product(self, p: Product, here: Here, more: bool, depth: int) -> None:
        """Multiply two matrices; `more` adds to what is there."""
        lengths = [self.scope.form(volume([p.scheme.sizes[x] for x in part]), here)
                   for part in (p.m, p.n, p.k)]
        lead = tuple(Form.of(Idx(x)) for x in p.lead)
        places = [self._place(p.left.access.tensor, p.left.lead, here),
                  self._place(p.right.access.tensor, p.right.lead, here),
                  self._place(p.result, lead, here)]
        flags = f"{p.left_transposed}, {p.right_transposed}"
        self.line(depth, f"gemm({', '.join(lengths)}, {flags}, {', '.join(places)}, {more})")

    def _place(self, t: Tensor, lead: Sequence[Form], here: Here) -> str:
        """An array and where in it the matrix with these leading indices begins."""
        kept = self.scope.places[t].kept if t in self.scope.places else tuple(range(t.ndim))
        lead = rolled(t, lead, self.scope.steps)
        at = ZERO
        for k in kept:
            at = at * t.shape[k] + (lead[k] if k < len(lead) else ZERO)
        return f"{self.scope.array(t)}, {self.scope.form(at, here)}"

    def _compare(self, p: Placed, name: str, value: str, depth: int) -> None:
        """Keep the first extreme value and its place; NaN is the most extreme."""
        s = p.op.scheme
        sign = ">" if s.reduce == "argmax" else "<"
        self.line(depth, f"{name}_x = {value}")
        self.line(depth, f"if {name}_at < 0 or {name}_x {sign} {name} or "
                         f"({name}_x != {name}_x and {name} == {name}):")
        at = p.names[s.axes + s.component]
        self.line(depth + 1, f"{name}, {name}_at = {name}_x, {at}")

    def target(self, p: Placed) -> str:
        """The entry that an iteration writes."""
        t = p.op.result
        return self.scope.entry(t, p.op.target, here_of(p))

    def _body(self, p: Placed, depth: int) -> str:
        """Write what the scalar body needs and return its text."""
        body = stable(p.op.scheme.body)
        names = {k: self._leaf(p.op.scheme.leaves[k], p) for k in slots_of(body)}
        shared, final = common_parts(body)
        tag = len(self.scope.locals)
        for k, text in names.items():
            if "[" in text and _occurrences(f"a{k}", body, shared) > 1:
                names[k] = f"t{tag}_{k}"
                self.line(depth, f"{names[k]} = {text}")
        new = {s: sympy.Symbol(f"c{tag}_{s.name}") for s, _ in shared}
        for symbol, part in shared:
            value = print_python(part.xreplace(new), names, self.dtype)
            self.line(depth, f"{new[symbol]} = {value}")
        return print_python(final.xreplace(new), names, self.dtype)

    def _leaf(self, leaf: Leaf, p: Placed) -> str:
        if isinstance(leaf, Access):
            text = self._read(leaf, p)
            text = text if leaf.tensor.dtype == "real" else f"real({text})"
        else:
            text = f"real({self.scope.form(leaf.form, here_of(p).under(leaf.mask))})"
        if leaf.mask:
            text = f"({text} if {self.scope.conditions(leaf.mask, here_of(p))} else zero)"
        return text

    def _read(self, x: Access, p: Placed) -> str:
        place = self.scope.places.get(x.tensor)
        at_hand = place is not None and (not place.array or (
            x.tensor in self.scope.locals and not self._elsewhere(x, p)))
        return self.scope.local(x.tensor) if at_hand else (
            self.scope.entry(x.tensor, x.index, here_of(p).under(x.mask)))

    def _elsewhere(self, x: Access, p: Placed) -> bool:
        """Whether another iteration made the entry that is read."""
        made = self._maker(x.tensor)
        if made.op.accumulates and (not is_number(made) or made.op.scan):
            return True
        here, there = here_of(p), here_of(made)
        for k, v in made.env:
            if made.op.is_axis(k) and self.scope.form(x.index[k], here) != v:
                return True
        still = [k for k in range(made.op.scheme.axes) if k not in made.op.loops]
        return any(self.scope.form(x.index[k], here) != self.scope.form(made.op.target[k], there)
                   for k in still)

    def _maker(self, t: Tensor) -> Placed:
        return next(p for p in self.placed if p.op.result is t)


def here_of(p: Placed) -> Here:
    """The point at which an iteration's body stands."""
    return Here(p.names, p.op.scheme.sizes, p.op.scheme.guards)


def _before(p: Placed) -> Here:
    """The point at which an iteration's guards are asked."""
    return Here(p.names, p.op.scheme.sizes, tuple(g for g in p.op.scheme.guards if not reads(g)))


def _conditions(p: Placed) -> list[Guard]:
    """The guards that no loop's bounds stand for."""
    op, s = p.op, p.op.scheme
    bounds = {g for k, _ in p.env for g in bounding(p, k)}
    guards = [g for g in s.guards if g not in bounds]
    if op.scan:
        both = {Idx(op.scan.axis), Idx(op.scan.bound)}
        guards = [g for g in guards if not g.form.atoms >= both]
    return guards


def before_reduction(p: Placed) -> tuple[int, ...]:
    """The axes whose loops stand around the accumulation."""
    out: list[int] = []
    for k, _ in p.env:
        if not p.op.is_axis(k) or (p.op.scan and k == p.op.scan.axis):
            break
        out.append(k)
    return tuple(out)


def is_number(p: Placed) -> bool:
    """Whether an accumulator is one number, kept in a local variable."""
    if p.op.scan:
        return True
    axes = {k for k in p.op.loops if k < p.op.scheme.axes}
    return not p.op.scatters and not p.op.product and axes <= set(before_reduction(p))


def _occurrences(name: str, body: sympy.Expr, shared: Sequence[tuple[sympy.Symbol, sympy.Expr]],
                 ) -> int:
    return str((body, shared)).count(name)


@lru_cache(maxsize=1 << 14)
def common_parts(body: sympy.Expr) -> tuple[tuple[tuple[sympy.Symbol, sympy.Expr], ...],
                                            sympy.Expr]:
    """A body's repeated subexpressions, none taken out of a branch that may not run."""
    if body.has(sympy.Piecewise) or body.count_ops() < 3:
        return (), body
    numbers: dict[sympy.Basic, sympy.Expr] = {}
    whole = _numbers_whole(body, numbers)
    shared, (final,) = sympy.cse(whole, symbols=sympy.numbered_symbols("s"), order="none")
    return tuple((s, part.xreplace(numbers)) for s, part in shared), final.xreplace(numbers)


def _numbers_whole(node: sympy.Expr, numbers: dict[sympy.Basic, sympy.Expr]) -> sympy.Expr:
    """Call each irrational coefficient by a symbol: what is shared must not tear it apart."""
    if not node.args:
        return node
    args = [_numbers_whole(x, numbers) for x in node.args]
    if isinstance(node, sympy.Mul):
        known = [x for x in args if x.is_number]
        if len(known) > 1:
            mark = sympy.Dummy(f"number{len(numbers)}", real=True)
            numbers[mark] = sympy.Mul(*known)
            args = [mark, *(x for x in args if not x.is_number)]
    return node.func(*args)
