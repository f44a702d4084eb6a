"""Matrix products inside compiled kernels: the BLAS routine that Numba has, called directly.

The routine takes any C-contiguous arrays as stacks of matrices by offset, so a step of a
recurrence or a merged axis needs no view, and one call site compiles in milliseconds.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.linalg import ensure_blas, get_blas_kind, make_constant_slot

ensure_blas()

_char, _void = ir.IntType(8), ir.IntType(8).as_pointer()


@intrinsic
def gemm(typing_context: Any, m: Any, n: Any, k: Any, left_t: Any, right_t: Any, a: Any, a_at: Any,
         b: Any, b_at: Any, out: Any, out_at: Any, more: Any) -> Any:
    """Write `op(a) op(b)` into out, or add it where `more` holds: m by n, k terms, rows first.

    `left_t` and `right_t` say whether a factor is stored transposed; `a_at`, `b_at` and
    `out_at` are where in the arrays the matrices begin, in entries.
    """
    signature = types.void(types.intp, types.intp, types.intp, types.boolean, types.boolean, a,
                           types.intp, b, types.intp, out, types.intp, types.boolean)
    return signature, _generate


def _generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    m, n, k, left_t, right_t, a, a_at, b, b_at, out, out_at, more = args
    intp = context.get_value_type(types.intp)
    dtype = signature.args[5].dtype
    one = ir.Constant(intp, 1)

    def at(number: int, value: Any, offset: Any) -> Any:
        array = context.make_array(signature.args[number])(context, builder, value)
        return builder.bitcast(builder.gep(array.data, [offset]), _void)

    def stride(length: Any) -> Any:
        return builder.select(builder.icmp_signed(">", length, one), length, one)

    def truth(flag: Any) -> Any:
        return builder.trunc(flag, ir.IntType(1)) if flag.type != ir.IntType(1) else flag

    def letter(flag: Any) -> Any:
        bit = truth(flag)
        return builder.select(bit, ir.Constant(_char, ord("t")), ir.Constant(_char, ord("n"))), bit

    (letter_a, bit_a), (letter_b, bit_b) = letter(left_t), letter(right_t)
    one_, zero_ = (builder.bitcast(make_constant_slot(context, builder, dtype, x), _void)
                   for x in (1.0, 0.0))
    function_type = ir.FunctionType(ir.IntType(32), [
        _char, _char, _char, intp, intp, intp, _void, _void, intp, _void, intp, _void, _void, intp])
    function = cgutils.get_or_insert_function(builder.module, function_type, "numba_xxgemm")
    builder.call(function, (
        ir.Constant(_char, ord(get_blas_kind(dtype))), letter_b, letter_a, n, m, k,
        one_, at(7, b, b_at), stride(builder.select(bit_b, k, n)),
        at(5, a, a_at), stride(builder.select(bit_a, m, k)),
        builder.select(truth(more), one_, zero_), at(9, out, out_at), stride(n)))
    return context.get_dummy_value()
