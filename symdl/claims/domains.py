"""What the inputs of an expression are drawn from, so that their facts hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.random import Generator

from symdl.claims.ranges import integer_range
from symdl.evidence import domains as d
from symdl.evidence.domains import Domain, integers
from symdl.evidence.line import Array
from symdl.language.errors import SymdlError
from symdl.language.form import Dim
from symdl.language.owners import Application
from symdl.language.primitives.cholesky import Cholesky
from symdl.language.primitives.logdet import Logdet
from symdl.language.primitives.logm import Logm
from symdl.language.primitives.sqrtm import Sqrtm
from symdl.language.tensor import Part, Tensor, Variable, topological


def _projection(shape: tuple[int, ...], generator: Generator) -> Array:
    q = d.ORTHOGONAL.draw(shape, generator)[..., : (shape[-1] + 1) // 2]
    return np.asarray(q @ np.swapaxes(q, -1, -2))


IDEMPOTENT = Domain("idempotent", _projection, least=2, square=True)

SATISFIED: tuple[tuple[Domain, frozenset[str]], ...] = tuple(
    (domain, frozenset(facts.split()))
    for domain, facts in (
        (d.REAL, ""),
        (d.POSITIVE, "positive nonnegative"),
        (d.UNIT_INTERVAL, "unit_interval positive nonnegative"),
        (d.BINARY, "binary unit_interval nonnegative"),
        (d.SIMPLEX, "simplex positive nonnegative unit_interval"),
        (d.ONE_HOT, "one_hot simplex binary nonnegative unit_interval"),
        (d.UNIT_VECTOR, "unit_norm"),
        (d.SYMMETRIC, "symmetric"),
        (d.POSITIVE_DEFINITE, "positive_definite symmetric"),
        (d.LOWER_TRIANGULAR, "lower_triangular"),
        (d.UPPER_TRIANGULAR, "upper_triangular"),
        (
            d.DIAGONAL,
            "diagonal positive_definite symmetric lower_triangular upper_triangular nonnegative",
        ),
        (d.ORTHOGONAL, "orthogonal"),
        (IDEMPOTENT, "idempotent symmetric"),
    )
)
"""What can be drawn, and the facts that then hold; the first that suffices is taken."""


def domain_of(v: Variable, root: Tensor, sizes: Mapping[Dim, int]) -> Domain:
    """Return what an input is drawn from.

    Parameters
    ----------
    v : Variable
        The input, with its facts.
    root : Tensor
        The program, which says which integers address entries and which matrices are factored.
    sizes : mapping of Dim to int
        All sizes.

    Returns
    -------
    Domain
    """
    if v.dtype == "int":
        allowed = integer_range(v, root, sizes)
        if not allowed:
            raise SymdlError(
                f"{v.name}: no integer is found that addresses an entry everywhere; "
                f"give some: at={{'{v.name}': ...}}"
            )
        return integers(allowed.start, allowed.stop)
    fitting: Any = (domain for domain, facts in SATISFIED if v.facts <= facts)
    domain = next(fitting, None)
    if domain is None:
        raise SymdlError(
            f"{v.name}: no way is known to draw an array that is "
            f"{' and '.join(sorted(v.facts))}; give one: at={{'{v.name}': ...}}"
        )
    return d.POSITIVE_DEFINITE if domain is d.REAL and _is_factored(v, root) else domain


def _is_factored(v: Variable, root: Tensor) -> bool:
    """Whether a function of positive definite matrices is applied to the input itself."""
    return any(
        isinstance(t, Part)
        and isinstance(t.owner, Application)
        and v in t.operands
        and isinstance(t.owner.primitive, (Cholesky, Logdet, Logm, Sqrtm))
        for t in topological([root])
    )
