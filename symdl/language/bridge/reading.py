"""Expressions from SymPy's: scalar formulas, matrices, arrays, sums over indices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

import sympy
from sympy.core.relational import Relational
from sympy.matrices.expressions import FunctionMatrix
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.tensor.array import ArrayComprehension
from sympy.tensor.array.expressions import ArraySymbol

from symdl.language import operators as op
from symdl.language.body import check_body, exact, slot
from symdl.language.bridge.arrays import ARRAYS
from symdl.language.bridge.matrices import MATRICES
from symdl.language.bridge.shapes import nodes, shapes_of, sizes_in
from symdl.language.bridge.sizes import form_from_sympy
from symdl.language.define import define
from symdl.language.elementwise import mapped
from symdl.language.errors import ShapeError, SymdlError, shape_text
from symdl.language.form import Form, Free, fresh
from symdl.language.guard import COMPARED, Condition, at_least, equals
from symdl.language.indexing import integer_entry
from symdl.language.tensor import Tensor, Variable

_RULES = {**MATRICES, **ARRAYS}


def from_sympy(expr: Any, *, axes: Sequence[Any] = (), **tensors: Tensor) -> Tensor:
    """Read an expression of SymPy's.

    A MatrixSymbol, ArraySymbol or IndexedBase is an input of its name and shape, a Symbol a
    scalar input; symbols in shapes and in the limits of sums are sizes. Indices count from 0.
    Nothing is parsed and no method of the expression is asked to simplify it.

    Parameters
    ----------
    expr : sympy.Basic or matrix or array
        Scalars, matrix expressions (products, powers, Hadamard and Kronecker products, inverses,
        traces, determinants, blocks, slices, functions of entries), array expressions, and
        formulas in entries, with Sum and Product nested as they like.
    axes : sequence of sympy.Symbol
        The indices of a formula in entries that are the axes of the result, in order.
    **tensors : Tensor
        Tensors to read for the symbols of these names. One with a single axis may stand for
        a column.

    Returns
    -------
    Tensor
        Of the shape of the expression; a 1 by 1 matrix is a scalar.

    Raises
    ------
    SymdlError
        For what has no meaning here, such as an infinite sum or a complex number.

    Examples
    --------
    >>> import sympy, symdl as sd
    >>> n = sympy.Symbol("n", integer=True, positive=True)
    >>> A, x = sympy.MatrixSymbol("A", n, n), sympy.MatrixSymbol("x", n, 1)
    >>> f = sd.from_sympy(x.T * A * x)
    >>> f.shape
    ()
    """
    if isinstance(expr, str):
        raise SymdlError("from_sympy takes a SymPy expression; sd.parse reads text")
    e = _of_sympy(expr)
    free = {s: Form.of(Free(str(s), fresh(), None)) for s in axes}
    reader = _Reader(tensors, shapes_of(e, axes), sizes_in(e), free)
    out = reader(e)
    if axes:
        return define(None, tuple(free.values()), out)
    return op.reshape(out, ()) if out.ndim == 2 and all(s == 1 for s in out.shape) else out


class _Reader:
    """Reads expressions, the meaning of names and of bound indices at hand."""

    def __init__(self, tensors: Mapping[str, Tensor], shapes: Mapping[str, tuple[Any, ...]],
                 sizes: frozenset[Any], known: Mapping[Any, Form]):
        self.tensors, self.shapes, self.sizes, self.known = tensors, shapes, sizes, known

    def __call__(self, e: Any) -> Tensor:
        """The tensor that an expression is."""
        if isinstance(e, (sympy.MatrixSymbol, ArraySymbol)):
            return self.symbol(str(e.name), tuple(map(self.form, e.shape)))
        for cls in type(e).__mro__:
            if cls in _RULES:
                return _RULES[cls](e, self)
        if isinstance(e, FunctionMatrix):
            i, j = e.lamda.variables
            return self.entries(e.lamda.expr, [(i, 0, e.shape[0] - 1), (j, 0, e.shape[1] - 1)])
        if isinstance(e, ArrayComprehension):
            return self.entries(e.function, e.limits)
        if e in self.known or e in self.sizes:
            return op.as_tensor(self.form(e))
        if isinstance(e, sympy.Symbol):
            return self.symbol(e.name, ())
        if isinstance(e, sympy.Indexed):
            return self.indexed(e)
        if isinstance(e, (sympy.Sum, sympy.Product)):
            return self.reduction(e)
        if isinstance(e, sympy.KroneckerDelta) or self.about_indices(e):
            return self.cases(e)
        if getattr(e, "is_Matrix", False) or not isinstance(e, sympy.Expr):
            raise SymdlError(f"{e}: {type(e).__name__} can't be read")
        return self.scalar(e)

    def form(self, e: Any) -> Form:
        """The size or the place that an integer expression is."""
        e = sympy.sympify(e, strict=True)
        gathers = {x: self.gather(x) for x in nodes(e, sympy.Indexed)}
        return form_from_sympy(e, {**self.known, **gathers})

    def gather(self, e: Any) -> Form:
        """An entry of an integer tensor as a place."""
        t = self(e)
        if t.dtype != "int":
            raise SymdlError(f"{e} is an index but {e.base.label} isn't of integers; give the "
                             f"tensor, from_sympy(..., {e.base.label}=...)")
        return integer_entry(t, ())

    def symbol(self, name: str, shape: tuple[Form, ...]) -> Tensor:
        """The tensor of a name: the one given, else an input."""
        given = self.tensors.get(name)
        if given is None:
            return Variable.make(name, shape)
        if given.ndim == 1 and len(shape) == 2 and 1 in shape:
            given = op.expand_dims(given, 1 if shape[1] == 1 else 0)
        if given.ndim != len(shape):
            raise ShapeError(f"{name} has shape {shape_text(shape)} in SymPy, but the tensor "
                             f"given for it {shape_text(given.shape)}")
        return given

    def indexed(self, e: Any) -> Tensor:
        """An entry of an IndexedBase."""
        name = str(e.base.label)
        given = self.tensors.get(name)
        shape = given.shape if given is not None else self.shapes.get(name)
        if shape is None:
            raise SymdlError(f"the shape of {name} can't be told; give the tensor, "
                             f"from_sympy(..., {name}=...), or IndexedBase(..., shape=...)")
        t = given if given is not None else self.symbol(name, tuple(map(self.form, shape)))
        if len(e.indices) != t.ndim:
            raise ShapeError(f"{e}: {len(e.indices)} indices, but {name} has shape "
                             f"{shape_text(t.shape)}")
        return t[tuple(self.form(k) for k in e.indices)]  # type: ignore[no-any-return]

    def inside(self, limits: Sequence[Any]) -> tuple[_Reader, list[Free], list[Condition]]:
        """A reader that knows the indices of a sum, the indices, and the limits that bind them."""
        reader, over, within = self, list[Free](), list[Condition]()
        for variable, low, high in limits:
            start, stop = reader.form(low), reader.form(high) + 1
            fixed = not (start.free or stop.free)
            index = Free(str(variable), fresh(), stop - start if fixed else None)
            place = Form.of(index) + start if fixed else Form.of(index)
            if not fixed:
                within += [at_least(place, start), ~at_least(place, stop)]
            over.append(index)
            reader = _Reader(self.tensors, self.shapes, self.sizes,
                             {**reader.known, variable: place})
        return reader, over, within

    def reduction(self, e: Any) -> Tensor:
        """A sum or a product over indices; SymPy's last index is the outermost."""
        if any(len(limit) != 3 or limit[2].is_infinite for limit in e.limits):
            raise SymdlError(f"{e}: a sum or product needs finite limits")
        reader, over, within = self.inside(e.limits[::-1])
        reduce_over = op.sum if isinstance(e, sympy.Sum) else op.prod
        where = reduce(Condition.__and__, within) if within else None
        indices = tuple(map(Form.of, over))
        return reduce_over(reader(e.function), indices, where=where)

    def entries(self, body: Any, limits: Sequence[Any]) -> Tensor:
        """An array given entry by entry."""
        reader, over, _ = self.inside(limits)
        return define(None, tuple(map(Form.of, over)), reader(body))

    def about_indices(self, e: Any) -> bool:
        """Whether a condition speaks of indices and sizes only."""
        if not isinstance(e, (sympy.Piecewise, sympy.KroneckerDelta)):
            return False
        entries = [x for c in _conditions(e) for x in nodes(c, sympy.Indexed)]
        symbols = {s for c in _conditions(e) for s in c.xreplace(
            dict.fromkeys(entries, sympy.Dummy())).free_symbols if not isinstance(s, sympy.Dummy)}
        return bool(symbols) and all(s in self.known or s in self.sizes for s in symbols) and (
            all(self(x).dtype == "int" for x in entries))

    def cases(self, e: Any) -> Tensor:
        """Values by conditions on indices."""
        if isinstance(e, sympy.KroneckerDelta):
            return op.as_tensor(equals(*map(self.form, e.args[:2])))
        *cases, (last, otherwise) = e.args
        out = self(last) if otherwise == sympy.true else op.where(
            self.condition(otherwise), self(last), sympy.nan)
        for value, when in reversed(cases):
            out = op.where(self.condition(when), self(value), out)
        return out

    def condition(self, c: Any) -> Condition:
        """A condition on indices and sizes."""
        if isinstance(c, Relational):
            left, right = map(self.form, c.args)
            return COMPARED[c.rel_op](left, right)
        if isinstance(c, sympy.Not):
            return ~self.condition(c.args[0])
        if isinstance(c, (sympy.And, sympy.Or)):
            join = Condition.__and__ if isinstance(c, sympy.And) else Condition.__or__
            return reduce(join, map(self.condition, c.args))
        raise SymdlError(f"{c} is no condition on indices")

    def apply(self, function: sympy.Lambda, operand: Tensor) -> Tensor:
        """A function of one number, entry by entry."""
        (variable,) = function.variables
        return self.scalar(function.expr, {variable: operand})

    def scalar(self, e: Any, values: Mapping[Any, Tensor] | None = None) -> Tensor:
        """A formula of scalar functions: its operands are read, the rest is a body."""
        values = dict(values or {})
        for leaf in self.operands(e, frozenset(values)):
            if leaf not in values:
                values[leaf] = self(leaf)
        numbers = {leaf: slot(k) for k, leaf in enumerate(values)}
        body = exact(_said_by_others(e.xreplace(numbers)))
        check_body(body, len(numbers))
        return mapped(body, list(values.values()), what=str(e))

    def operands(self, e: Any, known: frozenset[Any]) -> Iterator[Any]:
        """The operands of a scalar formula: symbols, entries, sums, traces and the like."""
        if e in known or _is_operand(e) or self.about_indices(e):
            yield e
        else:
            for a in e.args:
                yield from self.operands(a, known)


