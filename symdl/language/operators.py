"""All operators and functions of tensors under one roof."""

from __future__ import annotations

from typing import Any

from symdl.language.elementwise import (
    add,
    apply,
    as_tensor,
    divide,
    equal_to,
    function,
    greater,
    greater_equal,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    multiply,
    negative,
    not_equal,
    power,
    subtract,
)
from symdl.language.indexing import arange, getitem
from symdl.language.linalg import (
    argsort,
    cholesky,
    det,
    eigh,
    eigvalsh,
    expm,
    inv,
    logdet,
    logm,
    pinv,
    slogdet,
    solve,
    sqrtm,
    stop_gradient,
    svd,
    svdvals,
    triangular_solve,
)
from symdl.language.reductions import (
    argmax,
    argmin,
    cumprod,
    cumsum,
    dot,
    einsum,
    matmul,
    max,
    mean,
    min,
    outer,
    prod,
    sum,
    trace,
    var,
)
from symdl.language.selection import clip, one_hot, sort, take, top_k, where
from symdl.language.shaping import (
    broadcast_to,
    concatenate,
    diag,
    diagonal,
    expand_dims,
    eye,
    flip,
    full,
    ones,
    pad,
    reshape,
    squeeze,
    stack,
    swapaxes,
    transpose,
    tril,
    triu,
    zeros,
)

__all__ = [
    "add", "apply", "arange", "argmax", "argmin", "argsort", "as_tensor", "broadcast_to",
    "cholesky", "clip", "concatenate", "cumprod", "cumsum", "det", "diag", "diagonal", "divide",
    "dot", "eigh", "eigvalsh", "einsum", "equal_to", "expand_dims", "expm", "eye", "flip", "full",
    "function", "getitem", "greater", "greater_equal", "inv", "less", "less_equal", "logdet",
    "logical_and", "logical_not", "logical_or", "logm", "matmul", "max", "mean", "min", "multiply",
    "negative", "not_equal", "one_hot", "ones", "outer", "pad", "pinv", "power", "prod", "reshape",
    "slogdet", "solve", "sort", "sqrtm", "squeeze", "stack", "stop_gradient", "subtract", "sum",
    "svd", "svdvals", "swapaxes", "take", "top_k", "trace", "transpose", "triangular_solve", "tril",
    "triu", "var", "where", "zeros",
]


def __getattr__(name: str) -> Any:
    from symdl.language.scalars import CATALOGUE

    if name in CATALOGUE:
        return globals().setdefault(name, function(name))
    raise AttributeError(f"no operator {name}")
