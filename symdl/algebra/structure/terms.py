"""A tensor as a sum of products whose factors are as separate as its definition allows.

The first axes of the tensor are rows, the others columns. A *term* is a scheme over these axes,
reduced by a sum or not at all, whose body is a product: what depends on rows and columns at once
is opened (definitions read in place, sums distributed, masks made guards) until nothing opens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import sympy

from symdl.algebra.bodies import indices, moved
from symdl.algebra.structure.wrapping import unwrapped
from symdl.language.body import slot, slots_of
from symdl.language.bounds import guard_range
from symdl.language.form import Atom, Form, Idx
from symdl.language.guard import Guard
from symdl.language.scheme import Access, Leaf, Scheme, Value, tidied
from symdl.language.shaping import at
from symdl.language.solve import solved
from symdl.language.tensor import Equation, Tensor, Variable

MOST = 64
"""How many terms are looked at; what has more is one term as it stands."""


def terms(t: Tensor, rows: int) -> tuple[Scheme, ...]:
    """The terms of a tensor; like ones are gathered, and those that cancel are gone."""
    found: list[Scheme] = []
    todo = [whole(t)]
    while todo:
        s = paired(todo.pop(), rows)
        if s is None or s.body == 0:
            continue
        opened = _opened(s, rows) or unwrapped(s)
        if opened is None:
            found.append(s)
        else:
            todo.extend(reversed(opened))
        if len(found) + len(todo) > MOST:
            return (_read(t),)
    return _gathered(found, t)


def whole(t: Tensor) -> Scheme:
    """The tensor's own scheme where it is a sum or a formula, else a plain read."""
    if isinstance(t, Equation) and t.scheme.reduce in ("none", "sum"):
        return t.scheme
    return _read(t)


def _read(t: Tensor) -> Scheme:
    index = tuple(Form.of(Idx(k)) for k in range(t.ndim))
    return Scheme(t.shape, t.ndim, "none", (), slot(0), (Access(t, index),))


def _gathered(found: list[Scheme], t: Tensor) -> tuple[Scheme, ...]:
    totals: dict[Tensor, tuple[sympy.Expr, Scheme]] = {}
    for s in found:
        number, rest = s.body.as_coeff_Mul()
        key = Equation.make(replace(s, body=rest), t.dtype)
        total, first = totals.get(key, (sympy.S.Zero, replace(s, body=rest)))
        totals[key] = (total + number, first)
    return tuple(replace(s, body=number * s.body) for number, s in totals.values() if number != 0)


def delta(guard: Guard, s: Scheme, rows: int) -> tuple[int, int] | None:
    """The row axis and the column axis that a guard makes equal, if it says that alone."""
    pair = sorted(guard.form.indices)
    if guard.relation != "==" or len(pair) != 2 or pair[1] >= s.axes or pair[0] >= rows or (
            pair[1] < rows):
        return None
    a, b = pair
    difference = Form.of(Idx(a)) - Form.of(Idx(b))
    alike = guard.form in (difference, -difference) and s.sizes[a] == s.sizes[b]
    return (a, b) if alike else None


def paired(s: Scheme, rows: int) -> Scheme | None:
    """The solved scheme, a column index written as the row indices that it equals.

    That these stay in the column's range goes without saying.
    """
    new = solved(s)
    new = new and tidied(new)
    if new is None:
        return None
    kept, place, said = [], dict[Atom, Form](), list[Guard]()
    for guard in new.guards:
        for atom, form in _columns(guard, new, rows):
            if guard not in kept and atom not in place:
                place[atom] = form
                kept.append(guard)
                size = new.sizes[atom.position]
                said += [g.normal for g in guard_range(form, size, new.sizes)]
    others = replace(new, guards=tuple(g for g in new.guards if g not in kept)).substitute(place)
    others = replace(others, guards=tuple(g for g in others.guards if g.normal not in said))
    return solved(replace(others, guards=(*others.guards, *kept)))


def _columns(guard: Guard, s: Scheme, rows: int) -> Iterator[tuple[Idx, Form]]:
    """The column indices that an equality fixes, each with what it equals, in row indices."""
    if guard.relation != "==" or guard.reads:
        return
    for k in sorted(guard.form.indices.intersection(range(rows, s.axes))):
        parts = guard.form.split(Idx(k))
        if parts and parts[0].constant in (1, -1) and max(parts[1].indices, default=rows) < rows:
            yield Idx(k), -parts[1] if parts[0].constant == 1 else parts[1]


def symmetric(found: Sequence[Scheme], lead: int, rows: int) -> bool:
    """Whether terms are the same with rows and columns exchanged, after some leading axes."""
    first, last = lead + rows, lead + 2 * rows

    def turned(s: Scheme) -> Scheme:
        places = [at(k) if k < lead or k >= last else at(k + rows if k < first else k - rows)
                  for k in range(len(s.sizes))]
        return s.place(s.sizes, s.axes, places)

    def normal(s: Scheme) -> Scheme | None:
        simple = paired(whole(Equation.make(s).simplify()), first)
        return simple and paired(whole(Equation.make(simple).simplify()), first)

    before, after = ({p and Equation.make(p) for p in map(normal, side)}
                     for side in (found, map(turned, found)))
    return before == after


