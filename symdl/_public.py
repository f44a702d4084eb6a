"""The public names of symdl and where each one lives.

`symdl.__getattr__` imports an entry at its first use, so `import symdl` stays light. The stub
`symdl/__init__.pyi`, which type checkers and editors read, is written from the same table.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

FOLDERS: tuple[str, ...] = ("evidence", "nn")
"""Subpackages that are reached as attributes: `symdl.evidence`."""

PUBLIC: dict[str, str] = {
    "Claim": "symdl.claims.verify.claim:Claim",
    "Derivative": "symdl.language.syntax.request:Derivative",
    "DifferentiationError": "symdl.language.errors:DifferentiationError",
    "GradientReport": "symdl.evidence.report:GradientReport",
    "Kernel": "symdl.kernels.kernel:Kernel",
    "Loop": "symdl.kernels.loop:Loop",
    "ParseError": "symdl.language.syntax.errors:ParseError",
    "RangeError": "symdl.language.errors:RangeError",
    "ShapeError": "symdl.language.errors:ShapeError",
    "SymdlError": "symdl.language.errors:SymdlError",
    "Tensor": "symdl.language.tensor:Tensor",
    "Verdict": "symdl.claims.verify.verdict:Verdict",
    "apply": "symdl.language.operators:apply",
    "arange": "symdl.language.operators:arange",
    "argmax": "symdl.language.operators:argmax",
    "argmin": "symdl.language.operators:argmin",
    "argsort": "symdl.language.operators:argsort",
    "binary_cross_entropy": "symdl.nn.losses:binary_cross_entropy",
    "broadcast_to": "symdl.language.operators:broadcast_to",
    "check_grad": "symdl.claims.check:check_grad",
    "check_proof": "symdl.claims.verify.checker.check:check_proof",
    "cholesky": "symdl.language.operators:cholesky",
    "clip": "symdl.language.operators:clip",
    "compile": "symdl.kernels.kernel:compile",
    "compile_loop": "symdl.kernels.loop:compile_loop",
    "concatenate": "symdl.language.operators:concatenate",
    "cross_entropy": "symdl.nn.losses:cross_entropy",
    "cumprod": "symdl.language.operators:cumprod",
    "cumsum": "symdl.language.operators:cumsum",
    "define": "symdl.language.define:define",
    "derivative": "symdl.display.derived:derivative",
    "det": "symdl.language.operators:det",
    "diag": "symdl.language.operators:diag",
    "diagonal": "symdl.language.operators:diagonal",
    "differential": "symdl.display.differential:differential",
    "dims": "symdl.language.declare:dims",
    "dot": "symdl.language.operators:dot",
    "eigh": "symdl.language.operators:eigh",
    "eigvalsh": "symdl.language.operators:eigvalsh",
    "einsum": "symdl.language.operators:einsum",
    "eq": "symdl.language.operators:equal_to",
    "equal": "symdl.claims.equal:equal",
    "evaluate": "symdl.kernels.evaluate:evaluate",
    "expand_dims": "symdl.language.operators:expand_dims",
    "explain": "symdl.display.steps.explain:explain",
    "expm": "symdl.language.operators:expm",
    "eye": "symdl.language.operators:eye",
    "final": "symdl.language.recur:final",
    "flip": "symdl.language.operators:flip",
    "floor_divide": "symdl.language.operators:floor_divide",
    "from_sympy": "symdl.language.bridge.reading:from_sympy",
    "full": "symdl.language.operators:full",
    "grad": "symdl.calculus.gradient:grad",
    "gradient_check": "symdl.evidence.gradient:gradient_check",
    "greater": "symdl.language.operators:greater",
    "greater_equal": "symdl.language.operators:greater_equal",
    "hessian": "symdl.calculus.jacobian:hessian",
    "huber": "symdl.nn.losses:huber",
    "hvp": "symdl.calculus.tangent:hvp",
    "indices": "symdl.language.declare:indices",
    "inputs": "symdl.language.sizes:inputs",
    "inv": "symdl.language.operators:inv",
    "jacobian": "symdl.calculus.jacobian:jacobian",
    "jvp": "symdl.calculus.tangent:jvp",
    "kron": "symdl.language.functions.products:kron",
    "less": "symdl.language.operators:less",
    "less_equal": "symdl.language.operators:less_equal",
    "log_softmax": "symdl.language.functions.softmax:log_softmax",
    "logdet": "symdl.language.operators:logdet",
    "logical_and": "symdl.language.operators:logical_and",
    "logical_not": "symdl.language.operators:logical_not",
    "logical_or": "symdl.language.operators:logical_or",
    "logm": "symdl.language.operators:logm",
    "logsumexp": "symdl.language.functions.softmax:logsumexp",
    "mae": "symdl.nn.losses:mae",
    "matmul": "symdl.language.operators:matmul",
    "matrix_power": "symdl.language.functions.products:matrix_power",
    "max": "symdl.language.operators:max",
    "mean": "symdl.language.operators:mean",
    "min": "symdl.language.operators:min",
    "moveaxis": "symdl.language.operators:moveaxis",
    "mse": "symdl.nn.losses:mse",
    "ne": "symdl.language.operators:not_equal",
    "norm": "symdl.language.functions.norms:norm",
    "one_hot": "symdl.language.operators:one_hot",
    "ones": "symdl.language.operators:ones",
    "ones_like": "symdl.language.operators:ones_like",
    "outer": "symdl.language.operators:outer",
    "pad": "symdl.language.operators:pad",
    "parse": "symdl.language.syntax.parse:parse",
    "pinv": "symdl.language.operators:pinv",
    "prod": "symdl.language.operators:prod",
    "recur": "symdl.language.recur:recur",
    "remainder": "symdl.language.operators:remainder",
    "repeat": "symdl.language.operators:repeat",
    "reshape": "symdl.language.operators:reshape",
    "roll": "symdl.language.operators:roll",
    "slogdet": "symdl.language.operators:slogdet",
    "softmax": "symdl.language.functions.softmax:softmax",
    "solve": "symdl.language.operators:solve",
    "sort": "symdl.language.operators:sort",
    "sqrtm": "symdl.language.operators:sqrtm",
    "squeeze": "symdl.language.operators:squeeze",
    "stack": "symdl.language.operators:stack",
    "std": "symdl.language.operators:std",
    "stop_gradient": "symdl.language.operators:stop_gradient",
    "structure": "symdl.algebra.structure.operator:structure",
    "sum": "symdl.language.operators:sum",
    "svd": "symdl.language.operators:svd",
    "svdvals": "symdl.language.operators:svdvals",
    "swapaxes": "symdl.language.operators:swapaxes",
    "take": "symdl.language.operators:take",
    "taylor": "symdl.calculus.taylor:taylor",
    "tensor": "symdl.language.declare:tensor",
    "tile": "symdl.language.operators:tile",
    "top_k": "symdl.language.operators:top_k",
    "trace": "symdl.language.operators:trace",
    "transpose": "symdl.language.operators:transpose",
    "triangular_solve": "symdl.language.operators:triangular_solve",
    "tril": "symdl.language.operators:tril",
    "triu": "symdl.language.operators:triu",
    "value_and_grad": "symdl.calculus.gradient:value_and_grad",
    "var": "symdl.language.operators:var",
    "vec": "symdl.language.functions.products:vec",
    "verify": "symdl.claims.verify.verify:verify",
    "verify_derivation": "symdl.claims.verify.derivation:verify_derivation",
    "vjp": "symdl.calculus.gradient:vjp",
    "vmap": "symdl.language.vmap:vmap",
    "where": "symdl.language.operators:where",
    "zeros": "symdl.language.operators:zeros",
    "zeros_like": "symdl.language.operators:zeros_like",
}
"""Public name -> "module:attribute"."""


def resolve(address: str) -> Any:
    """Import what an address "module:attribute" names.

    Parameters
    ----------
    address : str
        A dotted module, optionally followed by a colon and one attribute of it.

    Returns
    -------
    object
        The attribute, or the module where no attribute is named.
    """
    module, _, attribute = address.partition(":")
    loaded = import_module(module)
    return getattr(loaded, attribute) if attribute else loaded


def scalar(name: str) -> str | None:
    """The address of a scalar function: every entry of the catalogue is public."""
    if name.startswith("_"):
        return None
    catalogue = import_module("symdl.language.scalars").CATALOGUE
    return f"symdl.language.operators:{name}" if name in catalogue else None


def stub_text() -> str:
    """Return the text of the stub that declares every public name.

    Returns
    -------
    str
        One import a name, in the sorted order that the linter wants.
    """
    lines = [f"from symdl import {name} as {name}" for name in sorted(FOLDERS)]
    entries = sorted((*address.split(":"), name) for name, address in PUBLIC.items())
    lines += [f"from {module} import {attr} as {name}" for module, attr, name in entries]
    return "\n".join([*lines, "", "__version__: str", ""])


def write_stub() -> None:
    """Write the stub beside this file."""
    Path(__file__).with_name("__init__.pyi").write_text(stub_text(), encoding="utf-8")
