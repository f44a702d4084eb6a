"""SymPy's array expressions, each as the operator that it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from string import ascii_letters
from typing import Any

import sympy
from sympy.tensor.array import expressions as ax

from symdl.language import operators as op
from symdl.language.bridge.matrices import Read
from symdl.language.errors import SymdlError
from symdl.language.tensor import Tensor


def _product(e: Any, read: Read) -> Tensor:
    return _einsum(e, list(map(read, e.args)), [], keep=False)


def _contraction(e: Any, read: Read) -> Tensor:
    return _einsum(e, _factors(e.expr, read), e.args[1:], keep=False)


def _diagonal(e: Any, read: Read) -> Tensor:
    return _einsum(e, _factors(e.expr, read), e.args[1:], keep=True)


def _factors(e: Any, read: Read) -> list[Tensor]:
    """The factors of a product: what is contracted needn't be multiplied out."""
    return list(map(read, e.args)) if isinstance(e, ax.ArrayTensorProduct) else [read(e)]


def _einsum(e: Any, factors: Sequence[Tensor], groups: Sequence[Any], keep: bool) -> Tensor:
    """A product whose axes in a group are one index, summed over or kept as a last axis."""
    count = sum(t.ndim for t in factors)
    if count > len(ascii_letters):
        raise SymdlError(f"{e}: more than {len(ascii_letters)} axes in a product")
    letters, last = list(ascii_letters[:count]), ""
    for group in groups:
        axes = [int(a) for a in group]
        for a in axes:
            letters[a] = ascii_letters[axes[0]]
        last += letters[axes[0]]
    terms, start = [], 0
    for t in factors:
        terms.append("".join(letters[start:start + t.ndim]))
        start += t.ndim
    kept = "".join(x for x in letters if x not in last)
    return op.einsum(f"{','.join(terms)}->{kept}{last if keep else ''}", *factors)


def _permuted(e: Any, read: Read) -> Tensor:
    return op.transpose(read(e.expr), tuple(map(int, e.permutation.array_form)))


def _filled(value: int) -> Callable[[Any, Read], Tensor]:
    return lambda e, read: op.full(tuple(map(read.form, e.shape)), value)


def _explicit(e: Any, read: Read) -> Tensor:
    parts = [read(e[k]) for k in range(e.shape[0])]
    return op.stack(parts)


ARRAYS: Mapping[type, Callable[[Any, Read], Tensor]] = {
    ax.ArrayTensorProduct: _product,
    ax.ArrayContraction: _contraction,
    ax.ArrayDiagonal: _diagonal,
    ax.ArrayAdd: lambda e, read: reduce(op.add, map(read, e.args)),
    ax.PermuteDims: _permuted,
    ax.Reshape: lambda e, read: op.reshape(read(e.expr), tuple(map(read.form, e.shape))),
    ax.ZeroArray: _filled(0),
    ax.OneArray: _filled(1),
    ax.ArrayElement: lambda e, read: read(e.name)[tuple(map(read.form, e.indices))],
    ax.ArrayElementwiseApplyFunc: lambda e, read: read.apply(e.function, read(e.expr)),
    sympy.NDimArray: _explicit,
}
"""Heads of array expressions -> what they mean."""
