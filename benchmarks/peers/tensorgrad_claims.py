"""The derivatives of claims by tensorgrad, compiled to torch, derived raw and simplified first.

The axis k of an array is the edge "a<k>"; an axis along which an array is only repeated has no
edge. Every size is a symbol named by its number, so that axes of equal length conform.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial, reduce
from types import SimpleNamespace
from typing import Any

import numpy as np
import sympy
import tensorgrad.functions as F
import torch
from tensorgrad import Delta, Product, Tensor, Variable
from tensorgrad.compiler import (
    Affine,
    affine_basis,
    affine_convolution,
    affine_flatten,
    compile_to_callable,
)

from benchmarks.peers.spelling import left_side
from tests.formulas.referee import Claim, shape_of, sizes_of


def size(n: int) -> sympy.Symbol:
    """The symbol of a size."""
    return sympy.Symbol(f"n{n}")


class Array:
    """A tensorgrad tensor that behaves as a NumPy array."""

    def __init__(self, tensor: Tensor, ndim: int) -> None:
        self.tensor = tensor
        self.ndim = ndim

    @staticmethod
    def read(x: Any) -> Array:
        """An operand."""
        return x if isinstance(x, Array) else Array(_exact(x) * Product([]), 0)

    def moved(self, axes: Mapping[int, str]) -> Tensor:
        """The tensor with some axes under other names."""
        names = {f"a{k}": new for k, new in axes.items()}
        return self.tensor.rename(**{e: n for e, n in names.items() if e in self.tensor.edges})

    @property
    def T(self) -> Array:
        """Its axes reversed."""
        return Array(self.moved({k: f"a{self.ndim - 1 - k}" for k in range(self.ndim)}), self.ndim)

    def __matmul__(self, other: Array) -> Array:
        a = self.moved({self.ndim - 1: "inner"})
        b = other.moved({0: "inner", 1: f"a{self.ndim - 1}"})
        return Array(a @ b, self.ndim + other.ndim - 2)

    def joined(self, other: Any, entrywise: Callable[[Tensor, Tensor], Tensor]) -> Array:
        """Two arrays, axes aligned at the last."""
        arrays = self, self.read(other)
        ndim = max(x.ndim for x in arrays)
        return Array(entrywise(*(x.moved({k: f"a{k + ndim - x.ndim}" for k in range(x.ndim)})
                                 for x in arrays)), ndim)

    def __add__(self, other: Any) -> Array:
        return self.joined(other, lambda a, b: a + b)

    def __mul__(self, other: Any) -> Array:
        if isinstance(other, Array):
            return self.joined(other, lambda a, b: a * b)
        return Array(self.tensor * _exact(other), self.ndim)

    def __pow__(self, k: Any) -> Array:
        if isinstance(k, Array):
            return (self.each(F.log) * k).each(F.exp)
        return Array(F.pow(self.tensor, _exact(k)), self.ndim)

    def __getitem__(self, at: Any) -> Array:
        found, kept, k = self.tensor, [], 0
        for index in at if isinstance(at, tuple) else (at,):
            if index is not None:
                found = _selected(found, f"a{k}", index)
            if not isinstance(index, int):
                kept.append(-1 if index is None else k)
            k += index is not None
        return _numbered(found, [*kept, *range(k, self.ndim)])

    def each(self, f: Callable[[Tensor], Tensor]) -> Array:
        """A function of every entry."""
        return Array(f(self.tensor), self.ndim)

    def sum(self, axis: int | None = None, keepdims: bool = False) -> Array:
        """The sum along one axis or all."""
        axes = range(self.ndim) if axis is None else (axis % self.ndim,)
        found = F.sum(self.tensor, {f"a{k}" for k in axes}) if self.ndim else self.tensor
        kept = [k for k in range(self.ndim) if k not in axes]
        return Array(found, self.ndim) if keepdims else _numbered(found, kept)

    def max(self, axis: int) -> Array:
        """The largest along one axis."""
        k = axis % self.ndim
        return _numbered(F.max(self.tensor, f"a{k}"), [j for j in range(self.ndim) if j != k])

    def __neg__(self) -> Array:
        return self * -1

    def __sub__(self, other: Any) -> Array:
        return self + -self.read(other)

    def __rsub__(self, other: Any) -> Array:
        return -self + other

    def __truediv__(self, other: Any) -> Array:
        return self * (other**-1 if isinstance(other, Array) else 1 / _exact(other))

    def __rtruediv__(self, other: Any) -> Array:
        return self**-1 * other

    __radd__, __rmul__ = __add__, __mul__


def _exact(x: Any) -> Fraction:
    return Fraction(str(x))


def _numbered(t: Tensor, axes: Sequence[int]) -> Array:
    """The array whose axes are these of a tensor, in this order; -1 is an axis of size one."""
    names = {f"a{k}": f"a{new}" for new, k in enumerate(axes)}
    return Array(t.rename(**{e: n for e, n in names.items() if e in t.edges}), len(axes))


def length(t: Tensor, edge: str) -> int:
    """The number that a size is named by."""
    return int(t.shape[edge].name[1:])


def _selected(t: Tensor, edge: str, index: Any) -> Tensor:
    """An entry or a regular part along one edge."""
    if isinstance(index, int):
        return t @ affine_basis(index, **{edge: t.shape[edge]})
    first, last, step = index.indices(length(t, edge))
    row = {"from": 1, edge: -step}, first
    part = Affine([row], **{"from": t.shape[edge], edge: size(len(range(first, last, step)))})
    return t.rename(**{edge: "from"}) @ part


def _holds_arrays(x: Any) -> bool:
    return isinstance(x, Array) or (isinstance(x, list) and any(map(_holds_arrays, x)))


def _stacked(parts: list[Array]) -> Array:
    """Arrays joined along a new first axis, as a sum of products with unit vectors."""
    ndim, whole = parts[0].ndim, size(len(parts))
    places = (x.moved({k: f"a{k + 1}" for k in range(ndim)}) @ affine_basis(i, a0=whole)
              for i, x in enumerate(parts))
    return Array(reduce(lambda a, b: a + b, places), ndim + 1)


def _concatenated(parts: list[Array]) -> Array:
    tensors = [x.tensor for x in parts]
    whole = size(sum(length(t, "a0") for t in tensors))
    return Array(F.concat(*tensors, dim="a0", size=whole), parts[0].ndim)


def _kronecker(a: Array, b: Array) -> Array:
    found = a.moved({0: "u0", 1: "u1"}) @ b.moved({0: "v0", 1: "v1"})
    for k in "01":
        m, n = length(found, f"u{k}"), length(found, f"v{k}")
        found @= affine_flatten(n, **{f"a{k}": size(m * n), f"u{k}": size(m), f"v{k}": size(n)})
    return Array(found, 2)


def _toeplitz(t: Array) -> Array:
    n = (length(t.tensor, "a0") + 1) // 2
    row = {"t": 1, "a0": 1, "a1": -1}, n - 1
    return Array(t.moved({0: "t"}) @ Affine([row], t=size(2 * n - 1), a0=size(n), a1=size(n)), 2)


def _convolved(v: Array, kernel: Array, s: int = 1) -> Array:
    found = v.moved({0: "channel", 1: "v1", 2: "v2"}) @ kernel.moved(
        {1: "channel", 2: "k1", 3: "k2"})
    for k in "12":
        high, low = length(found, f"v{k}"), length(found, f"k{k}")
        found @= affine_convolution(stride=s, **{f"v{k}": size(high), f"k{k}": size(low),
                                                 f"a{k}": size((high - low) // s + 1)})
    return Array(found, 3)


def _vocabulary(constants: dict[str, Any]) -> dict[str, Any]:
    def each(f: Callable[[Tensor], Tensor]) -> Callable[[Any], Array]:
        return lambda z: Array.read(z).each(f)

    def total(z: Any, axis: int | None = None, keepdims: bool = False) -> Any:
        return sum(z[1:], z[0]) if isinstance(z, list) else z.sum(axis, keepdims)

    def array(x: Any) -> Any:
        if isinstance(x, list):
            return _stacked([array(y) for y in x]) if _holds_arrays(x) else constant(x)
        return Array.read(x)

    def constant(x: Any) -> Array:
        name = f"constant{len(constants)}"
        constants[name] = np.array(x, float)
        return Array(variable(name, constants[name].shape), constants[name].ndim)

    return {
        "exp": each(F.exp), "log": each(F.log), "sqrt": each(F.sqrt), "tanh": each(F.tanh),
        "abs": each(F.abs), "sign": each(F.sign), "relu": each(F.relu), "sig": each(F.sigmoid),
        "pi": np.pi, "tr": each(F.trace), "det": lambda a: Array(F.det(a.tensor), 0),
        "inv": lambda a: Array(F.inverse(a.tensor), 2).T, "sum": total,
        "mean": lambda z: Array(F.mean(z.tensor), 0), "range": range, "len": len,
        "diag": lambda a: Array(F.diag(a.tensor, ["a0", "a1"][:3 - a.ndim]), 3 - a.ndim),
        "mp": lambda a, k: reduce(lambda x, y: x @ y, [a] * k),
        "I": lambda n: Array(Delta(size(n), "a0", "a1"), 2), "array": array,
        "outer": lambda a, b: Array(a.tensor @ b.moved({0: "a1"}), 2),
        "kron": _kronecker, "toep": _toeplitz, "conv_valid": _convolved,
        "np": SimpleNamespace(concatenate=_concatenated, min=lambda x, axis: -(-x).max(axis)),
    }


def variable(name: str, shape: Sequence[int]) -> Variable:
    """A tensorgrad variable whose edges are numbered."""
    return Variable(name, **{f"a{k}": size(n) for k, n in enumerate(shape)})


def said(c: Claim) -> tuple[Tensor, dict[str, Variable], dict[str, Any]]:
    """The left side of a claim, its variables, and the values of its constants."""
    sizes, constants = sizes_of(c), {}
    variables = {n: variable(n, [sizes.get(d) or int(d) for d in shape_of(c, n)])
                 for n in c["vars"]}
    f = left_side(c, {n: Array(v, v.order) for n, v in variables.items()}, _vocabulary(constants))
    return f.tensor, variables, constants


def derivative(c: Claim, points: Sequence[Mapping[str, Any]], simplify: bool) -> list[Any]:
    """The derivative at each point, axes of the left side first."""
    d, variables, constants = said(c)
    x = variables[c["wrt"]]
    for letter in "bc" if c["kind"] == "hess" else "b":
        d = d.grad(x, {e: e.replace("a", letter) for e in x.edges})
    program = compile_to_callable(d.full_simplify() if simplify else d)
    return [value(program, {**at, **constants}) for at in points]


def value(program: Any, at: Mapping[str, Any]) -> Any:
    """The value of a compiled program, whose own call needs torch's named tensors of old."""
    arrays = {n: torch.tensor(np.asarray(at[n], float)) for n in program.input_names}
    dims = {size(n): n for n in range(1, 100)}
    (out,) = program.codegen.specialize(dims, dtype=torch.float64)(*(
        arrays[v.name].permute([int(e[1:]) for e in v.edges]) for v in program.vars))
    ((permutation, edges),) = program._wrap_plans
    out = out if permutation is None else out.permute(permutation)
    return out.permute([edges.index(e) for e in sorted(edges)]).numpy()


WAYS = {"compiled": partial(derivative, simplify=False),
        "simplified, then compiled": partial(derivative, simplify=True)}
