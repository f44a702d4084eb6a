"""Whether two expressions are equal: a proof, or a counterexample."""

from __future__ import annotations

from typing import Any

from symdl.claims.verify.claim import Claim
from symdl.claims.verify.verdict import Verdict
from symdl.claims.verify.verify import verify
from symdl.language.bind import bound_over
from symdl.language.elementwise import as_tensor
from symdl.language.errors import ShapeError, shape_text
from symdl.language.ranged import ranged
from symdl.language.sizes import variables_of
from symdl.language.tensor import Tensor


def equal(a: Any, b: Any, *, seed: int = 0) -> Verdict:
    """Decide whether two expressions are equal wherever both are defined.

    Parameters
    ----------
    a, b : Tensor or array
        Expressions of one shape; at indices, they are compared at all places in the ranges.
    seed : int
        Of the points that are tried.

    Returns
    -------
    Verdict
        As of `verify`: proved for all sizes from 1 on, refuted at a point, in exact fractions or
        in numbers of 50 digits, supported by numbers alone, or undecided. Its truth value raises
        unless it is one of the first two.

    Raises
    ------
    ShapeError
        If the shapes differ.
    SymdlError
        If inputs of one name have different shapes or facts.

    Examples
    --------
    >>> import symdl as sd
    >>> n = sd.dims("n")
    >>> A, x = sd.tensor("A", n, n), sd.tensor("x", n)
    >>> sd.equal(sd.grad(x @ A @ x, x), (A + A.T) @ x).status
    'proved'
    >>> sd.equal(sd.grad(x @ A @ x, x), 2 * A @ x).status
    'refuted'
    """
    a, b = _over_indices(as_tensor(a), as_tensor(b))
    if a.shape != b.shape:
        raise ShapeError(f"the sides have the shapes {shape_text(a.shape)} and "
                         f"{shape_text(b.shape)}")
    variables_of([a, b])  # refuses a name for two inputs
    return verify(Claim(a, b), seed=seed, advice=False)


def _over_indices(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """The tensors that the sides are entries of, over the indices at which they stand."""
    a, b = ranged([a, b])
    ranges = {f: f.size for f in sorted(a.free | b.free, key=lambda f: f.serial)
              if f.size is not None}
    return bound_over(a, ranges, keep=True), bound_over(b, ranges, keep=True)
