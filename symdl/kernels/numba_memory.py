"""Arrays by address inside compiled kernels, and a compiled kernel called by its address."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array

Generated = tuple[Any, Any]


@intrinsic
def part(typing_context: Any, work: Any, k: Any, shape: Any, dtype: Any) -> Generated:
    """Buffer k of a workspace, whose first words say where its buffers begin."""
    array = types.Array(dtype.dtype, len(shape), "C")

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        start = make_array(signature.args[0])(context, builder, args[0]).data
        offset = builder.load(builder.gep(start, [args[1]]))
        first = builder.gep(builder.bitcast(start, cgutils.voidptr_t), [offset])
        return _array(context, builder, array, first, args[2])

    return array(work, types.intp, _sizes(shape), dtype), generate


@intrinsic
def fits(typing_context: Any, arrays: Any, sizes: Any) -> Generated:
    """Whether the axes of the arrays, one after another, have these sizes."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        wanted = iter(cgutils.unpack_tuple(builder, args[1]))
        found: Any = cgutils.true_bit
        parts = cgutils.unpack_tuple(builder, args[0])
        for kind, value in zip(signature.args[0].types, parts, strict=True):
            array = make_array(kind)(context, builder, value)
            for size in cgutils.unpack_tuple(builder, array.shape, kind.ndim):
                found = builder.and_(found, builder.icmp_signed("==", size, next(wanted)))
        return found

    return types.boolean(arrays, _sizes(sizes)), generate


@intrinsic
def held(typing_context: Any, address: Any, shape: Any, dtype: Any) -> Generated:
    """The array of a shape at an address."""
    array = types.Array(dtype.dtype, len(shape), "C")

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        first = builder.inttoptr(args[0], cgutils.voidptr_t)
        return _array(context, builder, array, first, args[1])

    return array(types.intp, _sizes(shape), dtype), generate


@intrinsic
def address(typing_context: Any, array: Any) -> Generated:
    """Where an array begins."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = make_array(signature.args[0])(context, builder, args[0]).data
        return builder.ptrtoint(data, context.get_value_type(types.intp))

    return types.intp(array), generate


@intrinsic
def invoke(typing_context: Any, function: Any, arguments: Any) -> Generated:
    """Call the compiled function at an address, which says True or False."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        convention, kinds = context.call_conv, signature.args[1].types
        pointer = convention.get_function_type(types.boolean, kinds).as_pointer()
        status, result = convention.call_function(
            builder, builder.inttoptr(args[0], pointer), types.boolean, kinds,
            cgutils.unpack_tuple(builder, args[1]))
        with cgutils.if_unlikely(builder, status.is_error):
            convention.return_status_propagate(builder, status)
        return result

    return types.boolean(types.intp, arguments), generate


def _sizes(shape: Any) -> Any:
    return types.UniTuple(types.intp, len(shape))


def _array(context: Any, builder: Any, kind: Any, first: Any, shape: Any) -> Any:
    """An array over memory that something else keeps."""
    entry = context.get_data_type(kind.dtype)
    width = context.get_constant(types.intp, context.get_abi_sizeof(entry))
    sizes = cgutils.unpack_tuple(builder, shape)
    strides = [width]
    for size in reversed(sizes[1:]):
        strides.insert(0, builder.mul(strides[0], size))
    array = make_array(kind)(context, builder)
    populate_array(array, data=builder.bitcast(first, ir.PointerType(entry)),
                   shape=cgutils.pack_array(builder, sizes),
                   strides=cgutils.pack_array(builder, strides), itemsize=width, meminfo=None)
    return array._getvalue()
