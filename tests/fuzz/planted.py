"""Bugs planted in calculus and lowering: a fuzzer that misses one is no good.

Each entry replaces one function while a program is differentiated, lowered and checked.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from symdl.calculus import pullback, sweep, through_time
from symdl.kernels import nest, statement
from symdl.language import inline, solve
from symdl.language.form import ZERO, Form, Idx
from symdl.language.guard import Guard
from symdl.language.scheme import Access, Scheme
from symdl.language.tensor import Equation
from symdl.lowering import lower

Replace = Callable[[Any], Callable[..., Any]]
PLANTED: dict[str, tuple[Any, str, Replace]] = {}
"""Name -> (where, which function, what makes the wrong one of the right one)."""


def bug(place: Any, attribute: str) -> Callable[[Replace], Replace]:
    """Enter a bug under its function's name."""
    def enter(make: Replace) -> Replace:
        PLANTED[make.__name__] = (place, attribute, make)
        return make

    return enter


@contextmanager
def planted(name: str) -> Iterator[None]:
    """Have a bug for a while."""
    place, attribute, make = PLANTED[name]
    _forget()
    with patch.object(place, attribute, make(getattr(place, attribute))):
        yield
    _forget()


def _forget() -> None:
    """Empty every cache, so that nothing derived with a bug is used without it."""
    for name, module in list(sys.modules.items()):
        if name.startswith("symdl."):
            for value in list(vars(module).values()):
                if hasattr(value, "cache_clear") and value.__module__ == name:
                    value.cache_clear()


# calculus


@bug(solve, "guard_range")
def lost_guard_when_solving(right: Any) -> Any:
    return lambda *args: []


@bug(sweep, "summands")
def dropped_adjoint_term(right: Any) -> Any:
    return lambda terms: right(terms[:-1] or terms)


@bug(solve, "_uncounted")
def missing_size_factor(right: Any) -> Any:
    def wrong(s: Scheme) -> Scheme:
        used = frozenset[int]().union(*(f.indices for f in s.forms))
        for k in reversed(s.bound) if s.reduce == "sum" else ():
            if k not in used:
                s = solve._without(s, k, ZERO, [])
        return right(s)

    return wrong


@bug(pullback, "_others")
def product_without_suffix(right: Any) -> Any:
    def wrong(s: Scheme, level: int, sign: int) -> Scheme:
        found = right(s, level, sign)
        nothing = (Guard(Form.of(-1), ">="),)
        return found if sign == 1 else replace(found, guards=nothing)

    return wrong


@bug(pullback, "at_extremum")
def wrong_argmax_component(right: Any) -> Any:
    def first(t: Any) -> Any:
        if not isinstance(t, Equation) or not t.scheme.reduce.startswith("arg"):
            return t
        return Equation.make(replace(t.scheme, component=0), t.dtype)

    return lambda *args: right(*args).retensor(first)


@bug(through_time, "closed")
def wrong_lag(right: Any) -> Any:
    def nearer(t: Any, time: int) -> Any:
        if not isinstance(t, Equation):
            return t
        leaves = []
        for x in t.scheme.leaves:
            if isinstance(x, Access) and len(x.index) > time and (
                    x.index[time] - Form.of(Idx(time)) == 2):
                x = replace(x, index=(*x.index[:time], x.index[time] - 1, *x.index[time + 1:]))
            leaves.append(x)
        return Equation.make(replace(t.scheme, leaves=tuple(leaves)), t.dtype, t.name)

    return lambda length, reverse, entries: right(
        length, reverse, [(at, nearer(t, time), time) for at, t, time in entries])


@bug(through_time, "added")
def dropped_term_through_time(right: Any) -> Any:
    return lambda terms: right(terms[:1])


# lowering and kernels


def _while_normalising(wrong: Callable[[Any], Callable[..., Any]]) -> Replace:
    """A bug in reading definitions in place, as lowering does it."""
    def make(right: Any) -> Any:
        def normalised(*args: Any) -> Any:
            with patch.object(inline, "inlined", wrong(inline.inlined)):
                return right(*args)

        return normalised

    return make


@bug(lower, "normalised")
def swapped_axes_of_a_view(right: Any) -> Any:
    def wrong(inlined: Any) -> Any:
        def swapped(s: Scheme, k: int) -> Scheme:
            leaf = s.leaves[k]
            if isinstance(leaf, Access) and len(leaf.index) == 2:
                leaf = replace(leaf, index=leaf.index[::-1])
            return inlined(replace(s, leaves=(*s.leaves[:k], leaf, *s.leaves[k + 1:])), k)

        return swapped

    return _while_normalising(wrong)(right)


@bug(lower, "normalised")
def lost_mask_of_a_view(right: Any) -> Any:
    def wrong(inlined: Any) -> Any:
        def unmasked(s: Scheme, k: int) -> Scheme:
            leaf = replace(s.leaves[k], mask=())
            return inlined(replace(s, leaves=(*s.leaves[:k], leaf, *s.leaves[k + 1:])), k)

        return unmasked

    return _while_normalising(wrong)(right)


@bug(nest.NestWriter, "_range")
def loop_bound_off_by_one(right: Any) -> Any:
    def wrong(self: Any, *args: Any) -> Any:
        low, high = right(self, *args)
        before, _, after = high.rpartition(" + 1")
        return low, before + after

    return wrong


@bug(statement.StatementWriter, "write")
def scatter_that_overwrites(right: Any) -> Any:
    def wrong(self: Any, p: Any, depth: int) -> None:
        def line(at: int, text: str) -> None:
            self.line(at, text.replace(" += ", " = "))

        right(replace(self, line=line) if p.op.scatters else self, p, depth)

    return wrong


@bug(lower, "_time_loop")
def time_runs_forward(right: Any) -> Any:
    def wrong(*args: Any) -> Any:
        found = right(*args)
        return replace(found, block=replace(found.block, reverse=False))

    return wrong


@bug(lower, "product")
def flipped_factor_of_a_product(right: Any) -> Any:
    def wrong(*args: Any) -> Any:
        found = right(*args)
        if found is None:
            return None
        left = found.left
        return replace(found, left=replace(left, rows=left.columns, columns=left.rows))

    return wrong


@bug(lower, "_equation_step")
def lost_guard_of_a_sum(right: Any) -> Any:
    def wrong(t: Any, s: Scheme, *args: Any) -> Any:
        kept = tuple(g for g in s.guards if g.relation != ">=") if s.reduce == "sum" else s.guards
        return right(t, replace(s, guards=kept), *args)

    return wrong


__all__ = ["PLANTED", "planted"]
