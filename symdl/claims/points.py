"""Points at which an expression is tried: sizes, and arrays inside its domain, away from kinks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.random import Generator

from symdl.calculus.kinks import Kink, kinks
from symdl.claims.margins import margins
from symdl.claims.ranges import integer_range, size_of
from symdl.evidence import domains as d
from symdl.evidence.domains import Domain, integers
from symdl.evidence.line import Array
from symdl.evidence.sampling import Source, draw_point
from symdl.language.errors import ShapeError, SymdlError
from symdl.language.form import Dim, Form
from symdl.language.owners import Application
from symdl.language.primitives.cholesky import Cholesky
from symdl.language.primitives.logdet import Logdet
from symdl.language.sizes import dims_of, infer_sizes, variables_of
from symdl.language.tensor import Equation, Part, Tensor, Variable, topological

Evaluate = Callable[[Sequence[Tensor], Mapping[str, Array], Mapping[str, int]], list[Array]]
DISTANCE = 1e-2
_NEARER = 10.0  # an argument of log may come ten times as near to 0 as a kink


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


def draw_sizes(
    root: Tensor,
    given: Mapping[str, Array],
    stated: Mapping[str, int],
    seed: int,
) -> dict[Dim, int]:
    """Choose the sizes of a program: those of given arrays, and small ones for the rest.

    Parameters
    ----------
    root : Tensor
        The program.
    given : mapping of str to ndarray
        Arrays that are there already, by the names of inputs.
    stated : mapping of str to int
        Sizes by name.
    seed : int
        The same one gives the same sizes.

    Returns
    -------
    dict of Dim to int
        With them every axis and every range of the program has an entry at least.
    """
    inputs = {v.name: v for v in variables_of([root])}
    known = infer_sizes({inputs[name]: np.shape(a) for name, a in given.items()}, stated)
    forms = _forms(root)
    loose = sorted(dims_of([root]) - known.keys(), key=str)
    generator = np.random.default_rng(seed)
    if not loose:
        return known
    for widest in (3, 4, 5, 6, 9, 14):
        for _ in range(100):
            drawn = 2 + (generator.uniform(size=len(loose)) ** 2 * (widest - 1)).astype(int)
            sizes = known | dict(zip(loose, map(int, drawn), strict=True))
            if all(size_of(f, sizes) >= 1 for f in forms):
                return sizes
    raise ShapeError(
        f"no small sizes {', '.join(map(str, loose))} found with which every axis has "
        "an entry; state them: sizes={...}"
    )


def _forms(root: Tensor) -> set[Form]:
    forms: set[Form] = set()
    for t in topological([root]):
        forms.update(t.shape)
        if isinstance(t, Equation):
            forms.update(t.scheme.sizes)
    return forms


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
        v.name: Source(_domain(v, root, sizes), tuple(size_of(f, sizes) for f in v.shape))
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
    names = {str(a): n for a, n in sizes.items()}
    values = evaluate([k.distance for k in found], point, names)
    apart = [float(np.abs(a).min(initial=np.inf)) for a in values]
    return [(k, a) for k, a in zip(found, apart, strict=True) if not a >= DISTANCE]


def _domain(v: Variable, root: Tensor, sizes: Mapping[Dim, int]) -> Domain:
    if v.dtype == "int":
        low, high = integer_range(v, root, sizes)
        if low >= high:
            raise ShapeError(f"{v.name} addresses an axis without entries")
        return integers(low, high)
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
        and isinstance(t.owner.primitive, (Cholesky, Logdet))
        for t in topological([root])
    )
