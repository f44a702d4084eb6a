"""The one rule: how the cotangent of an equation reaches the tensors it reads.

    Y[i] = sum_r f(..., X[σ(i,r)], ...)
    X̄[j] += sum_{i,r} Ȳ[i] · ∂f/∂X[σ(i,r)] · δ(j, σ(i,r))

A maximum is read at its first arg-max K[i], a constant for every derivative; a product
contributes the product of its other factors, never a quotient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

import sympy

from symdl.calculus.flow import Flow, Product
from symdl.calculus.pattern import COTANGENT, OUTPUT, pattern_of
from symdl.calculus.scalar import output_form, partial, selected
from symdl.calculus.terms import added, with_deltas_read
from symdl.language.body import slot, strong_product, substitute
from symdl.language.elementwise import mapped
from symdl.language.form import Form, Idx, Read
from symdl.language.guard import Guard
from symdl.language.owners import Application
from symdl.language.reductions import reduced
from symdl.language.scheme import Access, Leaf, Scheme
from symdl.language.shaping import expand_dims
from symdl.language.solve import solved
from symdl.language.tensor import Equation, Slot, Tensor

Wanted = Callable[[Tensor], bool]


def pulled(y: Tensor, cotangent: Tensor, wanted: Wanted, value: Tensor | None = None,
           flow: Flow | None = None) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield each wanted operand of an equation with its contribution.

    `value` is the tensor to read y's entries from, where it isn't y itself; `flow` says where
    an exact 0 has to win.
    """
    if not isinstance(y, Equation):  # an equation that was a copy of its operand
        yield y, cotangent
        return
    pattern = pattern_of(y, value)
    place = Slot.make(COTANGENT, pattern.scheme.sizes[:y.scheme.axes])
    for k, leaf in enumerate(y.scheme.leaves):
        if isinstance(leaf, Access) and leaf.tensor.dtype == "real" and wanted(leaf.tensor):
            product = flow.backward(y, k, derivative_of(y.scheme, k)) if flow else Product.PLAIN
            contribution = _pull(pattern.scheme, k, product)
            if contribution is not None:
                yield leaf.tensor, pattern.instance(contribution, cotangent, place)


def pulled_through(owner: Application, cotangents: Sequence[Tensor | None], wanted: Wanted,
                   dropped: bool = False) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield each wanted operand of a primitive with its contribution.

    `dropped` cotangents may be 0 where the derivative is infinite: their 0 wins, block by block.
    """
    parts = owner.primitive.pullback(owner.operands, owner.outputs(), cotangents)
    for operand, core, part in zip(owner.operands, owner.primitive.core, parts, strict=True):
        if part is not None and operand.dtype == "real" and wanted(operand):
            if dropped:
                part = where_counted(part, operand.ndim - core, cotangents)
            yield operand, with_deltas_read(part)


def where_counted(part: Tensor, batch: int, cotangents: Sequence[Tensor | None]) -> Tensor:
    """A primitive's contribution, 0 for each entry of the batch of which all cotangents are 0."""
    sizes = [reduced("max", abs(c), tuple(range(batch, c.ndim))) if c.ndim > batch else c
             for c in cotangents if c is not None]
    largest = added(sizes)
    for _ in range(part.ndim - batch):
        largest = expand_dims(largest, largest.ndim)
    return mapped(strong_product(slot(0), slot(1) / slot(0)), (largest, part))


@lru_cache(maxsize=1 << 14)
def _pull(s: Scheme, k: int, product: Product) -> Scheme | None:
    """The contribution to the tensor at leaf k, or None where it is 0."""
    leaf = s.leaves[k]
    assert isinstance(leaf, Access)
    derivative = derivative_of(s, k)
    if derivative == 0:
        return None
    rank = leaf.tensor.ndim
    sizes = (*leaf.tensor.shape, *s.sizes)
    at = [Form.of(Idx(rank + q)) for q in range(len(s.sizes))]
    placed = s.place(sizes, rank, at)
    moved = placed.leaves[k]
    assert isinstance(moved, Access)
    delta = tuple(Guard(Form.of(Idx(d)) - f, "==") for d, f in enumerate(moved.index))
    cotangent = Access(Slot.make(COTANGENT, s.sizes[:s.axes]), tuple(at[:s.axes]))
    output = Access(Slot.make(OUTPUT, s.sizes[:s.axes]), tuple(at[:s.axes]))
    leaves: tuple[Leaf, ...] = (*placed.leaves, cotangent, output)
    body = substitute(derivative, {slot(-1): slot(len(placed.leaves) + 1)})
    guards = (*placed.guards, *moved.mask, *delta)
    out = Scheme(sizes, rank, "sum", guards, body, leaves)
    if s.reduce in ("max", "min"):
        out = at_extremum(s, out, at)
    elif s.reduce == "prod":
        out = times_others(s, out, at)
    elif s.reduce not in ("none", "sum"):
        return None
    return solved(replace(out, body=multiplied(product, slot(len(placed.leaves)), out.body)))


def multiplied(product: Product, tangent: sympy.Expr, derivative: sympy.Expr) -> sympy.Expr:
    """A cotangent or tangent times a derivative."""
    if product is Product.STRONG:
        return strong_product(tangent, derivative)
    return selected(derivative, tangent) if product is Product.SELECTED else tangent * derivative


def derivative_of(s: Scheme, k: int) -> sympy.Expr:
    """∂f/∂a_k, through the output where that saves an elementary function (tanh' = 1 - y²)."""
    derivative = partial(s.body, k)
    if s.reduce == "none" and not s.guards and derivative.has(sympy.Function):
        through = output_form(s.body, k)
        if through is not None and not through.has(sympy.Function):
            return through
    return derivative


def at_extremum(s: Scheme, out: Scheme, at: list[Form]) -> Scheme:
    """Read a maximum where it is attained first."""
    guards = []
    for component, r in enumerate(s.bound):
        where = Equation.make(replace(s, reduce=f"arg{s.reduce}", component=component), "int")
        entry = Form.of(Read(where, tuple(at[:s.axes])))
        guards.append(Guard(at[r] - entry, "=="))
    return replace(out, guards=(*out.guards, *guards))


def times_others(s: Scheme, out: Scheme, at: list[Form]) -> Scheme:
    """Multiply by the product of all other factors: those before times those after."""
    leaves, body = list(out.leaves), out.body
    for level in range(len(s.bound)):
        for sign in (1, -1):
            body = body * slot(len(leaves))
            leaves.append(Access(Equation.make(_others(s, level, sign)), tuple(at)))
    return replace(out, body=body, leaves=tuple(leaves))


def _others(s: Scheme, level: int, sign: int) -> Scheme:
    """The product over the terms that agree before `level` and come before (after) there.

    Its axes are the equation's axes and bound indices.
    """
    m = len(s.bound)
    axes = len(s.sizes)
    inner = s.sizes[s.axes + level:]
    sizes = (*s.sizes, *inner)
    at = [Form.of(Idx(q)) for q in range(s.axes + level)]
    at += [Form.of(Idx(axes + q)) for q in range(m - level)]
    placed = s.place(sizes, axes, at)
    here = Form.of(Idx(s.axes + level))
    there = Form.of(Idx(axes))
    apart = Guard(sign * (here - there) - 1, ">=")
    return replace(placed, reduce="prod", guards=(*placed.guards, apart))
