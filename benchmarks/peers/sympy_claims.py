"""The derivatives of claims by SymPy's matrix expressions.

A vector is an n×1 MatrixSymbol. A number made of matrices can be said as a 1×1 matrix or as a
trace, a sum of products as 1ᵀ(A∘B)1 or as tr(AᵀB), a function of a function of every entry in two
steps or in one: SymPy is given all eight ways, over numeric sizes. Explicit matrices, whose entries
SymPy would differentiate one by one, are another comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import numpy as np
import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction as Entrywise
from sympy.matrices.expressions.hadamard import HadamardPower, HadamardProduct

from benchmarks.peers.spelling import left_side
from tests.formulas.referee import Claim, shape_of, sizes_of


class Array:
    """A SymPy expression that behaves as a NumPy array of at most two axes."""

    traced = contracted = fused = False

    def __init__(self, expression: Any, ndim: int) -> None:
        self.expression = expression
        self.ndim = ndim

    @property
    def matrix(self) -> bool:
        """Whether it is a matrix, if only a 1×1 one."""
        return isinstance(self.expression, sp.MatrixExpr | sp.MatrixBase)

    @property
    def scalar(self) -> Any:
        """A number as SymPy's scalar."""
        return sp.Trace(self.expression) if self.matrix else self.expression

    @property
    def bare(self) -> bool:
        """Whether it is a matrix or has none in it."""
        return self.matrix or not self.expression.has(sp.MatrixSymbol)

    def made(self, expression: Any, ndim: int) -> Array:
        """An array of the same spelling; a 1×1 matrix that stands for a number may be traced."""
        found = type(self)(expression, ndim)
        return type(self)(found.scalar, 0) if self.traced and ndim == 0 else found

    def read(self, x: Any) -> Array:
        """An operand: a number is exact."""
        if isinstance(x, Array):
            return x
        return type(self)(sp.Integer(x) if x == int(x) else sp.Rational(str(x)), 0)

    @property
    def T(self) -> Array:
        """Its axes reversed."""
        return self.made(self.expression.T, 2) if self.ndim == 2 else self

    def __matmul__(self, other: Array) -> Array:
        a, b = self.expression, other.expression
        if self.ndim == 1:
            a = a.T
        product = a * b
        if self.ndim == 1 and other.ndim == 2:
            product = product.T
        return self.made(product, self.ndim + other.ndim - 2)

    def __add__(self, other: Any) -> Array:
        b = self.read(other).expression
        if self.merges(b):
            return self.each(lambda z: z + b)
        return self.joined(other, lambda x, y: x + y)

    def __mul__(self, other: Any) -> Array:
        a, b = self, self.read(other)
        if a.merges(b.expression):
            return a.each(lambda z: z * b.expression)
        if b.ndim == 0:
            a, b = b, a
        if a.ndim:
            return a.joined(b, HadamardProduct)
        return self.made((a.scalar if b.ndim else a.expression) * b.expression, b.ndim)

    def __pow__(self, k: Any) -> Array:
        k = self.read(k).scalar
        if self.fused and self.matrix and k.is_number:
            return self.each(lambda z: z**k)
        if self.matrix and (self.ndim or k != -1):
            return self.made(HadamardPower(self.expression, k), self.ndim)
        return self.made(self.expression**k, 0)

    def merges(self, x: Any) -> bool:
        """Whether a number is taken into the function of every entry."""
        return self.fused and isinstance(self.expression, Entrywise) and x.is_number is True

    def joined(self, other: Any, entrywise: Callable[[Any, Any], Any]) -> Array:
        """Two arrays, broadcast to one shape."""
        pair = self, self.read(other)
        shape = np.broadcast_shapes(*(x.shape for x in pair))
        if not shape and not (any(x.matrix for x in pair) and all(x.bare for x in pair)):
            return self.made(entrywise(*(x.scalar for x in pair)), 0)
        rows, columns, *_ = *shape, 1, 1
        return self.made(entrywise(*(x.spread(rows, columns, len(shape)) for x in pair)),
                         len(shape))

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape as NumPy counts it."""
        return tuple(map(int, self.expression.shape[:self.ndim])) if self.ndim else ()

    def spread(self, rows: int, columns: int, ndim: int) -> Any:
        """The expression repeated to a matrix of that shape."""
        if not self.ndim and not (self.matrix and rows == columns == 1):
            return self.scalar * sp.OneMatrix(rows, columns)
        e = self.expression.T if 0 < self.ndim < ndim else self.expression
        e = sp.OneMatrix(rows, 1) * e if e.shape[0] != rows else e
        return e * sp.OneMatrix(1, columns) if e.shape[1] != columns else e

    def __getitem__(self, at: Any) -> Array:
        match self.ndim, at if isinstance(at, tuple) else (at,):
            case 1, (int(i),):
                return self.made(self.expression[i, 0], 0)
            case 1, (None, slice()):
                return self.made(self.expression.T, 2)
            case 2, (int(i),):
                return self.made(self.expression[i, :].T, 1)
            case 2, (int(i), int(j)):
                return self.made(self.expression[i, j], 0)
            case 2, (slice() as i, int(j)):
                return self.made(self.expression[i, j:j + 1], 1)
            case 2, (slice() as i, slice() as j):
                return self.made(self.expression[i, j], 2)
        raise TypeError("SymPy's matrix expressions have no such index")

    def each(self, f: Callable[[Any], Any]) -> Array:
        """A function of every entry."""
        if not self.matrix:
            return self.made(f(self.expression), 0)
        e, x = self.expression, sp.Dummy(real=True)
        inner, y = (e.expr, e.function(x)) if self.fused and isinstance(e, Entrywise) else (e, x)
        return self.made(inner.applyfunc(sp.Lambda(x, f(y))), self.ndim)

    def sum(self, axis: int | None = None, keepdims: bool = False) -> Array:
        """The sum along one axis or all."""
        e = self.expression
        if axis is None and self.contracted and (pair := _factors(e)):
            a, b = pair
            return self.made(a.T * b if self.ndim == 1 else sp.Trace(a.T * b), 0)
        if axis is None or self.ndim == 1:
            left = sp.OneMatrix(1, e.shape[0])
            return self.made(left * e if self.ndim == 1 else left * e * sp.OneMatrix(e.shape[1], 1),
                             0)
        if axis % 2:
            return self.made(e * sp.OneMatrix(e.shape[1], 1), 1 + keepdims)
        rows = sp.OneMatrix(1, e.shape[0]) * e
        return self.made(rows, 2) if keepdims else self.made(rows.T, 1)

    def __neg__(self) -> Array:
        return self * -1

    def __sub__(self, other: Any) -> Array:
        return self + -self.read(other)

    def __rsub__(self, other: Any) -> Array:
        return -self + other

    def __truediv__(self, other: Any) -> Array:
        return self * self.read(other)**-1

    def __rtruediv__(self, other: Any) -> Array:
        return self**-1 * other

    __radd__, __rmul__ = __add__, __mul__


def _factors(e: Any) -> tuple[Any, Any] | None:
    """A and B of A∘B."""
    if isinstance(e, HadamardPower) and e.exp == 2:
        return e.base, e.base
    return e.args if isinstance(e, HadamardProduct) and len(e.args) == 2 else None


def _vocabulary(kind: type[Array], constants: dict[Any, Any]) -> dict[str, Any]:
    def constant(x: Any) -> Array:
        value = sp.ImmutableMatrix(np.array(x, float).reshape((*np.shape(x), 1)[:2]))
        symbol = sp.MatrixSymbol(f"constant{len(constants)}", *value.shape)
        constants[symbol] = value
        return kind(symbol, np.ndim(x))

    def scalar(f: Callable[[Any], Any]) -> Callable[[Any], Array]:
        return lambda z: kind(sp.S.Zero, 0).read(z).each(f)

    def square(f: Callable[[Any], Any], ndim: int) -> Callable[[Array], Array]:
        return lambda a: a.made(f(a.expression), ndim)

    def total(z: Any, axis: int | None = None, keepdims: bool = False) -> Any:
        return sum(z[1:], z[0]) if isinstance(z, list) else z.sum(axis, keepdims)

    def diagonal(a: Array) -> Array:
        return a.made((sp.DiagMatrix if a.ndim == 1 else sp.DiagonalOf)(a.expression), 3 - a.ndim)

    return {
        "exp": scalar(sp.exp), "log": scalar(sp.log), "sqrt": scalar(sp.sqrt),
        "tanh": scalar(sp.tanh), "cos": scalar(sp.cos), "sin": scalar(sp.sin),
        "abs": scalar(sp.Abs), "sign": scalar(sp.sign), "lgamma": scalar(sp.loggamma),
        "sig": scalar(lambda z: 1 / (1 + sp.exp(-z))),
        "softplus": scalar(lambda z: sp.log(1 + sp.exp(z))),
        "relu": scalar(lambda z: sp.Max(z, 0)), "pi": kind(sp.pi, 0),
        "tr": square(sp.Trace, 0), "det": square(sp.Determinant, 0), "inv": square(sp.Inverse, 2),
        "sum": total, "mean": lambda z: total(z) / int(np.prod(z.shape)), "diag": diagonal,
        "mp": lambda a, k: a.made(a.expression**k, 2), "I": lambda n: kind(sp.Identity(n), 2),
        "kron": lambda a, b: a.made(sp.KroneckerProduct(a.expression, b.expression), 2),
        "outer": lambda a, b: a.made(a.expression * b.expression.T, 2),
        "array": constant,
        "np": SimpleNamespace(concatenate=lambda x: x[0].made(
            sp.BlockMatrix([[a.expression] for a in x]), 1)),
        "range": range, "len": len,
    }


@dataclass(frozen=True)
class Said:
    """A left side in SymPy's terms: its variables' symbols, and its constants' values by symbol."""

    expression: Any
    symbols: Mapping[str, Any]
    constants: Mapping[Any, Any]

    def value(self, d: Any, at: Mapping[str, Any]) -> Any:
        """The number or array that an expression in these symbols is at a point."""
        known = {s: _exact(at[name]) for name, s in self.symbols.items()}
        d = d.replace(sp.OneMatrix, sp.ImmutableMatrix.ones).subs({**known, **self.constants})
        d = d.doit()
        d = d.as_explicit() if hasattr(d, "as_explicit") else d
        entries = np.array(d.tolist() if hasattr(d, "tolist") else d, dtype=object)
        return np.vectorize(_number, otypes=[float])(entries)


