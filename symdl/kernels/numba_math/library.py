"""The C library's functions for the few arguments that a formula doesn't cover.

A call would stop a loop from being vectorised. Here it is to a function that is known to LLVM in
versions for vectors; each of them looks whether any of its numbers needs the library at all.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from symdl.kernels.numba_math.values import Format, Real, bare

LANES = (2, 4, 8, 16)


def beyond(limit: float, name: str, x: Real) -> Real:
    """Return the C library's function of x where |x| > limit; elsewhere a number without meaning."""
    module, form = x.builder.module, x.form
    label = f"symdl_far_{name}_{form.name}"
    function = module.globals.get(label) or _defined(module, label, limit, name, form)
    call = bare(x.builder.call(function, [x.ir_value]))
    versions = ",".join(f"_ZGV_LLVM_N{n}v_{label}({label}_{n})" for n in LANES)
    set.add(call.attributes, f'"vector-function-abi-variant"="{versions}"')
    return Real(x.builder, form, call)


def _defined(module: Any, label: str, limit: float, name: str, form: Format) -> Any:
    library = _declared(module, name if form.name == "float64" else f"{name}f", form.real)
    for n in LANES:
        _define(_declared(module, f"{label}_{n}", ir.VectorType(form.real, n)), limit, library, n)
    function = _declared(module, label, form.real)
    _define(function, limit, library, 1)
    return function


def _declared(module: Any, name: str, kind: Any) -> Any:
    found = module.globals.get(name)
    return found or ir.Function(module, ir.FunctionType(kind, [kind]), name)


def _define(function: Any, limit: float, library: Any, lanes: int) -> None:
    """Call the library for each of the numbers if one is beyond the limit, else return them."""
    function.linkage = "weak_odr"  # unused until loops are vectorised, yet to be kept
    for attribute in ("noinline", "nounwind", "readnone"):
        function.attributes.add(attribute)
    set.add(function.attributes, "willreturn")
    (x,), count = function.args, ir.IntType(32)
    kind, real = x.type, library.function_type.return_type
    builder = ir.IRBuilder(function.append_basic_block())
    bound = [limit**2] * lanes if lanes > 1 else limit**2
    found = builder.fcmp_ordered(">", builder.fmul(x, x), ir.Constant(kind, bound))
    if lanes > 1:
        mask = builder.bitcast(found, ir.IntType(lanes))
        found = builder.icmp_unsigned("!=", mask, ir.Constant(mask.type, 0))
    far, close = function.append_basic_block(), function.append_basic_block()
    builder.cbranch(found, far, close).set_weights([1, 1000])
    builder.position_at_end(close)
    builder.ret(x)
    builder.position_at_end(far)
    place = builder.alloca(kind)
    builder.store(x, place)
    first = builder.bitcast(place, real.as_pointer())
    loop, done = function.append_basic_block(), function.append_basic_block()
    builder.branch(loop)
    builder.position_at_end(loop)
    k = builder.phi(count)
    entry = builder.gep(first, [k])
    builder.store(builder.call(library, [builder.load(entry)]), entry)
    after = builder.add(k, ir.Constant(count, 1))
    k.add_incoming(ir.Constant(count, 0), far)
    k.add_incoming(after, loop)
    builder.cbranch(builder.icmp_unsigned("<", after, ir.Constant(count, lanes)), loop, done)
    builder.position_at_end(done)
    builder.ret(builder.load(place))
