"""The C library's functions, for the few arguments that a formula doesn't cover.

A plain call would stop a loop from being vectorised. Here it is to a function that LLVM knows to
have versions for vectors; each of them looks whether any of its numbers needs the library at all.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from symdl.kernels.numba_math.format import Format
from symdl.kernels.numba_math.values import Real, bare

_COUNT = ir.IntType(32)
_WIDTHS = (128, 256, 512)
"""The bits of vectors."""


def beyond(limit: float, name: str, x: Real) -> Real:
    """Return the C library's function of x where |x| > limit, else x."""
    module, format = x.builder.module, x.format
    label = f"symdl_far_{name}_{format.name}"
    lanes = [width // format.width for width in _WIDTHS]
    if label not in module.globals:
        many = _library_calls(module, label, name, format)
        for n in (1, *lanes):
            _define(module, label, n, many, limit**2, format)
    call = bare(x.builder.call(module.globals[label], [x.ir_value]))
    versions = ",".join(f"_ZGV_LLVM_N{n}v_{label}({label}_{n})" for n in lanes)
    set.add(call.attributes, f'"vector-function-abi-variant"="{versions}"')
    return x.real(call)


def _function(module: Any, label: str, result: Any, *arguments: Any) -> tuple[Any, Any]:
    """A new function that is kept though unused until loops are vectorised, and its builder."""
    function = ir.Function(module, ir.FunctionType(result, arguments), label)
    function.linkage = "weak_odr"
    for attribute in ("noinline", "nounwind"):
        function.attributes.add(attribute)
    return function, ir.IRBuilder(function.append_basic_block())


def _library_calls(module: Any, label: str, name: str, format: Format) -> Any:
    """A function that replaces so many numbers at a place by the library's function of them."""
    name = name if format.name == "float64" else f"{name}f"
    library = module.globals.get(name) or ir.Function(
        module, ir.FunctionType(format.real, [format.real]), name)
    function, builder = _function(
        module, f"{label}_many", ir.VoidType(), format.real.as_pointer(), _COUNT)
    place, count = function.args
    start, loop, done = builder.block, *(function.append_basic_block() for _ in range(2))
    builder.branch(loop)
    builder.position_at_end(loop)
    k = builder.phi(_COUNT)
    entry = builder.gep(place, [k])
    builder.store(builder.call(library, [builder.load(entry)]), entry)
    after = builder.add(k, ir.Constant(_COUNT, 1))
    k.add_incoming(ir.Constant(_COUNT, 0), start)
    k.add_incoming(after, loop)
    builder.cbranch(builder.icmp_unsigned("<", after, count), loop, done)
    builder.position_at_end(done)
    builder.ret_void()
    return function


def _define(module: Any, label: str, lanes: int, many: Any, limit: float, format: Format) -> None:
    """Define the version for so many numbers; the limit is on their squares."""
    kind = format.real if lanes == 1 else ir.VectorType(format.real, lanes)
    function, builder = _function(module, label if lanes == 1 else f"{label}_{lanes}", kind, kind)
    for attribute in ("readnone", "willreturn"):
        set.add(function.attributes, attribute)
    (x,) = function.args
    bound = ir.Constant(kind, limit if lanes == 1 else [limit] * lanes)
    found = builder.fcmp_ordered(">", builder.fmul(x, x), bound)
    if lanes > 1:
        mask = builder.bitcast(found, ir.IntType(lanes))
        found = builder.icmp_unsigned("!=", mask, ir.Constant(mask.type, 0))
    far, close = (function.append_basic_block() for _ in range(2))
    builder.cbranch(found, far, close).set_weights([1, 1000])
    builder.position_at_end(close)
    builder.ret(x)
    builder.position_at_end(far)
    place = builder.alloca(kind)
    builder.store(x, place)
    first = builder.bitcast(place, format.real.as_pointer())
    builder.call(many, [first, ir.Constant(_COUNT, lanes)])
    builder.ret(builder.load(place))
