"""Claims as tensors: their formulas read by the grammar of NumPy expressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import symdl as sd
from symdl.language.sizes import dims_of
from symdl.language.syntax.declarations import Declaration
from symdl.language.syntax.python.parse import parse_numpy
from tests.formulas.referee import Claim, shape_of, sizes_of
from tests.formulas.vocabulary import VOCABULARY

FACTS = {"pos": "positive", "unit": "unit_interval", "prob": "simplex", "bin": "binary",
         "onehot": "one_hot", "sym": "symmetric", "spd": "positive_definite",
         "orth": "orthogonal", "diag": "diagonal"}
"""What the domains that are more than a range of random numbers say of a variable."""


def variables(c: Claim, numeric: bool) -> dict[str, sd.Tensor]:
    """The claim's variables, over symbolic sizes or over the numbers at which it is judged."""
    dims = sizes_of(c)

    def size(d: str) -> Any:
        return dims.get(d) or int(d) if numeric or d.isdigit() else sd.dims(d)

    return {name: sd.tensor(name, *map(size, shape_of(c, name)),
                            **({FACTS[domain]: True} if domain in FACTS else {}))
            for name, (_, domain) in c["vars"].items()}


def read(c: Claim, text: str, names: Mapping[str, sd.Tensor]) -> sd.Tensor:
    """One of the claim's formulas, its named intermediates read first."""
    known = dict(names)
    for name, definition in c.get("let", {}).items():
        known[name] = parsed(definition, known)
    return parsed(text, known)


def parsed(text: str, names: Mapping[str, sd.Tensor]) -> sd.Tensor:
    """A formula over tensors by name."""
    known = {name: Declaration(name, tuple(t.shape), value=t) for name, t in names.items()}
    found = parse_numpy(text, known, VOCABULARY)
    assert isinstance(found, sd.Tensor)
    return found


def derived(c: Claim, f: sd.Tensor, names: Mapping[str, sd.Tensor]) -> sd.Tensor:
    """The derivative that the claim is about."""
    if c["kind"] == "eq":
        return f
    derive = {"grad": sd.grad, "shape": sd.grad, "jac": sd.jacobian, "hess": sd.hessian}[c["kind"]]
    return derive(f, names[c["wrt"]])


def sides(c: Claim) -> tuple[sd.Tensor, sd.Tensor, bool]:
    """Both sides as tensors, and whether sizes stayed symbols."""
    try:
        return (*sides_over(c, variables(c, numeric=False)), True)
    except sd.SymdlError:
        return (*sides_over(c, variables(c, numeric=True)), False)


def sides_over(c: Claim, names: Mapping[str, sd.Tensor]) -> tuple[sd.Tensor, sd.Tensor]:
    """Both sides over variables by name."""
    f = read(c, c["lhs"], names)
    return derived(c, f, names), read(c, c["rhs"], names)


def values_of(c: Claim, tensors: tuple[sd.Tensor, ...], values: Mapping[str, Any]) -> list[Any]:
    """The values of tensors at a point."""
    dims = sizes_of(c)
    sizes = {str(d): dims[str(d)] for d in dims_of(tensors)}
    at = {name: np.asarray(x, float) for name, x in values.items()}
    return [np.asarray(x, float) for x in sd.evaluate(list(tensors), at, **sizes)]