def _of_sympy(x: Any) -> Any:
    """The expression, or the number as one."""
    if isinstance(x, (sympy.Basic, sympy.MatrixBase)):
        return x
    try:
        return sympy.sympify(x, strict=True)
    except sympy.SympifyError:
        raise SymdlError(f"from_sympy takes a SymPy expression, not {type(x).__name__}") from None


def _is_operand(e: Any) -> bool:
    kinds = (sympy.Symbol, sympy.Indexed, MatrixElement, sympy.Sum, sympy.Product,
             sympy.KroneckerDelta)
    return isinstance(e, kinds) or any(cls in _RULES for cls in type(e).__mro__)


def _conditions(e: Any) -> list[Any]:
    if isinstance(e, sympy.KroneckerDelta):
        return [sympy.Eq(*e.args[:2], evaluate=False)]
    return [c for _, c in e.args if c != sympy.true]


def _said_by_others(body: Any) -> Any:
    """A scalar formula without the functions that others say."""
    return body.replace(lambda x: type(x) in _OTHERS, lambda x: x.rewrite(_OTHERS[type(x)]))


_OTHERS: Mapping[type, type] = {
    sympy.sec: sympy.cos, sympy.csc: sympy.sin, sympy.cot: sympy.tan, sympy.sech: sympy.cosh,
    sympy.csch: sympy.sinh, sympy.coth: sympy.tanh, sympy.factorial: sympy.gamma,
    sympy.binomial: sympy.gamma, sympy.beta: sympy.gamma, sympy.sinc: sympy.sin,
}
"""Functions that SymPy has a formula of, and in what terms."""
