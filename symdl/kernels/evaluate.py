"""A number or an array from an expression, without compiling."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from symdl.kernels.kernel import Kernel
from symdl.kernels.trees import leaves, rebuilt
from symdl.language.elementwise import as_tensor
from symdl.language.errors import SymdlError
from symdl.language.tensor import Tensor, Variable


def evaluate(expr: Any, values: Mapping[Any, Any] | None = None, **sizes: int) -> Any:
    """Evaluate expressions at given inputs, at once.

    Parameters
    ----------
    expr : Tensor, or a nested dict, list or tuple of tensors
        What to evaluate; the like is returned.
    values : mapping
        Arrays and numbers by tensor or by name; those that the expression doesn't depend on
        are passed over.
    **sizes : int
        Sizes that stand in no shape.

    Returns
    -------
    number, array, or the like of `expr`
        In float32 where every array of floats is, else in float64.

    Raises
    ------
    SymdlError
        For missing inputs, wrong shapes, types or labels, and sizes that contradict each other.

    Examples
    --------
    >>> import symdl as sd
    >>> x = sd.tensor("x", sd.dims("n"))
    >>> sd.evaluate(sd.sum(x**2), {x: [1.0, 2.0, 3.0]})
    np.float64(14.0)
    """
    roots = tuple(as_tensor(x) for x in leaves(expr))
    given = {_name(key): value for key, value in (values or {}).items()}
    kernel = _kernel(roots, _dtype(given.values()))
    needed = {str(v.name) for v in kernel.inputs}
    results = iter(kernel(**{k: v for k, v in given.items() if k in needed}, **sizes))
    return rebuilt(expr, lambda: next(results))


@lru_cache(maxsize=64)
def _kernel(roots: tuple[Tensor, ...], dtype: str) -> Kernel:
    return Kernel(list(roots), dtype, "numpy", None)


def _name(key: Any) -> str:
    if isinstance(key, str):
        return key
    if isinstance(key, Variable):
        return str(key.name)
    raise SymdlError(f"a value is given for {key!r}, which is no input; give values by input "
                     "tensor or by name")


def _dtype(values: Any) -> str:
    """The type to compute in."""
    kinds = {str(x.dtype) for x in values
             if isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind == "f"}
    return "float32" if kinds == {"float32"} else "float64"