def straddles(held: frozenset[int], s: Scheme, rows: int) -> bool:
    """Whether indices are of rows and of columns."""
    return any(k < rows for k in held) and any(rows <= k < s.axes for k in held)


def _opened(s: Scheme, rows: int) -> list[Scheme] | None:
    """One step: the terms that stand in place of one; None for a product that stays."""
    factors = sympy.Mul.make_args(s.body)
    for k, factor in enumerate(factors):
        rest = sympy.Mul(*factors[:k], *factors[k + 1:])
        new = _opened_factor(factor, rest, s, rows)
        if new is not None:
            return new
    return None


def _opened_factor(factor: sympy.Expr, rest: sympy.Expr, s: Scheme, rows: int,
                   ) -> list[Scheme] | None:
    masked = any(s.leaves[k].mask for k in slots_of(factor))
    if isinstance(factor, sympy.Piecewise):
        return _unfolded(factor, rest, s)
    if factor.is_Symbol and _is_product(s.leaves[slots_of(factor)[0]]):
        return _in_place(slots_of(factor)[0], rest, s)
    if not masked and not straddles(indices(factor, s), s, rows):
        return None
    if factor.is_Add:
        return [replace(s, body=rest * part) for part in factor.args]
    if factor.is_Pow and factor.base.is_Add and factor.exp in (2, 3, 4):
        return [replace(s, body=rest * sympy.expand(factor, deep=False))]
    if factor.is_Symbol:
        return _in_place(slots_of(factor)[0], rest, s)
    return None


def _is_product(leaf: Leaf) -> bool:
    t = leaf.tensor if isinstance(leaf, Access) else None
    return isinstance(t, Equation) and t.scheme.reduce == "none" and t.scheme.body.is_Mul


def factors(s: Scheme) -> list[sympy.Expr]:
    """The factors of a term's body; exp(u + v) counts as exp(u) and exp(v)."""
    found: list[sympy.Expr] = []
    for f in sympy.Mul.make_args(s.body):
        apart = isinstance(f, sympy.exp) and f.args[0].is_Add
        found += [sympy.exp(part) for part in f.args[0].args] if apart else [f]
    return found


def _unfolded(factor: sympy.Piecewise, rest: sympy.Expr, s: Scheme) -> list[Scheme] | None:
    """(f where a guard holds, else 0) is f under that guard."""
    (value, condition), *others = factor.args
    if len(others) != 1 or others[0] != (sympy.S.Zero, sympy.true):
        return None
    inside = next((k for k, x in enumerate(s.leaves) if isinstance(x, Value) and x.mask
                   and x.form.constant == 1 and condition == (slot(k) > 0)), None)
    if inside is None:
        return None
    return [replace(s, body=rest * value, guards=(*s.guards, *s.leaves[inside].mask))]


def _in_place(k: int, rest: sympy.Expr, s: Scheme) -> list[Scheme] | None:
    """Read a factor by its definition: f(X[i]), or sum_r f(X[i, r]) with r bound here."""
    leaf = s.leaves[k]
    if not isinstance(leaf, Access) or not isinstance(leaf.tensor, Equation):
        return _by_fact(leaf, s)
    inner = leaf.tensor.scheme
    if inner.reduce not in ("none", "sum"):
        return None
    place: dict[Atom, Form] = {Idx(n): f for n, f in enumerate(leaf.index)}
    first = len(s.sizes)
    bound = [Form.of(Idx(first + n)) for n in range(len(inner.bound))]
    placed = inner.place((), 0, [*leaf.index, *bound])
    sizes = (*s.sizes, *(f.substitute(place) for f in inner.sizes[inner.axes:]))
    leaves: list[Leaf] = list(s.leaves)
    body = rest * moved(inner.body, placed.leaves, leaves)
    guards = (*s.guards, *leaf.mask, *placed.guards)
    reduce = "sum" if len(sizes) > s.axes else "none"
    return [Scheme(sizes, s.axes, reduce, guards, body, tuple(leaves))]


def _by_fact(leaf: Leaf, s: Scheme) -> list[Scheme] | None:
    """A matrix declared diagonal or triangular is 0 elsewhere."""
    if not isinstance(leaf, Access) or not isinstance(leaf.tensor, Variable):
        return None
    for fact in leaf.tensor.facts & _SUPPORT.keys():
        sign, relation = _SUPPORT[fact]
        guard = Guard(sign * (leaf.index[-2] - leaf.index[-1]), relation).normal
        if guard not in s.guards and guard.decided() is None:
            return [replace(s, guards=(*s.guards, guard))]
    return None


_SUPPORT = {"diagonal": (1, "=="), "lower_triangular": (1, ">="), "upper_triangular": (-1, ">=")}
