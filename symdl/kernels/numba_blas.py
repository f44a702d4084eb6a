"""Matrix products inside compiled kernels: the BLAS routines that Numba has, called directly.

The routines take any C-contiguous arrays as stacks of matrices by offset, so a step of a
recurrence or a merged axis needs no view, and one call site compiles in milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.linalg import ensure_blas, get_blas_kind, make_constant_slot

ensure_blas()

_char, _int, _void = ir.IntType(8), ir.IntType(32), ir.IntType(8).as_pointer()
_PANELS = 4


def _signature(a: Any, b: Any, out: Any) -> Any:
    return types.void(types.intp, types.intp, types.intp, types.boolean, types.boolean, a,
                      types.intp, b, types.intp, out, types.intp, types.boolean)


@intrinsic
def gemm(typing_context: Any, m: Any, n: Any, k: Any, left_t: Any, right_t: Any, a: Any, a_at: Any,
         b: Any, b_at: Any, out: Any, out_at: Any, more: Any) -> Any:
    """Write `op(a) op(b)` into out, or add it where `more` holds: m by n, k terms, rows first.

    `left_t` and `right_t` say whether a factor is stored transposed; `a_at`, `b_at` and
    `out_at` are where in the arrays the matrices begin, in entries. A product with one row or
    one column is that of a matrix and a vector.
    """
    return _signature(a, b, out), _product


@intrinsic
def gram(typing_context: Any, m: Any, n: Any, k: Any, left_t: Any, right_t: Any, a: Any, a_at: Any,
         b: Any, b_at: Any, out: Any, out_at: Any, more: Any) -> Any:
    """The same for a product that is symmetric, n = m: a half of it is computed, in panels."""
    return _signature(a, b, out), _symmetric


class _Blas:
    """BLAS calls at one place of the code: matrices stored by rows, which BLAS sees transposed."""

    def __init__(self, context: Any, builder: Any, signature: Any, args: Any) -> None:
        self.context, self.builder, self.signature = context, builder, signature
        self.m, self.n, self.k = args[:3]
        self.left_t, self.right_t, self.more = map(self._bit, (args[3], args[4], args[11]))
        self.intp = context.get_value_type(types.intp)
        self.dtype = signature.args[5].dtype
        self.a, self.b, self.out = (self._data(k, args[k], args[k + 1]) for k in (5, 7, 9))
        self.kind = ir.Constant(_char, ord(get_blas_kind(self.dtype)))
        self.unit = self._number(1.0)
        self.beta = builder.select(self.more, self.unit, self._number(0.0))

    def _bit(self, flag: Any) -> Any:
        bit = ir.IntType(1)
        return self.builder.trunc(flag, bit) if flag.type != bit else flag

    def _data(self, number: int, array: Any, at: Any) -> Any:
        made = self.context.make_array(self.signature.args[number])(self.context, self.builder,
                                                                    array)
        return self.builder.gep(made.data, [at])

    def _number(self, x: float) -> Any:
        return self._raw(make_constant_slot(self.context, self.builder, self.dtype, x))

    def _raw(self, pointer: Any) -> Any:
        return self.builder.bitcast(pointer, _void)

    def constant(self, x: int) -> Any:
        """An integer."""
        return ir.Constant(self.intp, x)

    def at_least_one(self, length: Any) -> Any:
        """The length as a stride, which BLAS wants positive."""
        one = self.constant(1)
        return self.builder.select(self.builder.icmp_signed(">", length, one), length, one)

    def _letter(self, transposed: Any) -> Any:
        return self.builder.select(transposed, ir.Constant(_char, ord("t")),
                                   ir.Constant(_char, ord("n")))

    def _call(self, name: str, arguments: list[Any]) -> None:
        kinds = [x.type for x in arguments]
        function = cgutils.get_or_insert_function(self.builder.module, ir.FunctionType(_int, kinds),
                                                  name)
        self.builder.call(function, arguments)

    def multiply(self, m: Any, n: Any, a: Any, b: Any, out: Any) -> None:
        """Rows `m` of a and columns `n` of b; the strides are those of the whole matrices."""
        select, step = self.builder.select, self.at_least_one
        self._call("numba_xxgemm", [
            self.kind, self._letter(self.right_t), self._letter(self.left_t), n, m, self.k,
            self.unit, self._raw(b), step(select(self.right_t, self.k, self.n)),
            self._raw(a), step(select(self.left_t, self.m, self.k)),
            self.beta, self._raw(out), step(self.n)])

    def apply(self, matrix: Any, transposed: Any, rows: Any, columns: Any, x: Any) -> None:
        """A matrix, stored as rows by columns, maybe transposed, times a vector."""
        self._call("numba_xxgemv", [
            self.kind, self._letter(self.builder.not_(transposed)), columns, rows, self.unit,
            self._raw(matrix), self.at_least_one(columns), self._raw(x), self.beta,
            self._raw(self.out)])


def _product(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    blas = _Blas(context, builder, signature, args)
    select, one = builder.select, blas.constant(1)

    def vector(length: Any, work: Callable[[], None], otherwise: Callable[[], None]) -> None:
        filled = builder.icmp_signed(">", blas.k, blas.constant(0))
        single = builder.and_(builder.icmp_signed("==", length, one), filled)
        with builder.if_else(single) as (then, other):
            with then:
                work()
            with other:
                otherwise()

    def row() -> None:
        rows, columns = (select(blas.right_t, x, y) for x, y in ((blas.n, blas.k),
                                                                 (blas.k, blas.n)))
        blas.apply(blas.b, builder.not_(blas.right_t), rows, columns, blas.a)

    def column() -> None:
        rows, columns = (select(blas.left_t, x, y) for x, y in ((blas.k, blas.m),
                                                                (blas.m, blas.k)))
        blas.apply(blas.a, blas.left_t, rows, columns, blas.b)

    def whole() -> None:
        blas.multiply(blas.m, blas.n, blas.a, blas.b, blas.out)

    vector(blas.m, row, lambda: vector(blas.n, column, whole))
    return context.get_dummy_value()


def _symmetric(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    blas = _Blas(context, builder, signature, args)
    size, step, minimum = blas.m, blas.constant(1), blas.constant(48)
    part = builder.add(builder.sdiv(size, blas.constant(_PANELS)), step)
    width = builder.select(builder.icmp_signed(">", part, minimum), part, minimum)
    with cgutils.for_range_slice(builder, blas.constant(0), size, width) as (first, _):
        rest = builder.sub(size, first)
        columns = builder.select(builder.icmp_signed("<", rest, width), rest, width)
        skipped = builder.select(blas.right_t, builder.mul(first, blas.k), first)
        blas.multiply(builder.add(first, columns), columns, blas.a,
                      builder.gep(blas.b, [skipped]), builder.gep(blas.out, [first]))
    with cgutils.for_range(builder, size) as row, cgutils.for_range(builder, row.index) as column:
        above = builder.add(builder.mul(column.index, size), row.index)
        below = builder.add(builder.mul(row.index, size), column.index)
        builder.store(builder.load(builder.gep(blas.out, [above])),
                      builder.gep(blas.out, [below]))
    return context.get_dummy_value()
