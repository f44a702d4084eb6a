"""The larger and the smaller of two numbers as LLVM's intrinsics: NaN wins, loops vectorise."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic


def _extreme(name: str) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = context.get_value_type(signature.return_type)
        function = builder.module.declare_intrinsic(
            f"llvm.{name}", [kind], ir.FunctionType(kind, [kind, kind]))
        return builder.call(function, args, fastmath=("nsz",))

    def extreme(typing_context: Any, a: Any, b: Any) -> Any:
        kind = a if a == b else types.float64
        return kind(kind, kind), generate

    return intrinsic(extreme)


_max, _min = _extreme("maximum"), _extreme("minimum")
