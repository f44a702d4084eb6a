"""Functions of the same entries in several equations, computed once.

A softmax's sum and its quotient hold the same exponential, a GELU and its derivative the same
error function: such a function becomes an equation of its own, which fusion keeps in a number
or a row where it can.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import sympy

from symdl.language.body import slot, slots_of, substitute
from symdl.language.form import ZERO, Form, Idx
from symdl.language.rebuild import replaced
from symdl.language.scheme import Access, Scheme
from symdl.language.tensor import Equation, Tensor, topological, transform
from symdl.lowering.scalar_forms import stable

Found = dict[Tensor, list[tuple[sympy.Expr, Access]]]


def shared(roots: Sequence[Tensor]) -> dict[Tensor, Tensor]:
    """Rebuild a program with the functions that several equations hold as equations."""
    found: Found = {t: list(_functions(t.scheme)) for t in topological(roots)
                    if isinstance(t, Equation)}
    count: dict[Tensor, int] = {}
    whole: set[Tensor] = set()
    for t, functions in found.items():
        for e in {x.tensor for _, x in functions}:
            count[e] = count.get(e, 0) + 1
            if isinstance(t, Equation) and t.scheme.reduce == "none" and t.shape == e.shape:
                whole.add(e)
    wanted = {e for e in whole if count[e] > 1 and e not in found}

    def change(t: Tensor, new: Mapping[Tensor, Tensor]) -> Tensor:
        chosen = [(f, x) for f, x in found.get(t, []) if x.tensor in wanted]
        if not chosen or not isinstance(t, Equation):
            return replaced(t, new)
        made: Mapping[Tensor, Tensor] = {x.tensor: replaced(x.tensor, new) for _, x in chosen}
        return replaced(_reading(t, chosen), {**new, **made})

    return transform(roots, change)


def _reading(t: Equation, functions: Sequence[tuple[sympy.Expr, Access]]) -> Tensor:
    """The equation with functions read as entries of tensors."""
    s, first = t.scheme, len(t.scheme.leaves)
    values = {f: slot(first + k) for k, (f, _) in enumerate(functions)}
    leaves = (*s.leaves, *(x for _, x in functions))
    return Equation.make(replace(s, body=substitute(s.body, values), leaves=leaves), t.dtype)


def _functions(s: Scheme) -> Iterator[tuple[sympy.Expr, Access]]:
    """The outermost functions of a body, each with the entry that would stand for it.

    One that is part of a stable form (the exponential of a sigmoid) stays where it is.
    """
    if s.body.has(sympy.Piecewise):
        return
    form = stable(s.body)
    for f in _outermost(s.body):
        mark = sympy.Dummy(real=True)
        held = slots_of(f)
        if not held or any(s.leaves[k].mask or not isinstance(s.leaves[k], Access) for k in held):
            continue
        if form.has(f) and stable(substitute(s.body, {f: mark})) == form.xreplace({f: mark}):
            yield f, _entry(s, f)


def _outermost(node: sympy.Basic) -> Iterator[sympy.Expr]:
    if isinstance(node, sympy.Function) and not isinstance(node, (sympy.Max, sympy.Min)):
        yield node
        return
    for x in node.args:
        yield from _outermost(x)


def _entry(s: Scheme, f: sympy.Expr) -> Access:
    """A function of a body as an entry of a tensor over the indices that it holds."""
    used = frozenset[int]().union(*(x.indices for k in slots_of(f) for x in s.leaves[k].forms))
    guards = tuple(g for g in s.guards if g.form.indices <= used)
    used = used.union(*(g.form.indices for g in guards))
    order = sorted(used)
    at = [Form.of(Idx(order.index(k))) if k in used else ZERO for k in range(len(s.sizes))]
    whole = Scheme(s.sizes, s.axes, "none", guards, f, s.leaves)
    e = Equation.make(whole.place([s.sizes[k] for k in order], len(order), at))
    return Access(e, tuple(Form.of(Idx(k)) for k in order))
