"""Forward mode: how the tangents of what an equation reads reach the equation.

    Y[i] = sum_r f(..., X[σ(i,r)], ...)
    Ẏ[i] = sum_r sum_k ∂f/∂a_k · Ẋ_k[σ_k(i,r)]

with X's index and mask, and no delta. A maximum takes the tangent at its first arg-max, a
product each factor's tangent times the product of the others. A primitive needs no second rule
where its pullback u ↦ Jᵀu is written linearly in u: J v is the gradient of ⟨Jᵀu, v⟩ in u.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import sympy

from symdl.calculus.finite import has_infinite_derivative
from symdl.calculus.flow import Flow, Product
from symdl.calculus.pattern import COTANGENT, OUTPUT, pattern_of
from symdl.calculus.pullback import (
    at_extremum,
    derivative_of,
    multiplied,
    pulled_through,
    times_others,
)
from symdl.calculus.sweep import adjoints
from symdl.calculus.terms import added, summands
from symdl.calculus.through_time import pushed_in_time
from symdl.language.body import slot, substitute
from symdl.language.elementwise import as_tensor, multiply
from symdl.language.form import Form, Idx, fresh
from symdl.language.owners import Application, Recurrence
from symdl.language.reductions import reduced
from symdl.language.scheme import Access, Scheme
from symdl.language.solve import solved
from symdl.language.tensor import Equation, Part, Slot, Tensor, topological

Tangents = Mapping[Tensor, Tensor]


def pushed(y: Tensor, tangents: Tangents, value: Tensor | None = None, flow: Flow | None = None,
           ) -> Tensor | None:
    """The tangent of an equation, None where it is 0.

    `value` is the tensor to read y's entries from, where it isn't y itself; `flow` says where
    an exact 0 has to win.
    """
    if not isinstance(y, Equation):  # an equation that was a copy of its operand
        return tangents.get(y)
    pattern = pattern_of(y, value)
    terms = []
    for k, leaf in enumerate(y.scheme.leaves):
        if isinstance(leaf, Access) and leaf.tensor in tangents:
            product = flow.forward(y, k, derivative_of(y.scheme, k)) if flow else Product.PLAIN
            contribution = _push(pattern.scheme, k, product)
            if contribution is not None:
                read = pattern.scheme.leaves[k]
                assert isinstance(read, Access)
                place = Slot.make(COTANGENT, read.tensor.shape)
                terms.append(pattern.instance(contribution, tangents[leaf.tensor], place))
    return added(terms) if terms else None


@lru_cache(maxsize=1 << 14)
def _push(s: Scheme, k: int, product: Product) -> Scheme | None:
    """What the tangent of the tensor at leaf k adds, or None where it is 0."""
    leaf = s.leaves[k]
    assert isinstance(leaf, Access)
    derivative = derivative_of(s, k)
    if derivative == 0 or s.reduce.startswith("arg"):
        return None
    at = [Form.of(Idx(q)) for q in range(len(s.sizes))]
    n = len(s.leaves)
    tangent = Access(Slot.make(COTANGENT, leaf.tensor.shape), leaf.index, leaf.mask)
    output = Access(Slot.make(OUTPUT, s.sizes[:s.axes]), tuple(at[:s.axes]))
    body = substitute(derivative, {slot(-1): slot(n + 1)})
    reduce = "none" if s.reduce == "none" else "sum"
    out = Scheme(s.sizes, s.axes, reduce, s.guards, body, (*s.leaves, tangent, output))
    if s.reduce in ("max", "min"):
        out = at_extremum(s, out, at)
    elif s.reduce == "prod":
        out = times_others(s, out, at)
    return solved(replace(out, body=multiplied(product, slot(n), out.body)))


def pushed_through(owner: Application, tangents: Tangents) -> dict[int, Tensor]:
    """The tangents of a primitive's outputs, by number, those that are 0 left out."""
    moving = [x for x in owner.operands if x in tangents]
    outputs = owner.outputs()
    duals = [Slot.make((fresh(), "dual"), p.shape) for p in outputs if p.dtype == "real"]
    if not moving or not duals:
        return {}
    given = [tangents.get(x) for x in owner.operands]
    stated = owner.primitive.pushforward(owner.operands, outputs, given)
    if stated is not None:
        return {k: t for k, t in enumerate(stated) if t is not None}
    by_number = iter(duals)
    cotangents = [next(by_number) if p.dtype == "real" else None for p in outputs]
    terms = [_inner(part, tangents[x])
             for x, part in pulled_through(owner, cotangents, moving.__contains__)]
    if not terms:
        return {}
    found = adjoints([(added(terms), as_tensor(sympy.S.One))], duals)
    return {k: found[u] for k, u in enumerate(cotangents) if u is not None and u in found}


def _inner(a: Tensor, b: Tensor) -> Tensor:
    product = multiply(a, b)
    return reduced("sum", product, tuple(range(product.ndim)))


def tangents_of(roots: Sequence[Tensor], seeds: Tangents) -> dict[Tensor, Tensor]:
    """The tangents of all that the seeded tensors move, those that are 0 left out.

    A seeded tensor that reads another one moves with it and by its own seed.
    """
    found: dict[Tensor, Tensor] = {}
    done: set[bytes] = set()
    order = topological(roots)
    flow = Flow(seeds, order)
    for t in order:
        own = [seeds[t]] if t in seeds else []
        if isinstance(t, Part):
            if t.owner.digest not in done:
                done.add(t.owner.digest)
                new = _through_owner(t.owner, found, seeds)
                found.update(new)
                for p in new:
                    flow.follow(t.operands, p, isinstance(t.owner, Application)
                                and has_infinite_derivative(t.owner))
            continue
        moved = pushed(t, found, flow=flow) if any(x in found for x in t.operands) else None
        terms = own if moved is None else [moved, *own]
        if terms:
            found[t] = added(summands(terms))
    return found


def _through_owner(owner: Application | Recurrence, found: Tangents, seeds: Tangents) -> Tangents:
    parts = owner.outputs()
    own: dict[Tensor, Tensor] = {p: seeds[p] for p in parts if p in seeds}
    if isinstance(owner, Recurrence):
        outside = {x: found[x] for x in owner.operands if x in found}
        return pushed_in_time(owner, {**outside, **own}, _pushed_member) if outside or own else {}
    moved = pushed_through(owner, found)
    terms = {p: [t for t in (moved.get(k), own.get(p)) if t is not None]
             for k, p in enumerate(parts)}
    return {p: added(ts) for p, ts in terms.items() if ts}


def _pushed_member(definition: Tensor, tangents: Tangents, member: Part) -> Tensor | None:
    if isinstance(definition, Part) and isinstance(definition.owner, Application):
        return pushed_through(definition.owner, tangents).get(definition.number)
    return pushed(definition, tangents, member)
