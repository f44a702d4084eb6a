"""A formula over values as a function that compiled code calls, inlined wherever it is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from symdl.kernels.numba_math.format import FLOAT32, FLOAT64
from symdl.kernels.numba_math.values import Real, bare


def function(formula: Callable[..., Real]) -> Any:
    """Make a formula a function of float64 or float32 numbers, and of integers as float64."""
    name = formula.__name__

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        format = FLOAT64 if signature.return_type == types.float64 else FLOAT32
        label = f"symdl_{name}_{format.name}"
        made = builder.module.globals.get(label)
        if made is None:
            kind = ir.FunctionType(format.real, [format.real] * len(args))
            made = ir.Function(builder.module, kind, label)
            made.linkage = "internal"
            made.attributes.add("alwaysinline")
            inside = ir.IRBuilder(made.append_basic_block())
            inside.ret(formula(*(Real(inside, format, x) for x in made.args)).ir_value)
        _widen(builder.function)
        return bare(builder.call(made, args))

    def signature(*given: Any) -> Any:
        if not all(isinstance(t, (types.Float, types.Integer)) for t in given):
            return None
        kind = types.float32 if types.float32 in given and types.float64 not in given else (
            types.float64)
        return kind(*[kind] * len(given)), generate

    def unary(typing_context: Any, x: Any) -> Any:
        return signature(x)

    def binary(typing_context: Any, x: Any, y: Any) -> Any:
        return signature(x, y)

    made = unary if formula.__code__.co_argcount == 1 else binary
    made.__name__, made.__doc__ = name, formula.__doc__
    return intrinsic(made)


def _widen(function: Any) -> None:
    """Let the loops of a function use vectors of 512 bits where an x86 processor has them.

    LLVM prefers 256; measured on elementary functions, 512 take two thirds of the time. Many
    constants spill, and spilled vectors are read fast where they don't straddle cache lines.
    """
    if "x86" in function.module.triple:
        set.add(function.attributes, '"prefer-vector-width"="512"')
        function.attributes.alignstack = 64
