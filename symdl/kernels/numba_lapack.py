"""Large matrices inside compiled kernels: SciPy's LAPACK and BLAS routines, called directly.

The routines take matrices columns first: they see the transpose of what a kernel holds, so
nothing is copied. Each function declines where an entry isn't finite, and the loops of
`matrices` decide what becomes of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import get_cython_function_address, intrinsic, register_jitable

Array = Any

for _module, _routine in (("lapack", "getrf"), ("lapack", "potrf"), ("blas", "trsm")):
    for _kind in "sd":
        binding.add_symbol(f"symdl_{_kind}{_routine}", get_cython_function_address(
            f"scipy.linalg.cython_{_module}", f"{_kind}{_routine}"))

_char, _int = ir.IntType(8), ir.IntType(32)


class _Caller:
    """Calls a routine with every argument by reference."""

    def __init__(self, context: Any, builder: Any, signature: Any, args: Any) -> None:
        self.context, self.builder = context, builder
        self.types, self.args = signature.args, args

    def number(self, k: int) -> Any:
        """An integer argument, as the routine's integer."""
        return self._stored(self.builder.trunc(self.args[k], _int))

    def letter(self, k: int) -> Any:
        """An argument that is the code of a letter."""
        return self._stored(self.builder.trunc(self.args[k], _char))

    def array(self, k: int) -> Any:
        """Where an array begins."""
        made = self.context.make_array(self.types[k])(self.context, self.builder, self.args[k])
        return self._address(made.data)

    def real(self, value: float, k: int) -> Any:
        """A number of the type of the k-th argument's entries."""
        return self._stored(self.context.get_constant(self.types[k].dtype, value))

    def call(self, routine: str, k: int, *pointers: Any) -> Any:
        """Call the routine for the type of the k-th argument's entries; returns its `info`."""
        info = cgutils.alloca_once_value(self.builder, ir.Constant(_int, 0))
        letter = "s" if self.types[k].dtype == types.float32 else "d"
        given = [*pointers, *([] if routine == "trsm" else [self._address(info)])]
        kind = ir.FunctionType(ir.VoidType(), [_char.as_pointer()] * len(given))
        name = f"symdl_{letter}{routine}"
        self.builder.call(cgutils.get_or_insert_function(self.builder.module, kind, name), given)
        return self.builder.sext(self.builder.load(info), self.context.get_value_type(types.intp))

    def _stored(self, value: Any) -> Any:
        return self._address(cgutils.alloca_once_value(self.builder, value))

    def _address(self, pointer: Any) -> Any:
        return self.builder.bitcast(pointer, _char.as_pointer())


def _routine_of(generate: Callable[[_Caller], Any], *args: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return generate(_Caller(context, builder, signature, given))

    return types.intp(*args), code


@intrinsic
def _getrf(typing_context: Any, n: Any, a: Any, pivots: Any) -> Any:
    """Factor an n by n matrix in place by row exchanges, counted from 1."""
    return _routine_of(lambda c: c.call(
        "getrf", 1, c.number(0), c.number(0), c.array(1), c.number(0), c.array(2)),
        types.intp, a, pivots)


@intrinsic
def _potrf(typing_context: Any, uplo: Any, n: Any, a: Any) -> Any:
    """Factor an n by n matrix in place after Cholesky."""
    return _routine_of(lambda c: c.call(
        "potrf", 2, c.letter(0), c.number(1), c.array(2), c.number(1)),
        types.intp, types.intp, a)


@intrinsic
def _trsm(typing_context: Any, uplo: Any, diag: Any, m: Any, n: Any, a: Any, b: Any) -> Any:
    """Solve x a = b in place for a triangular n by n matrix a and m rows of b."""
    return _routine_of(lambda c: c.call(
        "trsm", 4, c._stored(ir.Constant(_char, ord("R"))), c.letter(0),
        c._stored(ir.Constant(_char, ord("N"))), c.letter(1), c.number(2), c.number(3),
        c.real(1.0, 4), c.array(4), c.number(3), c.array(5), c.number(2)),
        types.intp, types.intp, types.intp, types.intp, a, b)


_LOWER, _UPPER, _UNIT, _NOT_UNIT = (ord(letter) for letter in "LUUN")


@register_jitable
def _is_finite(a: Array) -> bool:
    off = 0.0
    for x in a.reshape(-1):
        off += x - x
    return off == 0.0


@register_jitable
def lapack_solve(a: Array, b: Array) -> int:
    """Solve a x = b in place (x in b, a destroyed): 1; 0 where a is singular, -1 if declined.

    With aᵀ = P L U the system is Uᵀ (Lᵀ (Pᵀ x)) = b.
    """
    n, m = b.shape
    if not (_is_finite(a) and _is_finite(b)):
        return -1
    pivots = np.empty(n, np.int32)
    if _getrf(n, a, pivots) != 0:  # type: ignore[call-arg]
        return 0
    if m == 0:
        return 1
    _trsm(_UPPER, _NOT_UNIT, m, n, a, b)
    _trsm(_LOWER, _UNIT, m, n, a, b)
    for r in range(n):
        k = n - 1 - r
        p = pivots[k] - 1
        if p != k:
            for j in range(m):
                b[k, j], b[p, j] = b[p, j], b[k, j]
    return 1


@register_jitable
def lapack_triangle(a: Array) -> int:
    """Leave the pivots on the diagonal: the exchanges' sign; 0 if singular, 2 if declined."""
    n = a.shape[0]
    if not _is_finite(a):
        return 2
    pivots = np.empty(n, np.int32)
    if _getrf(n, a, pivots) != 0:  # type: ignore[call-arg]
        return 0
    sign = 1
    for k in range(n):
        if pivots[k] != k + 1:
            sign = -sign
    return sign


@register_jitable
def lapack_cholesky(out: Array) -> bool:
    """Factor a matrix in place from its lower triangle, all else 0; False if declined."""
    if not _is_finite(out):
        return False
    failed: int = _potrf(_UPPER, out.shape[0], out)  # type: ignore[call-arg]
    return bool(failed == 0)


@register_jitable
def lapack_triangular(lower: bool, a: Array, out: Array) -> bool:
    """Solve a x = b in place (b in out) for a triangular a; False if declined."""
    n, m = out.shape
    if m == 0 or not (_is_finite(a) and _is_finite(out)):
        return bool(m == 0)
    for i in range(n):
        if a[i, i] == 0:
            return False
    uplo = _UPPER if lower else _LOWER
    _trsm(uplo, _NOT_UNIT, m, n, a, out)  # type: ignore[call-arg]
    return True