def said(c: Claim, kind: type[Array]) -> Said:
    """The left side of a claim in one spelling."""
    sizes, constants = sizes_of(c), {}
    shapes = {n: tuple(sizes.get(d) or int(d) for d in shape_of(c, n)) for n in c["vars"]}
    if max(map(len, shapes.values())) > 2:
        raise TypeError("a matrix expression has two axes")
    symbols = {n: sp.MatrixSymbol(n, *(*s, 1)[:2]) if s else sp.Symbol(n, real=True)
               for n, s in shapes.items()}
    f = left_side(c, {n: kind(symbols[n], len(s)) for n, s in shapes.items()},
                  _vocabulary(kind, constants))
    return Said(f.expression, symbols, constants)


def derivative(c: Claim, points: Sequence[Mapping[str, Any]], kind: type[Array]) -> list[Any]:
    """The derivative at each point."""
    f = said(c, kind)
    d, x = f.expression, f.symbols[c["wrt"]]
    for _ in range(1 + (c["kind"] == "hess")):
        d = d.diff(x)
    if d.has(sp.Derivative, sp.Subs):
        raise NotImplementedError(f"unevaluated: {d}")
    return [f.value(d, at) for at in points]


def _exact(x: Any) -> Any:
    return sp.ImmutableMatrix(np.reshape(x, (*np.shape(x), 1)[:2])) if np.ndim(x) else sp.Float(x)


def _number(entry: Any) -> float:
    """An entry as a float, traces that SymPy left standing taken."""
    return float(sp.N(sp.sympify(entry).replace(
        sp.Trace, lambda a: a.doit().as_explicit().trace()).doit()))


FLAGS = ("traced", "contracted", "fused")
SPELLINGS = {", ".join(flags) or "plain": type("Spelled", (Array,), dict.fromkeys(flags, True))
             for n in range(4) for flags in combinations(FLAGS, n)}
"""Every combination of the choices that the module's docstring names."""
WAYS = {name: partial(derivative, kind=kind) for name, kind in SPELLINGS.items()}
