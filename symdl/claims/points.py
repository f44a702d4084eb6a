"""Points at which an expression is tried: inside its domain, away from kinks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from symdl.calculus.kinks import Kink, kinks
from symdl.claims.domains import domain_of
from symdl.claims.evaluate import Evaluate
from symdl.claims.margins import margins
from symdl.claims.sizes import size_of
from symdl.evidence.line import Array
from symdl.evidence.sampling import Source, draw_point
from symdl.language.errors import SymdlError
from symdl.language.form import Dim
from symdl.language.sizes import variables_of
from symdl.language.tensor import Tensor

DISTANCE = 1e-2
_NEARER = 10.0  # an argument of log may come ten times as near to 0 as a kink


def draw_inputs(
    root: Tensor,
    given: Mapping[str, Array],
    sizes: Mapping[Dim, int],
    seed: int,
    evaluate: Evaluate,
) -> dict[str, Array]:
    """Draw the inputs of a program that aren't given.

    Parameters
    ----------
    root : Tensor
        A scalar expression.
    given : mapping of str to ndarray
        Arrays that stay as they are.
    sizes : mapping of Dim to int
        All sizes.
    seed : int
        The same one gives the same point.
    evaluate : callable
        Evaluates tensors.

    Returns
    -------
    dict of str to ndarray
        All inputs: facts hold, integers are in range, arguments of log and roots are positive,
        and kinks are at least 0.01 away.
    """
    sources = {
        v.name: Source(domain_of(v, root, sizes), tuple(size_of(f, sizes) for f in v.shape))
        for v in variables_of([root])
        if v.name is not None and v.name not in given
    }
    names = {str(a): n for a, n in sizes.items()}
    distances = [k.distance for k in kinks(root)]
    bounds = margins(root)

    def room(point: dict[str, Array]) -> Array:
        values = evaluate([root, *distances, *bounds], {**point, **given}, names)
        apart = values[1 : 1 + len(distances)]
        free = [np.where(a == 0, np.inf, a).ravel() for a in apart]  # 0 by chance: 0 all around
        inside = [np.maximum(_NEARER * a, 0).ravel() for a in values[1 + len(distances) :]]
        defined = np.array([1.0 if np.isfinite(values[0]).all() else 0.0])
        return np.concatenate([defined, *free, *inside])

    if not sources:
        return dict(given)
    try:
        return {**draw_point(sources, seed=seed, kinks=room, distance=DISTANCE), **given}
    except ValueError as error:
        raise SymdlError(f"no point to try: {error}; give one: at={{...}}") from error


def near_kinks(
    root: Tensor, point: Mapping[str, Array], sizes: Mapping[Dim, int], evaluate: Evaluate
) -> list[tuple[Kink, float]]:
    """List the kinks that a point is close to.

    Parameters
    ----------
    root : Tensor
        The program.
    point : mapping of str to ndarray
        All inputs.
    sizes : mapping of Dim to int
        All sizes.
    evaluate : callable
        Evaluates tensors.

    Returns
    -------
    list of (Kink, float)
        Each with its distance, below 0.01.
    """
    found = kinks(root)
    if not found:
        return []
    names = {str(a): n for a, n in sizes.items()}
    values = evaluate([k.distance for k in found], point, names)
    apart = [float(np.abs(a).min(initial=np.inf)) for a in values]
    return [(k, a) for k, a in zip(found, apart, strict=True) if not a >= DISTANCE]
