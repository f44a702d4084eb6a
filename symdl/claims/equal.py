"""Whether two expressions are equal: a proof by normal forms, or a counterexample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, TypeAlias

import mpmath
import numpy as np

from symdl.algebra.normal import GaveUp, normal_form
from symdl.algebra.zeros import is_zero
from symdl.claims.evaluate import evaluate
from symdl.claims.points import draw_inputs
from symdl.claims.sizes import draw_sizes
from symdl.evidence.line import Array
from symdl.kernels.oracle import oracle
from symdl.language.bind import bound_over
from symdl.language.elementwise import as_tensor
from symdl.language.errors import ShapeError, SymdlError, shape_text
from symdl.language.form import Dim
from symdl.language.ranged import ranged
from symdl.language.sizes import dims_of, variables_of
from symdl.language.tensor import Tensor, Variable

Status: TypeAlias = Literal["proved", "refuted", "undecided"]

MARGIN = 1e-20
"""The least relative difference of two numbers of 50 digits that refutes."""
ROUNDED = 1e-6
"""The same where the point has its facts up to rounding only."""
_EXACT_FACTS = frozenset(
    {"integer", "positive", "nonnegative", "unit_interval", "binary", "one_hot", "symmetric",
     "diagonal", "lower_triangular", "upper_triangular", "positive_definite"})
_GRID = 64


@dataclass(frozen=True)
class Verdict:
    """Whether a claim holds.

    Attributes
    ----------
    status : {"proved", "refuted", "undecided"}
        Proved for all sizes from 1 on, wherever both sides are defined; refuted at a point;
        or neither.
    reason : str
        By what.
    point : mapping of str to ndarray
        The inputs of the counterexample.
    sizes : mapping of str to int
        Its sizes.
    values : tuple of two numbers, or None
        An entry of both sides there.
    entry : tuple of int
        Which one.
    """

    status: Status
    reason: str
    point: Mapping[str, Array] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    values: tuple[Any, Any] | None = None
    entry: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        if self.status == "undecided":
            raise SymdlError(f"undecided: {self.reason}; look at .status")
        return self.status == "proved"

    def __str__(self) -> str:
        lines = [f"{self.status}: {self.reason}"]
        if self.values is not None:
            place = f"[{', '.join(map(str, self.entry))}]" if self.entry else ""
            left, right = (mpmath.nstr(mpmath.mpmathify(v), 12) for v in self.values)
            lines.append(f"  left{place} = {left}, right{place} = {right}")
            lines.append("  at " + ", ".join(f"{k} = {n}" for k, n in self.sizes.items()))
            lines += [f"  {name} = {np.asarray(x).tolist()}" for name, x in self.point.items()]
        return "\n".join(lines)

    __repr__ = __str__


def equal(a: Any, b: Any, *, seed: int = 0, points: int = 4) -> Verdict:
    """Decide whether two expressions are equal wherever both are defined.

    Parameters
    ----------
    a, b : Tensor or array
        Expressions of one shape; at indices, they are compared at all places in the ranges.
    seed : int
        Of the points that are tried.
    points : int
        How many are tried beyond those of the smallest sizes.

    Returns
    -------
    Verdict
        Proved if both have one normal form, or their difference is 0 when multiplied by its
        denominators, which speaks of all sizes from 1 on; refuted if they
        differ at a point, in exact fractions or in numbers of 50 digits; else undecided. Its
        truth value raises unless it is decided.

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
    left, right = normal_form(a), normal_form(b)
    if left is right:
        return Verdict("proved", "both sides have one normal form")
    found = _refuted(a, b, seed, points)
    if found is not None:
        return found
    if is_zero(a - b):
        return Verdict("proved", "the difference is 0, multiplied by its denominators")
    if isinstance(left, GaveUp) or isinstance(right, GaveUp):
        gave_up = left if isinstance(left, GaveUp) else right
        assert isinstance(gave_up, GaveUp)
        return Verdict("undecided", f"no difference was found, and there is no normal form: "
                                    f"{gave_up.reason}")
    return Verdict("undecided", "no difference was found, but the normal forms differ")


def _over_indices(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """The tensors that the sides are entries of, over the indices at which they stand."""
    a, b = ranged([a, b])
    ranges = {f: f.size for f in sorted(a.free | b.free, key=lambda f: f.serial)
              if f.size is not None}
    return bound_over(a, ranges, keep=True), bound_over(b, ranges, keep=True)


def _refuted(a: Tensor, b: Tensor, seed: int, points: int) -> Verdict | None:
    """A point at which the sides differ."""
    difference = a - b
    for n, sizes in enumerate(_sizes(difference, seed, points)):
        names = {str(k): size for k, size in sizes.items()}
        try:
            point = draw_inputs(difference, {}, sizes, seed + n, evaluate)
        except (SymdlError, ValueError):
            continue
        point = {v.name: _rounded(point[v.name], v) for v in variables_of([a, b])}  # type: ignore[misc, index]
        found = _differing([a, b], point, names)
        if found is not None:
            entry, values, how = found
            return Verdict("refuted", f"the sides differ at a point, {how}", point, names,
                           values, entry)
    return None


def _sizes(t: Tensor, seed: int, points: int) -> Iterator[dict[Dim, int]]:
    """The smallest sizes first, then some that are drawn."""
    dims = sorted(dims_of([t]), key=str)
    if dims:
        yield dict.fromkeys(dims, 1)
        yield dict.fromkeys(dims, 2)
    for n in range(points):
        try:
            yield draw_sizes(t, {}, {}, seed + n)
        except ShapeError:
            return


def _rounded(x: Array, v: Variable) -> Array:
    """Numbers with short fractions, where the facts allow it."""
    if v.dtype != "real" or not v.facts <= {"positive", "nonnegative", "symmetric"}:
        return x
    short = np.round(x * _GRID) / _GRID
    return np.where(short == 0, 1 / _GRID, short)


def _differing(sides: list[Tensor], point: Mapping[str, Array], sizes: Mapping[str, int],
               ) -> tuple[tuple[int, ...], tuple[Any, Any], str] | None:
    """An entry in which the sides differ for certain."""
    exact = all(v.facts <= _EXACT_FACTS for v in variables_of(sides))
    domains = ["Fraction", "mpf"] if exact else ["mpf"]
    for domain in domains:
        try:
            left, right = _values(sides, point, sizes, domain)
        except (SymdlError, TypeError, ValueError, KeyError, ZeroDivisionError, OverflowError,
                AttributeError):
            continue
        for entry in np.ndindex(left.shape):
            x, y = left[entry], right[entry]
            if domain == "Fraction":
                if x != y:
                    return entry, (float(x), float(y)), "in exact fractions"
            elif mpmath.isfinite(x) and mpmath.isfinite(y):
                least = (MARGIN if exact else ROUNDED) * (1 + abs(x) + abs(y))
                if abs(x - y) > least:
                    return entry, (x, y), "in numbers of 50 digits"
        return None
    return None


def _values(sides: list[Tensor], point: Mapping[str, Array], sizes: Mapping[str, int],
            domain: str) -> list[Array]:
    inputs = {name: _fractions(x) if domain == "Fraction" and x.dtype.kind == "f" else x
              for name, x in point.items()}
    return oracle(sides, inputs, domain, **sizes)


def _fractions(x: Array) -> Array:
    out = np.empty(x.shape, object)
    for i in np.ndindex(x.shape):
        out[i] = Fraction(float(x[i]))
    return out
