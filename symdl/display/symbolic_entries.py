"""To SymPy, entry by entry: sums and products over indices, conditions on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

import sympy
from sympy.matrices import expressions as mx
from sympy.tensor.array import ArrayComprehension

from symdl.display.errors import NotationError
from symdl.language.body import literal, slot, substitute
from symdl.language.bridge.sizes import form_to_sympy
from symdl.language.form import Atom, Dim, Form, Free, Idx, Least, Quotient, Read
from symdl.language.guard import Conjunction
from symdl.language.owners import Application
from symdl.language.scheme import Access, Leaf, Scheme
from symdl.language.sizes import dims_of
from symdl.language.tensor import Constant, Equation, Part, Tensor, Variable, topological


def size_symbol(name: str) -> sympy.Symbol:
    """The symbol of a size."""
    return sympy.Symbol(name, integer=True, nonnegative=True)


def named_symbol(t: Variable) -> Any:
    """The symbol of an input: a real number, a MatrixSymbol (a vector as a column)."""
    sizes = [form_to_sympy(s) for s in t.shape]
    if not sizes:
        return sympy.Symbol(str(t.name), real=True)
    return mx.MatrixSymbol(str(t.name), *sizes, *([1] if len(sizes) == 1 else []))


def by_entries(t: Tensor) -> Any:
    """The formula of an entry: alone, as a FunctionMatrix or as an ArrayComprehension."""
    entries = _Entries(t)
    axes = [next(entries.fresh) for _ in t.shape]
    sizes = [form_to_sympy(s) for s in t.shape]
    body = entries.entry(t, axes)
    if not axes:
        return body
    if len(axes) > 2:
        return ArrayComprehension(body, *((i, 0, n - 1) for i, n in zip(axes, sizes, strict=True)))
    if len(axes) == 1:
        axes, sizes = [*axes, next(entries.fresh)], [*sizes, sympy.S.One]
    return mx.FunctionMatrix(*sizes, sympy.Lambda(tuple(axes), body))


class _Entries:
    """Formulas of entries, their indices taken from one supply."""

    def __init__(self, root: Tensor):
        taken = {str(x) for x in (*(t.name for t in topological([root])), *dims_of([root]),
                                  *root.free)}
        self.fresh = self._supply(taken)

    def _supply(self, taken: set[str]) -> Iterator[sympy.Symbol]:
        names = (f"{letter}{n or ''}" for n in count() for letter in "ijk")
        return (size_symbol(name) for name in names if name not in taken)

    def entry(self, t: Tensor, at: Sequence[Any]) -> Any:
        """One entry of a tensor."""
        if isinstance(t, Variable):
            return self._input(t, at)
        if isinstance(t, Equation):
            return self._equation(t.scheme, at)
        if isinstance(t, Part) and isinstance(t.owner, Application):
            return self._matrix_function(t, at)
        if isinstance(t, Constant) and t.ndim <= 2:
            table = t.data.reshape(*t.data.shape, *[1] * (2 - t.ndim))
            exact = [[literal(x) for x in row] for row in table]
            return sympy.ImmutableMatrix(exact)[(*at, *[0] * (2 - t.ndim))]
        raise NotationError(f"{t.label} has no counterpart in SymPy")

    def _input(self, t: Variable, at: Sequence[Any]) -> Any:
        if not at:
            return named_symbol(t)
        shape = tuple(form_to_sympy(s) for s in t.shape)
        return sympy.IndexedBase(str(t.name), shape=shape)[tuple(at)]

    def _matrix_function(self, t: Part, at: Sequence[Any]) -> Any:
        assert isinstance(t.owner, Application)
        make = _FUNCTIONS.get(t.owner.primitive.name)
        operands = t.owner.operands
        if make is None or any(x.ndim != 2 for x in operands):
            raise NotationError(f"{t.owner.primitive.name} has no counterpart in SymPy")
        value = make(*map(self._whole, operands))
        return value[tuple(at)] if at else value

    def _whole(self, t: Tensor) -> Any:
        if isinstance(t, Variable):
            return named_symbol(t)
        i, j = next(self.fresh), next(self.fresh)
        sizes = [form_to_sympy(s) for s in t.shape]
        return mx.FunctionMatrix(*sizes, sympy.Lambda((i, j), self.entry(t, (i, j))))

    def _equation(self, s: Scheme, at: Sequence[Any]) -> Any:
        bound = [next(self.fresh) for _ in s.bound]
        places = [*at, *bound]
        values = {slot(k): self._leaf(x, places) for k, x in enumerate(s.leaves)}
        body = substitute(s.body, values)
        ranges = [(i, 0, self._form(n, places) - 1)
                  for i, n in zip(bound, s.sizes[s.axes:], strict=True)]
        if s.reduce == "none":
            return self._where(s.guards, body, places, 0)
        if s.reduce not in ("sum", "prod"):
            raise NotationError(f"{s.reduce} over a symbolic size has no counterpart in SymPy")
        inside = self._where(s.guards, body, places, 0 if s.reduce == "sum" else 1)
        return _reduction(sympy.Sum if s.reduce == "sum" else sympy.Product, inside, ranges)

    def _leaf(self, x: Leaf, places: Sequence[Any]) -> Any:
        value = self.entry(x.tensor, [self._form(f, places) for f in x.index]) if isinstance(
            x, Access) else self._form(x.form, places)
        return self._where(x.mask, value, places, 0)

    def _where(self, guards: Conjunction, value: Any, places: Sequence[Any], other: int) -> Any:
        signs = {">=": sympy.Ge, "==": sympy.Eq, "!=": sympy.Ne}
        for g in guards:
            left = self._form(Form((m, c) for m, c in g.form.terms if c > 0), places)
            right = self._form(Form((m, -c) for m, c in g.form.terms if c < 0), places)
            if g.relation == "==" and other == 0:
                value = value * sympy.KroneckerDelta(left, right)
            else:
                value = sympy.Piecewise((value, signs[g.relation](left, right)), (other, True))
        return value

    def _form(self, form: Form, places: Sequence[Any]) -> Any:
        return sympy.Add(*(sympy.Mul(c, *(self._atom(a, places) for a in m))
                           for m, c in form.terms))

    def _atom(self, a: Atom, places: Sequence[Any]) -> Any:
        if isinstance(a, Idx):
            return places[a.position]
        if isinstance(a, (Dim, Free)):
            return size_symbol(str(a))
        inner = [self._form(f, places) for f in a.inner]
        if isinstance(a, Read):
            return self.entry(a.tensor, inner)
        left, right = inner
        if isinstance(a, Least):
            return sympy.Min(left, right)
        return sympy.floor(left / right) if isinstance(a, Quotient) else sympy.Mod(left, right)


def _reduction(make: Any, body: Any, ranges: Sequence[tuple[Any, Any, Any]]) -> Any:
    """A sum or product as it stands: SymPy's constructor would draw conditions out of inner sums.

    They may be conditions on the inner sum's index.
    """
    if not ranges:
        return body
    out = sympy.Expr.__new__(make, body, *(sympy.Tuple(*r) for r in ranges))
    out.is_commutative = True
    return out


_FUNCTIONS: dict[str, Any] = {
    "inv": mx.Inverse, "det": mx.Determinant,
    "logdet": lambda a: sympy.log(mx.Determinant(a)),
}
"""Primitives that SymPy has as matrix expressions."""
